//! Fetches that look at the response, a row each.
//! What a row is stands in `fetch`; what the rows run is in `message` and `cookie`.

use super::arguments::Spec::OptionalText;
use super::fact::Fact;
use super::fetch::Needs::Response;
use super::fetch::Read::{EachOfResponse, Known, One};
use super::fetch::{Fetch, HEADER, row};
use super::value::Type;
use super::value::Type::Str;
use super::{cookie, message};

/// The rows, by name.
pub(super) const ROWS: &[Fetch] = &[
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
        "res.hdrs_bin",
        &[],
        Response,
        Type::Bin,
        EachOfResponse(message::all_lines_binary),
        "all fields of a response, each name and value behind its length",
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
    row("set-cookie", &[OptionalText], Response, Str, EachOfResponse(cookie::response_values), "value of a response's cookie"),
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
    row("status", &[], Response, Type::Int, One(message::status), "the response's status code"),
    row("txn.status", &[], Response, Type::Int, Known(Fact::TransactionStatus), "status that the client gets"),
];
