//! `capture` lines, `http-reuse` and inspection delays (HAProxy manual, section 4.2): what a frontend writes into its log lines, how
//! freely a backend's idle connections are shared, how long bytes are waited for. Doing so is the session's.

use super::Reading;
use super::diagnostic::{Diagnostic, Kind, Severity};
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, FRONTENDS, Keyword, SERVER_SIDE, Status};
use super::line::Line;
use super::model::{Capture, HttpReuse, Proxy};
use crate::fault::Fault;
use std::time::Duration;

/// The keywords.
pub const CAPTURES: &[Keyword<ProxyParse>] = &[
    row("capture cookie", "<name> len <length>", cookie, "logs a cookie of requests and responses"),
    row("capture request header", "<name> len <length>", request, "logs a field of requests"),
    row("capture response header", "<name> len <length>", response, "logs a field of responses"),
    row("declare capture", "request|response len <length>", declare, "makes a place for a value that rules keep for the log"),
    Keyword {
        name: "http-reuse",
        allowed: SERVER_SIDE,
        arguments: "never | safe | aggressive | always",
        status: Status::Done,
        parse: http_reuse,
        manual: "which requests may use idle connections of others",
    },
    Keyword {
        name: "tcp-request inspect-delay",
        allowed: ANYWHERE,
        arguments: "<time>",
        status: Status::Done,
        parse: inspect_delay,
        manual: "how long tcp-request content rules wait for what they look at",
    },
    Keyword {
        name: "tcp-response inspect-delay",
        allowed: SERVER_SIDE,
        arguments: "<time>",
        status: Status::Done,
        parse: response_inspect_delay,
        manual: "how long tcp-response content rules wait for what they look at",
    },
];

const fn row(name: &'static str, arguments: &'static str, parse: ProxyParse, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: FRONTENDS, arguments, status: Status::Done, parse, manual }
}

/// `<name> len <length>` from an index on.
fn parse_capture(line: &Line, index: usize, reading: &mut Reading) -> Result<Capture, Fault> {
    let name = line.expect(index, "a name")?.to_vec();
    match line.expect(index + 1, "'len' and a length behind the name")? {
        b"len" => {}
        other => return Err(Fault::new(index + 1, format!("'{}' where 'len' is expected", String::from_utf8_lossy(other)))),
    }
    line.end(index + 3)?;
    Ok(Capture { name, length: reading.number_at(line, index + 2, 1, 65535)? })
}

fn cookie(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let mut capture = parse_capture(line, 2, reading)?;
    if capture.length > reading.longest_cookie {
        let message = format!("{} bytes of the cookie are kept", reading.longest_cookie);
        reading.warn(line, Fault::new(4, message).hint("tune.http.cookielen allows more"));
        capture.length = reading.longest_cookie;
    }
    draft.proxy.capture_cookie = Some(capture);
    Ok(())
}

fn request(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let capture = parse_capture(line, 3, reading)?;
    draft.proxy.capture_request.push(capture);
    Ok(())
}

fn response(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let capture = parse_capture(line, 3, reading)?;
    draft.proxy.capture_response.push(capture);
    Ok(())
}

fn declare(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let places = match line.expect(2, "request or response")? {
        b"request" => &mut draft.proxy.capture_request,
        b"response" => &mut draft.proxy.capture_response,
        other => return Err(Fault::new(2, format!("'{}' is neither request nor response", String::from_utf8_lossy(other)))),
    };
    match line.expect(3, "'len' and a length")? {
        b"len" => {}
        other => return Err(Fault::new(3, format!("'{}' where 'len' is expected", String::from_utf8_lossy(other)))),
    }
    line.end(5)?;
    places.push(Capture { name: Vec::new(), length: reading.number_at(line, 4, 1, 65535)? });
    Ok(())
}

/// Looks for the places that the rules of a frontend name; those of a backend find them in whatever frontend there is.
pub(super) fn finish(proxy: &mut Proxy, reading: &mut Reading) {
    if !proxy.kind.has_frontend() {
        return;
    }
    let places =
        [(&mut proxy.request_rules, &proxy.capture_request, "request"), (&mut proxy.response_rules, &proxy.capture_response, "response")];
    for (rules, places, what) in places {
        for rule in rules {
            let Some(id) = rule.captured_id() else { continue };
            if let Some(place) = places.get(id) {
                rule.cut_to(place.length);
                continue;
            }
            reading.diagnostics.push(Diagnostic {
                severity: Severity::Alert,
                kind: Kind::Fault,
                place: Some(rule.place().clone()),
                columns: 0..0,
                text: Vec::new(),
                message: format!("'{}' has no capture {id} of the {what}", proxy.name),
                hint: format!("'declare capture {what} len 64' makes one; they count from 0"),
            });
        }
    }
}

fn http_reuse(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.http_reuse = match line.expect(1, "never, safe, aggressive or always")? {
        b"never" => HttpReuse::Never,
        b"safe" => HttpReuse::Safe,
        b"aggressive" => HttpReuse::Aggressive,
        b"always" => HttpReuse::Always,
        other => {
            let message = format!("'{}' is no mode of http-reuse", String::from_utf8_lossy(other));
            return Err(Fault::new(1, message).hint("never, safe, aggressive, always"));
        }
    };
    line.end(2)
}

fn inspect_delay(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.inspect_delay = Some(delay(line, reading)?);
    Ok(())
}

fn response_inspect_delay(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.response_inspect_delay = Some(delay(line, reading)?);
    Ok(())
}

fn delay(line: &Line, reading: &mut Reading) -> Result<Duration, Fault> {
    line.end(3)?;
    Ok(reading.time_at(line, 2, super::value::Unit::Millisecond)?.time)
}
