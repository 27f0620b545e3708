//! Fetches that look at the request, a row each.
//! What a row is stands in `fetch`; what the rows run is in `message`, `url` and `cookie`.

use super::arguments::Spec::{OptionalText, Userlist};
use super::fact::Fact;
use super::fetch::Needs::Request;
use super::fetch::Read::{Each, Known, One};
use super::fetch::{Fetch, HEADER, PARAMETER, row};
use super::value::Type;
use super::value::Type::{Bool, Str};
use super::{cookie, message, url, userlist};

/// The rows, by name.
pub(super) const ROWS: &[Fetch] = &[
    row("base", &[], Request, Str, One(url::base), "the request's Host and path together"),
    row("base32", &[], Request, Type::Int, One(url::base_hash), "hash of the request's Host and path together"),
    row("base32+src", &[], Request, Type::Bin, One(url::base_hash_and_source), "the same hash and the client's address as bytes"),
    row("baseq", &[], Request, Str, One(url::base_and_query), "the request's Host, path and query together"),
    row("cook", &[OptionalText], Request, Str, Each(cookie::request_values), "value of a request's cookie"),
    row("cook_cnt", &[OptionalText], Request, Type::Int, Each(cookie::request_count), "number of a request's cookies of that name"),
    row("cook_val", &[OptionalText], Request, Type::Int, Each(cookie::request_numbers), "value of a request's cookie, as an integer"),
    row("cookie", &[OptionalText], Request, Str, Each(cookie::request_values), "value of a request's cookie"),
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
    row("http_auth", &[Userlist], Request, Bool, One(userlist::is_admitted), "whether the request's user and password are of a userlist"),
    row(
        "http_auth_bearer",
        &[OptionalText],
        Request,
        Str,
        One(message::bearer),
        "token of the request's Bearer Authorization, or of the field named",
    ),
    row(
        "http_auth_group",
        &[Userlist],
        Request,
        Str,
        One(userlist::admitted_user),
        "the request's user, when it is of a userlist; in a test, the user's groups",
    ),
    row("http_auth_pass", &[], Request, Str, One(message::basic_password), "password of the request's Basic Authorization"),
    row("http_auth_type", &[], Request, Str, One(message::scheme), "scheme of the request's Authorization"),
    row("http_auth_user", &[], Request, Str, One(message::basic_user), "user of the request's Basic Authorization"),
    row("http_first_req", &[], Request, Bool, Known(Fact::IsFirstRequest), "whether the request is its connection's first"),
    row("meth", &[], Request, Str, One(message::method), "the request's method"),
    row("method", &[], Request, Str, One(message::method), "the request's method"),
    row("path", &[], Request, Str, One(url::path), "the request's path, without the query"),
    row("pathq", &[], Request, Str, One(url::path_and_query), "the request's path with its query"),
    row("query", &[], Request, Str, One(url::query), "the request's query, without the question mark"),
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
    row(
        "req.hdrs_bin",
        &[],
        Request,
        Type::Bin,
        Each(message::all_lines_binary),
        "all fields of a request, each name and value behind its length",
    ),
    row("req.ver", &[], Request, Str, One(message::request_version), "version of the request: 1.0 or 1.1"),
    row("req_ver", &[], Request, Str, One(message::request_version), "version of the request: 1.0 or 1.1"),
    row("url", &[], Request, Str, One(url::target), "the request's target, as it came"),
    row("url32", &[], Request, Type::Int, One(url::url_hash), "hash of the request's Host, path and query together"),
    row("url32+src", &[], Request, Type::Bin, One(url::url_hash_and_source), "the same hash and the client's address as bytes"),
    row("url_ip", &[], Request, Type::Address, One(url::address), "address in an absolute target, when its host is one"),
    row("url_param", PARAMETER, Request, Str, Each(url::parameters), "value of a parameter of the query"),
    row("url_port", &[], Request, Type::Int, One(url::port), "port in an absolute target; 80 when it names none"),
    row("urlp", PARAMETER, Request, Str, Each(url::parameters), "value of a parameter of the query"),
    row("urlp_val", PARAMETER, Request, Type::Int, Each(url::parameter_numbers), "value of a parameter of the query, as an integer"),
];
