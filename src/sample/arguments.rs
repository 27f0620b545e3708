//! Arguments of fetches and converters: `(a,"b, c",3)` split as HAProxy splits them, and read as their row asks.

use super::map::{Map, Yield};
use super::regex::Regex;
use super::replacement::Replacement;
use super::text::{Case, shown};
use super::value::{from_hexadecimal, parse_int};
use super::{AclId, Names, ProxyId, Userlist, VariableId};
use crate::acl::method::Method;
use crate::fault::Fault;
use std::net::IpAddr;
use std::sync::Arc;

/// An argument that was read.
#[derive(Debug)]
pub enum Argument {
    /// A text.
    Text(Vec<u8>),
    /// A number.
    Int(i64),
    /// A switch: the environment's names, `variable(NAME)`, `var(proc.NAME)`.
    Switch(VariableId),
    /// A variable of a session or a transaction.
    Scoped(Scope, Vec<u8>),
    /// A proxy with servers.
    Backend(ProxyId),
    /// A server of a proxy.
    Server(ProxyId, String),
    /// An address.
    Address(IpAddr),
    /// A replacement string.
    Replacement(Replacement),
    /// A regular expression.
    Regex(Box<Regex>),
    /// An ACL of the section, and what it is to come to.
    Acl(AclId, bool),
    /// A map.
    Map(Box<Map>),
    /// Users.
    Userlist(Arc<Userlist>),
    /// Left out.
    Absent,
}

/// How long a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `sess`: the connection.
    Session,
    /// `txn`: request and response.
    Transaction,
    /// `req`: until the response begins.
    Request,
    /// `res`: the response.
    Response,
    /// `check`: one run of a health check.
    Check,
}

/// What an argument is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spec {
    /// Any text.
    Text,
    /// A text that may be left out.
    OptionalText,
    /// An integer.
    Int,
    /// An integer that may be left out.
    OptionalInt,
    /// An integer other than 0: a number from 1, or from the end when negative.
    Position,
    /// An integer, or the name of a variable that holds one.
    IntOrVariable,
    /// A name of the environment or of a switch.
    Switch,
    /// `SCOPE.NAME`.
    Variable,
    /// The same; it may be left out.
    OptionalVariable,
    /// Bits of an IPv4 network, or a mask like `255.0.0.0`.
    MaskV4,
    /// Bits of an IPv6 network, or a mask; it may be left out.
    OptionalMaskV6,
    /// A backend.
    Backend,
    /// A backend; the section's own when left out.
    OptionalBackend,
    /// `SERVER` or `BACKEND/SERVER`.
    Server,
    /// An address.
    Address,
    /// Where bytes begin: `5`, or relative, `+5` and `-5`; it may be left out.
    OptionalOffset,
    /// A replacement string.
    Replacement,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// Bytes in hexadecimal.
    Hexadecimal,
    /// An ACL of the section, perhaps with `!` before it.
    Acl,
    /// The same; it may be left out.
    OptionalAcl,
    /// A regular expression; the letters of argument `2` are its flags.
    Regex,
    /// A `userlist` section.
    Userlist,
    /// The file of a map, by how its keys match and what it gives; argument `1` is its default.
    Map(Method, Yield),
}

impl Spec {
    fn is_optional(self) -> bool {
        matches!(
            self,
            Spec::OptionalText
                | Spec::OptionalInt
                | Spec::OptionalOffset
                | Spec::OptionalBackend
                | Spec::OptionalVariable
                | Spec::OptionalMaskV6
                | Spec::OptionalAcl
        )
    }
}

/// Reads the arguments at the front of `text`, if it begins with a parenthesis; returns what stands behind them.
pub fn parse_arguments<'t>(name: &str, specs: &[Spec], text: &'t [u8], names: &mut dyn Names) -> Result<(Vec<Argument>, &'t [u8]), Fault> {
    let (given, rest) = split(text)?;
    if given.len() > specs.len() {
        let takes = if specs.is_empty() { "no arguments".to_string() } else { format!("at most {} arguments", specs.len()) };
        return Err(Fault::new(0, format!("'{name}' takes {takes}")));
    }
    let mut arguments = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let argument = match given.get(index).filter(|word| !word.is_empty() || !spec.is_optional()) {
            Some(word) => parse_one(name, *spec, word, &given, names)?,
            None if *spec == Spec::OptionalBackend => Argument::Backend(names.this_proxy()),
            None if spec.is_optional() => Argument::Absent,
            None => return Err(Fault::new(0, format!("'{name}' needs {} in parentheses", describe(*spec)))),
        };
        arguments.push(argument);
    }
    Ok((arguments, rest))
}

fn describe(spec: Spec) -> &'static str {
    match spec {
        Spec::Text | Spec::OptionalText => "a text",
        Spec::Int | Spec::OptionalInt => "an integer",
        Spec::OptionalOffset => "an offset",
        Spec::Position => "an integer other than 0",
        Spec::IntOrVariable => "an integer or a variable",
        Spec::Switch => "a name",
        Spec::MaskV4 | Spec::OptionalMaskV6 => "a number of bits or a mask",
        Spec::Variable | Spec::OptionalVariable => "a variable (proc.NAME, sess.NAME, txn.NAME, req.NAME or res.NAME)",
        Spec::Backend | Spec::OptionalBackend => "a backend",
        Spec::Server => "a server",
        Spec::Address => "an address",
        Spec::Replacement => "a replacement",
        Spec::Boolean => "true or false",
        Spec::Hexadecimal => "bytes in hexadecimal",
        Spec::Acl | Spec::OptionalAcl => "the name of an ACL",
        Spec::Regex => "a regular expression",
        Spec::Map(..) => "a map's file",
        Spec::Userlist => "a userlist",
    }
}

fn parse_one(name: &str, spec: Spec, word: &[u8], given: &[Vec<u8>], names: &mut dyn Names) -> Result<Argument, Fault> {
    match spec {
        Spec::Text | Spec::OptionalText => Ok(Argument::Text(word.to_vec())),
        Spec::Int | Spec::OptionalInt => match parse_int(word) {
            Some(value) => Ok(Argument::Int(value)),
            None => Err(Fault::new(0, format!("'{name}' needs an integer, not '{}'", shown(word)))),
        },
        Spec::OptionalOffset => match parse_int(word.strip_prefix(b"+").unwrap_or(word)) {
            Some(_) => Ok(Argument::Text(word.to_vec())),
            None => Err(Fault::new(0, format!("'{name}' needs an offset like 5, +5 or -5, not '{}'", shown(word)))),
        },
        Spec::Position => match parse_int(word).filter(|value| *value != 0) {
            Some(value) => Ok(Argument::Int(value)),
            None => Err(Fault::new(0, format!("'{name}' needs an integer other than 0, not '{}'", shown(word)))),
        },
        Spec::IntOrVariable => match parse_int(word) {
            Some(value) => Ok(Argument::Int(value)),
            None => parse_variable(word, names),
        },
        Spec::Switch if word.is_empty() => Err(Fault::new(0, format!("'{name}' needs a name in parentheses"))),
        Spec::Switch => Ok(Argument::Switch(names.variable(&shown(word)))),
        Spec::Variable | Spec::OptionalVariable => parse_variable(word, names),
        Spec::MaskV4 => parse_mask(name, word, 32, |bits| IpAddr::V4(u32::MAX.checked_shl(32 - bits).unwrap_or(0).into())),
        Spec::OptionalMaskV6 => parse_mask(name, word, 128, |bits| IpAddr::V6(u128::MAX.checked_shl(128 - bits).unwrap_or(0).into())),
        Spec::Backend | Spec::OptionalBackend => backend(&shown(word), names).map(Argument::Backend),
        Spec::Server => {
            let word = shown(word);
            match word.split_once('/') {
                Some((proxy, server)) => Ok(Argument::Server(backend(proxy, names)?, server.to_string())),
                None => Ok(Argument::Server(names.this_proxy(), word.into_owned())),
            }
        }
        Spec::Address => match shown(word).parse() {
            Ok(address) => Ok(Argument::Address(address)),
            Err(_) => Err(Fault::new(0, format!("'{name}' needs an address, not '{}'", shown(word)))),
        },
        Spec::Boolean if word.eq_ignore_ascii_case(b"true") || word == b"1" => Ok(Argument::Int(1)),
        Spec::Boolean if word.eq_ignore_ascii_case(b"false") || word == b"0" => Ok(Argument::Int(0)),
        Spec::Boolean => Err(Fault::new(0, format!("'{name}' needs true or false, not '{}'", shown(word)))),
        Spec::Hexadecimal => match from_hexadecimal(word).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => Ok(Argument::Text(bytes)),
            None => Err(Fault::new(0, format!("'{name}' needs bytes in hexadecimal, not '{}'", shown(word)))),
        },
        Spec::Acl | Spec::OptionalAcl => {
            let (plain, expected) = word.strip_prefix(b"!").map_or((word, true), |rest| (rest, false));
            let id = names.acl(&shown(plain)).ok_or_else(|| Fault::new(0, format!("no ACL named '{}'", shown(plain))))?;
            Ok(Argument::Acl(id, expected))
        }
        Spec::Replacement => Replacement::parse(word).map(Argument::Replacement),
        Spec::Regex => {
            let folded = given.get(2).is_some_and(|flags| flags.contains(&b'i'));
            let case = if folded { Case::Ignored } else { Case::Matters };
            Ok(Argument::Regex(Box::new(Regex::parse(word, case)?)))
        }
        Spec::Userlist => {
            let list = names.userlist(&shown(word)).map(Argument::Userlist);
            list.ok_or_else(|| Fault::new(0, format!("there is no 'userlist {}'", shown(word))))
        }
        Spec::Map(method, yields) => {
            let default = given.get(1).map(Vec::as_slice);
            Ok(Argument::Map(Box::new(Map::read(&shown(word), default, method, yields, names)?)))
        }
    }
}

/// The mask of so many bits, or one written as an address.
fn parse_mask(name: &str, word: &[u8], most_bits: u32, of_bits: fn(u32) -> IpAddr) -> Result<Argument, Fault> {
    let text = shown(word);
    let of_same_kind = |mask: &IpAddr| mask.is_ipv4() == of_bits(0).is_ipv4();
    match (text.parse::<u32>(), text.parse::<IpAddr>()) {
        (Ok(bits), _) if bits <= most_bits => Ok(Argument::Address(of_bits(bits))),
        (Err(_), Ok(mask)) if of_same_kind(&mask) => Ok(Argument::Address(mask)),
        _ => Err(Fault::new(0, format!("'{name}' needs a number of bits or a mask, not '{text}'"))),
    }
}

fn backend(name: &str, names: &dyn Names) -> Result<ProxyId, Fault> {
    names.backend(name).ok_or_else(|| Fault::new(0, format!("no backend named '{name}'")))
}

/// Reads `SCOPE.NAME`.
pub fn parse_variable(word: &[u8], names: &mut dyn Names) -> Result<Argument, Fault> {
    let text = shown(word);
    let fault = |message: String| Fault::new(0, message).hint("variables are proc.NAME, sess.NAME, txn.NAME, req.NAME or res.NAME");
    let Some((scope, name)) = text.split_once('.') else {
        return Err(fault(format!("'{text}' is no variable")));
    };
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if name.is_empty() || !name.bytes().all(valid) {
        return Err(fault(format!("'{text}' is no variable")));
    }
    let scope = match scope {
        "proc" => return Ok(Argument::Switch(names.variable(name))),
        "sess" => Scope::Session,
        "txn" => Scope::Transaction,
        "req" => Scope::Request,
        "res" => Scope::Response,
        "check" if names.is_in_check() => Scope::Check,
        _ => return Err(fault(format!("unknown scope '{scope}' of a variable"))),
    };
    Ok(Argument::Scoped(scope, name.as_bytes().to_vec()))
}

/// Splits `(a,b)` at commas that are neither quoted nor escaped.
fn split(text: &[u8]) -> Result<(Vec<Vec<u8>>, &[u8]), Fault> {
    let Some(mut rest) = text.strip_prefix(b"(") else { return Ok((Vec::new(), text)) };
    let mut words = vec![Vec::new()];
    let mut quote = None;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let Some(word) = words.last_mut() else { break };
        match (byte, quote) {
            (b'\\', None | Some(b'"')) if !rest.is_empty() => {
                rest = unescape(rest, word);
            }
            (byte, Some(open)) if byte == open => quote = None,
            (byte, Some(_)) => word.push(byte),
            (b'"' | b'\'', None) => quote = Some(byte),
            (b',', None) => words.push(Vec::new()),
            (b')', None) => {
                if words.len() == 1 && words.iter().all(Vec::is_empty) {
                    words.clear();
                }
                return Ok((words, rest));
            }
            (byte, None) => word.push(byte),
        }
    }
    Err(Fault::new(0, "parenthesis is not closed").hint("add a ')' behind the arguments"))
}

/// Takes what stands behind a backslash; a letter that has no meaning keeps its backslash.
fn unescape<'t>(rest: &'t [u8], word: &mut Vec<u8>) -> &'t [u8] {
    let Some((&letter, behind)) = rest.split_first() else { return rest };
    match letter {
        b'n' => word.push(b'\n'),
        b'r' => word.push(b'\r'),
        b't' => word.push(b'\t'),
        b',' | b'(' | b')' | b'\\' | b'"' | b'\'' | b' ' | b'#' => word.push(letter),
        letter => word.extend([b'\\', letter]),
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_at_bare_commas() {
        let check = |text: &str, expected: &[&str], behind: &str| {
            let (words, rest) = split(text.as_bytes()).expect(text);
            let words: Vec<_> = words.iter().map(|word| shown(word).into_owned()).collect();
            assert_eq!((words, shown(rest).as_ref()), (expected.iter().map(|word| word.to_string()).collect(), behind), "{text}");
        };
        check("(host),lower", &["host"], ",lower");
        check("", &[], "");
        check(",lower", &[], ",lower");
        check("()", &[], "");
        check("(a,,b)", &["a", "", "b"], "");
        check(r#"("a, b",'c\,)')"#, &["a, b", r"c\,)"], "");
        check(r"(a\,b,\1\d)", &["a,b", r"\1\d"], "");
        assert!(split(b"(a").is_err());
    }
}
