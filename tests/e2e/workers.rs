//! Worker threads: as many as `nbthread` says, one per core otherwise, all of them serving.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::wait_until;

/// Fails unless a proxy with these lines in `global` comes to have that many threads more than one with a single worker.
#[track_caller]
fn check_extra_threads(lines: &str, expected: usize) {
    let start = |lines: &str| {
        let port = free_port();
        let proxy =
            Proxy::start(&format!("global\n{lines}\ndefaults\n  mode http\n  timeout client 5s\nfrontend f\n  bind 127.0.0.1:{port}\n"));
        assert_eq!(Client::connect(port).get("/").status(), 503, "it serves");
        proxy
    };
    let (single, many) = (start("  nbthread 1"), start(lines));
    wait_until(&format!("'{lines}' gave {expected} more threads"), || many.threads() == single.threads() + expected);
}

#[test]
fn nbthread_says_how_many_workers_there_are() {
    check_extra_threads("  nbthread 4", 3);
}

#[test]
fn without_nbthread_there_is_one_worker_per_core() {
    let cores = std::thread::available_parallelism().expect("cores").get();
    check_extra_threads("", cores - 1);
}

#[test]
fn every_connection_is_served_whichever_worker_has_it() {
    let origin = Origin::named("a");
    let port = free_port();
    let _proxy = Proxy::start(&format!(
        "global\n  nbthread 4\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    let mut clients: Vec<Client> = (0..40).map(|_| Client::connect(port)).collect();
    for turn in 0..3 {
        for (number, client) in clients.iter_mut().enumerate() {
            assert_eq!(client.get(&format!("/{number}/{turn}")).text(), "a");
        }
    }
    assert_eq!(origin.received().len(), 120);
}

#[test]
fn it_stays_in_the_foreground_and_says_nothing_while_all_is_well() {
    let origin = Origin::named("a");
    let port = free_port();
    let mut proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n", origin.port));
    assert_eq!(Client::connect(port).get("/").status(), 200);
    assert!(proxy.is_running());
    if !is_standing_in() {
        assert_eq!(proxy.said(), "", "a valid configuration gives no warning");
    }
}
