//! How connections to a server are made: what of its address is the client's, where they come from, how long idle ones are kept.
//! Reading the words is `server_line`'s and `source_line`'s; opening sockets is the worker's.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// An idle connection is closed after this time where the line says nothing (HAProxy's `pool-purge-delay`).
const PURGE_DELAY: Duration = Duration::from_secs(5);

/// What a `server` line says of the connections to it, its address aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// `0.0.0.0`, `::` or `*`: the address that the client connected to.
    pub follows_address: bool,
    /// No port, `+n` or `-n`: the port that the client connected to, and this much more.
    pub port_offset: Option<i32>,
    /// `source`; the backend's when the line has none.
    pub source: Option<Outgoing>,
    /// `tcp-ut`: how long bytes may go unacknowledged.
    pub tcp_user_timeout: Option<Duration>,
    /// What becomes of idle connections.
    pub idle: IdleLimits,
}

/// What becomes of idle connections to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleLimits {
    /// `max-reuse`: requests that a connection may carry behind its first.
    pub reuses: Option<u32>,
    /// `pool-max-conn`: idle ones of a worker.
    pub most: Option<u32>,
    /// `pool-purge-delay`: how long one stays.
    pub purge_delay: Duration,
}

impl Default for IdleLimits {
    fn default() -> IdleLimits {
        IdleLimits { reuses: None, most: None, purge_delay: PURGE_DELAY }
    }
}

/// `source`: where connections come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The address; `None` leaves it to the system.
    pub address: Option<IpAddr>,
    /// The ports, first and last; 0 and 0 leave them to the system.
    pub ports: (u16, u16),
    /// `usesrc`: an address that need not be of this host.
    pub foreign: Option<Foreign>,
    /// `interface`
    pub interface: Option<String>,
}

/// The argument of `usesrc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// `client`: the client's address and port.
    Client,
    /// `clientip`: the client's address.
    ClientAddress,
    /// This address.
    Fixed(SocketAddr),
}

impl Reach {
    /// Where a connection goes, for a client that connected to `destination`; `None` when there is no such port.
    pub fn target(&self, address: SocketAddr, destination: Option<SocketAddr>) -> Option<SocketAddr> {
        let mut target = address;
        let Some(destination) = destination else { return Some(target).filter(|target| target.port() > 0) };
        if self.follows_address {
            target.set_ip(destination.ip());
        }
        if let Some(offset) = self.port_offset {
            let port = i32::from(destination.port()).checked_add(offset)?;
            target.set_port(u16::try_from(port).ok()?);
        }
        Some(target).filter(|target| target.port() > 0)
    }

    /// Is a connection made for one client alone, so that no other client's request may use it?
    pub fn is_of_one_client(&self) -> bool {
        let foreign = self.source.as_ref().and_then(|source| source.foreign);
        self.follows_address || self.port_offset.is_some() || matches!(foreign, Some(Foreign::Client | Foreign::ClientAddress))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(follows_address: bool, port_offset: Option<i32>, destination: &str, expected: &str) {
        let reach = Reach { follows_address, port_offset, ..Reach::default() };
        let address = if port_offset.is_some() { "192.0.2.1:0" } else { "192.0.2.1:80" };
        let found = reach.target(address.parse().unwrap(), destination.parse().ok());
        assert_eq!(found.map_or("nowhere".to_owned(), |target| target.to_string()), expected);
    }

    #[test]
    fn what_an_address_leaves_open_is_the_clients() {
        check(false, None, "198.51.100.9:8000", "192.0.2.1:80");
        check(true, None, "198.51.100.9:8000", "198.51.100.9:80");
        check(false, Some(0), "198.51.100.9:8000", "192.0.2.1:8000");
        check(false, Some(100), "198.51.100.9:8000", "192.0.2.1:8100");
        check(true, Some(-7000), "198.51.100.9:8000", "198.51.100.9:1000");
        check(true, Some(10), "[2001:db8::1]:8000", "[2001:db8::1]:8010");
        check(false, Some(-8000), "198.51.100.9:8000", "nowhere");
        check(false, Some(60000), "198.51.100.9:8000", "nowhere");
        check(false, None, "none", "192.0.2.1:80");
        check(false, Some(1), "none", "nowhere");
    }
}
