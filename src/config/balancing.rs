//! `balance` and `hash-type` lines (HAProxy manual, section 4.2): what they mean, how they are read and shown.
//! Choosing a server by them is the room `balance`.

use super::Reading;
use super::draft::Draft;
use super::keyword::{Status, nearest};
use super::line::Line;
use crate::fault::Fault;

/// `balance`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Balance {
    /// `roundrobin`: weighted turns.
    #[default]
    RoundRobin,
    /// `static-rr`: weighted turns in a fixed order.
    StaticRoundRobin,
    /// `leastconn`: the one with the fewest requests for its weight.
    LeastConn,
    /// `first`: the first one that has room.
    First,
    /// `random(draws)`: the least loaded of some drawn ones.
    Random {
        /// How many are drawn; 2 when absent.
        draws: u32,
    },
    /// `source`: by the client's address.
    Source,
    /// `uri`
    Uri {
        /// `whole`, `path-only`, or the target up to its query.
        part: UriPart,
        /// `len`: bytes that count; 0 is all.
        length: usize,
        /// `depth`: directories that count; 0 is all.
        depth: usize,
    },
    /// `url_param`: by a parameter of the query.
    UrlParam(Vec<u8>),
    /// `hdr(name)`: by a field of the request.
    Header {
        /// The field's name.
        name: String,
        /// `use_domain_only`: of `www.example.com`, `example` alone counts.
        domain_only: bool,
    },
}

/// What of a target `balance uri` looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriPart {
    /// All up to the query.
    BeforeQuery,
    /// `whole`
    Whole,
    /// `path-only`, without scheme and authority, and up to the query.
    Path,
    /// `path-only whole`
    PathAndQuery,
}

impl Balance {
    /// The algorithm's name, as statistics show it.
    pub fn name(&self) -> &'static str {
        match self {
            Balance::RoundRobin => "roundrobin",
            Balance::StaticRoundRobin => "static-rr",
            Balance::LeastConn => "leastconn",
            Balance::First => "first",
            Balance::Random { .. } => "random",
            Balance::Source => "source",
            Balance::Uri { .. } => "uri",
            Balance::UrlParam(_) => "url_param",
            Balance::Header { .. } => "hdr",
        }
    }

    /// Does it need a request to look at, so that `mode tcp` cannot have it?
    pub fn needs_http(&self) -> bool {
        matches!(self, Balance::Uri { .. } | Balance::UrlParam(_) | Balance::Header { .. })
    }

    /// The line that it is read from.
    pub fn render(&self) -> String {
        match self {
            Balance::Random { draws } => format!("random({draws})"),
            Balance::Uri { part, length, depth } => {
                let limit = |name: &str, number: usize| if number > 0 { format!(" {name} {number}") } else { String::new() };
                let part = match part {
                    UriPart::BeforeQuery => "",
                    UriPart::Whole => " whole",
                    UriPart::Path => " path-only",
                    UriPart::PathAndQuery => " path-only whole",
                };
                format!("uri{part}{}{}", limit("len", *length), limit("depth", *depth))
            }
            Balance::UrlParam(name) => format!("url_param {}", String::from_utf8_lossy(name)),
            Balance::Header { name, domain_only } => format!("hdr({name}){}", if *domain_only { " use_domain_only" } else { "" }),
            plain => plain.name().to_owned(),
        }
    }
}

/// `hash-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct HashType {
    /// How a hash becomes a server.
    pub method: HashMethod,
    /// How a key becomes a hash.
    pub function: HashFunction,
    /// `avalanche`: the hash is mixed once more.
    pub avalanche: bool,
}

/// How a hash becomes a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HashMethod {
    /// `map-based`: by its remainder, in a table of servers.
    #[default]
    MapBased,
    /// `consistent`: by its place on a ring, so that few keys move when a server comes or goes.
    Consistent,
}

/// How a key becomes a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HashFunction {
    /// `sdbm`
    #[default]
    Sdbm,
    /// `djb2`
    Djb2,
    /// `wt6`
    Wt6,
    /// `crc32`
    Crc32,
}

/// The functions by name.
const FUNCTIONS: [(&str, HashFunction); 4] =
    [("sdbm", HashFunction::Sdbm), ("djb2", HashFunction::Djb2), ("wt6", HashFunction::Wt6), ("crc32", HashFunction::Crc32)];

impl HashType {
    /// The line that it is read from.
    pub fn render(&self) -> String {
        let method = if self.method == HashMethod::Consistent { "consistent" } else { "map-based" };
        let function = FUNCTIONS.iter().find(|(_, function)| *function == self.function).map_or("", |(name, _)| name);
        format!("{method} {function}{}", if self.avalanche { " avalanche" } else { "" })
    }
}

/// The algorithms of `balance` that are known by name alone.
const UNDONE: [&str; 4] = ["balance hash", "balance log-hash", "balance rdp-cookie", "balance sticky"];
/// Those that are done.
const ALGORITHMS: [&str; 9] = ["roundrobin", "static-rr", "leastconn", "first", "random", "source", "uri", "url_param", "hdr"];
/// Draws of `random` that are not asked for (HAProxy's).
const DRAWS: u32 = 2;

/// Reads `balance [<algorithm> [<arguments>]]`.
pub(super) fn parse_balance(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.balances = true;
    let word = line.word(1).unwrap_or(b"roundrobin");
    let (name, argument) = split_argument(word).map_err(|message| Fault::new(1, message))?;
    let balance = match (name, argument) {
        (b"roundrobin", None) => plain(Balance::RoundRobin, line, reading),
        (b"static-rr", None) => plain(Balance::StaticRoundRobin, line, reading),
        (b"leastconn", None) => plain(Balance::LeastConn, line, reading),
        (b"first", None) => plain(Balance::First, line, reading),
        (b"source", None) => plain(Balance::Source, line, reading),
        (b"random", argument) => {
            let draws = argument.map_or(Ok(DRAWS), |draws| super::value::parse_number(draws, 1, i32::MAX.into()));
            plain(Balance::Random { draws: draws.map_err(|message| Fault::new(1, message))? }, line, reading)
        }
        (b"uri", None) => parse_uri(line, reading)?,
        (b"url_param", None) => parse_url_param(line, reading)?,
        (b"hdr", Some(name)) if !name.is_empty() => {
            let domain_only = match line.word(2) {
                None => false,
                Some(b"use_domain_only") => true,
                Some(other) => return Err(not_for(2, other, "hdr()").hint("use_domain_only is")),
            };
            line.end(3)?;
            let name = super::value::text(name).map_err(|message| Fault::new(1, message))?.to_owned();
            Balance::Header { name, domain_only }
        }
        (b"hdr", _) => return Err(Fault::new(1, "'hdr' needs the name of a header, as in hdr(host)")),
        (name, _) => match UNDONE.iter().find(|known| known.as_bytes().strip_prefix(b"balance ") == Some(name)) {
            Some(known) => {
                reading.tell_status(line, 1, known, Status::NotYet);
                return Ok(());
            }
            None => {
                let near = nearest(name, ALGORITHMS.into_iter());
                let message = format!("'{}' is no algorithm of 'balance'", String::from_utf8_lossy(word));
                let hint = near.map_or("roundrobin is one".into(), |near| format!("did you mean '{near}'?"));
                return Err(Fault::new(1, message).hint(hint));
            }
        },
    };
    draft.proxy.balance = balance;
    Ok(())
}

/// `hdr(host)` as name and argument.
fn split_argument(word: &[u8]) -> Result<(&[u8], Option<&[u8]>), String> {
    match word.iter().position(|byte| *byte == b'(') {
        None => Ok((word, None)),
        Some(open) => {
            let (name, rest) = word.split_at_checked(open).unwrap_or((word, b""));
            let argument = rest.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")"));
            let argument = argument.ok_or_else(|| format!("'{}' has no closing parenthesis", String::from_utf8_lossy(word)))?;
            Ok((name, Some(argument)))
        }
    }
}

fn plain(balance: Balance, line: &Line, reading: &mut Reading) -> Balance {
    reading.warn_of_surplus(line, 2);
    balance
}

fn not_for(index: usize, word: &[u8], algorithm: &str) -> Fault {
    Fault::new(index, format!("'{}' is no parameter of 'balance {algorithm}'", String::from_utf8_lossy(word)))
}

fn parse_uri(line: &Line, reading: &mut Reading) -> Result<Balance, Fault> {
    let (mut whole, mut path_only, mut length, mut depth) = (false, false, 0, 0);
    let mut at = 2;
    while let Some(word) = line.word(at) {
        match word {
            b"whole" => whole = true,
            b"path-only" => path_only = true,
            b"len" => length = reading.number_at(line, at + 1, 1, i32::MAX.into())?,
            b"depth" => depth = reading.number_at(line, at + 1, 1, i32::MAX.into())?,
            other => {
                let near = nearest(other, ["whole", "path-only", "len", "depth"].into_iter());
                let hint = near.map_or("len, depth, whole, path-only are".into(), |near| format!("did you mean '{near}'?"));
                return Err(not_for(at, other, "uri").hint(hint));
            }
        }
        at += if matches!(word, b"len" | b"depth") { 2 } else { 1 };
    }
    let part = match (whole, path_only) {
        (false, false) => UriPart::BeforeQuery,
        (true, false) => UriPart::Whole,
        (false, true) => UriPart::Path,
        (true, true) => UriPart::PathAndQuery,
    };
    Ok(Balance::Uri { part, length, depth })
}

fn parse_url_param(line: &Line, reading: &mut Reading) -> Result<Balance, Fault> {
    let name = line.expect(2, "the name of a parameter")?.to_vec();
    match line.word(3) {
        None => {}
        Some(b"check_post") => {
            reading.tell_status(line, 3, "check_post", Status::Refused("byway looks for the parameter in the query alone"))
        }
        Some(other) => return Err(not_for(3, other, "url_param")),
    }
    Ok(Balance::UrlParam(name))
}

/// Reads `hash-type <method> [<function> [avalanche]]`.
pub(super) fn parse_hash_type(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let method = match line.expect(1, "map-based or consistent")? {
        b"map-based" => HashMethod::MapBased,
        b"consistent" => HashMethod::Consistent,
        b"avalanche" => return Err(Fault::new(1, "'avalanche' goes behind method and function").hint("write map-based sdbm avalanche")),
        other => {
            let near = nearest(other, ["map-based", "consistent"].into_iter());
            let message = format!("'{}' is no method of 'hash-type'", String::from_utf8_lossy(other));
            let hint = near.map_or("map-based and consistent are".into(), |near| format!("did you mean '{near}'?"));
            return Err(Fault::new(1, message).hint(hint));
        }
    };
    let function = match line.word(2) {
        None => HashFunction::Sdbm,
        Some(word) => match FUNCTIONS.iter().find(|(name, _)| name.as_bytes() == word) {
            Some((_, function)) => *function,
            None => {
                let message = format!("'{}' is no function of 'hash-type'", String::from_utf8_lossy(word));
                return Err(Fault::new(2, message).hint("sdbm, djb2, wt6, crc32 are"));
            }
        },
    };
    let avalanche = match line.word(3) {
        // Servers lie on the ring by mixed numbers; keys must be mixed as well unless the line says otherwise.
        None => method == HashMethod::Consistent && line.word(2).is_none(),
        Some(b"avalanche") => true,
        Some(other) => {
            return Err(Fault::new(3, format!("'{}' is no modifier of 'hash-type'", String::from_utf8_lossy(other))).hint("avalanche is"));
        }
    };
    draft.proxy.hash_type = HashType { method, function, avalanche };
    line.end(4)
}
