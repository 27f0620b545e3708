//! `tcp-request connection` rules: what becomes of a client of which only the addresses are known. One that is let in may have to say
//! first, in a PROXY header, who it speaks for; reading that is the worker's.

use super::{Context, Session};
use crate::rules::inspect::Decision;
use crate::rules::note::Notes;
use crate::sample::ProxyId;
use crate::state::queue::SessionKey;
use std::net::SocketAddr;

/// A client that may come in.
#[derive(Debug, Default)]
pub struct Admitted {
    /// Its address.
    pub source: Option<SocketAddr>,
    /// The address that it connected to.
    pub destination: Option<SocketAddr>,
    /// `expect-proxy`: it has to begin with a PROXY header.
    pub expects_proxy: bool,
    /// It has begun with one.
    pub came_by_proxy: bool,
    pub(super) notes: Notes,
}

/// What rules say of a client.
#[derive(Debug)]
pub enum Admission {
    /// It may come in.
    In(Box<Admitted>),
    /// Its connection is reset.
    Reset,
    /// It is let go of without being told.
    Drop,
}

impl Admitted {
    /// A client of whom no rule has anything to say.
    pub fn plain(source: Option<SocketAddr>, destination: Option<SocketAddr>) -> Admitted {
        Admitted { source, destination, ..Admitted::default() }
    }
}

impl Session {
    /// What the rules of a frontend say of a client; nothing is counted yet, and a frontend without such rules says nothing.
    pub fn admit(key: SessionKey, frontend: ProxyId, client: Admitted, cx: &mut Context) -> Option<Admission> {
        let running = cx.current.clone();
        let (proxy, _) = running.proxy(frontend).filter(|(proxy, _)| !proxy.connection_rules.is_empty())?;
        let mut session = Session::bare(key, frontend, client, cx);
        let decision = session.inspect_connection(cx, proxy);
        Some(match decision {
            Decision::Reject => Admission::Reset,
            Decision::Drop => Admission::Drop,
            Decision::Accept | Decision::CloseServer | Decision::Wait => Admission::In(Box::new(Admitted {
                source: session.source,
                destination: session.destination,
                expects_proxy: std::mem::take(&mut session.notes.expects_proxy),
                came_by_proxy: false,
                notes: session.notes,
            })),
        })
    }
}
