//! What fetches read from a message's body, as much of it as has come (`http-buffer-request`, `wait-for-body`).
//! The bytes are `content`'s.

use super::arguments::Argument;
use super::content::{Content, Sender};
use super::message::wanted;
use super::url::each_parameter;
use super::{Scene, Value};
use std::borrow::Cow;

/// `req.body`
pub fn request_body<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.content.body(Sender::Client).map(Value::Bin)
}

/// `req.body_len`
pub fn request_length<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    length(scene.content, Sender::Client)
}

/// `req.body_size`
pub fn request_size<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    size(scene.content, Sender::Client)
}

/// `req.body_param`: with a name its first value, without one the values of all.
pub fn request_parameters<'a>(arguments: &'a [Argument], scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
    let (name, _) = wanted(arguments);
    match scene.content.body(Sender::Client) {
        Some(Cow::Borrowed(body)) => each_parameter(body, name, b'&', &mut |value| test(Value::text(value))),
        Some(Cow::Owned(body)) => each_parameter(&body, name, b'&', &mut |value| test(Value::built(value.to_vec()))),
        None => false,
    }
}

/// `res.body`
pub fn response_body<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.content.body(Sender::Server).map(Value::Bin)
}

/// `res.body_len`
pub fn response_length<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    length(scene.content, Sender::Server)
}

/// `res.body_size`
pub fn response_size<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    size(scene.content, Sender::Server)
}

fn length<'a>(content: Content, sender: Sender) -> Option<Value<'a>> {
    content.body(sender).map(|body| Value::Int(i64::try_from(body.len()).unwrap_or(i64::MAX)))
}

fn size<'a>(content: Content, sender: Sender) -> Option<Value<'a>> {
    content.size(sender).map(|size| Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::framing::BodyLength;
    use crate::sample::Expression;
    use crate::sample::fake::{FakeNames, FakeWorld, scene};

    #[track_caller]
    fn check(expression: &str, content: Content, expected: Option<&str>) {
        let world = FakeWorld::default();
        let expression = Expression::parse(expression.as_bytes(), &mut FakeNames::default()).expect(expression);
        let seen = Scene { content, ..scene(&world) };
        let value = expression.value(&seen).map(|value| value.with_text(|text| String::from_utf8_lossy(text).into_owned()));
        assert_eq!(value.as_deref(), expected, "of {content:?}");
    }

    #[test]
    fn a_body_is_what_has_come_of_it() {
        use BodyLength::{Chunked, Empty, Exact, UntilClose};
        use Sender::{Client, Server};
        check("req.body", Content::Body(Client, Exact(5), b"he"), Some("he"));
        check("req.body", Content::Body(Client, Exact(5), b"helloGET"), Some("hello"));
        check("req.body", Content::Body(Client, Chunked, b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\nGET"), Some("hello"));
        check("req.body", Content::Body(Client, Chunked, b"5\r\nhe"), Some("he"));
        check("req.body", Content::Body(Client, Chunked, b"2\r\nhe\r\nzz"), Some("he"));
        check("req.body", Content::Body(Client, Empty, b"GET"), Some(""));
        check("req.body", Content::Body(Server, Exact(5), b"hello"), None);
        check("req.body", Content::Raw(Client, b"hello", crate::sample::content::Syntax::Settled), None);
        check("req.body", Content::Nothing, None);
        check("res.body", Content::Body(Server, UntilClose, b"hello"), Some("hello"));
        check("res.body", Content::Body(Client, Exact(5), b"hello"), None);
        check("req.body_len", Content::Body(Client, Exact(5), b"he"), Some("2"));
        check("req.body_size", Content::Body(Client, Exact(5), b"he"), Some("5"));
        check("req.body_size", Content::Body(Client, Chunked, b"5\r\nhe"), Some("5"));
        check("req.body_size", Content::Body(Client, Chunked, b"2\r\nhe\r\n"), Some("2"));
        check("req.body_size", Content::Body(Client, Empty, b""), Some("0"));
        check("res.body_len", Content::Body(Server, Exact(9), b"he"), Some("2"));
        check("res.body_size", Content::Body(Server, Exact(9), b"he"), Some("9"));
    }

    #[test]
    fn parameters_of_a_body_are_read_as_those_of_a_query() {
        let form = |body: &'static [u8]| Content::Body(Sender::Client, BodyLength::Exact(body.len() as u64), body);
        check("req.body_param(a)", form(b"b=2&a=1;a=3"), Some("1"));
        check("req.body_param(c)", form(b"b=2&a=1"), None);
        check("req.body_param", form(b"b=2&a=1"), Some("2"));
        check("req.body_param(a)", Content::Body(Sender::Client, BodyLength::Chunked, b"3\r\na=1\r\n0\r\n\r\n"), Some("1"));
    }
}
