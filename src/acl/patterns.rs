//! The patterns of a test or a map, read and kept in the form in which their method looks them up.

use super::method::Method;
use super::sets::{Affixes, End, Networks, Numbers, Parts, Rank, Regexes, Texts, Words};
use crate::fault::Fault;
use crate::sample::regex::Regex;
use crate::sample::text::{Case, shown};
use crate::sample::value::{Value, from_hexadecimal, parse_int};
use crate::sample::{Names, Userlist};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Patterns in the form in which their method looks them up.
#[derive(Debug)]
pub struct Patterns(Kept);

#[derive(Debug)]
enum Kept {
    Found,
    True,
    /// A switch is true by the text `true` as well as by a number.
    On,
    Numbers(Numbers),
    Lengths(Numbers),
    Networks {
        v4: Networks<u32>,
        v6: Networks<u128>,
    },
    Bytes(Texts),
    Whole(Texts),
    Beginnings(Affixes),
    Ends(Affixes),
    Parts(Parts),
    Words(Words),
    Regexes(Regexes),
    /// Groups of which the value, a user, is to belong to one.
    Groups(Arc<Userlist>, Vec<Vec<u8>>),
}

/// What parts of a text are between, for `dir`.
const DIRECTORY_DELIMITERS: &[u8] = b"/?";
/// What parts of a text are between, for `dom`.
const DOMAIN_DELIMITERS: &[u8] = b"/?.:";

/// Are host names among networks looked up?
#[derive(Clone, Copy, Default, PartialEq)]
pub enum Lookup {
    /// They are.
    #[default]
    Names,
    /// `-n`
    AddressesOnly,
}

/// A pattern as it is written.
#[derive(Debug)]
pub struct Pattern {
    /// The word that it is, or that names its file.
    pub word: usize,
    /// Its file and line, when it is no word.
    pub line: Option<(Arc<str>, u32)>,
    /// The pattern.
    pub text: Vec<u8>,
}

impl Pattern {
    /// What is wrong with it.
    pub fn fault(&self, message: String) -> Fault {
        match &self.line {
            Some((file, line)) => Fault::new(self.word, format!("{message}, in line {line} of '{file}'")),
            None => Fault::new(self.word, message),
        }
    }
}

/// Does the word change what the integers behind it mean?
pub fn is_operator(word: &[u8]) -> bool {
    matches!(word, b"eq" | b"ge" | b"gt" | b"le" | b"lt")
}

impl Patterns {
    /// Reads patterns; a pattern's rank is its place among them.
    pub fn new(method: Method, patterns: Vec<Pattern>, case: Case, lookup: Lookup, names: &mut dyn Names) -> Result<Patterns, Fault> {
        let word = patterns.first().map_or(0, |pattern| pattern.word);
        let texts = |patterns: Vec<Pattern>| patterns.into_iter().map(|pattern| pattern.text).collect::<Vec<_>>();
        Ok(Patterns(match method {
            Method::Found => Kept::Found,
            Method::Bool => Kept::True,
            Method::Int => Kept::Numbers(Numbers::new(parse_ranges(&patterns)?)),
            Method::Len => Kept::Lengths(Numbers::new(parse_ranges(&patterns)?)),
            Method::Ip => parse_networks(&patterns, lookup, names)?,
            Method::Bin => {
                let bytes: Vec<Vec<u8>> = patterns.iter().map(parse_hexadecimal).collect::<Result<_, _>>()?;
                Kept::Bytes(whole_texts(bytes, Case::Matters))
            }
            Method::Str => Kept::Whole(whole_texts(texts(patterns), case)),
            Method::Beg => Kept::Beginnings(Affixes::new(texts(patterns), case, End::Front)),
            Method::End => Kept::Ends(Affixes::new(texts(patterns), case, End::Back)),
            Method::Sub => Kept::Parts(Parts::new(&texts(patterns), case).map_err(|fault| fault.shift(word))?),
            Method::Dir => Kept::Words(Words::new(texts(patterns), case, DIRECTORY_DELIMITERS)),
            Method::Dom => Kept::Words(Words::new(texts(patterns), case, DOMAIN_DELIMITERS)),
            Method::Reg => Kept::Regexes(parse_regexes(patterns, case)?),
        }))
    }

    /// Groups of users, which the list must have.
    pub fn groups(patterns: Vec<Pattern>, users: &Arc<Userlist>) -> Result<Patterns, Fault> {
        match patterns.iter().find(|pattern| !users.has_group(&pattern.text)) {
            Some(unknown) => Err(unknown.fault(format!("'userlist {}' has no group '{}'", users.name, shown(&unknown.text)))),
            None => Ok(Patterns(Kept::Groups(users.clone(), patterns.into_iter().map(|pattern| pattern.text).collect()))),
        }
    }

    /// A switch that is on.
    pub fn on() -> Patterns {
        Patterns(Kept::On)
    }

    /// One whole text.
    pub fn whole(text: &[u8]) -> Patterns {
        Patterns(Kept::Whole(whole_texts(vec![text.to_vec()], Case::Matters)))
    }

    /// Does the value alone decide, by being true?
    pub fn is_truth(&self) -> bool {
        matches!(self.0, Kept::True)
    }

    /// Does a pattern match the value?
    #[inline]
    pub fn pass(&self, value: &Value) -> bool {
        match &self.0 {
            Kept::Found => true,
            Kept::True => value.to_bool() == Some(true),
            Kept::On => *value == Value::text(b"true") || value.to_bool() == Some(true),
            Kept::Parts(parts) => value.with_text(|text| parts.any(text)),
            Kept::Regexes(regexes) => value.with_text(|text| regexes.any(text)),
            _ => self.find(value).is_some(),
        }
    }

    /// Which pattern matches the value: the longest beginning, the narrowest network, else the first in the list.
    #[inline]
    pub fn find(&self, value: &Value) -> Option<Rank> {
        match &self.0 {
            Kept::Found | Kept::True | Kept::On => None,
            Kept::Numbers(ranges) => ranges.find(value.to_int()?),
            Kept::Lengths(ranges) => value.with_text(|text| ranges.find(i64::try_from(text.len()).ok()?)),
            Kept::Networks { v4, v6 } => find_network(v4, v6, value.to_address()?),
            Kept::Bytes(texts) => value.with_bytes(|bytes| texts.find(bytes)),
            Kept::Whole(texts) => value.with_text(|text| texts.find(text)),
            Kept::Beginnings(affixes) => value.with_text(|text| affixes.find_longest(text)),
            Kept::Ends(affixes) => value.with_text(|text| affixes.find_first(text)),
            Kept::Parts(parts) => value.with_text(|text| parts.find(text)),
            Kept::Words(words) => value.with_text(|text| words.find(text)),
            Kept::Regexes(regexes) => value.with_text(|text| regexes.find(text)),
            Kept::Groups(users, groups) => {
                let (_, rank) = value.with_text(|user| groups.iter().zip(0..).find(|(group, _)| users.is_member(user, group)))?;
                Some(rank)
            }
        }
    }

    /// The regular expression of a rank.
    pub fn regex(&self, rank: Rank) -> Option<&Regex> {
        match &self.0 {
            Kept::Regexes(regexes) => regexes.get(rank),
            _ => None,
        }
    }
}

fn whole_texts(texts: Vec<Vec<u8>>, case: Case) -> Texts {
    Texts::new((0..texts.len() as Rank).zip(texts), case)
}

fn parse_regexes(patterns: Vec<Pattern>, case: Case) -> Result<Regexes, Fault> {
    let (origins, sources): (Vec<Pattern>, Vec<Vec<u8>>) =
        patterns.into_iter().map(|pattern| (Pattern { text: Vec::new(), ..pattern }, pattern.text)).unzip();
    Regexes::new(&sources, case).map_err(|(rank, fault)| match origins.get(rank as usize) {
        Some(pattern) => pattern.fault(fault.message).hint(fault.hint),
        None => fault,
    })
}

/// `5`, `1:5`, `:5`, `5:`, and `gt 5`; an operator holds for all that follow it.
fn parse_ranges(patterns: &[Pattern]) -> Result<Vec<(i64, i64)>, Fault> {
    let mut ranges = Vec::with_capacity(patterns.len());
    let mut operator: Option<&Pattern> = None;
    let mut used = true;
    for pattern in patterns {
        if pattern.line.is_none() && is_operator(&pattern.text) {
            operator = Some(pattern);
            used = false;
            continue;
        }
        used = true;
        let fault = || pattern.fault(format!("'{}' is no integer", shown(&pattern.text))).hint("patterns are integers or ranges like 1:5");
        let text = pattern.text.as_slice();
        let (low, high) = match text.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let bound = |text: &[u8], open: i64| if text.is_empty() { Some(open) } else { parse_int(text) };
                let low = bound(&text[..colon], i64::MIN).ok_or_else(fault)?;
                (low, bound(&text[colon + 1..], i64::MAX).ok_or_else(fault)?)
            }
            None => {
                let value = parse_int(text).ok_or_else(fault)?;
                (value, value)
            }
        };
        let range = match operator.map(|operator| operator.text.as_slice()) {
            None | Some(b"eq") => Some((low, high)),
            Some(_) if low != high => {
                return Err(pattern.fault("a range cannot follow an operator other than 'eq'".to_string()));
            }
            Some(b"ge") => Some((low, i64::MAX)),
            Some(b"gt") => low.checked_add(1).map(|low| (low, i64::MAX)),
            Some(b"le") => Some((i64::MIN, high)),
            Some(_) => high.checked_sub(1).map(|high| (i64::MIN, high)),
        };
        ranges.extend(range);
    }
    match operator {
        Some(operator) if !used => Err(Fault::new(operator.word + 1, format!("'{}' needs an integer behind it", shown(&operator.text)))),
        _ => Ok(ranges),
    }
}

fn parse_hexadecimal(pattern: &Pattern) -> Result<Vec<u8>, Fault> {
    from_hexadecimal(&pattern.text).ok_or_else(|| pattern.fault(format!("'{}' is no hexadecimal", shown(&pattern.text))))
}

fn parse_networks(patterns: &[Pattern], lookup: Lookup, names: &mut dyn Names) -> Result<Kept, Fault> {
    let mut v4 = Vec::new();
    let mut v6 = Vec::new();
    for (pattern, rank) in patterns.iter().zip(0..) {
        let text = shown(&pattern.text);
        let (host, mask) = match text.split_once('/') {
            Some((host, mask)) => (host, Some(mask)),
            None => (text.as_ref(), None),
        };
        let fault = |message: String| pattern.fault(message).hint("patterns are addresses or networks like 10.0.0.0/8");
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) if lookup == Lookup::AddressesOnly => return Err(fault(format!("'{text}' is no address"))),
            Err(_) => names.resolve(host).map_err(|error| fault(format!("'{text}' is no address: {error}")))?,
        };
        for address in addresses {
            let bad_mask = || fault(format!("'{}' is no mask", mask.unwrap_or_default()));
            match address {
                IpAddr::V4(address) => {
                    let mask = mask.map_or(Some(u32::MAX), parse_v4_mask).ok_or_else(bad_mask)?;
                    let low = u32::from(address) & mask;
                    v4.push((low, low | !mask, rank));
                }
                IpAddr::V6(address) => {
                    let bits = mask.map_or(Some(128), |mask| mask.parse::<u32>().ok()).filter(|bits| *bits <= 128).ok_or_else(bad_mask)?;
                    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                    let low = u128::from(address) & mask;
                    v6.push((low, low | !mask, rank));
                }
            }
        }
    }
    Ok(Kept::Networks { v4: Networks::new(v4), v6: Networks::new(v6) })
}

/// `8` or `255.0.0.0`.
fn parse_v4_mask(text: &str) -> Option<u32> {
    if let Ok(bits) = text.parse::<u32>() {
        return (bits <= 32).then(|| u32::MAX.checked_shl(32 - bits).unwrap_or(0));
    }
    let mask = u32::from(text.parse::<Ipv4Addr>().ok()?);
    (mask.leading_ones() + mask.trailing_zeros() == 32).then_some(mask)
}

/// An IPv4 address is in an IPv6 network by its mapped form; an IPv6 address that carries an IPv4 one in an IPv4 network.
fn find_network(v4: &Networks<u32>, v6: &Networks<u128>, address: IpAddr) -> Option<Rank> {
    match address {
        IpAddr::V4(address) => v4.find(address.into()).or_else(|| v6.find(address.to_ipv6_mapped().into())),
        IpAddr::V6(address) => v6.find(address.into()).or_else(|| v4.find(carried_v4(address)?.into())),
    }
}

/// The IPv4 address in a mapped, a compatible or a 6to4 address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    address.to_ipv4().or(match address.octets() {
        [0x20, 0x02, a, b, c, d, ..] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => None,
    })
}
