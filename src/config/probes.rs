//! `clitcpka-*` and `srvtcpka-*` (HAProxy manual, section 4.2): how the system probes idle connections, once `option clitcpka` and
//! `option srvtcpka` ask for probes.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{Allowed, CLIENT_SIDE, Keyword, SERVER_SIDE, Status};
use super::line::Line;
use super::value::Unit;
use crate::fault::Fault;
use std::time::Duration;

/// The system counts in seconds, and up to here.
const LONGEST_SECONDS: u64 = 32767;
/// The most probes that the system sends.
const MOST_PROBES: i64 = 127;

/// The keywords.
pub const PROBES: &[Keyword<ProxyParse>] = &[
    row("clitcpka-cnt", CLIENT_SIDE, "<number>", client_count, "probes without an answer that end a client's connection"),
    row("clitcpka-idle", CLIENT_SIDE, "<time>", client_idle, "how long a client's connection is idle before the first probe"),
    row("clitcpka-intvl", CLIENT_SIDE, "<time>", client_interval, "between two probes of a client"),
    row("srvtcpka-cnt", SERVER_SIDE, "<number>", server_count, "probes without an answer that end a server's connection"),
    row("srvtcpka-idle", SERVER_SIDE, "<time>", server_idle, "how long a server's connection is idle before the first probe"),
    row("srvtcpka-intvl", SERVER_SIDE, "<time>", server_interval, "between two probes of a server"),
];

const fn row(
    name: &'static str,
    allowed: Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::Done, parse, manual }
}

fn count(line: &Line, reading: &mut Reading) -> Result<Option<u32>, Fault> {
    line.end(2)?;
    Ok(Some(reading.number_at(line, 1, 1, MOST_PROBES)?))
}

fn seconds(line: &Line, reading: &mut Reading) -> Result<Option<Duration>, Fault> {
    line.end(2)?;
    let time = reading.time_at(line, 1, Unit::Second)?.time;
    match time.as_secs() {
        1..=LONGEST_SECONDS => Ok(Some(time)),
        _ => Err(Fault::new(1, format!("the system counts from 1 to {LONGEST_SECONDS} seconds"))),
    }
}

fn client_count(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.options.client_probes.count = count(line, reading)?;
    Ok(())
}

fn client_idle(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.options.client_probes.idle = seconds(line, reading)?;
    Ok(())
}

fn client_interval(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.options.client_probes.interval = seconds(line, reading)?;
    Ok(())
}

fn server_count(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.options.server_probes.count = count(line, reading)?;
    Ok(())
}

fn server_idle(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.options.server_probes.idle = seconds(line, reading)?;
    Ok(())
}

fn server_interval(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.options.server_probes.interval = seconds(line, reading)?;
    Ok(())
}
