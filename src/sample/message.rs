//! What fetches read from the heads of messages.

use super::Scene;
use super::arguments::Argument;
use super::text::{shown, trim};
use super::value::{Value, leading_int};
use crate::http::Version;
use crate::http::head::Head;
use std::net::{IpAddr, SocketAddr};

/// `method`
pub fn method<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.request.map(|head| Value::text(head.method()))
}

/// `url`
pub fn target<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.request.map(|head| Value::text(head.target()))
}

/// `path`
pub fn path<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let path_and_query = path_and_query(scene.request?.target())?;
    path_and_query.split(|byte| *byte == b'?').next().map(Value::text)
}

/// The target from its path on; nothing for `*` and the authority form.
pub fn path_and_query(target: &[u8]) -> Option<&[u8]> {
    if target.first() == Some(&b'/') {
        return Some(target);
    }
    let authority = target.windows(3).position(|three| three == b"://")? + 3;
    let rest = target.get(authority..)?;
    rest.iter().position(|byte| *byte == b'/').and_then(|slash| rest.get(slash..))
}

/// `req.proto_http`
pub fn is_http<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.request.map(|_| Value::Bool(true))
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

/// The name and the occurrence (0 is any) that a header fetch asks for.
fn wanted(arguments: &[Argument]) -> (&[u8], i64) {
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
fn field_values<'a>(head: &'a Head, name: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
    (0..head.len()).filter(move |index| name.is_empty() || head.name(*index).eq_ignore_ascii_case(name)).map(move |index| head.value(index))
}

/// Items of a list, separated by commas that are not quoted (RFC 9110 section 5.6.1), without blanks around them.
struct Items<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.take()?;
        let end = comma(text).unwrap_or(text.len());
        self.rest = text.get(end + 1..);
        Some(trim(&text[..end]))
    }
}

/// Where the first comma outside of quotes stands.
fn comma(text: &[u8]) -> Option<usize> {
    if !text.contains(&b'"') {
        return text.iter().position(|byte| *byte == b',');
    }
    let mut quoted = false;
    let mut escaped = false;
    text.iter().position(|byte| {
        let literal = std::mem::take(&mut escaped);
        match byte {
            _ if literal => false,
            b'"' => {
                quoted = !quoted;
                false
            }
            b'\\' => {
                escaped = quoted;
                false
            }
            byte => *byte == b',' && !quoted,
        }
    })
}

/// Offers each item of the fields; with an occurrence, that one alone.
fn each_item<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(&'a [u8]) -> bool) -> bool {
    let (name, occurrence) = wanted(arguments);
    let mut items = field_values(head, name).flat_map(|value| Items { rest: Some(value) });
    if occurrence == 0 {
        return items.any(test);
    }
    nth(items, occurrence).is_some_and(test)
}

/// The item of that number, from 1, or from the end when it is negative.
fn nth<'a>(items: impl Iterator<Item = &'a [u8]> + 'a, occurrence: i64) -> Option<&'a [u8]> {
    /// How far from the end an occurrence is looked for.
    const FARTHEST: usize = 16;
    let mut items = items;
    match usize::try_from(occurrence) {
        Ok(number) => items.nth(number.checked_sub(1)?),
        Err(_) => {
            let from_end = usize::try_from(occurrence.unsigned_abs()).ok().filter(|number| *number <= FARTHEST)?;
            let mut ring = [None; FARTHEST];
            let mut count = 0_usize;
            for item in items {
                if let Some(slot) = ring.get_mut(count % FARTHEST) {
                    *slot = Some(item);
                }
                count += 1;
            }
            let index = count.checked_sub(from_end)?;
            ring.get(index % FARTHEST).copied().flatten()
        }
    }
}

/// `req.hdr`, `hdr`
pub fn request_items<'a>(arguments: &'a [Argument], scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    scene.request.is_some_and(|head| each_item(head, arguments, &mut |item| test(Value::text(item))))
}

/// `req.hdr_val`
pub fn request_item_numbers<'a>(arguments: &'a [Argument], scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    scene.request.is_some_and(|head| each_item(head, arguments, &mut |item| test(Value::Int(leading_int(item)))))
}

/// `req.hdr_ip`
pub fn request_item_addresses<'a>(arguments: &'a [Argument], scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    scene
        .request
        .is_some_and(|head| each_item(head, arguments, &mut |item| parse_peer(item).is_some_and(|address| test(Value::Address(address)))))
}

/// `req.hdr_cnt`
pub fn request_item_count<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let (name, _) = wanted(arguments);
    scene.request.map(|head| count_items(head, name))
}

fn count_items(head: &Head, name: &[u8]) -> Value<'static> {
    Value::Int(field_values(head, name).flat_map(|value| Items { rest: Some(value) }).count() as i64)
}

/// An address, with a port or without.
fn parse_peer(text: &[u8]) -> Option<IpAddr> {
    let text = shown(text);
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|peer| peer.ip()))
}
