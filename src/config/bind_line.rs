//! `bind` lines (HAProxy manual, section 5.1): addresses and a row for each parameter.
//! Opening the sockets is the worker's; what is only known by name is in `known`.

use super::address::{expansion_hint, parse_listening};
use super::keyword::{Status, nearest};
use super::line::Line;
use super::model::Bind;
use super::surroundings::TlsBinds;
use super::{Reading, known, value};
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

/// The parameters that are read.
pub const BIND_PARAMETERS: &[BindParameter] = &[
    row(
        "accept-proxy",
        "",
        Status::Done,
        accept_proxy,
        "connections begin with a PROXY header, of version 1 or 2, that tells the client's address",
    ),
    row("gid", "<number>", Status::Done, gid, "the group of a unix socket's file"),
    row("group", "<name>", Status::Done, group, "the group of a unix socket's file"),
    row("maxconn", "<number>", Status::Done, maxconn, "connections of this listener"),
    row("mode", "<bits>", Status::Done, mode, "the permissions of a unix socket's file"),
    row("name", "<name>", Status::Done, name, "the listener's name in statistics"),
    row("proto", "h1", Status::Done, proto, "what is spoken: h1 alone"),
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
    let Some(first) = addresses.first() else {
        return Err(line.missing("an address to listen on"));
    };
    let mut bind = Bind {
        address: first.clone(),
        name: None,
        v6only: None,
        mode: None,
        uid: None,
        gid: None,
        maxconn: None,
        accept_proxy: false,
        place: line.place(),
    };
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
