//! Sample fetches, a row each: name, arguments, what it needs, what it yields, and its line of manual.
//! What the rows run is in `message` (heads) and `surroundings` (connection, switches, servers).

use super::arguments::{Argument, Spec};
use super::fact::Fact;
use super::value::{Type, Value};
use super::{Scene, constant, cookie, message, surroundings, url};
use crate::http::head::Head;

/// Takes one value, or none when it is not there.
pub type ReadOne = for<'a> fn(&'a [Argument], &Scene<'a>) -> Option<Value<'a>>;
/// Offers each value that a head has until one passes the test.
pub type ReadEach = for<'a> fn(&'a Head, &'a [Argument], &mut dyn FnMut(Value<'a>) -> bool) -> bool;

/// How a fetch is read.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// It has one value at most.
    One(ReadOne),
    /// The request may have several: ACLs try each, elsewhere the last one counts.
    Each(ReadEach),
    /// The response may, likewise.
    EachOfResponse(ReadEach),
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
    FETCHES.iter().find(|row| row.name.as_bytes() == name)
}

const fn row(name: &'static str, arguments: &'static [Spec], needs: Needs, yields: Type, read: Read, manual: &'static str) -> Fetch {
    Fetch { name, arguments, needs, yields, manual, read }
}

use Needs::{Connection, Nothing, Request, Response};
use Read::{Each, EachOfResponse, Known, One};
use Spec::{Address, Int, OptionalBackend, OptionalInt, OptionalText, Server, Switch, Text, Variable};
use Type::{Any, Bin, Bool, Str};

/// Arguments of the field fetches: a name, and which occurrence (from the end when negative).
const HEADER: &[Spec] = &[OptionalText, OptionalInt];
/// Arguments of the parameter fetches: a name, and what stands for the question mark.
const PARAMETER: &[Spec] = &[OptionalText, OptionalText];

/// Every fetch.
pub static FETCHES: &[Fetch] = &[
    row("act_conn", &[], Nothing, Type::Int, Known(Fact::ActiveConnections), "connections of the whole process"),
    row("always_false", &[], Nothing, Bool, One(surroundings::no), "never true"),
    row("always_true", &[], Nothing, Bool, One(surroundings::yes), "always true"),
    row(
        "avg_queue",
        &[OptionalBackend],
        Nothing,
        Type::Int,
        Known(Fact::AverageQueue),
        "waiting requests of a backend for each of its usable servers",
    ),
    row("base", &[], Request, Str, One(url::base), "the request's Host and path together"),
    row("baseq", &[], Request, Str, One(url::base_and_query), "the request's Host, path and query together"),
    row("be_conn", &[OptionalBackend], Nothing, Type::Int, Known(Fact::BackendConnections), "connections of a backend"),
    row(
        "be_conn_free",
        &[OptionalBackend],
        Nothing,
        Type::Int,
        Known(Fact::BackendFreeConnections),
        "connections that the servers of a backend could still take",
    ),
    row("be_id", &[], Nothing, Type::Int, Known(Fact::BackendId), "number of the backend, once one is chosen"),
    row("be_name", &[], Nothing, Str, One(surroundings::backend_name), "name of the backend, once one is chosen"),
    row("bin", &[Text], Nothing, Bin, One(constant::bin), "the bytes given, in hexadecimal"),
    row("bool", &[Text], Nothing, Bool, One(constant::boolean), "the boolean given: true, false, 1 or 0"),
    row(
        "capture.req.hdr",
        &[Int],
        Nothing,
        Str,
        Known(Fact::CapturedRequestField),
        "a request field that was captured, by its number from 0",
    ),
    row("capture.req.method", &[], Nothing, Str, Known(Fact::RequestMethod), "method of the request as it came"),
    row("capture.req.uri", &[], Nothing, Str, Known(Fact::RequestTarget), "target of the request as it came"),
    row("capture.req.ver", &[], Nothing, Str, Known(Fact::RequestVersion), "version of the request as it came: HTTP/1.0 or HTTP/1.1"),
    row(
        "capture.res.hdr",
        &[Int],
        Nothing,
        Str,
        Known(Fact::CapturedResponseField),
        "a response field that was captured, by its number from 0",
    ),
    row("capture.res.ver", &[], Nothing, Str, Known(Fact::ResponseVersion), "version of the response as it came: HTTP/1.0 or HTTP/1.1"),
    row(
        "connslots",
        &[OptionalBackend],
        Nothing,
        Type::Int,
        Known(Fact::ConnectionSlots),
        "connections and queue places that a backend has left",
    ),
    row("cook", &[OptionalText], Request, Str, Each(cookie::request_values), "value of a request's cookie"),
    row("cook_cnt", &[OptionalText], Request, Type::Int, Each(cookie::request_count), "number of a request's cookies of that name"),
    row("cook_val", &[OptionalText], Request, Type::Int, Each(cookie::request_numbers), "value of a request's cookie, as an integer"),
    row("cookie", &[OptionalText], Request, Str, Each(cookie::request_values), "value of a request's cookie"),
    row(
        "date",
        &[OptionalInt, OptionalText],
        Nothing,
        Type::Int,
        Known(Fact::Date),
        "seconds since 1970, with an offset, or milliseconds (ms) or microseconds (us)",
    ),
    row("dst", &[], Connection, Type::Address, One(surroundings::destination), "address that the client connected to"),
    row(
        "dst_conn",
        &[],
        Connection,
        Type::Int,
        Known(Fact::ListenerConnections),
        "connections of the address that the client connected to",
    ),
    row(
        "dst_is_local",
        &[],
        Connection,
        Bool,
        Known(Fact::DestinationIsLocal),
        "whether the address that the client connected to is one of this host",
    ),
    row("dst_port", &[], Connection, Type::Int, One(surroundings::destination_port), "port that the client connected to"),
    row("env", &[Switch], Nothing, Str, One(surroundings::variable), "value of a switch or of the environment, as text"),
    row(
        "env_int",
        &[Switch],
        Nothing,
        Type::Int,
        One(surroundings::variable_int),
        "value of a switch or of the environment, as an integer",
    ),
    row("fe_conn", &[OptionalBackend], Nothing, Type::Int, Known(Fact::FrontendConnections), "connections of a frontend"),
    row("fe_id", &[], Nothing, Type::Int, Known(Fact::FrontendId), "number of the frontend"),
    row("fe_name", &[], Nothing, Str, One(surroundings::frontend_name), "name of the frontend"),
    row("hdr", HEADER, Request, Str, Each(message::items), "comma-separated items of a request's fields of that name"),
    row("hdr_cnt", &[OptionalText], Request, Type::Int, Each(message::item_count), "number of items of a request's fields of that name"),
    row(
        "hdr_ip",
        HEADER,
        Request,
        Type::Address,
        Each(message::item_addresses),
        "items of a request's fields of that name that are addresses",
    ),
    row("hdr_val", HEADER, Request, Type::Int, Each(message::item_numbers), "items of a request's fields of that name, as integers"),
    row("hostname", &[], Nothing, Str, Known(Fact::Hostname), "name of this host"),
    row(
        "http_auth_bearer",
        &[OptionalText],
        Request,
        Str,
        One(message::bearer),
        "token of the request's Bearer Authorization, or of the field named",
    ),
    row("http_auth_pass", &[], Request, Str, One(message::basic_password), "password of the request's Basic Authorization"),
    row("http_auth_type", &[], Request, Str, One(message::scheme), "scheme of the request's Authorization"),
    row("http_auth_user", &[], Request, Str, One(message::basic_user), "user of the request's Basic Authorization"),
    row("http_first_req", &[], Request, Bool, Known(Fact::IsFirstRequest), "whether the request is its connection's first"),
    row("int", &[Int], Nothing, Type::Int, One(constant::int), "the integer given"),
    row("ipv4", &[Address], Nothing, Type::Address, One(constant::address), "the address given"),
    row("ipv6", &[Address], Nothing, Type::Address, One(constant::address), "the address given"),
    row("meth", &[], Request, Str, One(message::method), "the request's method"),
    row("method", &[], Request, Str, One(message::method), "the request's method"),
    row("nbproc", &[], Nothing, Type::Int, Known(Fact::Processes), "number of processes: 1"),
    row(
        "nbsrv",
        &[OptionalBackend],
        Nothing,
        Type::Int,
        One(surroundings::usable_servers),
        "usable servers of a backend: active ones, else backups",
    ),
    row("path", &[], Request, Str, One(url::path), "the request's path, without the query"),
    row("pathq", &[], Request, Str, One(url::path_and_query), "the request's path with its query"),
    row("payload", &[Int, Int], Connection, Bin, Known(Fact::RequestPayload), "bytes that the client has sent, by offset and length"),
    row(
        "payload_lv",
        &[Int, Int, OptionalText],
        Connection,
        Bin,
        Known(Fact::RequestPayloadByLength),
        "bytes that the client has sent, behind a length field",
    ),
    row("pid", &[], Nothing, Type::Int, Known(Fact::ProcessId), "the process's id"),
    row("proc", &[], Nothing, Type::Int, Known(Fact::ProcessNumber), "number of the process: 1"),
    row("query", &[], Request, Str, One(url::query), "the request's query, without the question mark"),
    row("queue", &[OptionalBackend], Nothing, Type::Int, Known(Fact::Queue), "waiting requests of a backend and its servers"),
    row("rand", &[OptionalInt], Nothing, Type::Int, Known(Fact::Random), "a random integer, below the bound given"),
    row(
        "rep_ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Known(Fact::ResponseTlsHello),
        "type of the TLS handshake message that the server began with",
    ),
    row("req.body", &[], Request, Bin, Known(Fact::RequestBody), "what has come of the request's body"),
    row("req.body_len", &[], Request, Type::Int, Known(Fact::RequestBodyLength), "bytes that have come of the request's body"),
    row("req.body_param", &[OptionalText], Request, Str, Known(Fact::RequestBodyParameter), "value of a parameter in the request's body"),
    row(
        "req.body_size",
        &[],
        Request,
        Type::Int,
        Known(Fact::RequestBodySize),
        "bytes of the request's body, as announced or as they have come",
    ),
    row("req.cook", &[OptionalText], Request, Str, Each(cookie::request_values), "value of a request's cookie"),
    row("req.cook_cnt", &[OptionalText], Request, Type::Int, Each(cookie::request_count), "number of a request's cookies of that name"),
    row(
        "req.cook_names",
        &[OptionalText],
        Request,
        Str,
        Each(cookie::request_names),
        "names of a request's cookies, joined by a comma or the delimiter given",
    ),
    row("req.cook_val", &[OptionalText], Request, Type::Int, Each(cookie::request_numbers), "value of a request's cookie, as an integer"),
    row("req.fhdr", HEADER, Request, Str, Each(message::whole_values), "whole values of a request's fields of that name"),
    row("req.fhdr_cnt", &[OptionalText], Request, Type::Int, Each(message::whole_count), "number of a request's fields of that name"),
    row("req.hdr", HEADER, Request, Str, Each(message::items), "comma-separated items of a request's fields of that name"),
    row(
        "req.hdr_cnt",
        &[OptionalText],
        Request,
        Type::Int,
        Each(message::item_count),
        "number of items of a request's fields of that name",
    ),
    row(
        "req.hdr_ip",
        HEADER,
        Request,
        Type::Address,
        Each(message::item_addresses),
        "items of a request's fields of that name that are addresses",
    ),
    row(
        "req.hdr_names",
        &[OptionalText],
        Request,
        Str,
        Each(message::names),
        "names of a request's fields, joined by a comma or the delimiter given",
    ),
    row("req.hdr_val", HEADER, Request, Type::Int, Each(message::item_numbers), "items of a request's fields of that name, as integers"),
    row("req.hdrs", &[], Request, Str, Each(message::all_lines), "all field lines of a request, and the empty line"),
    row("req.len", &[], Connection, Type::Int, Known(Fact::RequestLength), "bytes that the client has sent and byway still holds"),
    row("req.payload", &[Int, Int], Connection, Bin, Known(Fact::RequestPayload), "bytes that the client has sent, by offset and length"),
    row(
        "req.payload_lv",
        &[Int, Int, OptionalText],
        Connection,
        Bin,
        Known(Fact::RequestPayloadByLength),
        "bytes that the client has sent, behind a length field",
    ),
    row("req.proto_http", &[], Request, Bool, One(message::is_http), "true once a request's head is there"),
    row(
        "req.ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Known(Fact::RequestTlsHello),
        "type of the TLS handshake message that the client began with",
    ),
    row("req.ssl_sni", &[], Connection, Str, Known(Fact::RequestTlsName), "server name in the client's TLS hello"),
    row("req.ssl_ver", &[], Connection, Type::Int, Known(Fact::RequestTlsVersion), "version in the client's TLS hello"),
    row("req.ver", &[], Request, Str, One(message::request_version), "version of the request: 1.0 or 1.1"),
    row("req_len", &[], Connection, Type::Int, Known(Fact::RequestLength), "bytes that the client has sent and byway still holds"),
    row("req_proto_http", &[], Request, Bool, One(message::is_http), "true once a request's head is there"),
    row(
        "req_ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Known(Fact::RequestTlsHello),
        "type of the TLS handshake message that the client began with",
    ),
    row("req_ssl_sni", &[], Connection, Str, Known(Fact::RequestTlsName), "server name in the client's TLS hello"),
    row("req_ssl_ver", &[], Connection, Type::Int, Known(Fact::RequestTlsVersion), "version in the client's TLS hello"),
    row("req_ver", &[], Request, Str, One(message::request_version), "version of the request: 1.0 or 1.1"),
    row("res.cook", &[OptionalText], Response, Str, EachOfResponse(cookie::response_values), "value of a response's cookie"),
    row(
        "res.cook_cnt",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(cookie::response_count),
        "number of a response's cookies of that name",
    ),
    row(
        "res.cook_names",
        &[OptionalText],
        Response,
        Str,
        EachOfResponse(cookie::response_names),
        "names of a response's cookies, joined by a comma or the delimiter given",
    ),
    row(
        "res.cook_val",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(cookie::response_numbers),
        "value of a response's cookie, as an integer",
    ),
    row("res.fhdr", HEADER, Response, Str, EachOfResponse(message::whole_values), "whole values of a response's fields of that name"),
    row(
        "res.fhdr_cnt",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(message::whole_count),
        "number of a response's fields of that name",
    ),
    row("res.hdr", HEADER, Response, Str, EachOfResponse(message::items), "comma-separated items of a response's fields of that name"),
    row(
        "res.hdr_cnt",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(message::item_count),
        "number of items of a response's fields of that name",
    ),
    row(
        "res.hdr_ip",
        HEADER,
        Response,
        Type::Address,
        EachOfResponse(message::item_addresses),
        "items of a response's fields of that name that are addresses",
    ),
    row(
        "res.hdr_names",
        &[OptionalText],
        Response,
        Str,
        EachOfResponse(message::names),
        "names of a response's fields, joined by a comma or the delimiter given",
    ),
    row(
        "res.hdr_val",
        HEADER,
        Response,
        Type::Int,
        EachOfResponse(message::item_numbers),
        "items of a response's fields of that name, as integers",
    ),
    row("res.hdrs", &[], Response, Str, EachOfResponse(message::all_lines), "all field lines of a response, and the empty line"),
    row(
        "res.ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Known(Fact::ResponseTlsHello),
        "type of the TLS handshake message that the server began with",
    ),
    row("res.ver", &[], Response, Str, One(message::response_version), "version of the response: 1.0 or 1.1"),
    row("resp_ver", &[], Response, Str, One(message::response_version), "version of the response: 1.0 or 1.1"),
    row("scook", &[OptionalText], Response, Str, EachOfResponse(cookie::response_values), "value of a response's cookie"),
    row(
        "scook_cnt",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(cookie::response_count),
        "number of a response's cookies of that name",
    ),
    row(
        "scook_val",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(cookie::response_numbers),
        "value of a response's cookie, as an integer",
    ),
    row("shdr", HEADER, Response, Str, EachOfResponse(message::items), "comma-separated items of a response's fields of that name"),
    row(
        "shdr_cnt",
        &[OptionalText],
        Response,
        Type::Int,
        EachOfResponse(message::item_count),
        "number of items of a response's fields of that name",
    ),
    row(
        "shdr_ip",
        HEADER,
        Response,
        Type::Address,
        EachOfResponse(message::item_addresses),
        "items of a response's fields of that name that are addresses",
    ),
    row(
        "shdr_val",
        HEADER,
        Response,
        Type::Int,
        EachOfResponse(message::item_numbers),
        "items of a response's fields of that name, as integers",
    ),
    row("so_id", &[], Connection, Type::Int, Known(Fact::ListenerId), "number of the address that the client connected to"),
    row("so_name", &[], Connection, Str, Known(Fact::ListenerName), "name of the bind line that the client connected to"),
    row("src", &[], Connection, Type::Address, One(surroundings::source), "the client's address"),
    row("src_is_local", &[], Connection, Bool, Known(Fact::SourceIsLocal), "whether the client's address is one of this host"),
    row("src_port", &[], Connection, Type::Int, One(surroundings::source_port), "the client's port"),
    row("srv_conn", &[Server], Nothing, Type::Int, Known(Fact::ServerConnections), "connections of a server"),
    row("srv_id", &[], Nothing, Type::Int, Known(Fact::ServerId), "number of the server, once one is chosen"),
    row("srv_is_up", &[Server], Nothing, Bool, Known(Fact::ServerIsUp), "whether a server is up"),
    row("srv_name", &[], Nothing, Str, Known(Fact::ServerName), "name of the server, once one is chosen"),
    row("srv_queue", &[Server], Nothing, Type::Int, Known(Fact::ServerQueue), "waiting requests of a server"),
    row("ssl_fc", &[], Connection, Bool, One(surroundings::no), "whether the client came over TLS: never, as byway speaks clear text"),
    row("status", &[], Response, Type::Int, One(message::status), "the response's status code"),
    row("stopping", &[], Nothing, Bool, Known(Fact::IsStopping), "whether the process finishes"),
    row("str", &[OptionalText], Nothing, Str, One(constant::text), "the text given"),
    row("thread", &[], Nothing, Type::Int, Known(Fact::Thread), "number of the worker thread, from 0"),
    row("txn.status", &[], Response, Type::Int, Known(Fact::TransactionStatus), "status that the client gets"),
    row("unique-id", &[], Nothing, Str, Known(Fact::UniqueId), "the transaction's unique id"),
    row("uptime", &[], Nothing, Type::Int, Known(Fact::Uptime), "seconds since the process began"),
    row("url", &[], Request, Str, One(url::target), "the request's target, as it came"),
    row("url_ip", &[], Request, Type::Address, One(url::address), "address in an absolute target, when its host is one"),
    row("url_param", PARAMETER, Request, Str, Each(url::parameters), "value of a parameter of the query"),
    row("url_port", &[], Request, Type::Int, One(url::port), "port in an absolute target; 80 when it names none"),
    row("urlp", PARAMETER, Request, Str, Each(url::parameters), "value of a parameter of the query"),
    row("urlp_val", PARAMETER, Request, Type::Int, Each(url::parameter_numbers), "value of a parameter of the query, as an integer"),
    row("uuid", &[OptionalInt], Nothing, Str, Known(Fact::Uuid), "a random universally unique identifier (version 4)"),
    row(
        "var",
        &[Variable, OptionalText],
        Nothing,
        Any,
        One(surroundings::scoped_variable),
        "value of a variable, or the default given second",
    ),
    row("variable", &[Switch], Nothing, Str, One(surroundings::variable), "value of a switch or of the environment, as text"),
    row("wait_end", &[], Connection, Bool, Known(Fact::InspectionIsOver), "true at the end of the inspection delay"),
];

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
        assert!(FETCHES.is_sorted_by(|a, b| a.name < b.name));
        for row in FETCHES {
            assert!(row.name == "ssl_fc" || find_refused(row.name.as_bytes()).is_none(), "{}", row.name);
        }
    }
}
