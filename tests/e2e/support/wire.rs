//! One TCP connection seen as raw bytes, with everything sent and received kept for the failure message, and messages
//! delimited by RFC 9112 section 6 in the plainest way. Used by clients and origins alike; it decides nothing about contents.

use super::{PATIENCE, show};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// One message as it stood on the wire.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The head with its empty line.
    pub head: Vec<u8>,
    /// The body without chunk framing.
    pub body: Vec<u8>,
    /// The body as it came.
    pub raw_body: Vec<u8>,
}

impl Message {
    /// The start line without CRLF.
    pub fn start_line(&self) -> String {
        self.lines().next().unwrap_or_default()
    }

    /// The status code of a response; 0 for anything else.
    pub fn status(&self) -> u16 {
        self.start_line().split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// Values of all fields of that name, whatever its case.
    pub fn values(&self, name: &str) -> Vec<String> {
        let named = |line: String| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim().to_string())
        };
        self.lines().skip(1).filter_map(named).collect()
    }

    /// Value of the first field of that name.
    pub fn value(&self, name: &str) -> Option<String> {
        self.values(name).into_iter().next()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let text = String::from_utf8_lossy(&self.head).into_owned();
        text.split("\r\n").map(str::to_string).collect::<Vec<_>>().into_iter()
    }
}

/// Which side of an exchange a message is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A request.
    Request,
    /// The response to anything but HEAD.
    Response,
    /// The response to HEAD.
    HeadResponse,
}

/// A connection.
pub struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
    /// All that was sent.
    pub sent: Vec<u8>,
    /// All that was received.
    pub received: Vec<u8>,
}

impl Wire {
    /// Takes a stream; reads and writes on it give up after `PATIENCE`.
    pub fn new(stream: TcpStream) -> io::Result<Wire> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, unread: Vec::new(), sent: Vec::new(), received: Vec::new() })
    }

    /// The stream itself.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent.extend_from_slice(bytes);
        self.stream.write_all(bytes)
    }

    /// Sends bytes one by one, each in its own segment.
    pub fn dribble(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes.chunks(1).try_for_each(|byte| self.send(byte))
    }

    /// Says that no more will be sent.
    pub fn finish(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    /// Ends the connection with a reset.
    pub fn reset(&self) -> io::Result<()> {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }

    /// Reads to the end of a head; `None` when the peer closed before its first byte.
    pub fn read_head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(Some(self.unread.drain(..at + 4).collect()));
            }
            if !self.fill()? {
                return if self.unread.is_empty() { Ok(None) } else { Err(self.cut_short("a head")) };
            }
        }
    }

    /// Reads a whole message; `None` when the peer closed before its first byte.
    pub fn read_message(&mut self, role: Role) -> io::Result<Option<Message>> {
        let Some(head) = self.read_head()? else { return Ok(None) };
        let mut message = Message { head, ..Message::default() };
        let status = message.status();
        if role == Role::HeadResponse || (role == Role::Response && (status < 200 || status == 204 || status == 304)) {
            return Ok(Some(message));
        }
        if message.value("Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            (message.raw_body, message.body) = self.read_chunked()?;
        } else if let Some(length) = message.value("Content-Length") {
            let length = length.parse().map_err(|_| io::Error::other(format!("Content-Length: {length}")))?;
            message.body = self.read_exactly(length)?;
            message.raw_body = message.body.clone();
        } else if role == Role::Response {
            message.body = self.read_to_end()?;
            message.raw_body = message.body.clone();
        }
        Ok(Some(message))
    }

    /// Reads that many bytes.
    pub fn read_exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.unread.len() < count {
            if !self.fill()? {
                return Err(self.cut_short("a body"));
            }
        }
        Ok(self.unread.drain(..count).collect())
    }

    /// Reads until the peer closes.
    pub fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        while self.fill()? {}
        Ok(std::mem::take(&mut self.unread))
    }

    /// Has nothing come for that long?
    pub fn is_silent_for(&mut self, time: Duration) -> bool {
        let _ = self.stream.set_read_timeout(Some(time));
        let outcome = self.fill();
        let _ = self.stream.set_read_timeout(Some(PATIENCE));
        self.unread.is_empty() && matches!(outcome, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    /// What was sent and received, for a failure message.
    pub fn transcript(&self) -> String {
        format!("  sent:\n{}  received:\n{}", show(&self.sent), show(&self.received))
    }

    fn read_line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.unread.windows(2).position(|window| window == b"\r\n") {
                return Ok(self.unread.drain(..at + 2).collect());
            }
            if !self.fill()? {
                return Err(self.cut_short("a chunk's size"));
            }
        }
    }

    fn read_chunked(&mut self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let (mut raw, mut body) = (Vec::new(), Vec::new());
        loop {
            let line = self.read_line()?;
            let digits = String::from_utf8_lossy(&line);
            let digits = digits.split(';').next().unwrap_or_default().trim_end().to_string();
            let size = usize::from_str_radix(&digits, 16).map_err(|_| io::Error::other(format!("chunk size '{digits}'")))?;
            raw.extend_from_slice(&line);
            if size == 0 {
                break;
            }
            let data = self.read_exactly(size + 2)?;
            raw.extend_from_slice(&data);
            body.extend_from_slice(data.get(..size).unwrap_or_default());
        }
        loop {
            let line = self.read_line()?;
            raw.extend_from_slice(&line);
            if line == b"\r\n" {
                return Ok((raw, body));
            }
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        let mut piece = [0; 65536];
        let count = self.stream.read(&mut piece)?;
        let read = piece.get(..count).unwrap_or_default();
        self.unread.extend_from_slice(read);
        self.received.extend_from_slice(read);
        Ok(count > 0)
    }

    fn cut_short(&self, what: &str) -> io::Error {
        io::Error::new(ErrorKind::UnexpectedEof, format!("the peer closed within {what} after {} bytes", self.received.len()))
    }
}

/// A message with the names of its fields in lower case, which is all that may differ between two proxies.
pub fn fold_names(message: &[u8]) -> Vec<u8> {
    let end = message.windows(4).position(|window| window == b"\r\n\r\n").map_or(message.len(), |at| at + 4);
    let (head, body) = message.split_at(end);
    let mut folded = Vec::new();
    for (index, line) in head.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let colon = line.iter().position(|byte| *byte == b':').filter(|_| index > 0).unwrap_or(0);
        let (name, rest) = line.split_at(colon);
        folded.extend(name.to_ascii_lowercase());
        match rest.strip_prefix(b":").filter(|_| colon > 0) {
            Some(value) => folded.extend([b": ", value.trim_ascii(), b"\r\n"].concat()),
            None => folded.extend_from_slice(rest),
        }
    }
    folded.extend_from_slice(body);
    folded
}

/// Fails unless two messages are the same bytes, the case of field names aside.
#[track_caller]
pub fn assert_same(what: &str, actual: &[u8], expected: &[u8]) {
    let (actual, expected) = (fold_names(actual), fold_names(expected));
    assert!(actual == expected, "{what}:\n  got\n{}  expected\n{}", show(&actual), show(&expected));
}
