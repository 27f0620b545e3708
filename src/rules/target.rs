//! Edits of a start line: method, parts of the request target, status. Each writes the line anew, and the head reads it again,
//! so that what is no valid line is refused.

use super::action::Part;
use crate::http::Version;
use crate::http::head::{Head, HeadError};
use crate::http::uri::Target;
use crate::sample::Value;
use std::ops::Range;

/// The part of the request target.
pub fn part(head: &Head, part: Part) -> &[u8] {
    head.target().get(range(head.target(), part)).unwrap_or_default()
}

/// Where a part lies. A query's begins behind its question mark; one that is not there is empty, at the end.
fn range(target: &[u8], part: Part) -> Range<usize> {
    let path = Target::take_apart(target).map_or(0..target.len(), |parsed| parsed.path_range());
    match part {
        Part::Whole => 0..target.len(),
        Part::Path => path,
        Part::PathAndQuery => path.start..target.len(),
        Part::Query => (path.end + 1).min(target.len())..target.len(),
    }
}

/// Puts text in place of a part of the request target. A new authority becomes the request's host as well.
pub fn set_part(head: &mut Head, part: Part, text: &[u8], line: &mut Vec<u8>) -> Result<(), HeadError> {
    let target = head.target();
    let range = range(target, part);
    line.clear();
    line.extend_from_slice(head.method());
    line.push(b' ');
    line.extend_from_slice(target.get(..range.start).unwrap_or_default());
    if part == Part::Query && !target.get(..range.start).unwrap_or_default().ends_with(b"?") {
        line.push(b'?');
    }
    line.extend_from_slice(text);
    line.extend_from_slice(target.get(range.end..).unwrap_or_default());
    end_request_line(head, line)?;
    if part == Part::Whole {
        line.clear();
        line.extend_from_slice(Target::take_apart(head.target()).map_or(&b""[..], |target| target.authority()));
        if !line.is_empty() {
            match head.find("host", 0) {
                Some(index) => head.set_value(index, line),
                None => head.push(b"Host", line),
            }
        }
    }
    Ok(())
}

/// Puts another method into the request line.
pub fn set_method(head: &mut Head, method: &[u8], line: &mut Vec<u8>) -> Result<(), HeadError> {
    line.clear();
    line.extend_from_slice(method);
    line.push(b' ');
    line.extend_from_slice(head.target());
    end_request_line(head, line)
}

/// An authority in the request target follows the host that a rule has set.
pub fn follow_host(head: &mut Head, name: &str, line: &mut Vec<u8>) -> Result<(), HeadError> {
    if !name.eq_ignore_ascii_case("host") || head.method().is_empty() || head.target().starts_with(b"/") {
        return Ok(());
    }
    let Some(parsed) = Target::take_apart(head.target()) else { return Ok(()) };
    let (range, Some(host)) = (parsed.authority_range(), head.first("host")) else { return Ok(()) };
    if range.is_empty() {
        return Ok(());
    }
    line.clear();
    line.extend_from_slice(head.method());
    line.push(b' ');
    line.extend_from_slice(head.target().get(..range.start).unwrap_or_default());
    line.extend_from_slice(host);
    line.extend_from_slice(head.target().get(range.end..).unwrap_or_default());
    end_request_line(head, line)
}

fn end_request_line(head: &mut Head, line: &mut Vec<u8>) -> Result<(), HeadError> {
    line.extend_from_slice(if head.version() == Version::Http10 { b" HTTP/1.0" } else { b" HTTP/1.1" });
    match line.contains(&b'\n') {
        true => Err(HeadError::Malformed),
        false => head.replace_start_line(line),
    }
}

/// Puts another status into the status line, with its usual reason where none is given.
pub fn set_status(head: &mut Head, code: u16, reason: Option<&[u8]>, line: &mut Vec<u8>) -> Result<(), HeadError> {
    line.clear();
    line.extend_from_slice(if head.version() == Version::Http10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    Value::Int(i64::from(code)).with_text(|digits| line.extend_from_slice(digits));
    line.push(b' ');
    line.extend_from_slice(reason.unwrap_or(super::status::reason(code).as_bytes()));
    super::reply::clean(line, 0);
    head.replace_start_line(line)
}
