//! Clients: each sends requests that bear its own ids, and holds that what comes back are answers to just these, in order.

use crate::message::{Head, body, chunked, read_body};
use crate::random::Random;
use crate::wire::Wire;

/// One request.
pub struct Request {
    pub id: String,
    pub method: &'static str,
    is_http10: bool,
    expects: bool,
    pub upgrades: bool,
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Request {
    fn new(id: String, random: &mut Random, is_calm: bool) -> Request {
        let method = *random.pick(&["GET", "GET", "GET", "HEAD", "POST", "POST", "PUT"]);
        let is_http10 = random.once_in(6);
        let upgrades = !is_http10 && method == "GET" && random.once_in(8);
        let mut head = format!("{method} /{id} HTTP/1.{}\r\nHost: h\r\n", u8::from(!is_http10));
        if is_http10 && random.once_in(2) {
            head.push_str("Connection: keep-alive\r\n");
        } else if random.once_in(12) {
            head.push_str("Connection: close\r\n");
        } else if upgrades {
            head.push_str("Connection: Upgrade\r\nUpgrade: echo\r\n");
        }
        if random.once_in(4) {
            head.push_str(&format!("Cookie: x=1; SID={}; y=2\r\n", random.pick(&["A", "B", "Z"])));
        }
        let length = if matches!(method, "POST" | "PUT") { *random.pick(&[0, 1, 10, 300, 5000, 40000]) } else { 0 };
        let plain = body(&id, length);
        let is_chunked = !is_http10 && random.once_in(2);
        let expects = !is_http10 && length > 0 && random.once_in(4);
        let body = match (length, is_chunked) {
            (0, _) => Vec::new(),
            (_, true) => chunked(&plain, &[1, 100, 3000]),
            (_, false) => plain,
        };
        head.push_str(&format!("X-Length: {length}\r\n"));
        if expects {
            head.push_str("Expect: 100-continue\r\n");
        }
        if is_chunked && length > 0 {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else if matches!(method, "POST" | "PUT") {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        head.push_str("\r\n");
        if !is_calm && random.once_in(30) {
            head = random.pick(&["nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /\0 HTTP/1.1\r\n\r\n"]).to_string();
        }
        Request { id, method, is_http10, expects, upgrades, head: head.into_bytes(), body }
    }
}

pub struct Client {
    pub wire: Wire,
    pub requests: Vec<Request>,
    /// Requests whose head was given to `unsent`.
    begun: usize,
    pub answered: usize,
    depth: usize,
    unsent: Vec<u8>,
    waits_for_100: bool,
    read: usize,
    seen: usize,
    pub tunnel: Option<String>,
    /// The last answer said so, or a page of byway's own came.
    pub is_told_to_close: bool,
    /// A page of byway's own.
    pub pages: usize,
    closes_early: bool,
    resets_at: Option<usize>,
    sent: usize,
}

impl Client {
    pub fn new(number: usize, random: &mut Random, is_calm: bool) -> Client {
        let requests = (0..1 + random.below(5)).map(|at| Request::new(format!("c{number}r{at}"), random, is_calm)).collect();
        Client {
            wire: Wire::new(random.below(200)),
            requests,
            begun: 0,
            answered: 0,
            depth: 1 + random.below(3),
            unsent: Vec::new(),
            waits_for_100: false,
            read: 0,
            seen: 0,
            tunnel: None,
            is_told_to_close: false,
            pages: 0,
            closes_early: random.once_in(4),
            resets_at: (!is_calm && random.once_in(5)).then(|| random.below(1000)),
            sent: 0,
        }
    }

    /// Sends some, begins the next request, or closes.
    pub fn act(&mut self, random: &mut Random) {
        if self.wire.is_over() || self.wire.ended {
            return;
        }
        if self.resets_at.is_some_and(|at| self.sent >= at) {
            self.wire.reset = true;
            return;
        }
        self.begin();
        let count = if self.unsent.is_empty() { 0 } else { random.portion(self.unsent.len()) };
        self.wire.inbound.extend(self.unsent.drain(..count));
        self.sent += count;
        let is_done = self.begun == self.requests.len() && self.unsent.is_empty() && !self.waits_for_100;
        let may_upgrade = self.requests.last().is_some_and(|request| request.upgrades);
        let may_close = (self.closes_early && !may_upgrade) || self.answered == self.requests.len() || self.tunnel.is_some();
        self.wire.ended = (is_done && may_close) || self.is_told_to_close;
    }

    fn begin(&mut self) {
        while !self.waits_for_100 && self.begun < self.requests.len() && self.begun < self.answered + self.depth {
            // Nothing is sent behind what may become a tunnel.
            if self.begun > self.answered && self.requests[self.begun - 1].upgrades {
                return;
            }
            let request = &self.requests[self.begun];
            self.unsent.extend_from_slice(&request.head);
            self.waits_for_100 = request.expects;
            if !request.expects {
                self.unsent.extend_from_slice(&request.body);
            }
            self.begun += 1;
        }
    }

    fn go_on(&mut self) {
        if std::mem::take(&mut self.waits_for_100) {
            let body = self.requests[self.begun - 1].body.clone();
            self.unsent.extend_from_slice(&body);
        }
    }

    /// Reads what has come, and holds that it is what this client may get.
    pub fn check(&mut self, is_calm: bool) {
        let over = self.wire.closed.is_some() && self.wire.is_over();
        if self.wire.received.len() == self.seen && !over {
            return;
        }
        self.seen = self.wire.received.len();
        loop {
            let rest = self.wire.received[self.read..].to_vec();
            if let Some(id) = &self.tunnel {
                assert_eq!(rest, body(&format!("t{id}"), rest.len()), "bytes of a tunnel");
                return;
            }
            let Some(head) = Head::read(&rest) else { break };
            assert!(!self.is_told_to_close, "an answer after the last one: {}", head.line);
            if head.line == "HTTP/1.0 200 OK" {
                return;
            }
            let request = self.requests.get(self.answered).unwrap_or_else(|| panic!("an answer that nobody asked for: {}", head.line));
            let status = head.status();
            if let Some(id) = head.field("x-id") {
                assert_eq!(id, request.id, "the answer to another request");
                assert!(self.begun > self.answered, "an answer before its request");
            }
            if (100..200).contains(&status) && status != 101 {
                assert!(!request.is_http10, "an interim answer to an HTTP/1.0 client");
                self.read += head.length;
                if status == 100 {
                    self.go_on();
                }
                continue;
            }
            if status == 101 {
                assert!(request.upgrades, "an upgrade that was not asked for");
                self.read += head.length;
                self.tunnel = Some(request.id.clone());
                self.unsent.extend(body(&format!("u{}", request.id), 700));
                self.begun = self.requests.len();
                continue;
            }
            let has_none = request.method == "HEAD" || matches!(status, 204 | 304);
            let read = read_body(&head, &rest[head.length..], has_none, true);
            let is_page = head.field("x-id").is_none();
            let is_whole = match head.field("x-length").map(|length| length.parse::<usize>()) {
                Some(Ok(length)) if !has_none => {
                    assert!(read.content == body(&request.id, read.content.len()), "the body of another answer than {}'s", request.id);
                    let by_close = head.field("content-length").is_none() && head.field("transfer-encoding").is_none();
                    assert!(!read.is_whole || read.content.len() == length, "a body cut short");
                    assert!(!is_calm || !by_close || !over || read.content.len() == length, "a body until close, cut short");
                    read.is_whole || (by_close && over)
                }
                _ => read.is_whole,
            };
            if is_page && is_whole {
                assert!(matches!(status, 400 | 403 | 408 | 500 | 502 | 503 | 504), "a page of byway's own: {}", head.line);
                assert_eq!(head.field("connection"), Some("close"));
                assert!(!is_calm, "{}: {}", request.id, head.line);
                self.pages += 1;
            }
            if !is_whole {
                break;
            }
            self.is_told_to_close |= head.field("connection") == Some("close");
            self.read += head.length + read.used;
            self.answered += 1;
            if self.begun == self.answered {
                self.waits_for_100 = false;
            }
        }
        if is_calm && over {
            assert_eq!(self.read, self.wire.received.len(), "an answer that was cut off");
        }
    }

    /// Bytes that it is about to send.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// In a calm world, all that was asked is answered.
    pub fn check_end(&self) {
        let is_answered = self.answered == self.requests.len() || self.is_told_to_close || self.tunnel.is_some();
        assert!(is_answered, "{} of {} answered", self.answered, self.requests.len());
        if self.tunnel.is_some() {
            assert_eq!(self.wire.received.len() - self.read, 900, "all of the tunnel");
        }
    }
}
