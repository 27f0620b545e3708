//! What a sample fetch is: name, arguments, what it needs, what it yields, its line of manual; and how one is found.
//! The rows themselves are in `fetch_surroundings`, `fetch_content`, `fetch_request` and `fetch_response`.

use super::arguments::{Argument, Spec};
use super::content::ReadPeek;
use super::fact::Fact;
use super::value::{Type, Value};
use super::{Scene, fetch_content, fetch_request, fetch_response, fetch_surroundings, fetch_tls};
use crate::http::head::Head;

/// Takes one value, or none when it is not there.
pub type ReadOne = for<'a> fn(&'a [Argument], &Scene<'a>) -> Option<Value<'a>>;
/// Offers each value that a head has until one passes the test.
pub type ReadEach = for<'a> fn(&'a Head, &'a [Argument], &mut dyn FnMut(Value<'a>) -> bool) -> bool;
/// Offers each value that a scene has until one passes the test.
pub type ReadSeveral = for<'a> fn(&'a [Argument], &Scene<'a>, &mut dyn FnMut(Value<'a>) -> bool) -> bool;

/// How a fetch is read.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// It has one value at most.
    One(ReadOne),
    /// The request may have several: ACLs try each, elsewhere the last one counts.
    Each(ReadEach),
    /// The response may, likewise.
    EachOfResponse(ReadEach),
    /// The bytes at hand may have several, likewise; outside of ACLs the first one counts.
    Several(ReadSeveral),
    /// It is in the bytes at hand, or may come with more of them.
    Peek(ReadPeek),
    /// The running proxy knows it.
    Known(Fact),
}

/// What must be there for a fetch to have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: usable everywhere.
    Nothing,
    /// A client's connection.
    Connection,
    /// A request's head, seen by rules for requests and responses alike.
    Request,
    /// A response's head.
    Response,
}

/// A fetch.
#[derive(Debug)]
pub struct Fetch {
    /// The name.
    pub name: &'static str,
    /// The arguments.
    pub arguments: &'static [Spec],
    /// What must be there.
    pub needs: Needs,
    /// The type of its value.
    pub yields: Type,
    /// One line of manual.
    pub manual: &'static str,
    /// How it is read.
    pub read: Read,
}

impl Fetch {
    /// Does it take the first value, not the last one, where no name is asked for?
    pub fn takes_first(&self) -> bool {
        ["cook", "req.cook", "res.cook", "scook", "set-cookie", "url"].iter().any(|family| self.name.starts_with(family))
    }
}

/// Fetches that are out of scope, by the beginning of their names.
#[derive(Debug)]
pub struct Refused {
    /// How their names begin.
    pub prefix: &'static str,
    /// Why, and the way around.
    pub reason: &'static str,
}

/// Why a name that HAProxy knows is not available.
pub fn find_refused(name: &[u8]) -> Option<&'static Refused> {
    REFUSED.iter().find(|row| name.starts_with(row.prefix.as_bytes()))
}

/// The row of a name.
pub fn find(name: &[u8]) -> Option<&'static Fetch> {
    all().find(|row| row.name.as_bytes() == name)
}

/// Why a fetch that can be used never has a value, where it has none.
pub fn find_never(fetch: &Fetch) -> Option<&'static str> {
    fetch_tls::is_never(fetch.name).then_some(fetch_tls::REASON)
}

/// A row, in the order in which the tables are written.
pub(super) const fn row(
    name: &'static str,
    arguments: &'static [Spec],
    needs: Needs,
    yields: Type,
    read: Read,
    manual: &'static str,
) -> Fetch {
    Fetch { name, arguments, needs, yields, manual, read }
}

/// Arguments of the field fetches: a name, and which occurrence (from the end when negative).
pub(super) const HEADER: &[Spec] = &[Spec::OptionalText, Spec::OptionalInt];
/// Arguments of the parameter fetches: a name, and what stands for the question mark.
pub(super) const PARAMETER: &[Spec] = &[Spec::OptionalText, Spec::OptionalText];

/// Every fetch, by what it looks at.
pub const TABLES: [&[Fetch]; 5] =
    [fetch_surroundings::ROWS, fetch_content::ROWS, fetch_request::ROWS, fetch_response::ROWS, fetch_tls::ROWS];

/// Every fetch.
pub fn all() -> impl Iterator<Item = &'static Fetch> {
    TABLES.into_iter().flatten()
}

/// Fetches of HAProxy that are known and out of scope.
pub static REFUSED: &[Refused] = &[
    Refused { prefix: "ssl_", reason: "byway speaks clear text: terminate TLS in front, and let the terminator set a field" },
    Refused { prefix: "sc_", reason: "stick tables are not done" },
    Refused { prefix: "sc0_", reason: "stick tables are not done" },
    Refused { prefix: "sc1_", reason: "stick tables are not done" },
    Refused { prefix: "sc2_", reason: "stick tables are not done" },
    Refused { prefix: "table_", reason: "stick tables are not done" },
    Refused { prefix: "fcgi.", reason: "FastCGI is out of scope" },
    Refused { prefix: "internal.", reason: "it shows the inside of HAProxy" },
    Refused { prefix: "distcc_", reason: "protocols other than HTTP are not decoded" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetches_are_sorted_and_none_is_refused() {
        for table in TABLES {
            assert!(table.is_sorted_by(|a, b| a.name < b.name));
        }
        for row in all() {
            assert!(fetch_tls::ROWS.iter().any(|tls| tls.name == row.name) || find_refused(row.name.as_bytes()).is_none(), "{}", row.name);
        }
    }
}
