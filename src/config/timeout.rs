//! `timeout` lines and their old spellings (HAProxy manual, section 4.2 "timeout").
//! What happens when one runs out is the session's.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, Allowed, CLIENT_SIDE, Keyword, SERVER_SIDE, Status};
use super::line::Line;
use super::model::Timeouts;
use super::value::Unit;
use crate::fault::Fault;
use std::time::Duration;

/// Times below this that are written without a unit were probably meant in seconds.
const SUSPICIOUSLY_SHORT: Duration = Duration::from_millis(100);

const fn row(name: &'static str, allowed: Allowed, status: Status, parse: ProxyParse, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments: "<time>", status, parse, manual }
}

/// The timeouts.
pub const TIMEOUTS: &[Keyword<ProxyParse>] = &[
    row("timeout check", SERVER_SIDE, Status::Done, check, "for a check's answer once it is connected"),
    row("timeout client", CLIENT_SIDE, Status::Done, client, "for a client's next byte"),
    row("timeout client-fin", CLIENT_SIDE, Status::Done, client_fin, "for a client that has said its last"),
    row("timeout connect", SERVER_SIDE, Status::Done, connect, "for a connection to a server"),
    row("timeout http-keep-alive", ANYWHERE, Status::Done, http_keep_alive, "for the next request of a client"),
    row("timeout http-request", ANYWHERE, Status::Done, http_request, "for a whole request head"),
    row("timeout queue", SERVER_SIDE, Status::Done, queue, "for a free server; timeout connect when absent"),
    row("timeout server", SERVER_SIDE, Status::Done, server, "for a server's next byte"),
    row("timeout server-fin", SERVER_SIDE, Status::Done, server_fin, "for a server that has said its last"),
    row("timeout tarpit", ANYWHERE, Status::Done, tarpit, "how long a tarpit holds; timeout connect when absent"),
    row("timeout tunnel", SERVER_SIDE, Status::Done, tunnel, "for the next byte either way of a tunnel"),
    row("timeout clitimeout", CLIENT_SIDE, Status::Done, client, "timeout client, as 1.3 to 2.0 also spelled it"),
    row("timeout contimeout", SERVER_SIDE, Status::Done, connect, "timeout connect, as 1.3 to 2.0 also spelled it"),
    row("timeout srvtimeout", SERVER_SIDE, Status::Done, server, "timeout server, as 1.3 to 2.0 also spelled it"),
    row("clitimeout", CLIENT_SIDE, Status::Done, old_client, "timeout client, as HAProxy before 2.1 spelled it"),
    row("contimeout", SERVER_SIDE, Status::Done, old_connect, "timeout connect, as HAProxy before 2.1 spelled it"),
    row("srvtimeout", SERVER_SIDE, Status::Done, old_server, "timeout server, as HAProxy before 2.1 spelled it"),
];

fn check(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.check)
}

fn client(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.client)
}

fn client_fin(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.client_fin)
}

fn connect(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.connect)
}

fn http_keep_alive(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.http_keep_alive)
}

fn http_request(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.http_request)
}

fn queue(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.queue)
}

fn server(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.server)
}

fn server_fin(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.server_fin)
}

fn tarpit(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.tarpit)
}

fn tunnel(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 2, |timeouts| &mut timeouts.tunnel)
}

fn old_client(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 1, |timeouts| &mut timeouts.client)
}

fn old_connect(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 1, |timeouts| &mut timeouts.connect)
}

fn old_server(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    set(draft, line, reading, 1, |timeouts| &mut timeouts.server)
}

type Field = fn(&mut Timeouts) -> &mut Option<Duration>;

fn set(draft: &mut Draft, line: &Line, reading: &mut Reading, index: usize, field: Field) -> Result<(), Fault> {
    line.end(index + 1)?;
    let time = reading.time_at(line, index, Unit::Millisecond)?;
    if !time.has_unit && !time.time.is_zero() && time.time < SUSPICIOUSLY_SHORT {
        let ms = time.time.as_millis();
        reading
            .warn(line, Fault::new(index, format!("a timeout of {ms} ms")).hint(format!("write {ms}ms if it is meant, {ms}s for seconds")));
    }
    let slot = field(&mut draft.proxy.timeouts);
    // Zero is no limit.
    *slot = Some(time.time).filter(|time| !time.is_zero());
    Ok(())
}
