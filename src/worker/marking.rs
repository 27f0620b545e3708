//! The type of service and the mark that rules give to a client's packets (`set-tos`, `set-mark`), put on its socket.
//! When they are given is the session's to say; sockets that are not of IP have neither.

use super::Loop;
use super::transport::Stream;
use crate::rules::note::Marks;
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;

impl Loop {
    /// Does what rules have said of the client's packets, before more of them leave.
    pub(super) fn mark_client(&mut self, index: u32) {
        let marks = std::mem::take(&mut self.out.marks);
        if marks == Marks::default() {
            return;
        }
        let client = self.seats.get(index).map(|seat| seat.client);
        let Some(transport) = client.and_then(|client| self.transports.get(client)) else { return };
        if let Err(fault) = mark(&transport.stream, marks)
            && !std::mem::replace(&mut self.marks_refused, true)
        {
            log::warn!("packets to clients cannot be marked as rules want it: {fault}");
        }
    }
}

/// Marks the packets of a socket. `set-mark` needs CAP_NET_ADMIN; where that is missing it is the error, and the rest is done.
fn mark(stream: &Stream, marks: Marks) -> io::Result<()> {
    let Stream::Tcp(stream) = stream else { return Ok(()) };
    let socket = SockRef::from(stream);
    if let Some(tos) = marks.tos {
        match stream.peer_addr()? {
            SocketAddr::V6(peer) if peer.ip().to_ipv4_mapped().is_none() => socket.set_tclass_v6(u32::from(tos))?,
            _ => socket.set_tos_v4(u32::from(tos))?,
        }
    }
    if let Some(mark) = marks.mark {
        socket.set_mark(mark).map_err(|fault| io::Error::new(fault.kind(), format!("set-mark needs CAP_NET_ADMIN: {fault}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    /// A client's socket at this address.
    fn client(address: &str) -> (Stream, TcpStream) {
        let listener = TcpListener::bind(address).expect("a port");
        let peer = TcpStream::connect(listener.local_addr().expect("an address")).expect("connected");
        let (accepted, _) = listener.accept().expect("accepted");
        (Stream::Tcp(mio::net::TcpStream::from_std(accepted)), peer)
    }

    #[test]
    fn packets_get_the_type_of_service_of_their_family() {
        let (stream, _peer) = client("127.0.0.1:0");
        mark(&stream, Marks { tos: Some(0x10), mark: None }).expect("marked");
        let Stream::Tcp(socket) = &stream else { unreachable!("it is of TCP") };
        assert_eq!(SockRef::from(socket).tos_v4().expect("asked"), 0x10);
        mark(&stream, Marks::default()).expect("nothing to do");
        assert_eq!(SockRef::from(socket).tos_v4().expect("asked"), 0x10);
        let (stream, _peer) = client("[::1]:0");
        mark(&stream, Marks { tos: Some(0x28), mark: None }).expect("marked");
        let Stream::Tcp(socket) = &stream else { unreachable!("it is of TCP") };
        assert_eq!(SockRef::from(socket).tclass_v6().expect("asked"), 0x28);
    }

    #[test]
    fn a_mark_is_set_or_its_lack_of_rights_is_told() {
        let (stream, _peer) = client("127.0.0.1:0");
        let Stream::Tcp(socket) = &stream else { unreachable!("it is of TCP") };
        match mark(&stream, Marks { tos: None, mark: Some(7) }) {
            Ok(()) => assert_eq!(SockRef::from(socket).mark().expect("asked"), 7),
            Err(fault) => assert!(fault.to_string().contains("CAP_NET_ADMIN"), "{fault}"),
        }
    }
}
