//! Match methods (`-m beg`, `path_beg`), a row each: name, the type that a value is cast to, and its line of manual.
//! What the patterns of a method look like and how they are kept is `pattern`'s.

use crate::fault::{Fault, nearest};
use crate::sample::expression::{leading_name, suggested, unknown_fetch};
use crate::sample::fetch::{self, Fetch};
use crate::sample::text::shown;
use crate::sample::value::Type;

/// How a value is compared with patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Found,
    Bool,
    Int,
    Ip,
    Bin,
    Len,
    Str,
    Beg,
    Sub,
    Dir,
    Dom,
    End,
    Reg,
}

/// A match method.
#[derive(Debug)]
pub struct MethodRow {
    /// The name behind `-m`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// What a value is cast to.
    pub reads: Type,
    /// May it end the name of a text's fetch (`path_beg`)?
    pub suffix: Suffix,
    /// One line of manual.
    pub manual: &'static str,
}

/// Whether a method may be written as the end of a fetch's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// `path_beg`
    Allowed,
    /// Behind `-m` alone.
    No,
}

const fn row(name: &'static str, method: Method, reads: Type, suffix: Suffix, manual: &'static str) -> MethodRow {
    MethodRow { name, method, reads, suffix, manual }
}

/// Every match method.
pub static METHODS: &[MethodRow] = &[
    row("beg", Method::Beg, Type::Str, Suffix::Allowed, "the text begins with a pattern"),
    row("bin", Method::Bin, Type::Bin, Suffix::No, "the bytes are a pattern's, written in hexadecimal"),
    row("bool", Method::Bool, Type::Bool, Suffix::No, "the value is true, or an integer other than 0"),
    row("dir", Method::Dir, Type::Str, Suffix::Allowed, "a pattern is one or more whole parts of the text between '/' and '?'"),
    row("dom", Method::Dom, Type::Str, Suffix::Allowed, "a pattern is one or more whole parts of the text between '.', '/', '?' and ':'"),
    row("end", Method::End, Type::Str, Suffix::Allowed, "the text ends with a pattern"),
    row("found", Method::Found, Type::Any, Suffix::No, "the value is there"),
    row(
        "int",
        Method::Int,
        Type::Int,
        Suffix::No,
        "the integer is a pattern's, within its range, or as its operator (eq, ge, gt, le, lt) says",
    ),
    row("ip", Method::Ip, Type::Address, Suffix::No, "the address is within a pattern's network"),
    row("len", Method::Len, Type::Str, Suffix::Allowed, "the text's length in bytes passes a pattern for integers"),
    row("reg", Method::Reg, Type::Str, Suffix::Allowed, "a regular expression matches the text"),
    row("str", Method::Str, Type::Str, Suffix::No, "the text is a pattern's"),
    row("sub", Method::Sub, Type::Str, Suffix::Allowed, "the text contains a pattern"),
];

impl Method {
    /// The method's row.
    pub fn row(self) -> &'static MethodRow {
        // Every method has a row, which a test holds.
        METHODS.iter().find(|row| row.method == self).unwrap_or(&METHODS[0])
    }

    /// The method of a name behind `-m`; a fault is about word 0.
    pub fn parse(name: &[u8]) -> Result<Method, Fault> {
        let shown = shown(name);
        match METHODS.iter().find(|row| row.name == shown) {
            Some(row) => Ok(row.method),
            None => {
                let fault = Fault::new(0, format!("unknown match method '{shown}'"));
                Err(suggested(fault, nearest(&shown, METHODS.iter().map(|row| row.name))))
            }
        }
    }

    /// The method that a type is matched by when none is named.
    pub fn of_type(kind: Type) -> Option<Method> {
        match kind {
            Type::Bool => Some(Method::Bool),
            Type::Int => Some(Method::Int),
            Type::Address => Some(Method::Ip),
            Type::Str => Some(Method::Str),
            Type::Bin | Type::Any => None,
        }
    }
}

/// What a criterion's name means: a fetch, or a text's fetch and a method at its end.
pub fn find_criterion(name: &[u8]) -> Option<(&'static Fetch, Option<Method>)> {
    if let Some(fetch) = fetch::find(name) {
        return Some((fetch, None));
    }
    let underline = name.iter().rposition(|byte| *byte == b'_')?;
    let method = METHODS.iter().find(|row| row.suffix == Suffix::Allowed && row.name.as_bytes() == &name[underline + 1..])?;
    let fetch = fetch::find(&name[..underline]).filter(|fetch| fetch.yields == Type::Str)?;
    Some((fetch, Some(method.method)))
}

/// The fault of a criterion that is none; names with a method at their end are suggested too.
pub fn unknown_criterion(word: &[u8]) -> Fault {
    let name = leading_name(word);
    let fault = unknown_fetch(name);
    if !fault.hint.is_empty() {
        return fault;
    }
    let texts = fetch::all().filter(|row| row.yields == Type::Str);
    let methods = || METHODS.iter().filter(|row| row.suffix == Suffix::Allowed);
    let both: Vec<String> = texts.flat_map(|row| methods().map(move |method| format!("{}_{}", row.name, method.name))).collect();
    suggested(fault, nearest(&shown(name), both.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_row() {
        use Method::{Beg, Bin, Bool, Dir, Dom, End, Found, Int, Ip, Len, Reg, Str, Sub};
        for method in [Beg, Bin, Bool, Dir, Dom, End, Found, Int, Ip, Len, Reg, Str, Sub] {
            assert_eq!(method.row().method, method);
        }
        assert!(METHODS.is_sorted_by_key(|row| row.name));
    }

    #[test]
    fn a_criterion_is_a_fetch_with_or_without_a_method() {
        let check = |name: &str, expected: Option<(&str, Option<Method>)>| {
            let found = find_criterion(name.as_bytes()).map(|(fetch, method)| (fetch.name, method));
            assert_eq!(found, expected, "{name}");
        };
        check("path", Some(("path", None)));
        check("path_beg", Some(("path", Some(Method::Beg))));
        check("req.hdr_dom", Some(("req.hdr", Some(Method::Dom))));
        check("hdr_cnt", Some(("hdr_cnt", None)));
        check("src_beg", None);
        check("path_int", None);
        check("maintenance_mode", None);
    }
}
