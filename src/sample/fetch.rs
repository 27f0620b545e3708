//! Sample fetches, a row each: name, arguments, what it needs, what it yields, and its line of manual.
//! What the rows run is in `message` (heads) and `surroundings` (connection, switches, servers).

use super::arguments::{Argument, Spec};
use super::value::{Type, Value};
use super::{Scene, message, surroundings};

/// Takes one value, or none when it is not there.
pub type ReadOne = for<'a> fn(&'a [Argument], &Scene<'a>) -> Option<Value<'a>>;
/// Offers each value until one passes the test.
pub type ReadEach = for<'a> fn(&'a [Argument], &Scene<'a>, &mut dyn FnMut(Value<'a>) -> bool) -> bool;

/// How a fetch is read.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// It has one value at most.
    One(ReadOne),
    /// It may have several: ACLs try each, elsewhere the last one counts.
    Each(ReadEach),
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
    /// Why it is known but not available, and the way around.
    pub refused: Option<&'static str>,
}

/// The row of a name.
pub fn find(name: &[u8]) -> Option<&'static Fetch> {
    FETCHES.iter().find(|row| row.name.as_bytes() == name)
}

const fn row(name: &'static str, arguments: &'static [Spec], needs: Needs, yields: Type, read: Read, manual: &'static str) -> Fetch {
    Fetch { name, arguments, needs, yields, manual, read, refused: None }
}

use Needs::{Connection, Nothing, Request, Response};
use Read::{Each, One};
use Spec::{OptionalBackend, OptionalInt, OptionalText, Switch, Variable};
use Type::{Address, Any, Bool, Int, Str};

/// Arguments of the header fetches.
const HEADER: &[Spec] = &[OptionalText, OptionalInt];

/// Every fetch.
pub static FETCHES: &[Fetch] = &[
    row("always_false", &[], Nothing, Bool, One(surroundings::no), "never true"),
    row("always_true", &[], Nothing, Bool, One(surroundings::yes), "always true"),
    row("dst", &[], Connection, Address, One(surroundings::destination), "address that the client connected to"),
    row("dst_port", &[], Connection, Int, One(surroundings::destination_port), "port that the client connected to"),
    row("env", &[Switch], Nothing, Str, One(surroundings::variable), "value of a switch or of the environment, as text"),
    row("env_int", &[Switch], Nothing, Int, One(surroundings::variable_int), "value of a switch or of the environment, as an integer"),
    row("hdr", HEADER, Request, Str, Each(message::request_items), "comma-separated items of a request's fields of that name"),
    row("hdr_cnt", &[OptionalText], Request, Int, One(message::request_item_count), "number of items of a request's fields of that name"),
    row(
        "hdr_ip",
        HEADER,
        Request,
        Address,
        Each(message::request_item_addresses),
        "items of a request's fields of that name that are addresses",
    ),
    row("hdr_val", HEADER, Request, Int, Each(message::request_item_numbers), "items of a request's fields of that name, as integers"),
    row("method", &[], Request, Str, One(message::method), "the request's method"),
    row(
        "nbsrv",
        &[OptionalBackend],
        Nothing,
        Int,
        One(surroundings::usable_servers),
        "usable servers of a backend: active ones, else backups",
    ),
    row("path", &[], Request, Str, One(message::path), "the request's path, without the query"),
    row("req.hdr", HEADER, Request, Str, Each(message::request_items), "comma-separated items of a request's fields of that name"),
    row("req.hdr_val", HEADER, Request, Int, Each(message::request_item_numbers), "items of a request's fields of that name, as integers"),
    row("req.proto_http", &[], Request, Bool, One(message::is_http), "true once a request's head is there"),
    row("req.ver", &[], Request, Str, One(message::request_version), "version of the request: 1.0 or 1.1"),
    row("req_proto_http", &[], Request, Bool, One(message::is_http), "true once a request's head is there"),
    row("req_ver", &[], Request, Str, One(message::request_version), "version of the request: 1.0 or 1.1"),
    row("res.ver", &[], Response, Str, One(message::response_version), "version of the response: 1.0 or 1.1"),
    row("resp_ver", &[], Response, Str, One(message::response_version), "version of the response: 1.0 or 1.1"),
    row("src", &[], Connection, Address, One(surroundings::source), "the client's address"),
    row("src_port", &[], Connection, Int, One(surroundings::source_port), "the client's port"),
    row("ssl_fc", &[], Connection, Bool, One(surroundings::no), "whether the client came over TLS: never, as byway speaks clear text"),
    row("status", &[], Response, Int, One(message::status), "the response's status code"),
    row("url", &[], Request, Str, One(message::target), "the request's target, as it came"),
    row(
        "var",
        &[Variable, OptionalText],
        Nothing,
        Any,
        One(surroundings::scoped_variable),
        "value of a variable, or the default given second",
    ),
    row("variable", &[Switch], Nothing, Str, One(surroundings::variable), "value of a switch, as text"),
];
