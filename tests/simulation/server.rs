//! Servers: each connection answers the requests that come on it, mostly. What may go wrong goes wrong by chance.

use crate::message::{Head, body, chunked, read_body};
use crate::random::Random;
use crate::wire::Wire;
use std::collections::HashMap;

/// Where a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Connecting(usize),
    /// At a session.
    At(usize),
    Idle,
    /// Byway is done with it.
    Left,
}

/// What follows when all of an answer is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Stay,
    Close,
    Reset,
}

pub struct Server {
    pub wire: Wire,
    pub destination: usize,
    pub place: Place,
    read: usize,
    seen: usize,
    unsent: Vec<u8>,
    then: Then,
    tunnel: Option<String>,
    /// A request is being read, and perhaps answered already.
    has_begun: bool,
    is_answered: bool,
    is_calm: bool,
}

impl Server {
    pub fn new(destination: usize, place: Place, random: &mut Random, is_calm: bool) -> Server {
        Server {
            wire: Wire::new(random.below(500)),
            destination,
            place,
            read: 0,
            seen: usize::MAX,
            unsent: Vec::new(),
            then: Then::Stay,
            tunnel: None,
            has_begun: false,
            is_answered: false,
            is_calm,
        }
    }

    /// Sends some of its answer, reads the next request, or closes.
    pub fn act(&mut self, random: &mut Random, arrived: &mut HashMap<String, usize>) {
        self.take_requests(random, arrived);
        if self.wire.ended || self.wire.reset {
            return;
        }
        let is_over = self.wire.is_over() || (self.tunnel.is_some() && random.once_in(3));
        let count = if self.unsent.is_empty() { 0 } else { random.portion(self.unsent.len()) };
        self.wire.inbound.extend(self.unsent.drain(..count));
        if !self.unsent.is_empty() {
            return;
        }
        match self.then {
            Then::Close => self.wire.ended = true,
            Then::Reset => self.wire.reset = true,
            Then::Stay => self.wire.ended = is_over || self.wire.finished || (self.place == Place::Idle && random.once_in(6)),
        }
    }

    /// All that it still has to say is said, as an idle connection is looked at.
    pub fn blurt(&mut self) {
        self.wire.inbound.append(&mut self.unsent);
    }

    fn take_requests(&mut self, random: &mut Random, arrived: &mut HashMap<String, usize>) {
        if self.wire.received.len() == self.seen {
            return;
        }
        self.seen = self.wire.received.len();
        loop {
            let rest = self.wire.received[self.read..].to_vec();
            if let Some(id) = &self.tunnel {
                assert_eq!(rest, body(&format!("u{id}"), rest.len()), "bytes of a tunnel, at the server");
                return;
            }
            if self.then != Then::Stay {
                return;
            }
            let Some(head) = Head::read(&rest) else { return };
            let mut words = head.line.split(' ');
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let id = path.trim_start_matches('/').to_string();
            let read = read_body(&head, &rest[head.length..], false, false);
            assert_eq!(read.content, body(&id, read.content.len()), "the body of another request");
            if !std::mem::replace(&mut self.has_begun, true) {
                let times = arrived.entry(id.clone()).or_default();
                *times += 1;
                // Where a backend tries again whatever the method, it says how often that may be.
                let most = head.field("x-tries").and_then(|tries| tries.parse().ok()).unwrap_or(if method == "POST" { 1 } else { 2 });
                assert!(*times <= most, "{method} {id} came {times} times");
                if head.field("expect").is_some() || random.once_in(8) {
                    self.unsent.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
                }
                self.is_answered = random.once_in(8);
                if self.is_answered {
                    self.answer(&id, method, &head, random);
                }
            }
            if !read.is_whole {
                return;
            }
            assert_eq!(Some(read.content.len().to_string().as_str()), head.field("x-length"), "a request body cut short");
            if !std::mem::replace(&mut self.is_answered, false) {
                self.answer(&id, method, &head, random);
            }
            self.read += head.length + read.used;
            self.has_begun = false;
        }
    }

    fn answer(&mut self, id: &str, method: &str, request: &Head, random: &mut Random) {
        if request.field("upgrade").is_some() && random.once_in(2) {
            let head = format!("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Id: {id}\r\n\r\n");
            self.unsent.extend_from_slice(head.as_bytes());
            self.unsent.extend(body(&format!("t{id}"), 900));
            self.tunnel = Some(id.to_string());
            return;
        }
        let length = *random.pick(&[0, 1, 20, 500, 5000, 40000]);
        let content = body(id, length);
        let mut head = format!("X-Id: {id}\r\n");
        let mut sent = Vec::new();
        let status = match random.below(10) {
            0 => "204 No Content",
            1 => "304 Not Modified",
            _ => "200 OK",
        };
        let has_none = method == "HEAD" || !status.starts_with("200");
        self.then = Then::Stay;
        if !has_none {
            head.push_str(&format!("X-Length: {length}\r\n"));
        }
        if status.starts_with("200") {
            match random.below(if method == "HEAD" { 2 } else { 3 }) {
                0 => {
                    head.push_str(&format!("Content-Length: {length}\r\n"));
                    sent = content;
                }
                1 => {
                    head.push_str("Transfer-Encoding: chunked\r\n");
                    sent = chunked(&content, &[7, 200, 9000]);
                }
                _ => {
                    sent = content;
                    self.then = Then::Close;
                }
            }
        }
        if has_none {
            sent.clear();
        }
        if random.once_in(8) {
            head.push_str("Connection: close\r\n");
            self.then = Then::Close;
        }
        let mut whole = format!("HTTP/1.1 {status}\r\n{head}\r\n").into_bytes();
        let head_length = whole.len();
        whole.append(&mut sent);
        if !self.is_calm && random.once_in(4) {
            self.spoil(&mut whole, head_length, random);
        }
        self.unsent.append(&mut whole);
    }

    /// Something goes wrong with an answer.
    fn spoil(&mut self, whole: &mut Vec<u8>, head: usize, random: &mut Random) {
        let ending = *random.pick(&[Then::Close, Then::Reset, Then::Stay]);
        match random.below(6) {
            0 => whole.clear(),
            1 => whole.truncate(random.below(head)),
            2 => whole.truncate(head + random.below(whole.len() - head + 1)),
            3 => *whole = b"\0nonsense\r\n\r\n".to_vec(),
            // Behind an answer until close it would be a part of it.
            4 if self.then == Then::Stay => whole.extend_from_slice(b"HTTP/1.1 200 OK\r\nX-Id: none\r\nContent-Length: 4\r\n\r\nevil"),
            _ => whole.splice(0..0, *b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n").for_each(drop),
        }
        self.then = ending;
    }

    /// Bytes that it is about to send.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Has all of the client's side of a tunnel come?
    pub fn tunnel_is_whole(&self) -> bool {
        self.tunnel.as_ref().is_none_or(|_| self.wire.received.len() - self.read == 700)
    }
}
