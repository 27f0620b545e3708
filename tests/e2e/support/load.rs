//! A steady load: kept-alive connections that check every answer until they are told to stop. It counts; whether a count
//! is good is left to the tests.

use super::wire::{Role, Wire};
use super::{show, wait_until};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

#[derive(Default)]
struct Counts {
    stopping: AtomicBool,
    good: AtomicU64,
    connections: AtomicU64,
    closed_idle: AtomicU64,
    failures: Mutex<Vec<String>>,
}

/// Running connections.
pub struct Load {
    counts: Arc<Counts>,
    threads: Vec<JoinHandle<()>>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Right answers.
    pub good: u64,
    /// Connections that were made.
    pub connections: u64,
    /// Kept-alive connections that were closed before any byte of an answer: the request was sent again on a new one, as RFC 9112
    /// section 9.3.1 lets every client do.
    pub closed_idle: u64,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl Load {
    /// Starts `count` connections to a port, each asking again and again; an answer is right when it is 200 and its body is one of `bodies`.
    pub fn start(port: u16, count: usize, bodies: &[&str]) -> Load {
        Load::start_mixed(port, count, 0, bodies)
    }

    /// The same with some more that ask once on each connection.
    pub fn start_mixed(port: u16, kept: usize, closing: usize, bodies: &[&str]) -> Load {
        let counts = Arc::new(Counts::default());
        let bodies: Arc<Vec<String>> = Arc::new(bodies.iter().map(|body| body.to_string()).collect());
        let spawn = |number: usize| {
            let (counts, bodies) = (Arc::clone(&counts), Arc::clone(&bodies));
            std::thread::spawn(move || {
                while !counts.stopping.load(Ordering::SeqCst) {
                    let most = if number < kept { usize::MAX } else { 1 };
                    if let Err(failure) = one_connection(port, number, most, &counts, &bodies) {
                        counts.failures.lock().expect("no panic while held").push(failure);
                    }
                }
            })
        };
        Load { threads: (0..kept + closing).map(spawn).collect(), counts }
    }

    /// Waits until that many more right answers came (or something failed).
    #[track_caller]
    pub fn wait_more(&self, count: u64) {
        let goal = self.counts.good.load(Ordering::SeqCst) + count;
        wait_until("the load made progress", || {
            self.counts.good.load(Ordering::SeqCst) >= goal || !self.counts.failures.lock().expect("no panic while held").is_empty()
        });
    }

    /// Ends all connections after their current answer.
    pub fn stop(self) -> Outcome {
        self.counts.stopping.store(true, Ordering::SeqCst);
        for thread in self.threads {
            let _ = thread.join();
        }
        Outcome {
            good: self.counts.good.load(Ordering::SeqCst),
            connections: self.counts.connections.load(Ordering::SeqCst),
            closed_idle: self.counts.closed_idle.load(Ordering::SeqCst),
            failures: std::mem::take(&mut self.counts.failures.lock().expect("no panic while held")),
        }
    }
}

fn one_connection(port: u16, number: usize, most: usize, counts: &Counts, bodies: &[String]) -> Result<(), String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| format!("connect: {error}"))?;
    let mut wire = Wire::new(stream).map_err(|error| error.to_string())?;
    counts.connections.fetch_add(1, Ordering::SeqCst);
    let mut asked = 0;
    while asked < most && !counts.stopping.load(Ordering::SeqCst) {
        wire.sent.clear();
        wire.received.clear();
        let connection = if most == 1 { "Connection: close\r\n" } else { "" };
        let request = format!("GET /load/{number}/{asked} HTTP/1.1\r\nHost: e2e\r\n{connection}\r\n");
        let answer = wire.send(request.as_bytes()).and_then(|()| wire.read_message(Role::Response));
        let message = match answer {
            Ok(Some(message)) => message,
            outcome if asked > 0 && wire.received.is_empty() && closed(&outcome) => {
                counts.closed_idle.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            outcome => return Err(format!("request {asked}: {:?}\n{}", outcome.err(), wire.transcript())),
        };
        if message.status() != 200 || !bodies.contains(&message.text()) {
            return Err(format!("request {asked} got\n{}{}", show(&message.head), show(&message.body)));
        }
        counts.good.fetch_add(1, Ordering::SeqCst);
        asked += 1;
        if message.value("Connection").as_deref() == Some("close") {
            return Ok(());
        }
    }
    Ok(())
}

fn closed<T>(outcome: &std::io::Result<Option<T>>) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    match outcome {
        Ok(message) => message.is_none(),
        Err(error) => matches!(error.kind(), BrokenPipe | ConnectionReset),
    }
}
