//! Bodies both ways: Content-Length, chunked and until close; large ones, ones that come byte by byte, and answers that have none.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::wire::{Message, assert_same};
use std::sync::Arc;

fn listen(origin: &Origin) -> (Proxy, u16) {
    let port = free_port();
    let proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n", origin.port));
    (proxy, port)
}

/// Bytes that repeat nowhere nearby, so that a piece lost, doubled or moved is seen.
fn pattern(length: usize) -> Vec<u8> {
    let mut state: u32 = 12345;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// An origin that reads a request with its body and says how long the body was.
fn measuring() -> Origin {
    Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let length = request.body.len().to_string();
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{length}", length.len()).as_bytes())?;
        }
        Ok(())
    })
}

#[track_caller]
fn check_upload(head: &str, raw_body: &[u8], body: &[u8]) {
    let origin = measuring();
    let (_proxy, port) = listen(&origin);
    let mut client = Client::connect(port);
    for round in 0..2 {
        let mut request = head.as_bytes().to_vec();
        request.extend_from_slice(raw_body);
        let answer = client.ask(request);
        assert_eq!(answer.text(), body.len().to_string());
        let received: Message = origin.received().remove(round);
        assert_same("to the server", &received.head, head.as_bytes());
        assert!(received.body == body, "the body came through unchanged");
    }
    assert_eq!(origin.connections(), 1);
}

#[track_caller]
fn check_download(response: Vec<u8>, body: &[u8], kept: bool) {
    let answer = response.clone();
    let origin = Origin::script(move |visit| {
        while visit.request()?.is_some() {
            visit.wire.send(&answer)?;
            if !kept {
                break;
            }
        }
        Ok(())
    });
    let (_proxy, port) = listen(&origin);
    let mut client = Client::connect(port);
    for _ in 0..2 {
        if !kept {
            client = Client::connect(port);
        }
        let message = client.get("/");
        assert!(message.body == body, "{} bytes of {} came through unchanged", message.body.len(), body.len());
        let head_length = response.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
        if message.values("Connection").is_empty() {
            assert_same("to the client", &message.head, &response[..head_length]);
        } else {
            assert!(!kept, "only an answer until close may say that it closes");
        }
    }
}

#[test]
fn a_request_with_content_length_reaches_the_server() {
    check_upload("POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 5\r\n\r\n", b"hello", b"hello");
    check_upload("POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 0\r\n\r\n", b"", b"");
    let body = pattern(8 << 20);
    check_upload(&format!("PUT /big HTTP/1.1\r\nHost: e2e\r\nContent-Length: {}\r\n\r\n", body.len()), &body, &body);
}

#[test]
fn a_chunked_request_reaches_the_server() {
    let head = "POST / HTTP/1.1\r\nHost: e2e\r\nTransfer-Encoding: chunked\r\n\r\n";
    check_upload(head, b"0\r\n\r\n", b"");
    check_upload(head, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world");
    let body = pattern(8 << 20);
    check_upload(head, &chunked(&body, 70_001), &body);
}

#[test]
fn an_answer_with_content_length_reaches_the_client() {
    check_download(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec(), b"hello", true);
    let body = pattern(8 << 20);
    let mut response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    response.extend_from_slice(&body);
    check_download(response, &body, true);
}

#[test]
fn a_chunked_answer_reaches_the_client() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    check_download([&head[..], b"5\r\nhello\r\n0\r\n\r\n"].concat(), b"hello", true);
    let body = pattern(8 << 20);
    check_download([&head[..], &chunked(&body, 33_333)].concat(), &body, true);
}

#[test]
fn an_answer_that_ends_with_the_connection_reaches_the_client_whole() {
    check_download(b"HTTP/1.1 200 OK\r\n\r\nhello".to_vec(), b"hello", false);
    check_download(b"HTTP/1.0 200 OK\r\n\r\n".to_vec(), b"", false);
    let body = pattern(8 << 20);
    check_download([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &body].concat(), &body, false);
}

#[test]
fn bodies_that_come_byte_by_byte_are_passed_on() {
    let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello world",
    ];
    let requests = [
        "POST /0 HTTP/1.1\r\nHost: e2e\r\nContent-Length: 11\r\n\r\nhello world",
        "POST /1 HTTP/1.1\r\nHost: e2e\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        "GET /2 HTTP/1.1\r\nHost: e2e\r\n\r\n",
    ];
    let origin = Origin::script(move |visit| {
        while let Some(request) = visit.request()? {
            let index = request.start_line().bytes().find(u8::is_ascii_digit).map_or(0, |digit| usize::from(digit - b'0'));
            visit.wire.dribble(answers[index].as_bytes())?;
            if index == 2 {
                break;
            }
        }
        Ok(())
    });
    let (_proxy, port) = listen(&origin);
    let mut client = Client::connect(port);
    for request in requests {
        client.dribble(request);
        assert_eq!(client.response().text(), "hello world", "{request}");
    }
    client.expect_close();
    assert_eq!(origin.received()[1].body, b"hello world");
}

#[test]
fn answers_without_a_body_end_with_their_head() {
    let origin = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let answer: &[u8] = match request.start_line().as_str() {
                "HEAD / HTTP/1.1" => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
                "GET /304 HTTP/1.1" => b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n",
                "GET /204 HTTP/1.1" => b"HTTP/1.1 204 No Content\r\n\r\n",
                _ => b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast",
            };
            visit.wire.send(answer)?;
        }
        Ok(())
    });
    let (_proxy, port) = listen(&origin);
    let mut client = Client::connect(port);
    client.send("HEAD / HTTP/1.1\r\nHost: e2e\r\n\r\n");
    assert_eq!(client.head_response().value("Content-Length").as_deref(), Some("1000"));
    assert_eq!(client.get("/304").status(), 304);
    assert_eq!(client.get("/204").status(), 204);
    assert_eq!(client.get("/200").text(), "last");
    assert_eq!(origin.connections(), 1);
}

#[test]
fn an_interim_answer_is_passed_on_before_the_final_one() {
    let origin = Origin::script(|visit| {
        let head = visit.wire.read_head()?.unwrap_or_default();
        visit.wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        let body = visit.wire.read_exactly(5)?;
        visit.record(Message { head, raw_body: body.clone(), body });
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
    });
    let (_proxy, port) = listen(&origin);
    let mut client = Client::connect(port);
    client.send("POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.response().status(), 100);
    client.send("hello");
    assert_eq!(client.response().text(), "done");
    assert_eq!(origin.only_request().body, b"hello");
}

#[test]
fn many_large_answers_at_once_stay_apart() {
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((0..8).map(|number| vec![b'a' + number; 1 << 20]).collect());
    let served = Arc::clone(&bodies);
    let origin = Origin::script(move |visit| {
        while let Some(request) = visit.request()? {
            let index = request.start_line().as_bytes().get(5).map_or(0, |digit| usize::from(digit - b'0'));
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", served[index].len()).as_bytes())?;
            visit.wire.send(&served[index])?;
        }
        Ok(())
    });
    let (_proxy, port) = listen(&origin);
    let mut clients: Vec<Client> = (0..8).map(|_| Client::connect(port)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(format!("GET /{number} HTTP/1.1\r\nHost: e2e\r\n\r\n"));
    }
    for (number, client) in clients.iter_mut().enumerate() {
        assert!(client.response().body == bodies[number], "answer {number} is its own");
    }
}

#[test]
fn a_body_cut_short_by_the_server_is_cut_short_for_the_client() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    });
    let (_proxy, port) = listen(&origin);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
    let bytes = client.read_to_end();
    assert!(bytes.ends_with(b"\r\n\r\nonly this"), "{}", bytes.escape_ascii());
}

#[test]
fn a_server_that_resets_instead_of_answering_gives_502() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.wire.reset()
    });
    let (_proxy, port) = listen(&origin);
    assert_eq!(Client::connect(port).get("/").status(), 502);
}
