//! `tcp-request connection` rules: what becomes of a client of which only the addresses are known. One that is let in may have to say
//! first, in a PROXY header, who it speaks for; reading that is the worker's.

use super::{ClientSide, Context, ServerSide, Session, Transaction};
use crate::rules::inspect::Decision;
use crate::rules::note::Notes;
use crate::sample::ProxyId;
use crate::state::queue::SessionKey;
use crate::units::Moment;
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
    /// A session of which nothing is counted yet.
    pub(super) fn bare(key: SessionKey, frontend: ProxyId, client: Admitted, cx: &Context) -> Session {
        Session {
            key,
            running: cx.current.clone(),
            frontend,
            source: client.source,
            destination: client.destination,
            came_by_proxy: client.came_by_proxy,
            upgraded: false,
            listener: None,
            entrance: None,
            client: ClientSide::Idle,
            server: ServerSide::None,
            transaction: Transaction::opened(cx),
            notes: client.notes,
            captured: super::captures::Captured::default(),
            requests: 0,
            head_deadline: Moment::NEVER,
            client_deadline: Moment::NEVER,
            server_deadline: Moment::NEVER,
            inspect_deadline: Moment::NEVER,
            response_inspection: None,
            request_aside: None,
            response_aside: None,
            client_blocked: false,
            server_blocked: false,
            last_server: None,
            answered_here: false,
            client_finished: false,
            server_finished: false,
            ended: false,
        }
    }

    /// A client whom no rule was asked about.
    pub fn accept(
        key: SessionKey,
        frontend: ProxyId,
        source: Option<SocketAddr>,
        destination: Option<SocketAddr>,
        cx: &mut Context,
    ) -> Session {
        Session::accept_admitted(key, frontend, Admitted::plain(source, destination), cx)
    }

    /// What the rules of a frontend say of a client; nothing is counted yet, and a frontend without such rules says nothing.
    pub fn admit(key: SessionKey, frontend: ProxyId, client: Admitted, cx: &mut Context) -> Option<Admission> {
        let running = cx.current.clone();
        let (proxy, _) = running.proxy(frontend).filter(|(proxy, _)| !proxy.connection_rules.is_empty())?;
        let mut session = Session::bare(key, frontend, client, cx);
        let decision = session.inspect_connection(cx, proxy);
        match decision {
            Decision::Reject => session.count_turned_away(|counters| &counters.denied_connections),
            Decision::Drop => session.count_turned_away(|counters| &counters.denied_requests),
            Decision::Accept | Decision::CloseServer | Decision::Wait => {}
        }
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
