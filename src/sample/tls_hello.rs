//! What fetches read from the hello that a TLS connection begins with (RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 7301), so
//! that `mode tcp` can choose a backend by the name that the client asks for. Nothing is decrypted, and nothing is checked beyond that.

use super::arguments::Argument;
use super::content::{Peeked, Sender};
use super::{Scene, Value};

/// `ContentType` handshake.
const HANDSHAKE: u8 = 22;
/// `HandshakeType` client_hello.
const CLIENT_HELLO: u8 = 1;
/// The `ContentType`s of SSL 3.0 and TLS.
const RECORD_TYPES: std::ops::RangeInclusive<u8> = 20..=23;
/// Bytes of a handshake message's header.
const MESSAGE_HEADER: usize = 4;
/// The longest record: 2^14 bytes and what protection may add (RFC 5246 section 6.2.3).
const LONGEST_RECORD: usize = 16384 + 2048;
/// Bytes of a hello's `random`.
const RANDOM: usize = 32;
/// `ExtensionType` server_name.
const SERVER_NAME: u16 = 0;
/// `ExtensionType` application_layer_protocol_negotiation.
const ALPN: u16 = 16;

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// More bytes would tell.
    Bytes,
    /// It is no hello, or has no such part.
    Hello,
}

/// Bytes that are taken from the front. Where they end too early, this is the fault.
struct Taker<'a> {
    rest: &'a [u8],
    lack: Lack,
}

impl<'a> Taker<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Lack> {
        let (front, rest) = self.rest.split_at_checked(count).ok_or(self.lack)?;
        self.rest = rest;
        Ok(front)
    }

    /// A big-endian integer of so many bytes.
    fn int(&mut self, bytes: usize) -> Result<usize, Lack> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// What a length of so many bytes measures.
    fn vector(&mut self, length_bytes: usize) -> Result<Taker<'a>, Lack> {
        let length = self.int(length_bytes)?;
        Ok(Taker { rest: self.take(length)?, lack: Lack::Hello })
    }
}

/// `req.ssl_hello_type`
pub fn request_type<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    peek(scene, Sender::Client, |bytes| message_type(bytes).map(|kind| Value::Int(i64::from(kind))))
}

/// `res.ssl_hello_type`
pub fn response_type<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    peek(scene, Sender::Server, |bytes| message_type(bytes).map(|kind| Value::Int(i64::from(kind))))
}

/// `req.ssl_ver`
pub fn request_version<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    peek(scene, Sender::Client, |bytes| version(bytes).map(Value::Int))
}

/// `req.ssl_sni`
pub fn server_name<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    peek(scene, Sender::Client, |bytes| scan_server_name(bytes).map(Value::text))
}

/// `req.ssl_alpn`: the protocol that the client likes best.
pub fn protocol<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    peek(scene, Sender::Client, |bytes| scan_protocol(bytes).map(Value::text))
}

fn peek<'a>(scene: &Scene<'a>, sender: Sender, read: impl FnOnce(&'a [u8]) -> Result<Value<'a>, Lack>) -> Peeked<'a> {
    match scene.content.raw(sender).map(read) {
        Some(Ok(value)) => Peeked::Now(value),
        Some(Err(Lack::Bytes)) => Peeked::NotYet,
        Some(Err(Lack::Hello)) | None => Peeked::Never,
    }
}

/// The first record: its header, and what there is of its content.
fn record(bytes: &[u8]) -> Result<(usize, Taker<'_>), Lack> {
    let mut taker = Taker { rest: bytes, lack: Lack::Bytes };
    if !RECORD_TYPES.contains(taker.take(1)?.first().unwrap_or(&0)) {
        return Err(Lack::Hello);
    }
    if taker.int(1)? < 3 {
        return Err(Lack::Hello);
    }
    taker.take(1)?;
    let length = taker.int(2)?;
    match (MESSAGE_HEADER..=LONGEST_RECORD).contains(&length) {
        true => Ok((length, taker)),
        false => Err(Lack::Hello),
    }
}

/// The type of the first handshake message, once all of the message is there.
fn message_type(bytes: &[u8]) -> Result<u8, Lack> {
    let (_, mut content) = record(bytes)?;
    let kind = content.int(1)?;
    content.vector(3)?;
    Ok(u8::try_from(kind).unwrap_or(u8::MAX))
}

/// The client's version, major and minor in 16 bits each, once all of the record is there.
fn version(bytes: &[u8]) -> Result<i64, Lack> {
    let (length, mut content) = record(bytes)?;
    let mut content = Taker { rest: content.take(length)?, lack: Lack::Hello };
    content.take(MESSAGE_HEADER)?;
    let (major, minor) = (content.int(1)?, content.int(1)?);
    Ok((major << 16 | minor) as i64)
}

/// The content of an extension of a client's hello, once all of the first record is there.
fn extension(bytes: &[u8], wanted: u16) -> Result<Taker<'_>, Lack> {
    if bytes.first().is_some_and(|kind| *kind != HANDSHAKE) {
        return Err(Lack::Hello);
    }
    let (length, mut content) = record(bytes)?;
    if content.rest.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
        return Err(Lack::Hello);
    }
    let mut record = Taker { rest: content.take(length)?, lack: Lack::Hello };
    record.take(1)?;
    let mut hello = record.vector(3)?;
    if hello.int(1)? < 3 {
        return Err(Lack::Hello);
    }
    hello.take(1 + RANDOM)?;
    let (_session, _ciphers, _compressions) = (hello.vector(1)?, hello.vector(2)?, hello.vector(1)?);
    let mut extensions = hello.vector(2)?;
    loop {
        let kind = extensions.int(2)?;
        let content = extensions.vector(2)?;
        if kind == usize::from(wanted) {
            return Ok(content);
        }
    }
}

/// The first name of type host_name.
fn scan_server_name(bytes: &[u8]) -> Result<&[u8], Lack> {
    let mut names = extension(bytes, SERVER_NAME)?.vector(2)?;
    loop {
        let kind = names.int(1)?;
        let name = names.vector(2)?;
        if kind == 0 {
            return Ok(name.rest);
        }
    }
}

fn scan_protocol(bytes: &[u8]) -> Result<&[u8], Lack> {
    let mut protocols = extension(bytes, ALPN)?.vector(2)?;
    let first = protocols.vector(1)?.rest;
    if first.is_empty() { Err(Lack::Hello) } else { Ok(first) }
}

/// A client's hello for tests: its extensions as type and content.
#[cfg(test)]
pub(crate) fn hello(extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let with_length = |bytes: &[u8], length_bytes: usize| [&bytes.len().to_be_bytes()[8 - length_bytes..], bytes].concat();
    let listed = extensions.iter().flat_map(|(kind, content)| [&kind.to_be_bytes()[..], &with_length(content, 2)].concat());
    let listed: Vec<u8> = listed.collect();
    let body =
        [&[3, 3][..], &[7; RANDOM], &with_length(b"", 1), &with_length(&[0x13, 1], 2), &with_length(&[0], 1), &with_length(&listed, 2)];
    let message = [&[CLIENT_HELLO][..], &with_length(&body.concat(), 3)].concat();
    [&[HANDSHAKE, 3, 1][..], &with_length(&message, 2)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Vec<u8> {
        let entry = [&[0][..], &(name.len() as u16).to_be_bytes(), name.as_bytes()].concat();
        let list = [&(entry.len() as u16).to_be_bytes()[..], &entry].concat();
        hello(&[(10, &[0, 2, 0, 29]), (SERVER_NAME, &list), (ALPN, b"\x00\x0c\x02h2\x08http/1.1")])
    }

    #[test]
    fn a_hello_tells_its_parts_once_its_last_byte_is_there() {
        let whole = named("www.example");
        for length in 0..whole.len() {
            let part = &whole[..length];
            assert_eq!(scan_server_name(part), Err(Lack::Bytes), "{length}");
            assert_eq!(scan_protocol(part), Err(Lack::Bytes), "{length}");
            assert_eq!(version(part), Err(Lack::Bytes), "{length}");
            assert_eq!(message_type(part), Err(Lack::Bytes), "{length}");
        }
        let more = [&whole[..], b"more"].concat();
        for bytes in [&whole, &more] {
            assert_eq!(scan_server_name(bytes), Ok(&b"www.example"[..]));
            assert_eq!(scan_protocol(bytes), Ok(&b"h2"[..]));
            assert_eq!(version(bytes), Ok(0x0003_0003));
            assert_eq!(message_type(bytes), Ok(CLIENT_HELLO));
        }
    }

    #[test]
    fn what_is_no_hello_is_told_at_once() {
        let check = |bytes: &[u8]| assert_eq!(scan_server_name(bytes), Err(Lack::Hello), "{bytes:?}");
        check(b"GET / HTTP/1.1\r\n");
        check(&[HANDSHAKE, 2]);
        check(&[HANDSHAKE, 3, 1, 0, 0]);
        check(&[HANDSHAKE, 3, 1, 0xff, 0xff]);
        check(&[HANDSHAKE, 3, 3, 0, 40, 2]);
        check(&[23, 3, 3, 0, 40, 1]);
        check(&hello(&[]));
        check(&hello(&[(SERVER_NAME, b"\x00\x09\x00\x00\x20short")]));
    }

    #[test]
    fn no_byte_of_a_hello_can_lead_astray() {
        let whole = named("www.example");
        for at in 0..whole.len() {
            for byte in [0, 1, 3, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = byte;
                let _ = (scan_server_name(&changed), scan_protocol(&changed), version(&changed), message_type(&changed));
            }
        }
    }

    #[test]
    fn types_of_other_messages_are_told_too() {
        assert_eq!(message_type(&[HANDSHAKE, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3]), Ok(2));
        assert_eq!(message_type(&[HANDSHAKE, 3, 3, 0, 6, 2, 0, 0, 3, 3, 3]), Err(Lack::Bytes));
        assert_eq!(message_type(b"HTTP/1.1 200"), Err(Lack::Hello));
    }
}
