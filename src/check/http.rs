//! HTTP in checks: the bytes of a request, and an answer as far as it has come. Lines may end in LF alone here, for checks are
//! often answered by a few lines of shell. Whether the answer is good is `judge`'s.

use super::LONGEST_ANSWER;
use crate::config::model_check::{CheckRequest, CheckText};
use crate::http::framing::{Body, response_body};
use crate::http::head::{Head, Limits, MOST_FIELDS, Parsed};
use crate::sample::format::Format;

/// An answer so far.
pub(super) struct Answer {
    /// The head, once it is whole.
    pub(super) head: Option<Head>,
    /// What has come of the body.
    pub(super) body: Vec<u8>,
    /// Nothing more will come.
    pub(super) is_whole: bool,
    /// It is no HTTP/1.x.
    pub(super) is_malformed: bool,
}

impl Answer {
    /// Reads what came.
    pub(super) fn read(input: &[u8], has_ended: bool) -> Answer {
        let mut answer = Answer { head: None, body: Vec::new(), is_whole: has_ended, is_malformed: false };
        let text = with_crlf(input);
        let mut head = Head::default();
        match head.parse_response(&text, &Limits { bytes: LONGEST_ANSWER, fields: MOST_FIELDS }) {
            Err(_) => answer.is_malformed = true,
            Ok(Parsed::Partial) => answer.is_malformed = !begins_well(input),
            Ok(Parsed::Complete(length)) => {
                let rest = text.get(length..).unwrap_or_default();
                let Ok(framing) = response_body(&head, b"GET") else {
                    answer.is_malformed = true;
                    return answer;
                };
                let mut body = Body::new(framing);
                if body.scan_data(rest, &mut |piece| answer.body.extend_from_slice(piece)).is_err() {
                    answer.is_malformed = true;
                }
                answer.is_whole |= body.is_complete();
                answer.head = Some(head);
            }
        }
        answer
    }
}

/// What does not begin as an answer does will never be one.
fn begins_well(input: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    let length = input.len().min(START.len());
    input.get(..length) == START.get(..length)
}

/// The head with CRLF at the end of each line, and what follows it as it came.
fn with_crlf(input: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(input.len() + 64);
    let mut rest = input;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, behind) = rest.split_at(end);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        text.extend_from_slice(line);
        text.extend_from_slice(b"\r\n");
        rest = behind.get(1..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
    }
    text.extend_from_slice(rest);
    text
}

/// The bytes of a request: its fields as they are written, the server's state, the length of the body; since HTTP/1.1 keeps
/// connections, a check in it asks for the end of its own.
pub(super) fn render(request: &CheckRequest, state: Option<&str>, render: &dyn Fn(&Format) -> Vec<u8>) -> Vec<u8> {
    let text = |text: &CheckText| match text {
        CheckText::Plain(text) => text.clone(),
        CheckText::Format(format) => render(format),
    };
    let method = request.method.as_deref().unwrap_or(b"OPTIONS");
    let target = request.target.as_ref().map_or(b"/".to_vec(), text);
    let version = request.version.as_deref().unwrap_or(b"HTTP/1.0");
    let mut out = [method, b" ", &target, b" ", version, b"\r\n"].concat();
    let mut field = |name: &[u8], value: &[u8]| {
        [name, b": ", value, b"\r\n"].iter().for_each(|part| out.extend_from_slice(part));
    };
    request.fields.iter().for_each(|(name, value)| field(name, &text(value)));
    if let Some(state) = state {
        field(b"X-Haproxy-Server-State", state.as_bytes());
    }
    let body = request.body.as_ref().map(text);
    if let Some(body) = &body {
        field(b"Content-Length", body.len().to_string().as_bytes());
    }
    let has_connection = request.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"connection"));
    if version == b"HTTP/1.1" && !has_connection {
        field(b"Connection", b"close");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&body.unwrap_or_default());
    out
}
