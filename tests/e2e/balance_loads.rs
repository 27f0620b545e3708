//! Algorithms that look at what servers have to do: `leastconn`, `first`, `random`, and `static-rr` with its fixed order.

use crate::support::client::{Client, get};
use crate::support::origin::{Origin, Visit};
use crate::support::proxy::{Proxy, free_port};
use std::io;

/// Answers with its name, but keeps a request for `/held` waiting.
fn holding(name: &'static str) -> Origin {
    Origin::script(move |visit: &mut Visit| {
        while let Some(message) = visit.request()? {
            let held = message.start_line().contains("/held");
            if held {
                return visit.hold();
            }
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len()).as_bytes())?;
        }
        io::Result::Ok(())
    })
}

struct Farm {
    port: u16,
    origins: Vec<Origin>,
    _proxy: Proxy,
}

impl Farm {
    fn new(balance: &str, servers: &[&str]) -> Farm {
        let names = ["a", "b", "c"];
        let origins: Vec<Origin> = names.iter().take(servers.len()).map(|name| holding(name)).collect();
        let lines = names.iter().zip(&origins).zip(servers);
        let lines: String = lines.map(|((name, origin), more)| format!("  server {name} 127.0.0.1:{} {more}\n", origin.port)).collect();
        let port = free_port();
        let config = format!(
            "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
             listen l\n  bind 127.0.0.1:{port}\n  balance {balance}\n{lines}"
        );
        Farm { port, origins, _proxy: Proxy::start(&config) }
    }

    /// Requests one after the other.
    fn sequence(&self, count: usize) -> String {
        (0..count).map(|_| get(self.port, "/").text()).collect()
    }

    /// A request that stays with its server, once it has reached one.
    fn hold(&self) -> Client {
        let before: usize = self.origins.iter().map(|origin| origin.received().len()).sum();
        let mut client = Client::connect(self.port);
        client.send("GET /held HTTP/1.1\r\nHost: e2e\r\n\r\n");
        crate::support::wait_until("the request arrived", || {
            self.origins.iter().map(|origin| origin.received().len()).sum::<usize>() > before
        });
        client
    }
}

#[test]
fn leastconn_takes_idle_servers_in_turn_whatever_their_weight() {
    assert_eq!(Farm::new("leastconn", &["", "", ""]).sequence(6), "abcabc");
    assert_eq!(Farm::new("leastconn", &["", "weight 20", ""]).sequence(6), "abcabc");
}

#[test]
fn leastconn_prefers_the_server_with_the_fewest_requests_for_its_weight() {
    let farm = Farm::new("leastconn", &["", "", ""]);
    let _held = [farm.hold(), farm.hold()];
    assert_eq!(farm.sequence(4), "cccc");
    let farm = Farm::new("leastconn", &["weight 10", "weight 100"]);
    let _held = [farm.hold(), farm.hold()];
    assert_eq!(farm.sequence(4), "bbbb");
}

#[test]
fn first_fills_the_servers_one_after_the_other() {
    let farm = Farm::new("first", &["maxconn 2", "maxconn 1", ""]);
    assert_eq!(farm.sequence(3), "aaa");
    let _two = [farm.hold(), farm.hold()];
    assert_eq!(farm.sequence(2), "bb");
    let _third = farm.hold();
    assert_eq!(farm.sequence(3), "ccc");
}

#[test]
fn first_goes_by_the_servers_ids() {
    assert_eq!(Farm::new("first", &["id 30", "id 20", "id 10"]).sequence(3), "ccc");
}

#[test]
fn static_rr_has_a_fixed_order() {
    assert_eq!(Farm::new("static-rr", &["", "", ""]).sequence(6), "abcabc");
    assert_eq!(Farm::new("static-rr", &["weight 1", "weight 2", "weight 3"]).sequence(12), "acbcbcacbcbc");
    assert_eq!(Farm::new("static-rr", &["", "disabled", ""]).sequence(4), "acac");
}

#[test]
fn static_rr_passes_over_a_full_server() {
    let farm = Farm::new("static-rr", &["maxconn 1", "", ""]);
    let _held = farm.hold();
    assert_eq!(farm.sequence(4), "bcbc");
}

#[test]
fn random_reaches_every_server_by_its_weight_and_avoids_busy_ones() {
    let chosen = Farm::new("random(1)", &["weight 1", "weight 10", "weight 0"]).sequence(60);
    let count = |letter: char| chosen.chars().filter(|other| *other == letter).count();
    assert!(count('b') > 3 * count('a') && count('c') == 0, "{chosen}");
    let farm = Farm::new("random", &["weight 100", "weight 1"]);
    let _held = [farm.hold(), farm.hold(), farm.hold()];
    let chosen = farm.sequence(40);
    assert!(chosen.contains('a') || chosen.contains('b'), "{chosen}");
    let farm = Farm::new("random(40)", &["", ""]);
    let first = farm.hold();
    let with_it = if farm.origins[0].received().is_empty() { "a" } else { "b" };
    assert_eq!(farm.sequence(6), with_it.repeat(6));
    drop(first);
}
