//! Listening sockets over a stats socket with `expose-fd listeners`: HAProxy's `_getsocks` and `-x`, in both directions, so
//! that either program can take over from the other. Between two byways `handover` does more.
//!
//! The answer is a count (four bytes, the machine's order), then for each socket the length of a namespace's name, the
//! name, the same of an interface, and four bytes of options, with the sockets beside them, at most 252 in a message.
//! The receiver acknowledges each message with four bytes.

use super::sockets::{Open, descriptor};
use crate::config::model::Address;
use crate::sys;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recvmsg, sendmsg};
use socket2::{Domain, SockAddr, Socket, Type};
use std::ffi::OsStr;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Sockets in one message.
const MOST_PER_MESSAGE: usize = 252;
/// No namespace, no interface, no options.
const PLAIN: [u8; 6] = [0; 6];
/// How long one process waits for the other.
const PATIENCE: Duration = Duration::from_secs(2);
/// Sockets that a process may have, beyond which the count is an error.
const MOST_SOCKETS: usize = 65_536;

/// Gives all sockets to whoever asked on this connection.
pub fn give(peer: &Socket, open: &[Open]) -> io::Result<()> {
    peer.set_nonblocking(false)?;
    peer.set_read_timeout(Some(PATIENCE))?;
    peer.set_write_timeout(Some(PATIENCE))?;
    let given: Vec<&Open> = open.iter().filter(|open| !matches!(open.address, Address::Inherited(_))).collect();
    let count = u32::try_from(given.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut peer_bytes: &Socket = peer;
    peer_bytes.write_all(&count.to_ne_bytes())?;
    for part in given.chunks(MOST_PER_MESSAGE) {
        let numbers: Vec<RawFd> = part.iter().map(|open| descriptor(open)).collect();
        let text = PLAIN.repeat(part.len());
        let rights = [ControlMessage::ScmRights(&numbers)];
        sendmsg::<()>(peer.as_raw_fd(), &[IoSlice::new(&text)], &rights, MsgFlags::MSG_NOSIGNAL, None)?;
        if part.len() == MOST_PER_MESSAGE {
            peer_bytes.read_exact(&mut [0; 4])?;
        }
    }
    Ok(())
}

/// Asks the process behind a stats socket for its listening sockets.
pub fn ask(path: &Path) -> io::Result<Vec<Open>> {
    let peer = Socket::new(Domain::UNIX, Type::STREAM.cloexec(), None)?;
    peer.connect(&SockAddr::unix(path)?)?;
    peer.set_read_timeout(Some(PATIENCE))?;
    peer.set_write_timeout(Some(PATIENCE))?;
    (&peer).write_all(b"_getsocks\n")?;
    receive(&peer)
}

fn receive(peer: &Socket) -> io::Result<Vec<Open>> {
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "it gives no listening sockets: 'expose-fd listeners' is needed there");
    let mut count = [0; 4];
    { peer }.read_exact(&mut count).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => malformed(),
        _ => error,
    })?;
    let count = u32::from_ne_bytes(count) as usize;
    if count > MOST_SOCKETS {
        return Err(malformed());
    }
    let mut sockets: Vec<Socket> = Vec::new();
    while sockets.len() < count {
        let mut text = [0; 16 * 1024];
        let mut slices = [IoSliceMut::new(&mut text)];
        let mut control = nix::cmsg_space!([RawFd; MOST_PER_MESSAGE]);
        let message = recvmsg::<UnixAddr>(peer.as_raw_fd(), &mut slices, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC)?;
        for part in message.cmsgs()? {
            if let ControlMessageOwned::ScmRights(numbers) = part {
                for number in numbers {
                    sockets.push(Socket::from(sys::adopt(number)?));
                }
            }
        }
        if message.bytes == 0 {
            return Err(malformed());
        }
        // One that waits for no acknowledgement may be gone already.
        let _ = peer.send_with_flags(&(sockets.len() as u32).to_ne_bytes(), nix::libc::MSG_NOSIGNAL);
    }
    sockets.into_iter().filter(|socket| socket.is_listener().unwrap_or(false)).map(known_by_address).collect()
}

/// A socket and the address that its line in the configuration gives.
fn known_by_address(socket: Socket) -> io::Result<Open> {
    socket.set_nonblocking(true)?;
    let bound = socket.local_addr()?;
    let address = match (bound.as_socket(), bound.as_pathname(), bound.as_abstract_namespace()) {
        (Some(address), ..) => Address::Inet(address),
        (_, Some(path), _) => Address::Unix(final_path(path)),
        (.., Some(name)) => Address::Abstract(name.to_vec()),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    Ok(Open { address, socket: Arc::new(socket) })
}

/// The path that a unix socket goes by: both programs bind it as `PATH.PID.tmp` and rename it.
fn final_path(path: &Path) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    let stem = bytes.strip_suffix(b".tmp").and_then(|rest| {
        let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        rest.get(..rest.len() - digits)?.strip_suffix(b".").filter(|_| digits > 0)
    });
    PathBuf::from(OsStr::from_bytes(stem.unwrap_or(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_sockets_than_one_message_takes_go_over_with_their_addresses() {
        let (ours, theirs) = Socket::pair(Domain::UNIX, Type::STREAM, None).unwrap();
        let listeners: Vec<_> = (0..MOST_PER_MESSAGE + 8).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses: Vec<_> = listeners.iter().map(|listener| Address::Inet(listener.local_addr().unwrap())).collect();
        let sockets = listeners.into_iter().map(|listener| Arc::new(Socket::from(listener)));
        let open: Vec<Open> = addresses.iter().cloned().zip(sockets).map(|(address, socket)| Open { address, socket }).collect();
        let giving = std::thread::spawn(move || give(&theirs, &open));
        let received: Vec<_> = receive(&ours).unwrap().into_iter().map(|open| open.address).collect();
        giving.join().unwrap().unwrap();
        assert_eq!(received, addresses);
    }

    #[test]
    fn provisional_names_are_left_out() {
        let check = |path: &str, expected: &str| assert_eq!(final_path(Path::new(path)), Path::new(expected));
        check("/run/a.sock.1234.tmp", "/run/a.sock");
        check("/run/a.sock", "/run/a.sock");
        check("/run/a.tmp", "/run/a.tmp");
        check("/run/a.x1.tmp", "/run/a.x1.tmp");
        check("/run/.12.tmp", "/run/");
    }
}
