//! `source`, with `usesrc` and `interface` behind it, of a backend and of its servers; and `dispatch` and `transparent`, which do
//! without servers (HAProxy manual, section 4.2). Binding a connection to what they say is the worker's.

use super::Reading;
use super::address::{Host, Port, Written, parse_stream_address, unknown_host};
use super::draft::Draft;
use super::line::{Line, Sense};
use super::model::{Address, Server};
use super::reach::{Foreign, Outgoing, Reach};
use crate::fault::Fault;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What a port may be behind an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ports {
    /// A number, or none.
    One,
    /// A range as well.
    Range,
}

/// Reads the address behind `source`: `*` is any, and a port may follow.
pub(super) fn parse_source(line: &Line, index: usize, ports: Ports, reading: &Reading) -> Result<Outgoing, Fault> {
    let word = line.expect(index, "an address, or '*' for any, behind 'source'")?;
    let fault = |message: String| Fault::new(index, message);
    let Written::Inet { host, port } = parse_stream_address(word, &reading.environment).map_err(fault)? else {
        return Err(fault("connections come from an internet address".into()));
    };
    let address = match &host {
        Host::Any => None,
        host => Some(host.look_up(&|name| reading.resolve(name)).ok_or_else(|| fault(unknown_host(host)))?),
    };
    let ports = match port {
        Port::Absent => (0, 0),
        Port::Fixed(port) => (port, port),
        Port::Range(first, last) if ports == Ports::Range => (first, last),
        Port::Range(..) => return Err(fault("one port is allowed here, not a range".into()).hint("a server's own 'source' takes a range")),
        Port::Offset(_) => return Err(fault("only a server's port can be an offset".into())),
    };
    Ok(Outgoing { address: address.filter(|address| !address.is_unspecified()), ports, ..Outgoing::default() })
}

/// Reads the word behind `usesrc`.
pub(super) fn parse_usesrc(source: &mut Outgoing, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let word = line.expect(index, "client, clientip, hdr_ip(<name>) or an address behind 'usesrc'")?;
    source.foreign = Some(match word {
        b"client" => Foreign::Client,
        b"clientip" => Foreign::ClientAddress,
        word if word.starts_with(b"hdr_ip(") => {
            reading.tell_status(line, index, "usesrc hdr_ip", super::keyword::Status::NotYet);
            return Ok(());
        }
        _ => {
            let plain = parse_source(line, index, Ports::One, reading)?;
            let address = plain.address.ok_or_else(|| Fault::new(index, "'usesrc' needs an address of its own"))?;
            Foreign::Fixed(SocketAddr::new(address, plain.ports.0))
        }
    });
    Ok(())
}

/// Reads the word behind `interface`.
pub(super) fn parse_interface(line: &Line, index: usize) -> Result<String, Fault> {
    /// The kernel's names of interfaces are shorter than this (IFNAMSIZ).
    const LONGEST: usize = 16;
    let name = line.expect_text(index, "an interface's name behind 'interface'")?;
    match name.len() < LONGEST && !name.is_empty() {
        true => Ok(name.to_owned()),
        false => Err(Fault::new(index, format!("'{name}' is no name of an interface: they have up to {} letters", LONGEST - 1))),
    }
}

/// `source <address> [usesrc <what>] [interface <name>]` of a backend.
pub(super) fn source(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let mut source = parse_source(line, 1, Ports::One, reading)?;
    let mut at = 2;
    while let Some(word) = line.word(at) {
        match word {
            b"usesrc" => parse_usesrc(&mut source, line, at + 1, reading)?,
            b"interface" => source.interface = Some(parse_interface(line, at + 1)?),
            other => {
                let message = format!("'{}' is no parameter of 'source'", String::from_utf8_lossy(other));
                return Err(Fault::new(at, message).hint("usesrc, interface"));
            }
        }
        at += 2;
    }
    draft.proxy.source = Some(source);
    Ok(())
}

/// `dispatch <address>:<port>`: where requests go that no server was chosen for.
pub(super) fn dispatch(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let word = line.expect(1, "an address and a port")?;
    let fault = |message: String| Fault::new(1, message);
    let address = match parse_stream_address(word, &reading.environment).map_err(fault)? {
        Written::Whole(Address::Inherited(_)) => return Err(fault("an inherited socket is no place to connect to".into())),
        Written::Whole(address) => address,
        Written::Inet { host, port: Port::Fixed(port @ 1..) } => {
            let ip = host.look_up(&|name| reading.resolve(name)).ok_or_else(|| fault(unknown_host(&host)))?;
            Address::Inet(SocketAddr::new(ip, port))
        }
        Written::Inet { port: Port::Range(..), .. } => return Err(fault("'dispatch' needs one port, not a range".into())),
        Written::Inet { .. } => return Err(fault("'dispatch' needs a port behind the address".into())),
    };
    draft.proxy.direct = Some(Box::new(Server::outside_of_balancing(address, Reach::default(), line.place())));
    Ok(())
}

/// `transparent` and `option transparent`: requests go to where the client connected to.
pub(super) fn transparent(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(if line.keyword() == b"option" { 2 } else { 1 })?;
    let address = Address::Inet(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));
    let reach = Reach { follows_address: true, port_offset: Some(0), ..Reach::default() };
    let is_wanted = line.sense == Sense::Wanted;
    draft.proxy.direct = is_wanted.then(|| Box::new(Server::outside_of_balancing(address, reach, line.place())));
    Ok(())
}
