//! The control socket's connections: lines in, answers out, in HAProxy's protocol (`;` between commands, an empty line
//! behind each answer, a prompt when asked for). What the commands do is in `commands`.

use super::sockets::ControlListener;
use crate::config::model::{Global, Level};
use crate::units::Moment;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use socket2::Socket;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

/// The longest line, bytes.
const LONGEST_LINE: usize = 65_536;
/// Answers that a client has not taken yet, before its next command is held back, bytes.
const MOST_OUTPUT: usize = 1 << 20;
/// How long a silent connection is kept where `stats timeout` says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The control sockets and who is connected to them.
#[derive(Debug)]
pub struct Control {
    listeners: Vec<Listener>,
    connections: Vec<Option<Connection>>,
    first_listener: usize,
    first_connection: usize,
    timeout: Duration,
    /// Connections at one time (`stats maxconn`); more wait to be accepted.
    maxconn: usize,
}

#[derive(Debug)]
struct Listener {
    socket: Arc<Socket>,
    level: Level,
    exposes_listeners: bool,
    /// There was no room when somebody came: they are told of once.
    has_waiting: bool,
}

/// One client.
#[derive(Debug)]
struct Connection {
    socket: Socket,
    asker: Asker,
    input: Vec<u8>,
    output: Vec<u8>,
    /// The client has said all that it will.
    ended: bool,
    /// What is left of the output is sent, and then the connection is closed.
    closing: bool,
    deadline: Moment,
}

/// Who asks, and how.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// What it may do.
    pub level: Level,
    /// The user that it is, where the socket says so.
    pub uid: Option<u32>,
    /// `prompt`: it stays, and sees a prompt.
    pub interactive: bool,
    /// `quit`
    pub leaves: bool,
    /// May it take the listening sockets?
    pub may_take_listeners: bool,
    /// `_getsocks`: it takes them.
    pub takes_listeners: bool,
}

/// A line that a client has sent.
#[derive(Debug)]
pub struct Request {
    connection: usize,
    /// The line, without its end.
    pub line: Vec<u8>,
    /// Who asks.
    pub asker: Asker,
}

impl Control {
    /// No sockets; listeners will have the tokens from `first_listener`, connections those from `first_connection`.
    pub fn new(first_listener: usize, first_connection: usize) -> Control {
        Control { listeners: Vec::new(), connections: Vec::new(), first_listener, first_connection, timeout: TIMEOUT, maxconn: 0 }
    }

    /// Listens on just these sockets, by the limits of `global`; connections stay.
    pub fn adopt(&mut self, listeners: &[ControlListener], global: &Global, registry: &Registry) -> io::Result<()> {
        self.close_listeners(registry);
        self.timeout = global.stats_timeout.unwrap_or(TIMEOUT);
        self.maxconn = global.stats_maxconn;
        for listener in listeners {
            let token = Token(self.first_listener + self.listeners.len());
            registry.register(&mut SourceFd(&listener.socket.as_raw_fd()), token, Interest::READABLE)?;
            self.listeners.push(Listener {
                socket: listener.socket.clone(),
                level: listener.level,
                exposes_listeners: listener.exposes_listeners,
                has_waiting: false,
            });
        }
        Ok(())
    }

    /// Accepts no more; connections stay.
    pub fn close_listeners(&mut self, registry: &Registry) {
        for listener in self.listeners.drain(..) {
            // It was registered when it was adopted.
            let _ = registry.deregister(&mut SourceFd(&listener.socket.as_raw_fd()));
        }
    }

    /// Takes new connections of the listener with this token.
    pub fn accept(&mut self, token: Token, now: Moment, registry: &Registry) {
        self.accept_from(token.0.wrapping_sub(self.first_listener), now, registry);
    }

    /// Takes those who had to wait, as far as there is room by now.
    pub fn accept_waiting(&mut self, now: Moment, registry: &Registry) {
        for index in 0..self.listeners.len() {
            if self.listeners.get(index).is_some_and(|listener| listener.has_waiting) {
                self.accept_from(index, now, registry);
            }
        }
    }

    fn accept_from(&mut self, index: usize, now: Moment, registry: &Registry) {
        let Some(listener) = self.listeners.get_mut(index) else { return };
        let (socket, level, may_take_listeners) = (listener.socket.clone(), listener.level, listener.exposes_listeners);
        loop {
            listener.has_waiting = self.connections.iter().flatten().count() >= self.maxconn;
            if listener.has_waiting {
                return;
            }
            let Ok((stream, _)) = socket.accept() else { return };
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            let uid = getsockopt(&stream, PeerCredentials).ok().map(|credentials| credentials.uid());
            let asker = Asker { level, uid, interactive: false, leaves: false, may_take_listeners, takes_listeners: false };
            let deadline = now.after(Some(self.timeout));
            let connection =
                Connection { socket: stream, asker, input: Vec::new(), output: Vec::new(), ended: false, closing: false, deadline };
            let free = self.connections.iter().position(Option::is_none).unwrap_or_else(|| {
                self.connections.push(None);
                self.connections.len() - 1
            });
            let token = Token(self.first_connection + free);
            let interest = Interest::READABLE | Interest::WRITABLE;
            let polled = registry.register(&mut SourceFd(&connection.socket.as_raw_fd()), token, interest);
            if let (Ok(()), Some(slot)) = (polled, self.connections.get_mut(free)) {
                *slot = Some(connection);
            }
        }
    }

    /// Is this the token of a connection?
    pub fn has_connection(&self, token: Token) -> bool {
        token.0.checked_sub(self.first_connection).is_some_and(|index| index < self.connections.len())
    }

    /// Reads what has come on the connection with this token.
    pub fn fill(&mut self, token: Token, now: Moment) {
        let deadline = now.after(Some(self.timeout));
        let index = token.0.wrapping_sub(self.first_connection);
        let Some(Some(connection)) = self.connections.get_mut(index) else { return };
        connection.deadline = deadline;
        connection.fill();
    }

    /// The next whole line of any connection that has room for an answer.
    pub fn take_request(&mut self) -> Option<Request> {
        let ready = self.connections.iter_mut().enumerate().filter_map(|(index, slot)| Some((index, slot.as_mut()?)));
        for (connection, client) in ready.filter(|(_, client)| !client.closing && client.output.len() < MOST_OUTPUT) {
            if let Some(line) = client.take_line() {
                return Some(Request { connection, line, asker: client.asker });
            }
        }
        None
    }

    /// Answers a request; without a prompt that is all that the connection was for.
    pub fn answer(&mut self, request: &Request, asker: Asker, text: &str) {
        let Some(Some(connection)) = self.connections.get_mut(request.connection) else { return };
        connection.asker = asker;
        connection.output.extend_from_slice(text.as_bytes());
        if asker.interactive && !asker.leaves {
            connection.output.extend_from_slice(b"> ");
        }
        connection.closing = !asker.interactive || asker.leaves;
    }

    /// The connection of a request, which ends here as far as commands go.
    pub fn take_socket(&mut self, request: &Request) -> Option<Socket> {
        self.connections.get_mut(request.connection)?.take().map(|connection| connection.socket)
    }

    /// Sends what can be sent, and closes what is done or silent for too long.
    pub fn drain(&mut self, now: Moment) {
        for slot in &mut self.connections {
            let Some(connection) = slot else { continue };
            let sent = connection.drain();
            let waits = !connection.output.is_empty();
            let done = connection.closing || (connection.ended && !connection.has_line());
            if sent.is_err() || (done && !waits) || connection.deadline <= now {
                // Its descriptor leaves the poll as it is closed.
                *slot = None;
            }
        }
    }

    /// When a connection is closed for its silence.
    pub fn next(&self) -> Moment {
        self.connections.iter().flatten().map(|connection| connection.deadline).min().unwrap_or(Moment::NEVER)
    }

    /// Sockets that listen.
    pub fn listener_count(&self) -> usize {
        self.listeners.len()
    }
}

impl Connection {
    fn fill(&mut self) {
        let mut piece = [0; 4096];
        while self.input.len() <= LONGEST_LINE {
            match (&self.socket).read(&mut piece) {
                Ok(0) => {
                    self.ended = true;
                    return;
                }
                Ok(count) => self.input.extend_from_slice(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended |= error.kind() != io::ErrorKind::WouldBlock;
                    return;
                }
            }
        }
        // Nobody writes such a line by mistake, and no command needs one.
        self.closing = true;
    }

    fn has_line(&self) -> bool {
        self.input.contains(&b'\n')
    }

    /// The first line; one without an end counts when nothing more comes.
    fn take_line(&mut self) -> Option<Vec<u8>> {
        let end = match self.input.iter().position(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if self.ended && !self.input.is_empty() => self.input.len(),
            None => return None,
        };
        let mut line: Vec<u8> = self.input.drain(..end).collect();
        while line.pop_if(|byte| matches!(byte, b'\n' | b'\r')).is_some() {}
        Some(line)
    }

    fn drain(&mut self) -> io::Result<()> {
        let mut sent = 0;
        let result = loop {
            let Some(rest) = self.output.get(sent..).filter(|rest| !rest.is_empty()) else { break Ok(()) };
            match self.socket.send_with_flags(rest, nix::libc::MSG_NOSIGNAL) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        self.output.drain(..sent.min(self.output.len()));
        result
    }
}

/// Cuts a line into commands at `;`, and those into words at spaces. A backslash takes away the meaning of what follows.
pub fn scan_commands(line: &[u8]) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = line.iter().copied();
    let keep = |word: &mut Option<Vec<u8>>, commands: &mut Vec<Vec<String>>| {
        if let (Some(word), Some(command)) = (word.take(), commands.last_mut()) {
            command.push(String::from_utf8_lossy(&word).into_owned());
        }
    };
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            b' ' | b'\t' => keep(&mut word, &mut commands),
            b';' => {
                keep(&mut word, &mut commands);
                commands.push(Vec::new());
            }
            byte => word.get_or_insert_default().push(byte),
        }
    }
    keep(&mut word, &mut commands);
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_commands_and_words() {
        let check = |line: &str, expected: &[&[&str]]| assert_eq!(scan_commands(line.as_bytes()), expected, "{line}");
        check("show info", &[&["show", "info"]]);
        check("  show   info ;help", &[&["show", "info"], &["help"]]);
        check(r"set env A=b\ c\;d\\e", &[&["set", "env", r"A=b c;d\e"]]);
        check("", &[&[]]);
        check("a;", &[&["a"], &[]]);
        check("a\\", &[&["a"]]);
    }
}
