//! Sends log lines: those of one turn leave together, a socket that is full drops and counts, and nothing ever waits.
//! How a line is framed is `access_log::syslog`'s.

use crate::config::model::{Address, LogSink, LogTarget};
use crate::sys;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, sendmmsg};
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

/// Lines that leave by one system call.
const MOST_AT_ONCE: usize = 64;
/// Lines that are kept for one target before they are sent without waiting for the end of the turn.
const MOST_KEPT: usize = 1024;
/// Bytes that a pipe takes whole or not at all (PIPE_BUF).
const WHOLE_WRITE_BYTES: usize = 4096;
/// A socket that cannot be opened, or went away again, is tried at most this often.
const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// A thread's way out for log lines.
#[derive(Debug, Default)]
pub struct LogSinks {
    sinks: Vec<Sink>,
    dropped: usize,
}

/// One place where lines go, and the lines that are kept for it.
#[derive(Debug)]
struct Sink {
    to: LogSink,
    socket: Option<Socket>,
    opened: Option<Instant>,
    text: Vec<u8>,
    /// Where each line ends in `text`.
    ends: Vec<usize>,
}

impl LogSinks {
    /// Keeps a finished line (as `syslog::render_line` made it) for this target until the next flush.
    pub fn push(&mut self, target: &LogTarget, line: &[u8]) {
        let index = match self.sinks.iter().position(|sink| sink.to == target.to) {
            Some(index) => index,
            None => {
                self.sinks.push(Sink { to: target.to.clone(), socket: None, opened: None, text: Vec::new(), ends: Vec::new() });
                self.sinks.len() - 1
            }
        };
        let Some(sink) = self.sinks.get_mut(index) else { return };
        sink.text.extend_from_slice(line);
        sink.ends.push(sink.text.len());
        if sink.ends.len() >= MOST_KEPT {
            self.dropped += sink.flush();
        }
    }

    /// Sends what was kept; gives how many lines were dropped.
    pub fn flush(&mut self) -> usize {
        let kept: usize = self.sinks.iter_mut().filter(|sink| !sink.ends.is_empty()).map(Sink::flush).sum();
        std::mem::take(&mut self.dropped) + kept
    }
}

impl Sink {
    fn flush(&mut self) -> usize {
        let sent = match self.to {
            LogSink::Stdout => self.write_lines(io::stdout().as_fd()),
            LogSink::Stderr => self.write_lines(io::stderr().as_fd()),
            LogSink::Datagram(_) => self.send_lines(),
        };
        let dropped = self.ends.len() - sent;
        self.ends.clear();
        self.text.clear();
        dropped
    }

    fn line(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(index).and_then(|end| self.text.get(start..*end)).unwrap_or_default()
    }

    /// Writes whole lines, as many at once as a pipe takes in one piece; gives how many went out.
    fn write_lines(&self, to: BorrowedFd) -> usize {
        let (mut first, mut start) = (0, 0);
        while first < self.ends.len() {
            let fits = |end: &&usize| **end - start <= WHOLE_WRITE_BYTES;
            let count = self.ends.iter().skip(first).take_while(fits).count().max(1);
            let Some(end) = self.ends.get(first + count - 1).copied() else { break };
            let piece = self.text.get(start..end).unwrap_or_default();
            if !sys::is_writable(to) || nix::unistd::write(to, piece).is_err() {
                break;
            }
            (first, start) = (first + count, end);
        }
        first
    }

    /// Sends each line as a datagram; gives how many went out.
    fn send_lines(&mut self) -> usize {
        let (mut next, mut sent, mut refused) = (0, 0, false);
        while next < self.ends.len() {
            if self.socket.is_none() && !self.open() {
                break;
            }
            let Some(socket) = &self.socket else { break };
            match self.send_some(socket, next) {
                Ok(count) => {
                    next += count;
                    sent += count;
                    refused = false;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EMSGSIZE) => next += 1,
                // UDP tells of an earlier line that nobody took; this one was not tried yet.
                Err(Errno::ECONNREFUSED) if self.is_udp() && !refused => refused = true,
                Err(Errno::ECONNREFUSED) if self.is_udp() => break,
                Err(Errno::EAGAIN | Errno::ENOBUFS) => break,
                // A unix socket whose server went away: open it anew, unless that was done a moment ago.
                Err(_) => self.socket = None,
            }
        }
        sent
    }

    fn is_udp(&self) -> bool {
        matches!(self.to, LogSink::Datagram(Address::Inet(_)))
    }

    fn send_some(&self, socket: &Socket, first: usize) -> Result<usize, Errno> {
        let count = (self.ends.len() - first).min(MOST_AT_ONCE);
        if count == 1 {
            return match socket.send_with_flags(self.line(first), nix::libc::MSG_NOSIGNAL) {
                Ok(_) => Ok(1),
                Err(error) => Err(error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)),
            };
        }
        let slices: [[IoSlice; 1]; MOST_AT_ONCE] = std::array::from_fn(|offset| [IoSlice::new(self.line(first + offset))]);
        let nobody: [Option<()>; MOST_AT_ONCE] = [None; MOST_AT_ONCE];
        let no_control: [ControlMessage; 0] = [];
        let mut headers = MultiHeaders::<()>::preallocate(count, None);
        let slices = slices.iter().take(count);
        let addresses = nobody.get(..count).unwrap_or_default();
        Ok(sendmmsg(socket.as_raw_fd(), &mut headers, slices, addresses, no_control, MsgFlags::MSG_NOSIGNAL)?.count())
    }

    fn open(&mut self) -> bool {
        let now = Instant::now();
        if self.opened.is_some_and(|opened| now.duration_since(opened) < REOPEN_AFTER) {
            return false;
        }
        self.opened = Some(now);
        let LogSink::Datagram(address) = &self.to else { return false };
        self.socket = open_datagram(address).ok();
        self.socket.is_some()
    }
}

/// A non-blocking datagram socket that sends to this address.
fn open_datagram(address: &Address) -> io::Result<Socket> {
    let (domain, to) = match address {
        Address::Inet(address) => (Domain::for_address(*address), SockAddr::from(*address)),
        Address::Unix(path) => (Domain::UNIX, SockAddr::unix(path)?),
        Address::Abstract(name) => (Domain::UNIX, abstract_address(name)?),
        Address::Inherited(number) => {
            let socket = Socket::from(sys::adopt(*number)?);
            let own = socket.try_clone();
            // The descriptor stays open under its number: it is not ours to close.
            std::mem::forget(socket);
            return own.and_then(|own| own.set_nonblocking(true).map(|()| own));
        }
    };
    let socket = Socket::new(domain, Type::DGRAM.nonblocking().cloexec(), None)?;
    socket.connect(&to)?;
    Ok(socket)
}

/// The address of `abns@NAME`: the name fills the whole field with zeroes behind it, as HAProxy has it.
pub(crate) fn abstract_address(name: &[u8]) -> io::Result<SockAddr> {
    use std::os::unix::ffi::OsStrExt;
    const FIELD: usize = 108;
    let mut path = vec![0; FIELD.max(name.len() + 1)];
    if let Some(place) = path.get_mut(1..=name.len()) {
        place.copy_from_slice(name);
    }
    SockAddr::unix(std::path::Path::new(std::ffi::OsStr::from_bytes(&path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::LogFraming;
    use std::net::UdpSocket;
    use std::os::unix::net::UnixDatagram;

    fn target(to: LogSink) -> LogTarget {
        LogTarget { to, facility: 16, level: 7, min_level: 0, format: LogFraming::Raw, length: 1024 }
    }

    fn received(mut receive: impl FnMut(&mut [u8]) -> io::Result<usize>, count: usize) -> Vec<String> {
        let mut buffer = [0; 2048];
        let line = |_| receive(&mut buffer).map(|n| String::from_utf8_lossy(&buffer[..n]).into_owned()).unwrap();
        (0..count).map(line).collect()
    }

    #[test]
    fn all_lines_of_a_turn_arrive_as_datagrams_in_order() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let target = target(LogSink::Datagram(Address::Inet(server.local_addr().unwrap())));
        let mut sinks = LogSinks::default();
        let lines: Vec<String> = (0..150).map(|n| format!("line {n}\n")).collect();
        for line in &lines {
            sinks.push(&target, line.as_bytes());
        }
        assert_eq!(sinks.flush(), 0);
        assert_eq!(received(|b| server.recv(b), 150), lines);
        sinks.push(&target, b"one more\n");
        assert_eq!(sinks.flush(), 0);
        assert_eq!(received(|b| server.recv(b), 1), ["one more\n"]);
        assert_eq!(sinks.flush(), 0, "nothing was kept");
    }

    #[test]
    fn a_unix_server_that_is_full_or_gone_drops_lines_and_gets_the_next_ones_when_it_is_back() {
        let path = std::env::temp_dir().join(format!("byway-log-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let target = target(LogSink::Datagram(Address::Unix(path.clone())));
        let mut sinks = LogSinks::default();
        sinks.push(&target, b"nobody listens\n");
        assert_eq!(sinks.flush(), 1);
        let server = UnixDatagram::bind(&path).unwrap();
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            sinks.push(&target, b"hello\n");
            match sinks.flush() {
                0 => break,
                _ => assert!(Instant::now() < deadline, "it is opened again within a second"),
            }
        }
        assert_eq!(received(|b| server.recv(b), 1), ["hello\n"]);
        (0..2000).for_each(|_| sinks.push(&target, b"x\n"));
        assert!(sinks.flush() > 0, "a full socket drops");
        drop(server);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_udp_server_that_comes_back_misses_no_line() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let target = target(LogSink::Datagram(Address::Inet(address)));
        drop(server);
        let mut sinks = LogSinks::default();
        sinks.push(&target, b"lost\n");
        sinks.flush();
        let server = UdpSocket::bind(address).unwrap();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        sinks.push(&target, b"kept\n");
        assert_eq!(sinks.flush(), 0);
        assert_eq!(received(|b| server.recv(b), 1), ["kept\n"]);
    }
}
