//! A syslog server that keeps every datagram: over UDP, or on a unix socket. What a line must hold is left to the tests.

use super::wait_until;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Captured datagrams.
pub struct Syslog {
    /// The UDP port on 127.0.0.1; 0 for a unix socket.
    pub port: u16,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Syslog {
    /// Captures on a UDP port.
    pub fn udp() -> Syslog {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP port");
        let port = socket.local_addr().expect("a bound socket").port();
        socket.set_read_timeout(Some(Duration::from_secs(120))).expect("a timeout");
        Syslog::capture(port, move |buffer| socket.recv(buffer))
    }

    /// Captures on a unix datagram socket.
    pub fn unix(path: &Path) -> Syslog {
        let socket = UnixDatagram::bind(path).expect("a unix socket");
        socket.set_read_timeout(Some(Duration::from_secs(120))).expect("a timeout");
        Syslog::capture(0, move |buffer| socket.recv(buffer))
    }

    /// The datagrams so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic while held").clone()
    }

    /// Waits for a datagram that holds `needle`, and returns the first.
    #[track_caller]
    pub fn wait_for(&self, needle: &str) -> String {
        wait_until(&format!("a log line held '{needle}'; lines so far:\n{}", self.lines().join("")), || self.holds(needle));
        self.lines().into_iter().find(|line| line.contains(needle)).expect("it was there")
    }

    /// Has a datagram with `needle` come?
    pub fn holds(&self, needle: &str) -> bool {
        self.lines().iter().any(|line| line.contains(needle))
    }

    fn capture(port: u16, mut receive: impl FnMut(&mut [u8]) -> std::io::Result<usize> + Send + 'static) -> Syslog {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::downgrade(&lines);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(count) = receive(&mut buffer) {
                let Some(lines) = kept.upgrade() else { return };
                let line = String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()).into_owned();
                lines.lock().expect("no panic while held").push(line);
            }
        });
        Syslog { port, lines }
    }
}

impl Drop for Syslog {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- syslog received:\n{}", self.lines().concat());
        }
    }
}
