//! Servers behind the proxy: scripted ones that answer as a test tells them, and named ones that answer with their name and count.
//! What they received is kept, byte for byte, for the test to look at.

use super::proxy::free_port;
use super::wire::{Message, Role, Wire};
use super::{show, wait_until};
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The path that health checks of the tests ask for.
pub const CHECK_PATH: &str = "/check";

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Message>>,
    open: Mutex<Vec<(usize, TcpStream)>>,
    accepted: AtomicUsize,
    stopping: AtomicBool,
    check_status: AtomicU16,
}

/// A listening server.
pub struct Origin {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// One connection to an origin, for its script.
pub struct Visit {
    /// The connection.
    pub wire: Wire,
    /// Which connection to this origin it is, from 1.
    pub number: usize,
    shared: Arc<Shared>,
}

impl Visit {
    /// Reads and records a request; `None` when the peer closed instead.
    pub fn request(&mut self) -> io::Result<Option<Message>> {
        let message = self.wire.read_message(Role::Request)?;
        if let Some(message) = &message {
            self.record(message.clone());
        }
        Ok(message)
    }

    /// Records what a script has read by itself.
    pub fn record(&self, message: Message) {
        self.shared.received.lock().expect("no panic while held").push(message);
    }

    /// The status that checks are to be answered with.
    pub fn check_status(&self) -> u16 {
        self.shared.check_status.load(Ordering::SeqCst)
    }

    /// Reads and drops what comes until the peer closes.
    pub fn hold(&mut self) -> io::Result<()> {
        self.wire.read_to_end().map(|_| ())
    }
}

impl Origin {
    /// A server that runs `script` for each connection, and closes it when the script ends.
    pub fn script(script: impl Fn(&mut Visit) -> io::Result<()> + Send + Sync + 'static) -> Origin {
        let (listener, port) = listen_somewhere();
        Origin::listening(listener, port, script)
    }

    /// The same on a given port.
    pub fn script_at(port: u16, script: impl Fn(&mut Visit) -> io::Result<()> + Send + Sync + 'static) -> Origin {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).expect("a free port");
        Origin::listening(listener, port, script)
    }

    fn listening(listener: TcpListener, port: u16, script: impl Fn(&mut Visit) -> io::Result<()> + Send + Sync + 'static) -> Origin {
        let shared = Arc::new(Shared { check_status: AtomicU16::new(200), ..Shared::default() });
        let acceptor = std::thread::spawn({
            let (shared, script) = (Arc::clone(&shared), Arc::new(script));
            move || accept_all(&listener, &shared, &script)
        });
        Origin { port, shared, acceptor: Some(acceptor) }
    }

    /// A server that answers each request with one fixed response and keeps the connection.
    pub fn answering(response: impl Into<Vec<u8>>) -> Origin {
        let response = response.into();
        Origin::script(move |visit| {
            while visit.request()?.is_some() {
                visit.wire.send(&response)?;
            }
            Ok(())
        })
    }

    /// A server that answers with its name, and to `CHECK_PATH` with the status it was told to.
    pub fn named(name: &str) -> Origin {
        Origin::script(naming(name))
    }

    /// The same on a given port.
    pub fn named_at(port: u16, name: &str) -> Origin {
        Origin::script_at(port, naming(name))
    }

    /// What health checks get from now on.
    pub fn answer_checks_with(&self, status: u16) {
        self.shared.check_status.store(status, Ordering::SeqCst);
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Message> {
        self.shared.received.lock().expect("no panic while held").clone()
    }

    /// All requests so far that are no health checks.
    pub fn visits(&self) -> Vec<Message> {
        self.received().into_iter().filter(|message| message.start_line().split(' ').nth(1) != Some(CHECK_PATH)).collect()
    }

    /// All health checks so far.
    pub fn checks(&self) -> Vec<Message> {
        self.received().into_iter().filter(|message| message.start_line().split(' ').nth(1) == Some(CHECK_PATH)).collect()
    }

    /// The only request so far.
    #[track_caller]
    pub fn only_request(&self) -> Message {
        let mut all = self.received();
        assert_eq!(all.len(), 1, "one request, received {:#?}", all.iter().map(|each| show(&each.head)).collect::<Vec<_>>());
        all.remove(0)
    }

    /// Waits until that many requests came.
    #[track_caller]
    pub fn wait_received(&self, count: usize) {
        wait_until(&format!("the origin on port {} received {count} requests", self.port), || self.received().len() >= count);
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Stops listening and closes all connections; the port is then refused.
    pub fn stop(&mut self) {
        let Some(acceptor) = self.acceptor.take() else { return };
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = acceptor.join();
        for (_, stream) in self.shared.open.lock().expect("no panic while held").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for message in self.received().iter().take(20) {
                eprintln!("--- the origin on port {} received:\n{}{}", self.port, show(&message.head), show(&message.raw_body));
            }
        }
        self.stop();
    }
}

/// The script of a named server.
fn naming(name: &str) -> impl Fn(&mut Visit) -> io::Result<()> + Send + Sync + 'static {
    let name = name.to_string();
    move |visit| {
        while let Some(request) = visit.request()? {
            let line = request.start_line();
            let checked = line.split(' ').nth(1) == Some(CHECK_PATH);
            let status = if checked { visit.shared.check_status.load(Ordering::SeqCst) } else { 200 };
            let body = if line.starts_with("HEAD ") { "" } else { &name };
            let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nX-Origin: {name}\r\n\r\n", name.len());
            visit.wire.send(format!("{head}{body}").as_bytes())?;
            if line.ends_with("HTTP/1.0") || request.value("Connection").as_deref() == Some("close") {
                break;
            }
        }
        Ok(())
    }
}

/// A listener on a free port; another program may take the port between the look and the bind, then the next one is tried.
fn listen_somewhere() -> (TcpListener, u16) {
    let attempt = |_| {
        let port = free_port();
        Some((TcpListener::bind(("127.0.0.1", port)).ok()?, port))
    };
    (0..100).find_map(attempt).expect("a free port")
}

fn accept_all<F>(listener: &TcpListener, shared: &Arc<Shared>, script: &Arc<F>)
where
    F: Fn(&mut Visit) -> io::Result<()> + Send + Sync + 'static,
{
    while let Ok((stream, _)) = listener.accept() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst) + 1;
        let (Ok(copy), Ok(wire)) = (stream.try_clone(), Wire::new(stream)) else { continue };
        shared.open.lock().expect("no panic while held").push((number, copy));
        let mut visit = Visit { wire, number, shared: Arc::clone(shared) };
        let script = Arc::clone(script);
        std::thread::spawn(move || {
            let _ = script(&mut visit);
            forget(&visit);
        });
    }
}

/// Lets go of a connection whose script has ended, so that it closes.
fn forget(visit: &Visit) {
    visit.shared.open.lock().expect("no panic while held").retain(|(number, _)| *number != visit.number);
}

/// A port that accepts no connection and refuses none: its backlog is full.
pub struct Unanswering {
    /// The port on 127.0.0.1.
    pub port: u16,
    _listener: socket2::Socket,
    _waiting: Vec<TcpStream>,
}

impl Unanswering {
    /// Fills the backlog of a new listener until a connection to it stays without an answer.
    pub fn new() -> Unanswering {
        let port = free_port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        // As std's listeners do: connections of the past may linger on the port.
        listener.set_reuse_address(true).expect("an option of a socket");
        listener.bind(&address.into()).expect("a free port");
        listener.listen(0).expect("a listener");
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            waiting.push(stream);
            assert!(waiting.len() < 100, "a backlog of 0 takes no end of connections");
        }
        Unanswering { port, _listener: listener, _waiting: waiting }
    }
}
