//! Which of a proxy's addresses a client came in by, and how many are there (`so_id`, `dst_conn`).
//! Accepting clients is the worker's.

use crate::config::model::{Address, Proxy};
use crate::state::running::Live;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The address of a proxy at which a client came in.
#[derive(Debug)]
pub(super) struct Entrance {
    /// Its index among the proxy's `bind` addresses.
    pub(super) index: usize,
    pub(super) connections: Arc<AtomicUsize>,
}

impl Entrance {
    /// The one at which this address is served; clients of unix sockets have none.
    pub(super) fn find(proxy: &Proxy, live: &Live, destination: Option<SocketAddr>) -> Option<Entrance> {
        let serves = |bound: &SocketAddr, asked: SocketAddr| {
            bound.port() == asked.port() && (bound.ip().is_unspecified() || bound.ip().to_canonical() == asked.ip().to_canonical())
        };
        let index = match (destination, proxy.binds.as_slice()) {
            (_, [_]) => 0,
            (None, _) => return None,
            (Some(asked), binds) => binds.iter().position(|bind| matches!(&bind.address, Address::Inet(bound) if serves(bound, asked)))?,
        };
        let connections = live.entrances.get(index)?.clone();
        connections.fetch_add(1, Ordering::Relaxed);
        Some(Entrance { index, connections })
    }
}

impl Drop for Entrance {
    fn drop(&mut self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
