//! How one process takes over from another: the listening sockets and run-time switches, over an abstract unix socket
//! named after the predecessor's process id, for the same user or root alone. The messages are versioned.
//!
//! ```text
//! successor                     predecessor
//!   "byway 1 listeners"    ->
//!                          <-   "listeners" + addresses, the sockets beside them (several packets)
//!                          <-   "variables" + name, kind, since, until, value of each (several packets)
//!                          <-   "end"
//!   ... binds, starts, serves ...
//!   "finish" or "quit"     ->
//!                          <-   "variables" once more, as they are now that nobody can set them there
//!                          <-   "end"
//! ```
//! A successor that fails just goes away, and the predecessor serves on.

use super::options::Farewell;
use super::sockets::{Open, descriptor};
use super::variables_file::{parse_hex, parse_line, render_line};
use super::{Daemon, tokens};
use crate::config::model::Address;
use crate::state::Variables;
use crate::state::variables::Value;
use crate::sys;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recvmsg, sendmsg};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::Pid;
use socket2::{Domain, SockAddr, Socket, Type};
use std::ffi::OsStr;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The version of the messages.
const GREETING: &str = "byway 1 listeners";
/// Sockets that travel in one packet (the system takes 253).
const MOST_PER_PACKET: usize = 64;
/// The longest packet, bytes.
const LONGEST_PACKET: usize = 64 * 1024;
/// How long one process waits for the other to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Successors at one time.
const MOST_PEERS: usize = 16;

/// The predecessor's side.
#[derive(Debug, Default)]
pub struct Handover {
    listener: Option<Socket>,
    peers: Vec<Option<Socket>>,
}

/// A process that this one takes over from.
#[derive(Debug)]
pub struct Predecessor {
    pid: i32,
    link: Option<Socket>,
    /// It is a byway, and gave nothing that can be understood.
    is_foreign: bool,
}

/// What a predecessor gave.
#[derive(Debug, Default)]
pub struct Estate {
    /// Listening sockets.
    pub open: Vec<Open>,
    /// Switches that were set at run time.
    pub variables: Vec<(String, Value)>,
}

/// Takes what the process gives. One that is no byway, or is not ours, gives nothing, and is sent off by signal later.
pub fn take_over(pid: i32, estate: &mut Estate) -> Predecessor {
    let Ok(link) = connect(pid) else { return Predecessor { pid, link: None, is_foreign: false } };
    converse(pid, link, estate)
}

fn converse(pid: i32, link: Socket, estate: &mut Estate) -> Predecessor {
    let mut given = Estate::default();
    let talk = link.send(GREETING.as_bytes()).and_then(|_| receive(&link, &mut given));
    if talk.is_err() {
        // What came before the first word that is not understood is not trusted either.
        return Predecessor { pid, link: None, is_foreign: true };
    }
    estate.open.append(&mut given.open);
    estate.variables.append(&mut given.variables);
    Predecessor { pid, link: Some(link), is_foreign: false }
}

impl Predecessor {
    /// Can it be told when its successor is ready? Otherwise it is signalled.
    pub fn is_linked(&self) -> bool {
        self.link.is_some()
    }

    /// What is to be told of one that speaks another version, or does not answer: it is signalled, and its switches stay with it.
    pub fn complaint(&self) -> Option<String> {
        let told = "does not hand over in a way that is known here: it is signalled, and what was set there at run time is not taken";
        self.is_foreign.then(|| format!("process {} {told}", self.pid))
    }

    /// Sends it off, and takes what has been set there in the meantime: all its variables as they are now, if it told.
    pub fn send_off(&self, farewell: Farewell) -> Option<Vec<(String, Value)>> {
        let (word, signal) = match farewell {
            Farewell::Finish => ("finish", Signal::SIGUSR1),
            Farewell::Terminate => ("quit", Signal::SIGTERM),
        };
        let mut estate = Estate::default();
        let told = |link: &Socket| link.send(word.as_bytes()).is_ok() && receive(link, &mut estate).is_ok();
        if self.link.as_ref().is_some_and(told) {
            return Some(estate.variables);
        }
        // It may have ended in the meantime, which is as well.
        let _ = kill(Pid::from_raw(self.pid), signal);
        None
    }
}

fn name_of(pid: i32) -> io::Result<SockAddr> {
    SockAddr::unix(PathBuf::from(format!("\0byway.{pid}")))
}

fn connect(pid: i32) -> io::Result<Socket> {
    let link = Socket::new(Domain::UNIX, Type::SEQPACKET.cloexec(), None)?;
    link.connect(&name_of(pid)?)?;
    // The name could be anybody's: it counts only from the process itself, run by the same user or root.
    let peer = getsockopt(&link, PeerCredentials)?;
    if peer.pid() != pid || !is_trusted(peer.uid()) {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    link.set_read_timeout(Some(PATIENCE))?;
    link.set_write_timeout(Some(PATIENCE))?;
    Ok(link)
}

fn is_trusted(uid: u32) -> bool {
    uid == 0 || uid == nix::unistd::geteuid().as_raw()
}

fn receive(link: &Socket, estate: &mut Estate) -> io::Result<()> {
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    loop {
        let (packet, sockets) = receive_packet(link)?;
        let text = String::from_utf8(packet).map_err(|_| malformed())?;
        let mut lines = text.lines();
        match lines.next() {
            Some("listeners") => {
                for (line, socket) in lines.zip(sockets) {
                    let address = parse_address(line).ok_or_else(malformed)?;
                    socket.set_nonblocking(true)?;
                    estate.open.push(Open { address, socket: Arc::new(socket) });
                }
            }
            Some("variables") => {
                for line in lines {
                    estate.variables.push(parse_line(line).ok_or_else(malformed)?);
                }
            }
            Some("end") => return Ok(()),
            _ => return Err(malformed()),
        }
    }
}

fn receive_packet(link: &Socket) -> io::Result<(Vec<u8>, Vec<Socket>)> {
    let mut text = vec![0; LONGEST_PACKET];
    let mut slices = [IoSliceMut::new(&mut text)];
    let mut control = nix::cmsg_space!([RawFd; MOST_PER_PACKET]);
    let message = recvmsg::<UnixAddr>(link.as_raw_fd(), &mut slices, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let mut sockets = Vec::new();
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = part {
            for number in numbers {
                sockets.push(Socket::from(sys::adopt(number)?));
            }
        }
    }
    let length = message.bytes;
    if length == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    text.truncate(length);
    Ok((text, sockets))
}

impl Handover {
    /// Waits for successors. Without it (a name that is taken, no such sockets here) they fall back to signals.
    pub fn open(registry: &Registry) -> Handover {
        let open = || -> io::Result<Socket> {
            let listener = Socket::new(Domain::UNIX, Type::SEQPACKET.nonblocking().cloexec(), None)?;
            listener.bind(&name_of(std::process::id() as i32)?)?;
            listener.listen(MOST_PEERS as i32)?;
            registry.register(&mut SourceFd(&listener.as_raw_fd()), Token(tokens::HANDOVER), Interest::READABLE)?;
            Ok(listener)
        };
        Handover { listener: open().ok(), peers: Vec::new() }
    }

    /// Takes no more successors. Those that are connected still get their answer.
    pub fn close(&mut self, registry: &Registry) {
        if let Some(listener) = self.listener.take() {
            // It was registered when it was opened.
            let _ = registry.deregister(&mut SourceFd(&listener.as_raw_fd()));
        }
    }

    fn accept(&mut self, registry: &Registry) {
        while let Some(Ok((peer, _))) = self.listener.as_ref().map(Socket::accept) {
            let trusted = getsockopt(&peer, PeerCredentials).is_ok_and(|who| is_trusted(who.uid()));
            let free = self.peers.iter().position(Option::is_none).unwrap_or(self.peers.len());
            let token = Token(tokens::HANDOVER + 1 + free);
            let patient = peer.set_nonblocking(false).and_then(|()| peer.set_write_timeout(Some(PATIENCE)));
            let patient = patient.and_then(|()| peer.set_read_timeout(Some(PATIENCE)));
            if !trusted || free >= MOST_PEERS || patient.is_err() {
                continue;
            }
            if registry.register(&mut SourceFd(&peer.as_raw_fd()), token, Interest::READABLE).is_err() {
                continue;
            }
            match self.peers.get_mut(free) {
                Some(slot) => *slot = Some(peer),
                None => self.peers.push(Some(peer)),
            }
        }
    }
}

impl Daemon {
    /// A successor has come.
    pub(super) fn hand_over(&mut self) {
        self.handover.accept(self.poll.registry());
    }

    /// A successor has said something, or gone away.
    pub(super) fn hand_over_to(&mut self, token: Token) {
        let Some(slot) = self.handover.peers.get_mut(token.0.wrapping_sub(tokens::HANDOVER + 1)) else { return };
        let Some(peer) = slot.take() else { return };
        let Ok((packet, _)) = receive_packet(&peer) else { return };
        let answered = match packet.as_slice() {
            greeting if greeting == GREETING.as_bytes() => give(&peer, &self.sockets.open, &self.state.variables),
            b"finish" => {
                self.finish();
                give_variables(&peer, &self.state.variables)
            }
            b"quit" => {
                self.quit(libc::SIGTERM);
                give_variables(&peer, &self.state.variables)
            }
            _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
        };
        if answered.is_ok() {
            // mio tells of what came since the last read only when it is registered anew or more comes.
            let again = self.poll.registry().reregister(&mut SourceFd(&peer.as_raw_fd()), token, Interest::READABLE);
            if let (Ok(()), Some(slot)) = (again, self.handover.peers.get_mut(token.0.wrapping_sub(tokens::HANDOVER + 1))) {
                *slot = Some(peer);
            }
        }
    }
}

fn give(peer: &Socket, open: &[Open], variables: &Variables) -> io::Result<()> {
    let given: Vec<&Open> = open.iter().filter(|open| !matches!(open.address, Address::Inherited(_))).collect();
    for part in given.chunks(MOST_PER_PACKET) {
        let text = part.iter().fold("listeners".to_string(), |text, open| text + "\n" + &render_address(&open.address));
        let numbers: Vec<RawFd> = part.iter().map(|open| descriptor(open)).collect();
        let rights = [ControlMessage::ScmRights(&numbers)];
        sendmsg::<()>(peer.as_raw_fd(), &[IoSlice::new(text.as_bytes())], &rights, MsgFlags::MSG_NOSIGNAL, None)?;
    }
    give_variables(peer, variables)
}

fn give_variables(peer: &Socket, variables: &Variables) -> io::Result<()> {
    let mut packet = "variables".to_string();
    for (name, value) in &variables.run_time() {
        let line = format!("\n{}", render_line(name, value));
        if packet.len() + line.len() > LONGEST_PACKET {
            peer.send(packet.as_bytes())?;
            packet.truncate("variables".len());
        }
        packet += &line;
    }
    peer.send(packet.as_bytes())?;
    peer.send(b"end")?;
    Ok(())
}

fn render_address(address: &Address) -> String {
    match address {
        Address::Inet(address) => format!("inet {address}"),
        Address::Unix(path) => format!("unix {}", render_hex(path.as_os_str().as_bytes())),
        Address::Abstract(name) => format!("abns {}", render_hex(name)),
        Address::Inherited(number) => format!("fd {number}"),
    }
}

fn parse_address(line: &str) -> Option<Address> {
    let (kind, rest) = line.split_once(' ')?;
    match kind {
        "inet" => rest.parse().ok().map(Address::Inet),
        "unix" => parse_hex(rest).map(|path| Address::Unix(PathBuf::from(OsStr::from_bytes(&path)))),
        "abns" => parse_hex(rest).map(Address::Abstract),
        _ => None,
    }
}

fn render_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::variables::Source;

    #[test]
    fn addresses_come_through_a_message_as_they_were() {
        let check = |address: Address| assert_eq!(parse_address(&render_address(&address)), Some(address));
        check(Address::Inet("127.0.0.1:80".parse().unwrap()));
        check(Address::Inet("[::1]:80".parse().unwrap()));
        check(Address::Unix(PathBuf::from("/run/a b\n.sock")));
        check(Address::Abstract(b"x\0y".to_vec()));
        assert_eq!(parse_address("unix 4"), None);
        assert_eq!(parse_address("fd 4"), None);
    }

    #[test]
    fn a_predecessor_of_another_version_gives_nothing() {
        let check = |answers: &[&[u8]]| {
            let (ours, theirs) = Socket::pair(Domain::UNIX, Type::SEQPACKET, None).unwrap();
            assert!(answers.iter().all(|answer| theirs.send(answer).is_ok()));
            theirs.shutdown(std::net::Shutdown::Write).unwrap();
            let mut estate = Estate::default();
            let predecessor = converse(1, ours, &mut estate);
            assert!(!predecessor.is_linked() && predecessor.complaint().is_some_and(|told| told.starts_with("process 1 ")));
            assert!(estate.open.is_empty() && estate.variables.is_empty(), "{estate:?}");
        };
        check(&[]);
        check(&[b"variables\na str 1.000 - 31"]);
        check(&[b"variables\na str 1.000 - 31", b"certificates\nx", b"end"]);
        check(&[b"variables\na blob 1.000 - 31", b"end"]);
        check(&[b"variables\na str 1.000 - 3", b"end"]);
        check(&[b"listeners\nvsock 1:2"]);
        check(&[b"\xff", b"end"]);
    }

    #[test]
    fn sockets_and_variables_go_over() {
        let (ours, theirs) = Socket::pair(Domain::UNIX, Type::SEQPACKET, None).unwrap();
        let listeners: Vec<std::net::TcpListener> = (0..100).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        let open: Vec<Open> = listeners
            .into_iter()
            .zip(&addresses)
            .map(|(listener, address)| Open { address: Address::Inet(*address), socket: Arc::new(Socket::from(listener)) })
            .collect();
        let variables = Variables::default();
        variables.set(Source::RunTime, "maintenance", Some(b"a=b\n\xff"));
        variables.set(Source::Environment, "HOME", Some(b"/root"));
        let giving = std::thread::spawn(move || {
            assert_eq!(receive_packet(&theirs).unwrap().0, GREETING.as_bytes());
            give(&theirs, &open, &variables).unwrap();
        });
        let mut estate = Estate::default();
        ours.send(GREETING.as_bytes()).unwrap();
        receive(&ours, &mut estate).unwrap();
        giving.join().unwrap();
        let told: Vec<_> = estate.variables.iter().map(|(name, value)| (name.as_str(), value.text.as_slice())).collect();
        assert_eq!(told, [("maintenance", b"a=b\n\xff".as_slice())]);
        for (open, address) in estate.open.iter().zip(&addresses) {
            assert_eq!(open.address, Address::Inet(*address));
            assert_eq!(open.socket.local_addr().unwrap().as_socket(), Some(*address), "the socket is the one of its address");
        }
        assert_eq!(estate.open.len(), 100);
    }
}
