//! `bind` lines (HAProxy manual, section 5.1): addresses and a row for each parameter.
//! Opening the sockets is the worker's; what is only known by name is in `known`.

use super::address::{expansion_hint, parse_listening};
use super::keyword::{Status, nearest};
use super::line::Line;
use super::model::{Address, Bind, UnixBind};
use super::surroundings::TlsBinds;
use super::value::Unit;
use super::{Reading, known, source_line, value};
use crate::fault::Fault;

/// What reads a parameter; the index is that of its value.
type BindParse = fn(&mut Bind, &Line, usize, &mut Reading) -> Result<(), Fault>;

/// A parameter of `bind`.
pub struct BindParameter {
    /// Its name.
    pub name: &'static str,
    /// Its argument, as the manual writes it; empty when it has none.
    pub argument: &'static str,
    /// How far byway does it.
    pub status: Status,
    parse: BindParse,
    /// One line of manual.
    pub manual: &'static str,
}

const fn row(name: &'static str, argument: &'static str, status: Status, parse: BindParse, manual: &'static str) -> BindParameter {
    BindParameter { name, argument, status, parse, manual }
}

const CONTROL: &str = "it is about control sockets: 'stats socket' in global";
const NAMESPACES: &str = "byway listens in the namespace that it was started in: start it there, with 'ip netns exec'";
const NO_PRIORITIES: &str = "sessions have their turns alike";
const ALL_THREADS: &str = "every thread takes clients of every listener";
const TUNING: &str = "it saves a round trip and changes no answer";

/// The parameters that are read.
pub const BIND_PARAMETERS: &[BindParameter] = &[
    row(
        "accept-proxy",
        "",
        Status::Done,
        accept_proxy,
        "connections begin with a PROXY header, of version 1 or 2, that tells the client's address",
    ),
    row("backlog", "<number>", Status::Done, backlog, "connections that the kernel keeps waiting"),
    row("defer-accept", "", Status::Done, defer_accept, "takes clients once they have sent something"),
    row("expose-fd", "listeners", Status::Ignored(CONTROL), passed_over, "connections may take the listening sockets"),
    row("gid", "<number>", Status::Done, gid, "the group of a unix socket's file"),
    row("group", "<name>", Status::Done, group, "the group of a unix socket's file"),
    row("id", "<number>", Status::Done, id, "the listener's number in statistics"),
    row("interface", "<name>", Status::Done, interface, "takes clients of this interface alone"),
    row("level", "<level>", Status::Ignored(CONTROL), passed_over, "what connections may do"),
    row("maxconn", "<number>", Status::Done, maxconn, "connections of this listener"),
    row("mode", "<bits>", Status::Done, mode, "the permissions of a unix socket's file"),
    row("mss", "<bytes>", Status::Done, mss, "the largest segment of data in a packet"),
    row("name", "<name>", Status::Done, name, "the listener's name in statistics"),
    row("namespace", "<name>", Status::Refused(NAMESPACES), passed_over, "the network namespace to listen in"),
    row("nice", "<number>", Status::Ignored(NO_PRIORITIES), passed_over, "the priority of its sessions"),
    row("process", "<processes>", Status::Ignored(ALL_THREADS), passed_over, "the processes that take its clients"),
    row("proto", "h1", Status::Done, proto, "what is spoken: h1 alone"),
    row("severity-output", "<form>", Status::Ignored(CONTROL), passed_over, "how answers show their severity"),
    row("shards", "<number>", Status::Ignored(ALL_THREADS), passed_over, "sockets of this listener"),
    row("tcp-ut", "<time>", Status::Done, tcp_ut, "how long bytes may go unacknowledged"),
    row("tfo", "", Status::Ignored(TUNING), passed_over, "data in the first packet of a connection"),
    row("thread", "<threads>", Status::Ignored(ALL_THREADS), passed_over, "the threads that take its clients"),
    row("transparent", "", Status::Done, transparent, "an address that need not be this host's"),
    row("uid", "<number>", Status::Done, uid, "the user of a unix socket's file"),
    row("user", "<name>", Status::Done, user, "the user of a unix socket's file"),
    row("v4v6", "", Status::Done, v4v6, "takes IPv4 clients on :: as well"),
    row("v6only", "", Status::Done, v6only, "takes no IPv4 clients on ::"),
];

/// Reads the addresses at a word and the parameters behind them; TLS listeners that are to be left out are none.
pub(super) fn parse_bind(line: &Line, index: usize, reading: &mut Reading) -> Result<Vec<Bind>, Fault> {
    let word = line.expect(index, "an address to listen on, such as :80 or 127.0.0.1:8080")?;
    let addresses = parse_listening(word, &reading.environment, &|host| reading.resolve(host));
    let addresses = addresses.map_err(|message| Fault::new(index, message).hint(expansion_hint(word)))?;
    let addresses: Vec<Address> = addresses.into_iter().map(|address| reading.unix_bind.place(address)).collect();
    let Some(first) = addresses.first() else {
        return Err(line.missing("an address to listen on"));
    };
    let mut bind = Bind { place: line.place(), ..Bind::at(first.clone()) };
    if matches!(first, Address::Unix(_)) {
        let UnixBind { mode, uid, gid, .. } = reading.unix_bind;
        bind = Bind { mode, uid, gid, ..bind };
    }
    let skips_tls = reading.surroundings.tls_binds == TlsBinds::Skip;
    if skips_tls && line.words_from(index + 1).iter().any(|word| word == b"ssl") {
        reading.warn(line, Fault::new(index, "this TLS listener is left out").hint("--skip-tls-binds was asked for"));
        return Ok(Vec::new());
    }
    let mut at = index + 1;
    while let Some(word) = line.word(at) {
        // In a section's head the name of its defaults may follow.
        if line.keyword() != b"bind" && word == b"from" {
            break;
        }
        match BIND_PARAMETERS.iter().find(|row| row.name.as_bytes() == word) {
            Some(row) => {
                if !row.argument.is_empty() && line.word(at + 1).is_none() {
                    return Err(line.missing(&format!("{} behind '{}'", row.argument, row.name)));
                }
                (row.parse)(&mut bind, line, at + 1, reading)?;
                reading.tell_status(line, at, row.name, row.status);
                at += if row.argument.is_empty() { 1 } else { 2 };
            }
            None => at = known::tell_parameter(line, at, known::Room::Bind, reading)?.ok_or_else(|| unknown(line, at))?,
        }
    }
    if bind.id.is_some() && addresses.len() > 1 {
        let at = line.words.iter().position(|word| word == b"id").unwrap_or(index);
        return Err(Fault::new(at, format!("{} listeners cannot have one id", addresses.len())).hint("give each a line of its own"));
    }
    Ok(addresses.into_iter().map(|address| Bind { address, ..bind.clone() }).collect())
}

fn unknown(line: &Line, index: usize) -> Fault {
    let word = line.word(index).unwrap_or_default();
    let names = BIND_PARAMETERS.iter().map(|row| row.name).chain(known::names(known::Room::Bind));
    let message = format!("'{}' is no parameter of 'bind'", String::from_utf8_lossy(word));
    Fault::new(index, message).hint(nearest(word, names).map_or(String::new(), |near| format!("did you mean '{near}'?")))
}

fn accept_proxy(bind: &mut Bind, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.accept_proxy = true;
    Ok(())
}

/// What the table says of it is all there is to do.
fn passed_over(_: &mut Bind, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    Ok(())
}

fn backlog(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.backlog = Some(reading.number_at(line, index, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn defer_accept(bind: &mut Bind, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.defer_accept = true;
    Ok(())
}

fn id(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.id = Some(reading.number_at(line, index, 1, i32::MAX.into())?);
    Ok(())
}

fn interface(bind: &mut Bind, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.interface = Some(source_line::parse_interface(line, index)?);
    Ok(())
}

fn mss(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    // A negative one is taken off the usual: that changes no answer, and the usual will do.
    let bytes: i64 = reading.number_at(line, index, -65535, 65535)?;
    bind.mss = u32::try_from(bytes).ok().filter(|bytes| *bytes > 0);
    Ok(())
}

fn tcp_ut(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let time = reading.time_at(line, index, Unit::Millisecond)?.time;
    bind.tcp_user_timeout = Some(time).filter(|time| !time.is_zero());
    Ok(())
}

fn transparent(bind: &mut Bind, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.transparent = true;
    Ok(())
}

fn gid(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.gid = Some(reading.number_at(line, index, 0, u32::MAX.into())?);
    Ok(())
}

fn uid(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.uid = Some(reading.number_at(line, index, 0, u32::MAX.into())?);
    Ok(())
}

fn group(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.gid = Some(reading.group_at(line, index)?);
    Ok(())
}

fn user(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.uid = Some(reading.user_at(line, index)?);
    Ok(())
}

fn maxconn(bind: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    bind.maxconn = Some(reading.number_at(line, index, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn mode(bind: &mut Bind, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    let mode = value::parse_mode(line.expect(index, "a file mode")?);
    bind.mode = Some(mode.map_err(|message| Fault::new(index, message))?);
    Ok(())
}

fn name(bind: &mut Bind, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.name = Some(line.expect_text(index, "a name")?.to_owned());
    Ok(())
}

fn proto(_: &mut Bind, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    match line.expect(index, "a protocol")? {
        b"h1" => {}
        b"h2" => reading.tell_status(line, index, "proto h2", Status::Refused("byway speaks HTTP/1.1 alone")),
        other => return Err(Fault::new(index, format!("'{}' is no protocol, h1 is", String::from_utf8_lossy(other)))),
    }
    Ok(())
}

fn v4v6(bind: &mut Bind, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.v6only = Some(false);
    Ok(())
}

fn v6only(bind: &mut Bind, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    bind.v6only = Some(true);
    Ok(())
}
