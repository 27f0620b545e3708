//! `http-check` and `tcp-check` lines (HAProxy manual, sections 4.2 and 5.3): a row for each step that they add to a section's checks.
//! What must come is read by `check_expect`; which steps no line says, `check_draft` knows.

use super::check_draft::Family;
use super::check_expect;
use super::draft::{Draft, ProxyParse};
use super::keyword::{Keyword, SERVER_SIDE, Status, nearest};
use super::line::{Line, Sense};
use super::model::Address;
use super::model_check::{CheckAction, CheckAddress, CheckConnect, CheckPort, CheckRequest, CheckSend, CheckText};
use super::names::{CheckScope, Scope};
use super::{Reading, address};
use crate::fault::Fault;
use crate::sample::Expression;
use crate::sample::format::{Format, Purpose};
use crate::sample::value::from_hexadecimal;
use std::sync::Arc;

/// The steps.
pub const CHECK_LINES: &[Keyword<ProxyParse>] = &[
    row("http-check comment", "<text>", comment, "says what the next steps are for, in log lines"),
    row("http-check connect", CONNECT, connect, "connects"),
    row("http-check disable-on-404", "", disable_on_404, "a server that is up and answers 404 gets no new clients"),
    row("http-check expect", EXPECT_HTTP, check_expect::http, "what the answer must be like"),
    row("http-check send", "[meth <m>] [uri <u>] [ver <v>] [hdr <name> <fmt>] [body <text>]", send_request, "what is asked"),
    row("http-check send-state", "", send_state, "checks tell the server how it stands, in X-Haproxy-Server-State"),
    row("http-check set-var", "(check.<name>) <expression>", set_variable, "sets a variable of the check"),
    row("http-check unset-var", "(check.<name>)", unset_variable, "unsets a variable of the check"),
    row("tcp-check comment", "<text>", comment, "says what the next steps are for, in log lines"),
    row("tcp-check connect", CONNECT, connect, "connects"),
    row("tcp-check expect", EXPECT_TCP, check_expect::tcp, "what must come"),
    row("tcp-check send", "<text> [comment <text>]", send_text, "sends a text"),
    row("tcp-check send-binary", "<hex> [comment <text>]", send_binary, "sends bytes"),
    row("tcp-check send-binary-lf", "<fmt> [comment <text>]", send_binary_format, "sends the bytes that a format gives in hexadecimal"),
    row("tcp-check send-lf", "<fmt> [comment <text>]", send_format, "sends what a format gives"),
    row("tcp-check set-var", "(check.<name>) <expression>", set_variable, "sets a variable of the check"),
    row("tcp-check unset-var", "(check.<name>)", unset_variable, "unsets a variable of the check"),
];

const CONNECT: &str = "[default] [port <port>] [addr <address>] [send-proxy] [linger] [comment <text>]";
const EXPECT_HTTP: &str = "[<options>] [!] status|rstatus|string|rstring|string-lf|hdr|fhdr <pattern>";
const EXPECT_TCP: &str = "[<options>] [!] string|rstring|string-lf|binary|rbinary|binary-lf <pattern>";

const fn row(name: &'static str, arguments: &'static str, parse: ProxyParse, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: SERVER_SIDE, arguments, status: Status::Done, parse, manual }
}

/// The index of the first word behind `http-check NAME`.
pub(super) const FIRST: usize = 2;

/// Which family a line is of.
pub(super) fn family(line: &Line) -> Family {
    if line.keyword() == b"http-check" { Family::Http } else { Family::Tcp }
}

/// A text.
pub(super) fn text_at(line: &Line, index: usize, what: &str) -> Result<String, Fault> {
    Ok(String::from_utf8_lossy(line.expect(index, what)?).into_owned())
}

/// A format, which sees the check alone.
pub(super) fn format_at(draft: &mut Draft, line: &Line, index: usize, reading: &mut Reading) -> Result<Format, Fault> {
    let word = line.expect(index, "a format")?;
    let mut names = CheckScope(Scope { draft, reading });
    let format = Format::parse(word, Purpose::Text, &mut names).map_err(|fault| fault.shift(index))?;
    if format.fields().next().is_some() {
        return Err(Fault::new(index, "a check has no variables of log lines").hint("%[...] takes an expression"));
    }
    Ok(format)
}

/// An expression, likewise.
pub(super) fn expression_at(draft: &mut Draft, line: &Line, index: usize, reading: &mut Reading) -> Result<Expression, Fault> {
    let word = line.expect(index, "an expression")?;
    Expression::parse(word, &mut CheckScope(Scope { draft, reading })).map_err(|fault| fault.shift(index))
}

pub(super) fn hexadecimal_at(line: &Line, index: usize) -> Result<Vec<u8>, Fault> {
    let digits = line.expect(index, "hexadecimal digits")?;
    from_hexadecimal(digits).ok_or_else(|| Fault::new(index, "hexadecimal digits are expected, two for each byte"))
}

/// What is not known where one of a few words is expected.
pub(super) fn unknown(line: &Line, index: usize, names: &[&'static str]) -> Fault {
    let word = line.word(index).unwrap_or_default();
    let message = format!("'{}' is no parameter of '{}'", String::from_utf8_lossy(word), step_name(line));
    let hint = nearest(word, names.iter().copied()).map_or_else(|| names.join(", "), |near| format!("did you mean '{near}'?"));
    Fault::new(index, message).hint(hint)
}

fn step_name(line: &Line) -> String {
    let second = line.word(1).unwrap_or_default();
    format!("{} {}", String::from_utf8_lossy(line.keyword()), String::from_utf8_lossy(second))
}

fn add(draft: &mut Draft, line: &Line, comment: Option<String>, action: CheckAction) -> Result<(), Fault> {
    draft.check.add(family(line), comment, action)
}

/// Adds what is sent; nothing but a comment may follow.
fn add_send(draft: &mut Draft, line: &Line, send: CheckSend) -> Result<(), Fault> {
    let comment = match line.word(FIRST + 1) {
        Some(b"comment") => {
            line.end(FIRST + 3)?;
            Some(text_at(line, FIRST + 2, "a text")?)
        }
        _ => {
            line.end(FIRST + 1)?;
            None
        }
    };
    add(draft, line, comment, CheckAction::Send(send))
}

fn comment(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let text = text_at(line, FIRST, "a text")?;
    line.end(FIRST + 1)?;
    add(draft, line, Some(text), CheckAction::Comment)
}

fn send_text(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let text = line.expect(FIRST, "a text")?.to_vec();
    add_send(draft, line, CheckSend::Bytes(text))
}

fn send_binary(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    add_send(draft, line, CheckSend::Bytes(hexadecimal_at(line, FIRST)?))
}

fn send_format(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let format = format_at(draft, line, FIRST, reading)?;
    add_send(draft, line, CheckSend::Format(format))
}

fn send_binary_format(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let format = format_at(draft, line, FIRST, reading)?;
    add_send(draft, line, CheckSend::Hexadecimal(format))
}

/// Parameters of `connect` that need TLS.
const TLS_WORDS: [&[u8]; 3] = [b"ssl", b"sni", b"alpn"];

fn connect(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let mut connect = CheckConnect::default();
    let mut comment = None;
    let mut at = FIRST;
    while let Some(word) = line.word(at) {
        match word {
            b"default" => connect.as_server = true,
            b"send-proxy" => connect.send_proxy = true,
            b"linger" => connect.linger = true,
            b"port" => {
                at += 1;
                let written = line.expect(at, "a port")?;
                connect.port = Some(match std::str::from_utf8(written).ok().and_then(|text| text.parse::<u16>().ok()) {
                    Some(0) => return Err(Fault::new(at, "a port is a number from 1 to 65535")),
                    Some(port) => CheckPort::Number(port),
                    None if written.iter().all(u8::is_ascii_digit) => {
                        return Err(Fault::new(at, "a port is a number from 1 to 65535"));
                    }
                    None => CheckPort::Expression(expression_at(draft, line, at, reading)?),
                });
            }
            b"addr" => {
                at += 1;
                connect.address = Some(address_at(line, at, reading)?);
            }
            b"comment" => {
                at += 1;
                comment = Some(text_at(line, at, "a text")?);
            }
            word if TLS_WORDS.contains(&word) => {
                let hint = "byway speaks no TLS: let stunnel connect to the server with TLS, and check it there";
                return Err(Fault::new(at, format!("'{}' is out of byway's scope", String::from_utf8_lossy(word))).hint(hint));
            }
            b"via-socks4" | b"proto" => {
                return Err(Fault::new(at, format!("'{}' is known, but not yet done by byway", String::from_utf8_lossy(word))));
            }
            _ => return Err(unknown(line, at, &["default", "port", "addr", "send-proxy", "linger", "comment"])),
        }
        at += 1;
    }
    add(draft, line, comment, CheckAction::Connect(connect))
}

fn address_at(line: &Line, index: usize, reading: &Reading) -> Result<CheckAddress, Fault> {
    let written = address::parse_address(line.expect(index, "an address")?, &reading.environment);
    match written.map_err(|message| Fault::new(index, message))? {
        address::Written::Whole(Address::Inherited(_)) => Err(Fault::new(index, "a check cannot connect to an inherited socket")),
        address::Written::Whole(address) => Ok(CheckAddress::Whole(address)),
        address::Written::Inet { host, .. } => {
            let ip = host.look_up(&|name| reading.resolve(name));
            ip.map(CheckAddress::Host).ok_or_else(|| Fault::new(index, address::unknown_host(&host)))
        }
    }
}

fn send_request(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let mut request = CheckRequest::default();
    let mut comment = None;
    let mut at = FIRST;
    while let Some(word) = line.word(at) {
        at += 1;
        match word {
            b"meth" => request.method = Some(line.expect(at, "a method")?.to_vec()),
            b"uri" => request.target = Some(CheckText::Plain(line.expect(at, "a URI")?.to_vec())),
            b"uri-lf" => request.target = Some(CheckText::Format(Arc::new(format_at(draft, line, at, reading)?))),
            b"ver" => request.version = Some(line.expect(at, "a version")?.to_vec()),
            b"body" => request.body = Some(CheckText::Plain(line.expect(at, "a body")?.to_vec())),
            b"body-lf" => request.body = Some(CheckText::Format(Arc::new(format_at(draft, line, at, reading)?))),
            b"comment" => comment = Some(text_at(line, at, "a text")?),
            b"hdr" => {
                let name = line.expect(at, "a field's name and a format")?.to_vec();
                at += 1;
                let value = format_at(draft, line, at, reading)?;
                if name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"transfer-encoding") {
                    let message = format!("'{}' is passed over in a check", String::from_utf8_lossy(&name));
                    reading.warn(line, Fault::new(at - 1, message).hint("the length of the body is told by itself"));
                } else {
                    request.fields.push((name, CheckText::Format(Arc::new(value))));
                }
            }
            _ => return Err(unknown(line, at - 1, &["meth", "uri", "uri-lf", "ver", "hdr", "body", "body-lf", "comment"])),
        }
        at += 1;
    }
    add(draft, line, comment, CheckAction::Send(CheckSend::Request(request)))
}

fn disable_on_404(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.check.disable_on_404 = line.sense == Sense::Wanted;
    line.end(FIRST)
}

fn send_state(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.check.send_state = line.sense == Sense::Wanted;
    line.end(FIRST)
}

/// The name in `set-var(check.NAME)`.
fn variable_name(line: &Line) -> Result<Vec<u8>, Fault> {
    let word = String::from_utf8_lossy(line.word(1).unwrap_or_default()).into_owned();
    let inner = word.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let Some(variable) = inner else { return Err(Fault::new(1, "a variable is expected in parentheses: (check.NAME)")) };
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    match variable.strip_prefix("check.") {
        Some(name) if !name.is_empty() && name.bytes().all(valid) => Ok(name.as_bytes().to_vec()),
        _ => Err(Fault::new(1, format!("'{variable}' is no variable of a check")).hint("they are called check.NAME")),
    }
}

fn set_variable(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = variable_name(line)?;
    let expression = expression_at(draft, line, FIRST, reading)?;
    line.end(FIRST + 1)?;
    add(draft, line, None, CheckAction::Set(name, expression))
}

fn unset_variable(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let name = variable_name(line)?;
    line.end(FIRST)?;
    add(draft, line, None, CheckAction::Unset(name))
}
