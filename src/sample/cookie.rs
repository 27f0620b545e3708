//! What fetches read from `Cookie` and `Set-Cookie` fields (RFC 6265 section 4, with the comma of older cookies).
//! Cookies of persistence are `http::cookie`.

use super::arguments::Argument;
use super::message::{outside_quotes, wanted};
use super::value::{Value, leading_int};
use crate::http::head::Head;
use crate::http::header::trim;

/// A cookie's name and value.
type Pair<'a> = (&'a [u8], &'a [u8]);
type Test<'t, 'a> = &'t mut dyn FnMut(Pair<'a>) -> bool;

/// Offers each pair of the request's `Cookie` fields.
fn each_request_pair<'a>(head: &'a Head, test: Test<'_, 'a>) -> bool {
    head.values("cookie").any(|value| {
        let mut rest = Some(value);
        std::iter::from_fn(|| next_part(&mut rest, |byte| byte == b';' || byte == b',')).filter_map(split_pair).any(&mut *test)
    })
}

/// Offers the pair of each `Set-Cookie` field: its attributes are no cookies.
fn each_response_pair<'a>(head: &'a Head, test: Test<'_, 'a>) -> bool {
    head.values("set-cookie").any(|value| {
        let mut rest = Some(value);
        next_part(&mut rest, |byte| byte == b';').and_then(split_pair).is_some_and(&mut *test)
    })
}

fn next_part<'a>(rest: &mut Option<&'a [u8]>, delimiter: fn(u8) -> bool) -> Option<&'a [u8]> {
    let text = rest.take()?;
    let end = outside_quotes(text, delimiter).unwrap_or(text.len());
    *rest = text.get(end + 1..);
    text.get(..end)
}

fn split_pair(part: &[u8]) -> Option<Pair<'_>> {
    let equals = part.iter().position(|byte| *byte == b'=')?;
    let (name, value) = part.split_at_checked(equals)?;
    let name = trim(name);
    (!name.is_empty() && !name.starts_with(b"$")).then(|| (name, trim(value.get(1..).unwrap_or_default())))
}

/// The name asked for; every cookie has the empty one.
fn is_wanted(arguments: &[Argument], pair: &Pair) -> bool {
    let (name, _) = wanted(arguments);
    name.is_empty() || name == pair.0
}

fn count<'a>(each: impl FnOnce(Test<'_, 'a>) -> bool, arguments: &'a [Argument]) -> Value<'a> {
    let mut count = 0;
    each(&mut |pair| {
        count += i64::from(is_wanted(arguments, &pair));
        false
    });
    Value::Int(count)
}

fn names<'a>(each: impl FnOnce(Test<'_, 'a>) -> bool, arguments: &'a [Argument]) -> Value<'a> {
    let (delimiter, _) = wanted(arguments);
    let delimiter = if delimiter.is_empty() { b"," } else { delimiter };
    let mut joined = Vec::new();
    let mut first = true;
    each(&mut |pair| {
        if !std::mem::take(&mut first) {
            joined.extend_from_slice(delimiter);
        }
        joined.extend_from_slice(pair.0);
        false
    });
    Value::built(joined)
}

/// `req.cook`
pub fn request_values<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_request_pair(head, &mut |pair| is_wanted(arguments, &pair) && test(Value::text(pair.1)))
}

/// `res.cook`
pub fn response_values<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_response_pair(head, &mut |pair| is_wanted(arguments, &pair) && test(Value::text(pair.1)))
}

/// `req.cook_val`
pub fn request_numbers<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_request_pair(head, &mut |pair| is_wanted(arguments, &pair) && test(Value::Int(leading_int(pair.1))))
}

/// `res.cook_val`
pub fn response_numbers<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    each_response_pair(head, &mut |pair| is_wanted(arguments, &pair) && test(Value::Int(leading_int(pair.1))))
}

/// `req.cook_cnt`
pub fn request_count<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    test(count(|test| each_request_pair(head, test), arguments))
}

/// `res.cook_cnt`
pub fn response_count<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    test(count(|test| each_response_pair(head, test), arguments))
}

/// `req.cook_names`
pub fn request_names<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    test(names(|test| each_request_pair(head, test), arguments))
}

/// `res.cook_names`
pub fn response_names<'a>(head: &'a Head, arguments: &'a [Argument], test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    test(names(|test| each_response_pair(head, test), arguments))
}
