//! `log` lines, of `global` and of proxies (HAProxy manual, section 4.2 "log").
//! Which of them a proxy uses is settled in `resolve`; sending is the worker's.

use super::Reading;
use super::address::{Port, Written, parse_address, unknown_host};
use super::line::Line;
use super::model::{LogFraming, LogSink, LogTarget};
use crate::fault::Fault;
use std::net::SocketAddr;

/// Syslog facilities, by their codes.
pub const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2", "ftp", "ntp", "audit", "alert", "cron2",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];
/// Syslog levels, by their codes.
pub const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

const SYSLOG_PORT: u16 = 514;
/// The longest line when nothing is said.
const DEFAULT_LENGTH: usize = 1024;

/// Reads `log <target> [len <n>] [format <f>] [sample <s>] <facility> [<level> [<least severe>]]`.
pub(super) fn parse_target(line: &Line, reading: &mut Reading) -> Result<LogTarget, Fault> {
    let mut target = LogTarget {
        to: parse_sink(line, reading)?,
        facility: 0,
        level: 7,
        min_level: 0,
        format: LogFraming::default(),
        length: DEFAULT_LENGTH,
    };
    let mut index = 2;
    while let Some(word @ (b"len" | b"format" | b"sample" | b"profile")) = line.word(index) {
        match word {
            b"len" => target.length = reading.number_at(line, index + 1, 80, 65535)?,
            b"format" => target.format = parse_framing(line, index + 1)?,
            _ => {
                let name = if word == b"sample" { "log ... sample" } else { "log ... profile" };
                reading.tell_status(line, index, name, super::keyword::Status::NotYet);
                line.expect(index + 1, "a value behind each parameter")?;
            }
        }
        index += 2;
    }
    target.facility = code(line, index, &FACILITIES, "facility")?.ok_or_else(|| line.missing("a facility, such as local0"))?;
    target.level = code(line, index + 1, &LEVELS, "level")?.unwrap_or(7);
    target.min_level = code(line, index + 2, &LEVELS, "level")?.unwrap_or(0);
    line.end(index + 3)?;
    Ok(target)
}

fn parse_sink(line: &Line, reading: &Reading) -> Result<LogSink, Fault> {
    let word = line.expect(1, "an address and a facility")?;
    match word {
        b"stdout" | b"fd@1" => return Ok(LogSink::Stdout),
        b"stderr" | b"fd@2" => return Ok(LogSink::Stderr),
        _ if word.starts_with(b"ring@") => {
            return Err(Fault::new(1, "there are no rings").hint("log to a syslog server, a unix socket, stdout or stderr"));
        }
        _ => {}
    }
    let address = match parse_address(word, &reading.environment).map_err(|message| Fault::new(1, message))? {
        Written::Whole(address) => address,
        Written::Inet { host, port } => {
            let port = match port {
                Port::Absent => SYSLOG_PORT,
                Port::Fixed(port) => port,
                _ => return Err(Fault::new(1, "a log has one port")),
            };
            let ip = host.look_up(&|name| reading.resolve(name)).ok_or_else(|| Fault::new(1, unknown_host(&host)))?;
            super::model::Address::Inet(SocketAddr::new(ip, port))
        }
    };
    Ok(LogSink::Datagram(address))
}

fn parse_framing(line: &Line, index: usize) -> Result<LogFraming, Fault> {
    match line.expect(index, "a format behind 'format'")? {
        b"rfc3164" => Ok(LogFraming::Rfc3164),
        b"rfc5424" => Ok(LogFraming::Rfc5424),
        b"short" => Ok(LogFraming::Short),
        b"raw" => Ok(LogFraming::Raw),
        other => {
            let message = format!("'{}' is no format of log lines", String::from_utf8_lossy(other));
            Err(Fault::new(index, message).hint("rfc3164, rfc5424, short, raw"))
        }
    }
}

fn code(line: &Line, index: usize, names: &[&'static str], what: &str) -> Result<Option<u8>, Fault> {
    let Some(word) = line.word(index) else {
        return Ok(None);
    };
    match names.iter().position(|name| name.as_bytes() == word) {
        Some(code) => Ok(Some(code as u8)),
        None => {
            let message = format!("'{}' is no {what} of syslog", String::from_utf8_lossy(word));
            let near = super::keyword::nearest(word, names.iter().copied());
            Err(Fault::new(index, message).hint(near.map_or(names.join(" "), |near| format!("did you mean '{near}'?"))))
        }
    }
}
