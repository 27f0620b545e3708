//! Statistics as a session answers them: who may see them, forms whole and in pieces, what is logged. What they say is tested in `stats`.

use super::stage::{C, ClientResets, Exchange, Wait, check};

#[rustfmt::skip]
static EXCHANGES: &[Exchange] = &[
    Exchange {
        shows: "an empty scrape, and the connection is kept",
        front: "http-request use-service prometheus-exporter if { path /metrics }",
        back: "",
        script: &[C("GET /metrics?scope= HTTP/1.1\r\nHost: h\r\n\r\nGET /metrics?scope= HTTP/1.0\r\n\r\n")],
        to_server: "",
        to_client: "HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/plain; version=0.0.4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
            HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n\r\n<end>",
        log: "f f/<PROMEX> 0/0/0/0/0 200 118 - - LR-- 1/1/0/0/0 0/0 \"GET /metrics?scope= HTTP/1.1\"\nf f/<PROMEX> 0/0/0/0/0 200 104 - - LR-- 1/1/0/0/0 0/0 \"GET /metrics?scope= HTTP/1.0\"",
    },
    Exchange {
        shows: "a scrape that is not understood is refused",
        front: "http-request use-service prometheus-exporter",
        back: "",
        script: &[C("GET /?scope=x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")],
        to_server: "",
        to_client: "HTTP/1.1 400 Bad request\r\nContent-Length: 90\r\nCache-Control: no-cache\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n<end>",
        log: "f f/<PROMEX> 0/0/0/-1/0 400 207 - - LR-- 1/1/0/0/0 0/0 \"GET /?scope=x HTTP/1.1\"",
    },
    Exchange {
        shows: "HEAD gets the head alone, with the refresh that is set",
        front: "stats uri /s\nstats refresh 5s",
        back: "",
        script: &[C("HEAD /s;csv HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")],
        to_server: "",
        to_client: "HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/plain\r\nRefresh: 5\r\nConnection: close\r\n\r\n<end>",
        log: "f f/<STATS> 0/0/0/0/0 200 101 - - LR-- 1/1/0/0/0 0/0 \"HEAD /s;csv HTTP/1.1\"",
    },
    Exchange {
        shows: "nobody without a name sees the page, and the connection is kept",
        front: "stats auth a:b",
        back: "",
        script: &[C("GET /haproxy?stats HTTP/1.1\r\nHost: h\r\n\r\n"), C("HEAD /haproxy?stats;csv HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpi\r\nConnection: close\r\n\r\n")],
        to_server: "",
        to_client: "HTTP/1.1 401 Unauthorized\r\nContent-Length: 112\r\nCache-Control: no-cache\r\nContent-Type: text/html\r\nWWW-Authenticate: Basic realm=\"HAProxy Statistics\"\r\n\r\n\
            <html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this content.\n</body></html>\n\
            HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n<end>",
        log: "f f/<STATS> 0/0/0/-1/0 401 264 - - LR-- 1/1/0/0/0 0/0 \"GET /haproxy?stats HTTP/1.1\"\nf f/<STATS> 0/0/0/0/0 200 89 - - LR-- 1/1/0/0/0 0/0 \"HEAD /haproxy?stats;csv HTTP/1.1\"",
    },
    Exchange {
        shows: "a form is taken whole before anything is done",
        front: "stats uri /s\nstats admin if TRUE",
        back: "",
        script: &[C("POST /s HTTP/1.1\r\nHost: h\r\nContent-Length: 22\r\n\r\ns=a&action=maint&b=b\r\nPOST /s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\ns=a\r\n11;x\r\n&action=ready&b=b\r\n0\r\n\r\n")],
        to_server: "",
        to_client: "HTTP/1.1 303 See Other\r\nCache-Control: no-cache\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nLocation: /s;st=DONE\r\n\r\n\
            HTTP/1.1 303 See Other\r\nCache-Control: no-cache\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nLocation: /s;st=DONE\r\nConnection: close\r\n\r\n<end>",
        log: "Server b/a: 'maint' by the statistics page.\nf f/<STATS> 0/0/0/-1/0 303 118 - - LR-- 1/1/0/0/0 0/0 \"POST /s HTTP/1.1\"\nServer b/a: 'ready' by the statistics page.\nf f/<STATS> 0/0/0/-1/0 303 137 - - LR-- 1/1/0/0/0 0/0 \"POST /s HTTP/1.1\"",
    },
    Exchange {
        shows: "a form that never comes whole is given up",
        front: "stats uri /s",
        back: "",
        script: &[C("POST /s HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\ns=a"), Wait(50_000)],
        to_server: "",
        to_client: "{408}<end>",
        log: "f f/<STATS> 0/0/0/-1/50000 408 233 - - cR-- 1/1/0/0/0 0/0 \"POST /s HTTP/1.1\"",
    },
    Exchange {
        shows: "a client that leaves in the middle of a form has asked for nothing",
        front: "stats uri /s",
        back: "",
        script: &[C("POST /s HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\ns=a"), ClientResets],
        to_server: "",
        to_client: "<cut>",
        log: "f f/<STATS> 0/0/0/-1/0 -1 0 - - CR-- 1/1/0/0/0 0/0 \"POST /s HTTP/1.1\"",
    },
];

#[test]
fn statistics_are_answered_however_the_bytes_come() {
    EXCHANGES.iter().for_each(check);
}
