//! `option` lines (HAProxy manual, section 4.2 "option"): a row each, with what `no` and `default` make of it.
//! What an option changes in a session is the session's.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, CLIENT_SIDE, Keyword, SERVER_SIDE, Status, nearest};
use super::line::{Line, Sense};
use super::model::{ConnectionMode, ForwardFor, LogFormat, Options};
use super::{source_line, value};
use crate::fault::Fault;

/// The options.
pub const OPTIONS: &[Keyword<ProxyParse>] = &[
    row("option abortonclose", SERVER_SIDE, abortonclose, "drops what a client that has gone was queued for"),
    row("option allbackups", SERVER_SIDE, allbackups, "uses all backups at once, not the first alone"),
    row("option clitcpka", CLIENT_SIDE, clitcpka, "probes idle connections of clients"),
    without("option contstats", CLIENT_SIDE, ALWAYS_COUNTED, "counts bytes while they pass"),
    row("option dontlog-normal", CLIENT_SIDE, dontlog_normal, "logs nothing of what went well"),
    row("option dontlognull", CLIENT_SIDE, dontlognull, "logs no connection that sent nothing"),
    row("option forceclose", ANYWHERE, httpclose, "option httpclose, as HAProxy before 2.0 also spelled it"),
    with("option forwardfor", ANYWHERE, "[except <network>] [header <name>] [if-none]", forwardfor, "adds X-Forwarded-For"),
    row("option http-buffer-request", ANYWHERE, http_buffer_request, "waits for a request's body before its rules run"),
    row("option http-keep-alive", ANYWHERE, http_keep_alive, "keeps both connections after an exchange"),
    row("option http-server-close", ANYWHERE, http_server_close, "closes the server's connection after an exchange"),
    row(
        "option http-use-proxy-header",
        CLIENT_SIDE,
        http_use_proxy_header,
        "asks a request to a proxy for Proxy-Authorization, and reads Proxy-Connection",
    ),
    row("option httpclose", ANYWHERE, httpclose, "closes both connections after an exchange"),
    row("option httplog", CLIENT_SIDE, httplog, "logs requests"),
    row("option keepalive", ANYWHERE, http_keep_alive, "option http-keep-alive, as HAProxy 1.3 named it before it did it"),
    row("option log-health-checks", SERVER_SIDE, log_health_checks, "logs each change of a check's result"),
    row("option http-ignore-probes", CLIENT_SIDE, ignore_probes, "neither answers nor logs connections on which nothing came"),
    row("option independent-streams", ANYWHERE, independent_streams, "what is sent to a side does not keep its timeout from passing"),
    row("option log-separate-errors", CLIENT_SIDE, log_separate_errors, "logs what went wrong at the level err"),
    row("option logasap", CLIENT_SIDE, logasap, "logs once the response's head is there"),
    row("option nolinger", ANYWHERE, nolinger, "closes connections at once, whatever was not taken"),
    row("option persist", SERVER_SIDE, persist, "sends clients to their server even if it is down"),
    with("option redispatch", SERVER_SIDE, "[<interval>]", redispatch, "tries another server when one cannot be reached"),
    without("option splice-auto", ANYWHERE, COPIES, "lets the kernel pass bytes on when it seems worth it"),
    without("option splice-request", ANYWHERE, COPIES, "lets the kernel pass requests on"),
    without("option splice-response", ANYWHERE, COPIES, "lets the kernel pass responses on"),
    row("option socket-stats", CLIENT_SIDE, socket_stats, "counts each listening address apart"),
    row("option srvtcpka", SERVER_SIDE, srvtcpka, "probes idle connections of servers"),
    without("option tcp-smart-accept", CLIENT_SIDE, PACKETS, "saves a packet when a client is taken"),
    without("option tcp-smart-connect", SERVER_SIDE, PACKETS, "saves a packet when a server is connected to"),
    row("option tcpka", ANYWHERE, tcpka, "probes idle connections of both sides"),
    without("option tcpsplice", ANYWHERE, COPIES, "lets the kernel pass bytes on, as HAProxy 1.3 patched kernels did"),
    row("option transparent", SERVER_SIDE, source_line::transparent, "requests go to where the client connected to"),
    row("option tcplog", CLIENT_SIDE, tcplog, "logs connections"),
];

/// Options that change no answer.
const fn without(name: &'static str, allowed: super::keyword::Allowed, reason: &'static str, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments: "", status: Status::Ignored(reason), parse: passed_over, manual }
}

const COPIES: &str = "bytes are passed on in a way of byway's own";
const PACKETS: &str = "it is about packets, and changes no answer";
const ALWAYS_COUNTED: &str = "counters are kept as they are";

const fn row(name: &'static str, allowed: super::keyword::Allowed, parse: ProxyParse, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments: "", status: Status::Done, parse, manual }
}

const fn with(
    name: &'static str,
    allowed: super::keyword::Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::Done, parse, manual }
}

const OPTION_WORDS: usize = 2;

fn switch(draft: &mut Draft, line: &Line, flag: fn(&mut Options) -> &mut bool) -> Result<(), Fault> {
    *flag(&mut draft.proxy.options) = line.sense == Sense::Wanted;
    line.end(OPTION_WORDS)
}

/// Options that cannot be taken back.
pub(super) fn only_wanted(line: &Line) -> Result<(), Fault> {
    match line.sense {
        Sense::Wanted => Ok(()),
        _ => {
            let name = String::from_utf8_lossy(line.word(1).unwrap_or_default()).into_owned();
            Err(Fault::new(1, format!("'no' and 'default' do not go with 'option {name}'")))
        }
    }
}

fn abortonclose(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.abort_on_close)
}

fn allbackups(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.all_backups)
}

fn clitcpka(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.client_keepalive_probes)
}

fn srvtcpka(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.server_keepalive_probes)
}

fn tcpka(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    clitcpka(draft, line, reading)?;
    srvtcpka(draft, line, reading)
}

fn passed_over(_: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(OPTION_WORDS)
}

fn dontlog_normal(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.dont_log_normal)
}

fn ignore_probes(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.ignore_probes)
}

fn independent_streams(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.independent_streams)
}

fn log_separate_errors(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.log_separate_errors)
}

fn nolinger(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.no_linger)
}

fn dontlognull(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.dont_log_null)
}

fn http_buffer_request(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.buffer_request)
}

fn http_use_proxy_header(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.use_proxy_header)
}

fn socket_stats(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.socket_stats)
}

fn log_health_checks(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.log_health_checks)
}

fn logasap(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.log_asap)
}

fn persist(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.persist)
}

fn http_keep_alive(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    connection_mode(draft, line, ConnectionMode::KeepAlive)
}

fn http_server_close(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    connection_mode(draft, line, ConnectionMode::ServerClose)
}

fn httpclose(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    connection_mode(draft, line, ConnectionMode::Close)
}

/// The last mode that was said counts; taking back another one than that changes nothing.
fn connection_mode(draft: &mut Draft, line: &Line, mode: ConnectionMode) -> Result<(), Fault> {
    let options = &mut draft.proxy.options;
    match line.sense {
        Sense::Wanted => options.connection_mode = mode,
        _ if options.connection_mode == mode => options.connection_mode = ConnectionMode::KeepAlive,
        _ => {}
    }
    line.end(OPTION_WORDS)
}

fn httplog(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    only_wanted(line)?;
    if line.word(2) == Some(b"clf") {
        reading.tell_status(line, 2, "option httplog clf", Status::NotYet);
        return line.end(3);
    }
    draft.proxy.log_format = LogFormat::Http;
    line.end(OPTION_WORDS)
}

fn tcplog(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    only_wanted(line)?;
    if line.word(2) == Some(b"clf") {
        reading.tell_status(line, 2, "option tcplog clf", Status::NotYet);
        return line.end(3);
    }
    draft.proxy.log_format = LogFormat::Tcp;
    line.end(OPTION_WORDS)
}

/// `option redispatch [N]`: alone the last try goes elsewhere; N: every Nth; -N: the Nth from the last on.
fn redispatch(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    draft.proxy.redispatch = match (line.sense, line.word(2)) {
        (Sense::Wanted, None) => -1,
        (Sense::Wanted, Some(_)) => reading.number_at(line, 2, i32::MIN.into(), i32::MAX.into())?,
        _ => 0,
    };
    Ok(())
}

fn forwardfor(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    only_wanted(line)?;
    draft.proxy.forward_for = Some(parse_forward(line, reading, b"X-Forwarded-For", &["except", "header", "if-none"])?);
    Ok(())
}

/// What follows `option forwardfor` and its like: `header` is the usual name of the field, `known` the words that may follow.
pub(super) fn parse_forward(line: &Line, reading: &mut Reading, header: &[u8], known: &[&'static str]) -> Result<ForwardFor, Fault> {
    let mut forward_for = ForwardFor { except: None, header: header.to_vec(), if_none: false };
    let mut index = OPTION_WORDS;
    while let Some(word) = line.word(index) {
        match word {
            b"except" => {
                let first = |host: &str| reading.resolve(host).into_iter().next();
                let network = value::parse_network(line.expect(index + 1, "a network behind 'except'")?, &first);
                forward_for.except = Some(network.map_err(|message| Fault::new(index + 1, message))?);
                index += 2;
            }
            b"header" => {
                let name = line.expect(index + 1, "a header's name behind 'header'")?;
                if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)) {
                    let name = String::from_utf8_lossy(name).into_owned();
                    return Err(Fault::new(index + 1, format!("'{name}' is no name of a header")));
                }
                forward_for.header = name.to_vec();
                index += 2;
            }
            b"if-none" if known.contains(&"if-none") => {
                forward_for.if_none = true;
                index += 1;
            }
            other => {
                let option = String::from_utf8_lossy(line.word(1).unwrap_or_default()).into_owned();
                let message = format!("'{}' is no parameter of 'option {option}'", String::from_utf8_lossy(other));
                let near = nearest(other, known.iter().copied());
                let hint = near.map_or(format!("{} are", known.join(", ")), |near| format!("did you mean '{near}'?"));
                return Err(Fault::new(index, message).hint(hint));
            }
        }
    }
    Ok(forward_for)
}
