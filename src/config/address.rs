//! Addresses of `bind`, `server`, `log` and `stats socket` (HAProxy manual, section 11): families, ports, ranges, offsets,
//! and the one place where `$NAME` is expanded outside of quotes. Names of hosts are looked up by the surroundings.

use super::environment::Environment;
use super::model::Address;
use super::value;
use super::words::parse_reference;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// A host, and what stands behind its last colon.
    Inet {
        /// The host.
        host: Host,
        /// The port.
        port: Port,
    },
    /// Anything that needs no port.
    Whole(Address),
}

/// A host as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A number.
    Ip(IpAddr),
    /// `*` or nothing.
    Any,
    /// A name, and which kind of address is wanted.
    Name(String, Family),
}

/// The kind of address that a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Any kind.
    Any,
    /// `ipv4@`
    V4,
    /// `ipv6@`
    V6,
}

/// A port as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// None.
    Absent,
    /// A number.
    Fixed(u16),
    /// `first-last`
    Range(u16, u16),
    /// `+n` or `-n`: the port that the client connected to, and this much more.
    Offset(i32),
}

/// Reads one address that is listened on or connected to: datagrams have no part in that.
pub fn parse_stream_address(word: &[u8], environment: &Environment) -> Result<Written, String> {
    match [&b"udp@"[..], b"udp4@", b"udp6@"].into_iter().find(|prefix| word.starts_with(prefix)) {
        Some(prefix) => Err(format!("'{}' is for datagrams, and this is no place for them", String::from_utf8_lossy(prefix))),
        None => parse_address(word, environment),
    }
}

/// Reads one address.
pub fn parse_address(word: &[u8], environment: &Environment) -> Result<Written, String> {
    let word = expand(word, environment)?;
    let text = value::text(&word)?;
    let (family, rest) = match text.split_once('@') {
        Some((prefix, rest)) if !prefix.contains(['/', ':', '.']) => (prefix, rest),
        _ => ("", text),
    };
    match family {
        "fd" => {
            rest.parse().map(|fd| Written::Whole(Address::Inherited(fd))).map_err(|_| format!("'{rest}' is no file descriptor's number"))
        }
        "abns" if !rest.is_empty() => Ok(Written::Whole(Address::Abstract(rest.as_bytes().to_vec()))),
        "unix" if !rest.is_empty() => Ok(Written::Whole(Address::Unix(rest.into()))),
        "ipv4" | "tcp4" | "udp4" => parse_inet(rest, Family::V4),
        "ipv6" | "tcp6" | "udp6" => parse_inet(rest, Family::V6),
        "" | "tcp" | "udp" | "stream" if !rest.starts_with('/') => parse_inet(rest, Family::Any),
        "" | "tcp" | "udp" | "stream" => Ok(Written::Whole(Address::Unix(rest.into()))),
        "unix" | "abns" => Err(format!("'{family}@' needs a name behind it")),
        "sockpair" | "quic4" | "quic6" | "rhttp" | "mptcp" | "uxst" | "uxdg" => Err(format!("byway does not speak '{family}@'")),
        _ => Err(format!("'{family}@' is no kind of address (ipv4@, ipv6@, unix@, abns@, fd@)")),
    }
}

fn parse_inet(text: &str, family: Family) -> Result<Written, String> {
    let (host, port) = match text.rfind([':', ']']).filter(|at| text.as_bytes().get(*at) == Some(&b':')) {
        Some(colon) => (&text[..colon], parse_port(&text[colon + 1..])?),
        None => (text, Port::Absent),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let host = match bare {
        "" | "*" if family == Family::V6 => Host::Ip(Ipv6Addr::UNSPECIFIED.into()),
        "" | "*" => Host::Any,
        _ => match bare.parse::<IpAddr>() {
            Ok(ip) if (family == Family::V4 && !ip.is_ipv4()) || (family == Family::V6 && !ip.is_ipv6()) => {
                return Err(format!("'{bare}' is an address of the other kind"));
            }
            Ok(ip) => Host::Ip(ip),
            Err(_) if bare.contains([' ', '/', ',', '[', ']']) => return Err(format!("'{bare}' is no address")),
            Err(_) => Host::Name(bare.to_owned(), family),
        },
    };
    Ok(Written::Inet { host, port })
}

fn parse_port(text: &str) -> Result<Port, String> {
    let number = |text: &str| match text.parse::<u32>() {
        Ok(port @ 1..=65535) if !text.starts_with('+') => Ok(port as u16),
        _ => Err(format!("'{text}' is no port, 1 to 65535 is")),
    };
    match text.as_bytes().first() {
        None => Ok(Port::Absent),
        Some(b'+' | b'-') => match text.parse::<i32>() {
            Ok(offset @ -65535..=65535) => Ok(Port::Offset(offset)),
            _ => Err(format!("'{text}' is no offset of a port")),
        },
        Some(b'0') if text == "0" => Ok(Port::Fixed(0)),
        Some(_) => match text.split_once('-') {
            None => number(text).map(Port::Fixed),
            Some((first, last)) => match (number(first)?, number(last)?) {
                (first, last) if first <= last => Ok(Port::Range(first, last)),
                _ => Err(format!("'{text}' is no range of ports")),
            },
        },
    }
}

impl Host {
    /// The host's address; a name is looked up.
    pub fn look_up(&self, resolve: &dyn Fn(&str) -> Vec<IpAddr>) -> Option<IpAddr> {
        match self {
            Host::Ip(ip) => Some(*ip),
            Host::Any => Some(Ipv4Addr::UNSPECIFIED.into()),
            Host::Name(name, family) => resolve(name).into_iter().find(|ip| match family {
                Family::Any => true,
                Family::V4 => ip.is_ipv4(),
                Family::V6 => ip.is_ipv6(),
            }),
        }
    }
}

/// All addresses of a `bind` line's first word: lists, and ranges of ports.
pub fn parse_listening(word: &[u8], environment: &Environment, resolve: &dyn Fn(&str) -> Vec<IpAddr>) -> Result<Vec<Address>, String> {
    let word = expand(word, environment)?;
    let text = value::text(&word)?;
    let mut addresses = Vec::new();
    for part in text.split(',') {
        match parse_stream_address(part.as_bytes(), environment)? {
            Written::Whole(address) => addresses.push(address),
            Written::Inet { host, port } => {
                let ip = host.look_up(resolve).ok_or_else(|| unknown_host(&host))?;
                let ports = match port {
                    Port::Fixed(0) => return Err("0 is no port to listen on, 1 to 65535 is".into()),
                    Port::Fixed(port) => port..=port,
                    Port::Range(first, last) => first..=last,
                    Port::Absent => return Err(format!("'{part}' has no port")),
                    Port::Offset(_) => return Err(format!("'{part}': only a server's port can be an offset")),
                };
                addresses.extend(ports.map(|port| Address::Inet(SocketAddr::new(ip, port))));
            }
        }
    }
    Ok(addresses)
}

/// What to look at when the word of a bad address names a variable.
pub fn expansion_hint(word: &[u8]) -> &'static str {
    match word.contains(&b'$') {
        true => "this is what comes of the variable: is it set?",
        false => "",
    }
}

/// The fault of a host name that is not found.
pub fn unknown_host(host: &Host) -> String {
    match host {
        Host::Name(name, _) => format!("'{name}' is no address, and no host has this name"),
        _ => "the address is of no use here".into(),
    }
}

/// `$NAME` and `${NAME}` without quotes.
fn expand<'w>(word: &'w [u8], environment: &Environment) -> Result<Cow<'w, [u8]>, String> {
    if !word.contains(&b'$') {
        return Ok(Cow::Borrowed(word));
    }
    let mut expanded = Vec::with_capacity(word.len());
    let mut at = 0;
    while let Some(byte) = word.get(at) {
        if *byte == b'$' {
            let reference = parse_reference(word, at).map_err(|bad| bad.message)?;
            let value = environment.get(reference.name).or(reference.default).unwrap_or_default();
            expanded.extend_from_slice(value.as_bytes());
            at = reference.end;
        } else {
            expanded.push(*byte);
            at += 1;
        }
    }
    Ok(Cow::Owned(expanded))
}

/// An address as messages show it.
pub fn render_address(address: &Address) -> String {
    match address {
        Address::Inet(address) if address.ip().is_unspecified() && address.is_ipv6() => format!(":::{}", address.port()),
        Address::Inet(address) => address.to_string(),
        Address::Unix(path) => path.display().to_string(),
        Address::Abstract(name) => format!("abns@{}", String::from_utf8_lossy(name)),
        Address::Inherited(number) => format!("fd@{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn environment() -> Environment {
        Environment::new(&HashMap::from([("PORT".to_owned(), "8080".to_owned()), ("HOST".to_owned(), "10.0.0.9".to_owned())]))
    }

    fn resolve(name: &str) -> Vec<IpAddr> {
        match name {
            "both" => vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            _ => Vec::new(),
        }
    }

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let found = match parse_listening(word.as_bytes(), &environment(), &resolve) {
            Err(message) => message,
            Ok(addresses) => {
                let shown = addresses.iter().map(|address| match address {
                    Address::Inet(address) => address.to_string(),
                    other => format!("{other:?}"),
                });
                shown.collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(found, expected, "{word}");
    }

    #[test]
    fn listening_addresses_of_every_kind() {
        check("*:80", "0.0.0.0:80");
        check(":80,:443", "0.0.0.0:80 0.0.0.0:443");
        check("10.0.0.1:8000-8002", "10.0.0.1:8000 10.0.0.1:8001 10.0.0.1:8002");
        check("[::1]:80", "[::1]:80");
        check("::1:80", "[::1]:80");
        check(":::80", "[::]:80");
        check("ipv6@:80", "[::]:80");
        check("ipv4@both:80", "192.0.2.1:80");
        check("ipv6@both:80", "[2001:db8::1]:80");
        check("both:80", "192.0.2.1:80");
        check("$HOST:$PORT", "10.0.0.9:8080");
        check("127.0.0.1:${PORT}", "127.0.0.1:8080");
        check("fd@3", "Inherited(3)");
        check("unix@/run/x", "Unix(\"/run/x\")");
        check("/run/x", "Unix(\"/run/x\")");
        check("abns@x", "Abstract([120])");
    }

    #[test]
    fn bad_listening_addresses_are_named() {
        check("127.0.0.1", "'127.0.0.1' has no port");
        check("[::1]", "'[::1]' has no port");
        check(":0", "0 is no port to listen on, 1 to 65535 is");
        check(":99999", "'99999' is no port, 1 to 65535 is");
        check(":90-80", "'90-80' is no range of ports");
        check("nosuch:80", "'nosuch' is no address, and no host has this name");
        check("fd@x", "'x' is no file descriptor's number");
        check("foo@x:80", "'foo@' is no kind of address (ipv4@, ipv6@, unix@, abns@, fd@)");
        check("udp@:53", "'udp@' is for datagrams, and this is no place for them");
        check("ipv4@::1:80", "'::1' is an address of the other kind");
        check(":+80", "':+80': only a server's port can be an offset");
    }
}
