//! What waits: first bytes for rules, requests and responses for their bodies, with every input cut at each byte.

use super::stage::{C, ClientEnds, Exchange, S, ServerEnds, Wait, check};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const RAW: &str = "mode tcp\n tcp-request inspect-delay 500ms\n";

#[test]
fn first_bytes_are_waited_for() {
    let raw = |front: &'static str, script, to_server, to_client, log| {
        check(&Exchange {
            shows: front,
            front: Box::leak(format!("{RAW}{front}").into_boxed_str()),
            back: "mode tcp",
            script,
            to_server,
            to_client,
            log,
        });
    };
    raw(
        "tcp-request content accept if { req.len ge 5 }\n tcp-request content reject",
        &[Wait(2), C("hello, all"), S("welcome"), ClientEnds, ServerEnds],
        "<a>hello, all<fin>",
        "welcome<end>",
        "f b/a 2/0/2 7 -- 1/1/0/0/0 0/0",
    );
    raw(
        "tcp-request content accept if { req.len ge 5 }\n tcp-request content reject",
        &[Wait(2), C("hell"), Wait(600)],
        "",
        "<cut>",
        "f f/<NOSRV> -1/-1/501 0 PR 1/1/0/0/0 0/0",
    );
    raw(
        "tcp-request content reject if !{ req.payload(0,2) -m str he }",
        &[Wait(2), C("hello"), ClientEnds, ServerEnds],
        "<a>hello<fin>",
        "<end>",
        "f b/a 2/0/2 0 -- 1/1/0/0/0 0/0",
    );
    raw(
        "tcp-request content reject if { req.payload(0,2) -m str he }",
        &[Wait(2), C("he")],
        "",
        "<cut>",
        "f f/<NOSRV> -1/-1/2 0 PR 1/1/0/0/0 0/0",
    );
    raw(
        "tcp-request content accept if WAIT_END",
        &[C("hello"), Wait(600), S("hi"), ServerEnds, ClientEnds],
        "<a>hello",
        "hi<fin><end>",
        "f b/a 500/0/600 2 -- 1/1/0/0/0 0/0",
    );
}

#[test]
fn bodies_are_waited_for_and_go_on_as_they_came() {
    let chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    let sized = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    for (sent, body) in [(sized, "hello"), (chunked, "hello")] {
        let (head, rest) = sent.split_once("\r\n\r\n").expect("a head");
        check(&Exchange {
            shows: "a buffered request, and another behind it",
            front: "option http-buffer-request\n http-request set-header X-B %[req.body]",
            back: "",
            script: Box::leak(Box::new([C(sent), S(OK), C(sent), S(OK), ClientEnds])),
            to_server: Box::leak(
                format!("<a>{head}\r\nX-B: {body}\r\n\r\n{rest}<a again>{head}\r\nX-B: {body}\r\n\r\n{rest}").into_boxed_str(),
            ),
            to_client: Box::leak(format!("{OK}{OK}<end>").into_boxed_str()),
            log: "f b/a 0/0/0/0/0 200 40 - - ---- 1/1/0/0/0 0/0 \"POST / HTTP/1.1\"\nf b/a 0/0/0/0/0 200 40 - - ---- 1/1/0/0/0 0/0 \"POST / HTTP/1.1\"",
        });
    }
}

#[test]
fn answers_are_waited_for_and_go_on_as_they_came() {
    let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ];
    for answer in answers {
        let (head, rest) = answer.split_once("\r\n\r\n").expect("a head");
        let told = format!("{head}\r\nX-B: hello\r\n\r\n{rest}");
        check(&Exchange {
            shows: "an answer that is waited for, and another behind it",
            front: "",
            back: "http-response wait-for-body time 1s\n http-response set-header X-B %[res.body]",
            script: Box::leak(Box::new([C(get), S(answer), C(get), S(answer), ClientEnds])),
            to_server: "<a>GET / HTTP/1.1\r\nHost: h\r\n\r\n<a again>GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            to_client: Box::leak(format!("{told}{told}<end>").into_boxed_str()),
            log: Box::leak(
                vec![format!("f b/a 0/0/0/0/0 200 {} - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"", told.len()); 2]
                    .join("\n")
                    .into_boxed_str(),
            ),
        });
    }
}
