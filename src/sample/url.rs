//! What fetches read from a request's target: path, query, parameters, and the address of an absolute one.

use super::Scene;
use super::arguments::Argument;
use super::hash;
use super::message::wanted;
use super::value::{Value, leading_int};
use crate::http::head::Head;
use std::borrow::Cow;
use std::net::IpAddr;

/// `url`
pub fn target<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.request.map(|head| Value::text(head.target()))
}

/// The target from its path on; nothing for `*` and the authority form.
fn path_on(target: &[u8]) -> Option<&[u8]> {
    if target.first() == Some(&b'/') {
        return Some(target);
    }
    let rest = behind_scheme(target)?;
    rest.iter().position(|byte| *byte == b'/').and_then(|slash| rest.get(slash..))
}

fn behind_scheme(target: &[u8]) -> Option<&[u8]> {
    let scheme = target.windows(3).position(|three| three == b"://")?;
    target.get(scheme + 3..)
}

fn without_query(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == b'?').next().unwrap_or(text)
}

/// `path`
pub fn path<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    path_on(scene.request?.target()).map(|path| Value::text(without_query(path)))
}

/// `pathq`
pub fn path_and_query<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    path_on(scene.request?.target()).map(Value::text)
}

/// `query`
pub fn query<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let target = scene.request?.target();
    let mark = target.iter().position(|byte| *byte == b'?')?;
    target.get(mark + 1..).map(Value::text)
}

/// `base`
pub fn base<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let head = scene.request?;
    Some(joined(head, path_on(head.target()).map(without_query)))
}

/// `baseq`
pub fn base_and_query<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let head = scene.request?;
    Some(joined(head, path_on(head.target())))
}

fn joined<'a>(head: &'a Head, path: Option<&'a [u8]>) -> Value<'a> {
    match (head.first("host"), path) {
        (Some(host), Some(path)) => Value::built([host, path].concat()),
        (host, path) => Value::text(host.or(path).unwrap_or_default()),
    }
}

/// The mixed `sdbm` hash of the Host field, what the path gives, and nothing in between.
fn hash_of(scene: &Scene, path: fn(&[u8]) -> &[u8]) -> Option<u32> {
    let head = scene.request?;
    let path = path_on(head.target()).map(path).unwrap_or_default();
    let bytes = head.first("host").unwrap_or_default().iter().chain(path);
    let step = |hash: u32, byte: &u8| hash.wrapping_mul(65599).wrapping_add(u32::from(*byte));
    Some(hash::avalanche(bytes.fold(0, step)))
}

fn with_source<'a>(hash: u32, scene: &Scene<'a>) -> Option<Value<'a>> {
    let mut out = hash.to_be_bytes().to_vec();
    match scene.source?.ip().to_canonical() {
        IpAddr::V4(address) => out.extend(address.octets()),
        IpAddr::V6(address) => out.extend(address.octets()),
    }
    Some(Value::Bin(Cow::Owned(out)))
}

/// `base32`
pub fn base_hash<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    hash_of(scene, without_query).map(|hash| Value::Int(i64::from(hash)))
}

/// `base32+src`
pub fn base_hash_and_source<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    with_source(hash_of(scene, without_query)?, scene)
}

/// `url32`
pub fn url_hash<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    hash_of(scene, |path| path).map(|hash| Value::Int(i64::from(hash)))
}

/// `url32+src`
pub fn url_hash_and_source<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    with_source(hash_of(scene, |path| path)?, scene)
}

/// The host and the port of an absolute target.
fn authority(target: &[u8]) -> Option<(&str, Option<u16>)> {
    let rest = behind_scheme(target)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let text = std::str::from_utf8(rest.get(..end)?).ok()?;
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok())),
        _ => Some((text, None)),
    }
}

/// `url_ip`
pub fn address<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let (host, _) = authority(scene.request?.target())?;
    host.trim_matches(['[', ']']).parse().ok().map(Value::Address)
}

/// `url_port`: where the host is an address, as for `url_ip`.
pub fn port<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let (host, port) = authority(scene.request?.target())?;
    host.trim_matches(['[', ']']).parse::<IpAddr>().ok()?;
    Some(Value::Int(i64::from(port.unwrap_or(80))))
}

/// `url_param`: with a name its first value, without one the values of all.
pub fn parameters<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let (name, _) = wanted(arguments);
    let delimiter = match arguments.get(1) {
        Some(Argument::Text(text)) => text.first().copied().unwrap_or(b'?'),
        _ => b'?',
    };
    let target = head.target();
    let query = target.iter().position(|byte| *byte == delimiter).and_then(|mark| target.get(mark + 1..)).unwrap_or_default();
    each_parameter(query, name, delimiter, &mut |value| test(Value::text(value)))
}

/// Offers the first value of a parameter, or all values when no name is given. Parameters are parted by `&`, `;` and the delimiter.
pub fn each_parameter<'a>(query: &'a [u8], name: &[u8], delimiter: u8, test: &mut dyn FnMut(&'a [u8]) -> bool) -> bool {
    let mut values = query.split(|byte| matches!(byte, b'&' | b';') || *byte == delimiter).filter_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (key, value) = pair.split_at_checked(equals)?;
        (name.is_empty() || key == name).then(|| value.get(1..).unwrap_or_default())
    });
    if name.is_empty() {
        return values.any(test);
    }
    values.next().is_some_and(test)
}

/// `urlp_val`
pub fn parameter_numbers<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    parameters(head, arguments, &mut |value| match value {
        Value::Str(Cow::Borrowed(text)) => test(Value::Int(leading_int(text))),
        _ => false,
    })
}
