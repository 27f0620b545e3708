//! The header that a proxy in front sends before a connection's own bytes, to say who the client is: the PROXY protocol, in its
//! text form (version 1) and its binary one (version 2). Who must send it, and for how long it is waited, is the worker's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest line of version 1, with its CRLF.
const LONGEST_LINE: usize = 107;
/// What a header of version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length.
const FIXED: usize = 16;
/// The longest header of version 2 that is taken: HAProxy's buffer.
const LONGEST_BINARY: usize = 16384;

/// A client and what it connected to, as a header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The client.
    pub source: SocketAddr,
    /// Where the client connected to.
    pub destination: SocketAddr,
}

/// What the bytes so far are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// The start of a header.
    Partial,
    /// A whole header of this many bytes. Without `ends` the connection is what it seems (`UNKNOWN`, `LOCAL`).
    Whole {
        /// Its bytes.
        length: usize,
        /// Who is connected to what.
        ends: Option<Ends>,
    },
    /// No header, nor the start of one.
    Malformed(Malformed),
}

/// What is wrong with what came instead of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Too little came to tell what it is.
    Truncated,
    /// Neither form of the protocol begins so.
    Foreign,
    /// A header begins, and does not hold what one must.
    Invalid,
    /// A family that is none of TCP4, TCP6 and UNKNOWN.
    Unhandled,
}

impl Malformed {
    /// What HAProxy logs of it.
    pub fn sentence(self) -> &'static str {
        match self {
            Malformed::Truncated => "Truncated PROXY protocol header received",
            Malformed::Foreign => "Received something which does not look like a PROXY protocol header",
            Malformed::Invalid => "Received an invalid PROXY protocol header",
            Malformed::Unhandled => "Received an unhandled protocol in the PROXY protocol header",
        }
    }
}

/// Reads a header at the start of some bytes.
pub fn parse(bytes: &[u8]) -> Greeting {
    const LINE: &[u8] = b"PROXY ";
    let begins = |start: &[u8]| bytes.iter().zip(start).all(|(byte, wanted)| byte == wanted);
    if begins(LINE) {
        return parse_line(bytes);
    }
    match bytes.len() {
        _ if begins(SIGNATURE) => parse_binary(bytes).unwrap_or(Greeting::Partial),
        ..FIXED => Greeting::Malformed(Malformed::Truncated),
        _ => Greeting::Malformed(Malformed::Foreign),
    }
}

fn parse_line(bytes: &[u8]) -> Greeting {
    let start = bytes.get(..LONGEST_LINE).unwrap_or(bytes);
    let Some(end) = start.windows(2).position(|pair| pair == b"\r\n") else {
        return if bytes.len() < LONGEST_LINE { Greeting::Partial } else { malformed_line(bytes) };
    };
    let line = start.get(..end).and_then(|line| str::from_utf8(line).ok());
    let ends = line.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["PROXY", "UNKNOWN", ..] => Some(None),
            ["PROXY", family @ ("TCP4" | "TCP6"), source, destination, source_port, destination_port] => {
                let source = SocketAddr::new(parse_ip(family, source)?, parse_port(source_port)?);
                let destination = SocketAddr::new(parse_ip(family, destination)?, parse_port(destination_port)?);
                Some(Some(Ends { source, destination }))
            }
            _ => None,
        }
    });
    match ends {
        Some(Some(ends)) => Greeting::Whole { length: end + 2, ends },
        _ => malformed_line(bytes),
    }
}

fn malformed_line(bytes: &[u8]) -> Greeting {
    let is_known = ["PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN"].iter().any(|start| bytes.starts_with(start.as_bytes()));
    Greeting::Malformed(if is_known { Malformed::Invalid } else { Malformed::Unhandled })
}

fn parse_ip(family: &str, text: &str) -> Option<IpAddr> {
    match family {
        "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        _ => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `None` while the header is not whole.
fn parse_binary(bytes: &[u8]) -> Option<Greeting> {
    let is_proxied = match bytes.get(12)? {
        0x20 => false,
        0x21 => true,
        0x22..=0x2f => return Some(Greeting::Malformed(Malformed::Invalid)),
        _ => return Some(Greeting::Malformed(Malformed::Foreign)),
    };
    let (family, high, low) = (*bytes.get(13)?, *bytes.get(14)?, *bytes.get(15)?);
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST_BINARY {
        return Some(Greeting::Malformed(Malformed::Truncated));
    }
    let addresses = bytes.get(FIXED..length)?;
    let ends = match (is_proxied, family) {
        // TCP over IPv4.
        (true, 0x11) => ends_of(addresses, |bytes: [u8; 4]| Ipv4Addr::from(bytes).into()),
        // TCP over IPv6.
        (true, 0x21) => ends_of(addresses, |bytes: [u8; 16]| Ipv6Addr::from(bytes).into()),
        // Other families say nothing of internet addresses.
        _ => return Some(Greeting::Whole { length, ends: None }),
    };
    Some(ends.map_or(Greeting::Malformed(Malformed::Invalid), |ends| Greeting::Whole { length, ends: Some(ends) }))
}

/// Two addresses and two ports; what follows them are extensions, which are passed over.
fn ends_of<const N: usize>(bytes: &[u8], address: impl Fn([u8; N]) -> IpAddr) -> Option<Ends> {
    let (source, rest) = bytes.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (source_port, rest) = rest.split_first_chunk::<2>()?;
    let (destination_port, _) = rest.split_first_chunk::<2>()?;
    Some(Ends {
        source: SocketAddr::new(address(*source), u16::from_be_bytes(*source_port)),
        destination: SocketAddr::new(address(*destination), u16::from_be_bytes(*destination_port)),
    })
}

/// Both addresses in one family; IPv4 in IPv6's clothes is taken for what it is when both are.
fn same_family(ends: Option<Ends>) -> Option<Ends> {
    let ends = ends?;
    let (source, destination) = (ends.source.ip().to_canonical(), ends.destination.ip().to_canonical());
    let (source, destination) = match (source, destination) {
        (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => (source, destination),
        (IpAddr::V4(source), destination) => (source.to_ipv6_mapped().into(), destination),
        (source, IpAddr::V4(destination)) => (source, destination.to_ipv6_mapped().into()),
    };
    Some(Ends { source: SocketAddr::new(source, ends.source.port()), destination: SocketAddr::new(destination, ends.destination.port()) })
}

/// Writes the line of version 1 (`send-proxy`).
pub fn render_line(ends: Option<Ends>, out: &mut Vec<u8>) {
    let Some(Ends { source, destination }) = same_family(ends) else { return out.extend_from_slice(b"PROXY UNKNOWN\r\n") };
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    let line = format!("PROXY {family} {} {} {} {}\r\n", source.ip(), destination.ip(), source.port(), destination.port());
    out.extend_from_slice(line.as_bytes());
}

/// Writes the header of version 2 (`send-proxy-v2`).
pub fn render_binary(ends: Option<Ends>, out: &mut Vec<u8>) {
    out.extend_from_slice(SIGNATURE);
    let Some(Ends { source, destination }) = same_family(ends) else { return out.extend_from_slice(&[0x20, 0, 0, 0]) };
    match (source.ip(), destination.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            out.extend_from_slice(&[0x21, 0x11, 0, 12]);
            out.extend_from_slice(&from.octets());
            out.extend_from_slice(&to.octets());
        }
        (from, to) => {
            out.extend_from_slice(&[0x21, 0x21, 0, 36]);
            for address in [from, to] {
                if let IpAddr::V6(address) = address {
                    out.extend_from_slice(&address.octets());
                }
            }
        }
    }
    out.extend_from_slice(&source.port().to_be_bytes());
    out.extend_from_slice(&destination.port().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(source: &str, destination: &str) -> Option<Ends> {
        Some(Ends { source: source.parse().unwrap(), destination: destination.parse().unwrap() })
    }

    /// Parsed whole, and cut anywhere, with bytes of the connection behind it.
    #[track_caller]
    fn check(header: &[u8], expected: Option<Ends>) {
        let whole = Greeting::Whole { length: header.len(), ends: expected };
        assert_eq!(parse(header), whole, "{}", header.escape_ascii());
        assert_eq!(parse(&[header, b"GET / HTTP/1.1\r\n"].concat()), whole, "{}", header.escape_ascii());
        for cut in 0..header.len() {
            assert_eq!(parse(&header[..cut]), Greeting::Partial, "{} cut at {cut}", header.escape_ascii());
        }
    }

    #[track_caller]
    fn check_malformed(header: &[u8], expected: Malformed) {
        assert_eq!(parse(header), Greeting::Malformed(expected), "{}", header.escape_ascii());
    }

    fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        [&SIGNATURE[..], &[command, family], &(body.len() as u16).to_be_bytes(), body].concat()
    }

    #[test]
    fn a_line_tells_both_ends() {
        check(b"PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\n", ends("192.0.2.1:5000", "192.0.2.2:80"));
        check(b"PROXY TCP6 2001:db8::1 ::1 65535 0\r\n", ends("[2001:db8::1]:65535", "[::1]:0"));
        check(b"PROXY UNKNOWN\r\n", None);
        check(b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", None);
        for (wrong, why) in [
            ("GET / HTTP/1.1\r\n", Malformed::Foreign),
            ("PROXZ", Malformed::Truncated),
            ("proxy TCP4", Malformed::Truncated),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 5000\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 5000 80 90\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.1  192.0.2.2 5000 80\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.256 192.0.2.2 5000 80\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 65536 80\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 +5 80\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 -5 80\r\n", Malformed::Invalid),
            ("PROXY TCP4 192.0.2.1 192.0.2.2  80\r\n", Malformed::Invalid),
            ("PROXY TCP4 ::1 ::1 5000 80\r\n", Malformed::Invalid),
            ("PROXY TCP6 192.0.2.1 192.0.2.2 5000 80\r\n", Malformed::Invalid),
            ("PROXY UDP4 192.0.2.1 192.0.2.2 5000 80\r\n", Malformed::Unhandled),
            ("PROXY \r\n", Malformed::Unhandled),
        ] {
            check_malformed(wrong.as_bytes(), why);
        }
        check_malformed(format!("PROXY UNKNOWN {}\r\n", "x".repeat(100)).as_bytes(), Malformed::Invalid);
    }

    #[test]
    fn a_binary_header_tells_both_ends() {
        let four = [192, 0, 2, 1, 192, 0, 2, 2, 0x13, 0x88, 0, 80];
        check(&binary(0x21, 0x11, &four), ends("192.0.2.1:5000", "192.0.2.2:80"));
        check(&binary(0x21, 0x11, &[&four[..], &[3, 0, 4, 1, 2, 3, 4]].concat()), ends("192.0.2.1:5000", "192.0.2.2:80"));
        let six = [&[0; 15][..], &[1], &[0; 15], &[2], &[0, 1, 0, 2]].concat();
        check(&binary(0x21, 0x21, &six), ends("[::1]:1", "[::2]:2"));
        check(&binary(0x20, 0x11, &four), None);
        check(&binary(0x20, 0, &[]), None);
        check(&binary(0x21, 0x31, &[0; 216]), None);
        check_malformed(&binary(0x21, 0x11, &four[..11]), Malformed::Invalid);
        check_malformed(&binary(0x21, 0x21, &four), Malformed::Invalid);
        check_malformed(&binary(0x22, 0x11, &four), Malformed::Invalid);
        check_malformed(&binary(0x11, 0x11, &four), Malformed::Foreign);
        check_malformed(&binary(0x21, 0x11, &[0; 20000]), Malformed::Truncated);
        check_malformed(b"\r\n\r\nGET", Malformed::Truncated);
    }

    #[test]
    fn what_is_written_reads_back() {
        for (source, destination) in [("192.0.2.1:5000", "192.0.2.2:80"), ("[2001:db8::1]:1", "[2001:db8::2]:2")] {
            for render in [render_line, render_binary] {
                let mut out = Vec::new();
                render(ends(source, destination), &mut out);
                check(&out, ends(source, destination));
            }
        }
        let line = |ends| {
            let mut out = Vec::new();
            render_line(ends, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(line(ends("[::ffff:192.0.2.1]:5", "[::ffff:192.0.2.2]:6")), "PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n");
        assert_eq!(line(ends("[2001:db8::1]:5", "192.0.2.2:6")), "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.2 5 6\r\n");
        assert_eq!(line(None), "PROXY UNKNOWN\r\n");
        let mut out = Vec::new();
        render_binary(None, &mut out);
        assert_eq!(out, binary(0x20, 0, &[]));
    }
}
