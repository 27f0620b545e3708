//! What fetches read from the heads of messages.

use super::Scene;
use super::arguments::Argument;
use super::base64;
use super::fact::Fact;
use super::text::Case;
use super::value::{Value, leading_int};
use crate::http::Version;
use crate::http::head::Head;
use crate::http::header::trim;
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// Credentials so long, in bytes, are read without asking for memory.
const USUAL_CREDENTIALS: usize = 256;

/// `method`: behind the request, as it came.
pub fn method<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.request.map(|head| Value::text(head.method())).or_else(|| scene.world.fact(Fact::RequestMethod, &[]))
}

fn version(head: &Head) -> Value<'static> {
    match head.version() {
        Version::Http10 => Value::text(b"1.0"),
        Version::Http11 => Value::text(b"1.1"),
    }
}

/// `req.ver`
pub fn request_version<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.request.map(version)
}

/// `res.ver`
pub fn response_version<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.response.map(version)
}

/// `status`
pub fn status<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.response.map(|head| Value::Int(i64::from(head.code())))
}

/// The scheme of an `Authorization` and what stands behind it (RFC 9110 section 11.6.2).
fn credentials(value: &[u8]) -> (&[u8], &[u8]) {
    let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, b""));
    (scheme, trim(rest))
}

/// What the request says of who sends it: to byway as a server, or as a proxy.
fn authorization<'a>(scene: &Scene<'a>) -> Option<&'a [u8]> {
    let head = scene.request?;
    head.first(scene.world.credentials_field(head))
}

/// `http_auth_type`: `Basic`, when there is a user and a password, or `Bearer`.
pub fn scheme<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let (scheme, _) = credentials(authorization(scene)?);
    if Case::Ignored.equal(scheme, b"bearer") {
        return Some(Value::text(b"Bearer"));
    }
    with_basic(scene, |_, _| ()).map(|()| Value::text(b"Basic"))
}

/// What is to be asked of the user and the password of Basic credentials (RFC 7617 section 2).
pub(super) fn with_basic<T>(scene: &Scene, ask: impl FnOnce(&[u8], &[u8]) -> T) -> Option<T> {
    let (scheme, token) = credentials(authorization(scene)?);
    if !Case::Ignored.equal(scheme, b"basic") {
        return None;
    }
    let (mut usual, mut long) = ([0; USUAL_CREDENTIALS], Vec::new());
    let room = match usual.get_mut(..base64::longest(token)) {
        Some(room) => room,
        None => {
            long.resize(base64::longest(token), 0);
            &mut long
        }
    };
    let pair = base64::decode_into(token, room)?;
    let (user, password) = pair.split_at(pair.iter().position(|byte| *byte == b':')?);
    Some(ask(user, password.get(1..)?))
}

/// `http_auth_user`
pub fn basic_user<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    with_basic(scene, |user, _| Value::built(user.to_vec()))
}

/// `http_auth_pass`
pub fn basic_password<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    with_basic(scene, |_, password| Value::built(password.to_vec()))
}

/// `http_auth_bearer`: of `Authorization`, or the whole value of the field named.
pub fn bearer<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let value = match arguments.first() {
        Some(Argument::Text(name)) => scene.request?.first(std::str::from_utf8(name).ok()?)?,
        _ => authorization(scene)?,
    };
    let (scheme, token) = credentials(value);
    Case::Ignored.equal(scheme, b"bearer").then(|| Value::text(token))
}

/// The name and the occurrence (0 is any) that a field fetch asks for.
pub fn wanted(arguments: &[Argument]) -> (&[u8], i64) {
    let name = match arguments.first() {
        Some(Argument::Text(name)) => name.as_slice(),
        _ => b"",
    };
    let occurrence = match arguments.get(1) {
        Some(Argument::Int(occurrence)) => *occurrence,
        _ => 0,
    };
    (name, occurrence)
}

/// Values of the fields of that name, or of all fields when it is empty.
fn field_values<'a>(head: &'a Head, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    (0..head.len()).filter(move |index| name.is_empty() || head.name(*index).eq_ignore_ascii_case(name)).map(move |index| head.value(index))
}

/// Items of a list, separated by commas that are not quoted, without blanks around them; empty ones count (HAProxy's `hdr_cnt`).
struct Items<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.take()?;
        let end = outside_quotes(text, |byte| byte == b',').unwrap_or(text.len());
        self.rest = text.get(end + 1..);
        text.get(..end).map(trim)
    }
}

/// Where the first such byte outside of double quotes stands.
pub fn outside_quotes(text: &[u8], wanted: fn(u8) -> bool) -> Option<usize> {
    if !text.contains(&b'"') {
        return text.iter().position(|byte| wanted(*byte));
    }
    let mut quoted = false;
    let mut escaped = false;
    text.iter().position(|byte| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        quoted ^= *byte == b'"';
        escaped = quoted && *byte == b'\\';
        !quoted && wanted(*byte)
    })
}

/// Offers each text; with an occurrence, that one alone.
fn each<'a>(mut texts: impl Iterator<Item = &'a [u8]>, occurrence: i64, test: &mut dyn FnMut(&'a [u8]) -> bool) -> bool {
    match occurrence {
        0 => texts.any(test),
        _ => nth(texts, occurrence).is_some_and(test),
    }
}

/// The text of that number, from 1, or from the end when it is negative.
fn nth<'a>(mut texts: impl Iterator<Item = &'a [u8]>, occurrence: i64) -> Option<&'a [u8]> {
    /// How far from the end an occurrence is looked for (HAProxy's limit is 10).
    const FARTHEST: usize = 16;
    if let Ok(number) = usize::try_from(occurrence) {
        return texts.nth(number.checked_sub(1)?);
    }
    let from_end = usize::try_from(occurrence.unsigned_abs()).ok().filter(|number| *number <= FARTHEST)?;
    let mut last = [None; FARTHEST];
    let mut count = 0_usize;
    for text in texts {
        if let Some(slot) = last.get_mut(count % FARTHEST) {
            *slot = Some(text);
        }
        count += 1;
    }
    last.get(count.checked_sub(from_end)? % FARTHEST).copied().flatten()
}

fn each_item<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(&'a [u8]) -> bool) -> bool {
    let (name, occurrence) = wanted(arguments);
    each(field_values(head, name).flat_map(|value| Items { rest: Some(value) }), occurrence, test)
}

/// `req.hdr`
pub fn items<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_item(head, arguments, &mut |item| test(Value::text(item)))
}

/// `req.hdr_val`
pub fn item_numbers<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_item(head, arguments, &mut |item| test(Value::Int(leading_int(item))))
}

/// `req.hdr_ip`
pub fn item_addresses<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_item(head, arguments, &mut |item| parse_peer(item).is_some_and(|address| test(Value::Address(address))))
}

/// `req.hdr_cnt`
pub fn item_count<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let (name, _) = wanted(arguments);
    test(Value::Int(field_values(head, name).flat_map(|value| Items { rest: Some(value) }).count() as i64))
}

/// `req.fhdr`
pub fn whole_values<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let (name, occurrence) = wanted(arguments);
    each(field_values(head, name), occurrence, &mut |value| test(Value::text(value)))
}

/// `req.fhdr_cnt`
pub fn whole_count<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let (name, _) = wanted(arguments);
    test(Value::Int(field_values(head, name).count() as i64))
}

/// `req.hdr_names`
pub fn names<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let (delimiter, _) = wanted(arguments);
    let delimiter = if delimiter.is_empty() { b"," } else { delimiter };
    let names: Vec<&[u8]> = (0..head.len()).map(|index| head.name(index)).collect();
    test(Value::built(names.join(delimiter)))
}

/// `req.hdrs`
pub fn all_lines<'a>(head: &'a Head, _: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let mut lines = Vec::new();
    for index in 0..head.len() {
        lines.extend_from_slice(head.name(index));
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(head.value(index));
        lines.extend_from_slice(b"\r\n");
    }
    lines.extend_from_slice(b"\r\n");
    test(Value::built(lines))
}

/// Appends a number in a variable number of bytes, as HAProxy's protocols write lengths.
fn render_varint(number: usize, out: &mut Vec<u8>) {
    if number < 240 {
        return out.push(number as u8);
    }
    out.push(number as u8 | 240);
    let mut rest = (number - 240) >> 4;
    while rest >= 128 {
        out.push(rest as u8 | 128);
        rest = (rest - 128) >> 7;
    }
    out.push(rest as u8);
}

/// `req.hdrs_bin`: each name and value behind its length, and two empty ones.
pub fn all_lines_binary<'a>(head: &'a Head, _: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let mut out = Vec::new();
    for index in 0..head.len() {
        for part in [head.name(index), head.value(index)] {
            render_varint(part.len(), &mut out);
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(&[0, 0]);
    test(Value::Bin(Cow::Owned(out)))
}

/// An address, with a port or without.
fn parse_peer(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|peer| peer.ip()))
}
