//! Fetches that look at the bytes at hand: the first ones of a connection in `mode tcp`, and bodies of messages. A row each.
//! What a row is stands in `fetch`; what the rows run is in `payload`, `tls_hello`, `rdp_cookie` and `body`.

use super::arguments::Spec::{Int, OptionalOffset, OptionalText};
use super::fetch::Needs::{Connection, Request, Response};
use super::fetch::Read::{One, Peek, Several};
use super::fetch::{Fetch, row};
use super::value::Type;
use super::value::Type::{Bin, Bool, Str};
use super::{body, payload, rdp_cookie, tls_hello};

/// The rows, by name.
pub(super) const ROWS: &[Fetch] = &[
    row("payload", &[Int, Int], Connection, Bin, Peek(payload::either_payload), "bytes that came in mode tcp, by offset and length"),
    row(
        "payload_lv",
        &[Int, Int, OptionalOffset],
        Connection,
        Bin,
        Peek(payload::either_payload_by_length),
        "bytes that came in mode tcp, behind a length field",
    ),
    row("rdp_cookie", &[OptionalText], Connection, Str, Peek(rdp_cookie::value), "cookie of a client of remote desktops"),
    row("rdp_cookie_cnt", &[OptionalText], Connection, Type::Int, Peek(rdp_cookie::count), "whether there is such a cookie: 1 or 0"),
    row(
        "rep_ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Peek(tls_hello::response_type),
        "type of the TLS handshake message that the server began with",
    ),
    row("req.body", &[], Request, Bin, One(body::request_body), "what has come of the request's body"),
    row("req.body_len", &[], Request, Type::Int, One(body::request_length), "bytes that have come of the request's body"),
    row("req.body_param", &[OptionalText], Request, Str, Several(body::request_parameters), "value of a parameter in the request's body"),
    row(
        "req.body_size",
        &[],
        Request,
        Type::Int,
        One(body::request_size),
        "bytes of the request's body, as announced or as they have come",
    ),
    row("req.len", &[], Connection, Type::Int, Peek(payload::request_length), "bytes that the client has sent and byway still holds"),
    row(
        "req.payload",
        &[Int, Int],
        Connection,
        Bin,
        Peek(payload::request_payload),
        "bytes that the client has sent in mode tcp, by offset and length",
    ),
    row(
        "req.payload_lv",
        &[Int, Int, OptionalOffset],
        Connection,
        Bin,
        Peek(payload::request_payload_by_length),
        "bytes that the client has sent in mode tcp, behind a length field",
    ),
    row("req.proto_http", &[], Connection, Bool, Peek(payload::is_http), "true once a request's head is there"),
    row("req.rdp_cookie", &[OptionalText], Connection, Str, Peek(rdp_cookie::value), "cookie of a client of remote desktops"),
    row("req.rdp_cookie_cnt", &[OptionalText], Connection, Type::Int, Peek(rdp_cookie::count), "whether there is such a cookie: 1 or 0"),
    row("req.ssl_alpn", &[], Connection, Str, Peek(tls_hello::protocol), "first protocol that the client's TLS hello offers"),
    row(
        "req.ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Peek(tls_hello::request_type),
        "type of the TLS handshake message that the client began with",
    ),
    row("req.ssl_sni", &[], Connection, Str, Peek(tls_hello::server_name), "server name in the client's TLS hello"),
    row("req.ssl_ver", &[], Connection, Type::Int, Peek(tls_hello::request_version), "version in the client's TLS hello"),
    row("req_len", &[], Connection, Type::Int, Peek(payload::request_length), "bytes that the client has sent and byway still holds"),
    row("req_proto_http", &[], Connection, Bool, Peek(payload::is_http), "true once a request's head is there"),
    row("req_rdp_cookie", &[OptionalText], Connection, Str, Peek(rdp_cookie::value), "cookie of a client of remote desktops"),
    row("req_rdp_cookie_cnt", &[OptionalText], Connection, Type::Int, Peek(rdp_cookie::count), "whether there is such a cookie: 1 or 0"),
    row(
        "req_ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Peek(tls_hello::request_type),
        "type of the TLS handshake message that the client began with",
    ),
    row("req_ssl_sni", &[], Connection, Str, Peek(tls_hello::server_name), "server name in the client's TLS hello"),
    row("req_ssl_ver", &[], Connection, Type::Int, Peek(tls_hello::request_version), "version in the client's TLS hello"),
    row("res.body", &[], Response, Bin, One(body::response_body), "what has come of the response's body"),
    row("res.body_len", &[], Response, Type::Int, One(body::response_length), "bytes that have come of the response's body"),
    row(
        "res.body_size",
        &[],
        Response,
        Type::Int,
        One(body::response_size),
        "bytes of the response's body, as announced or as they have come",
    ),
    row("res.len", &[], Connection, Type::Int, Peek(payload::response_length), "bytes that the server has sent and byway still holds"),
    row(
        "res.payload",
        &[Int, Int],
        Connection,
        Bin,
        Peek(payload::response_payload),
        "bytes that the server has sent in mode tcp, by offset and length",
    ),
    row(
        "res.payload_lv",
        &[Int, Int, OptionalOffset],
        Connection,
        Bin,
        Peek(payload::response_payload_by_length),
        "bytes that the server has sent in mode tcp, behind a length field",
    ),
    row(
        "res.ssl_hello_type",
        &[],
        Connection,
        Type::Int,
        Peek(tls_hello::response_type),
        "type of the TLS handshake message that the server began with",
    ),
    row("wait_end", &[], Connection, Bool, Peek(payload::inspection_is_over), "true once nothing more is waited for"),
];
