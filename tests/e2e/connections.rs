//! What becomes of connections after an exchange: kept on both sides, or closed with `option httpclose`, and what `Connection` says about it.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::wire::assert_same;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Case: Kept\r\n\r\nhi";

fn listen(port: u16, options: &str, origin: &Origin) -> Proxy {
    Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n{options}\n  server a 127.0.0.1:{}\n", origin.port))
}

#[test]
fn both_sides_are_kept_and_nothing_is_added_to_either_message() {
    let origin = Origin::answering(ANSWER);
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    for number in 0..3 {
        let request = format!("GET /{number} HTTP/1.1\r\nHost: e2e\r\nX-Case: Kept\r\n\r\n");
        client.send(&request);
        assert_same("to the client", &client.read_exactly(ANSWER.len()), ANSWER.as_bytes());
        assert_same("to the server", &origin.received()[number].head, request.as_bytes());
    }
    assert_eq!(origin.connections(), 1, "the connection to the server is used again");
}

#[test]
fn names_of_fields_keep_the_case_in_which_they_came() {
    if is_standing_in() {
        crate::support::tell_skipped("HAProxy 2.6 puts names of fields in lower case");
        return;
    }
    let answer = "HTTP/1.1 200 Fine Then\r\ncontent-LENGTH: 2\r\nX-oDD: 1\r\nx-odd: 2\r\n\r\nhi";
    let origin = Origin::answering(answer);
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    let request = "GET / HTTP/1.1\r\nhOST: e2e\r\nX-oDD: 1\r\nx-odd: 2\r\n\r\n";
    client.send(request);
    let raw = client.read_exactly(answer.len());
    assert_eq!(raw.escape_ascii().to_string(), answer.as_bytes().escape_ascii().to_string());
    assert_eq!(origin.only_request().head.escape_ascii().to_string(), request.as_bytes().escape_ascii().to_string());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let origin = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let path = request.start_line().split(' ').nth(1).unwrap_or_default().to_string();
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len()).as_bytes())?;
        }
        Ok(())
    });
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    client.send((0..20).map(|number| format!("GET /{number} HTTP/1.1\r\nHost: e2e\r\n\r\n")).collect::<String>());
    for number in 0..20 {
        assert_eq!(client.response().text(), format!("/{number}"));
    }
}

#[test]
fn httpclose_closes_both_sides_after_one_exchange_and_says_so() {
    let origin = Origin::answering(ANSWER);
    let port = free_port();
    let _proxy = listen(port, "  option httpclose", &origin);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
    let answer = client.read_to_end();
    assert_same("to the client", &answer, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Case: Kept\r\nConnection: close\r\n\r\nhi");
    assert_same("to the server", &origin.only_request().head, b"GET / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n");
    assert_eq!(Client::connect(port).get("/").status(), 200);
    assert_eq!(origin.connections(), 2, "each request has its own connection to the server");
}

#[test]
fn a_client_that_asks_for_close_gets_it_and_the_server_is_not_told() {
    let origin = Origin::answering(ANSWER);
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n");
    let answer = client.read_to_end();
    assert_same("to the client", &answer, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Case: Kept\r\nConnection: close\r\n\r\nhi");
    assert_same("to the server", &origin.only_request().head, b"GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
}

#[test]
fn an_old_client_is_closed_on_unless_it_asked_to_be_kept() {
    let origin = Origin::answering(ANSWER);
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert!(client.read_to_end().ends_with(b"hi"));
    let mut kept = Client::connect(port);
    for _ in 0..2 {
        kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        let answer = kept.response();
        assert_eq!(answer.text(), "hi");
        assert_eq!(answer.value("Connection").as_deref(), Some("keep-alive"));
    }
}

#[test]
fn a_server_that_closes_does_not_end_the_clients_connection() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
    });
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    for _ in 0..3 {
        let answer = client.get("/");
        assert_eq!(answer.text(), "hi");
        assert_eq!(answer.value("Connection"), None);
    }
    assert_eq!(origin.connections(), 3);
}

#[test]
fn a_message_that_is_no_http_gets_400_from_the_proxy_and_502_for_the_server() {
    let origin = Origin::answering("SOMETHING ELSE\r\n\r\n");
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let bad = Client::connect(port).ask("NOT HTTP AT ALL\r\n\r\n");
    assert_eq!(bad.status(), 400);
    assert_eq!(bad.text(), "<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n");
    assert!(origin.received().is_empty());
    let broken = Client::connect(port).get("/");
    assert_eq!(broken.status(), 502);
    assert_eq!(
        broken.text(),
        "<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n"
    );
}

#[test]
fn a_request_that_comes_byte_by_byte_is_one_request() {
    let origin = Origin::answering(ANSWER);
    let port = free_port();
    let _proxy = listen(port, "", &origin);
    let mut client = Client::connect(port);
    for number in 1..3 {
        client.dribble("GET /slow HTTP/1.1\r\nHost: e2e\r\nX-Case: Kept\r\n\r\n");
        assert_eq!(client.response().text(), "hi");
        assert_eq!(origin.received().len(), number);
    }
    assert_same("to the server", &origin.received()[1].head, b"GET /slow HTTP/1.1\r\nHost: e2e\r\nX-Case: Kept\r\n\r\n");
}
