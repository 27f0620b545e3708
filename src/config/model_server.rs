//! Where a proxy listens and where it connects to: `bind` and `server` lines as resolved.
//! What is alive about them (health, queues, connections) is in `state`.

use super::model::{Address, Place};
use super::reach::Reach;
use super::server_state::Remembered;
use crate::sample::ProxyId;
use std::net::IpAddr;
use std::time::Duration;

/// One listening address of a `bind` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// The address.
    pub address: Address,
    /// `name`
    pub name: Option<String>,
    /// `v4v6` (false) or `v6only` (true), for `::`
    pub v6only: Option<bool>,
    /// `mode` of a unix socket's file
    pub mode: Option<u32>,
    /// `uid` of a unix socket's file
    pub uid: Option<u32>,
    /// `gid` of a unix socket's file
    pub gid: Option<u32>,
    /// `maxconn` of this listener
    pub maxconn: Option<u32>,
    /// `accept-proxy`
    pub accept_proxy: bool,
    /// `id`: its number in statistics.
    pub id: Option<u32>,
    /// `backlog`; the section's when absent.
    pub backlog: Option<u32>,
    /// `interface`
    pub interface: Option<String>,
    /// `mss`, bytes.
    pub mss: Option<u32>,
    /// `tcp-ut`: how long bytes may go unacknowledged.
    pub tcp_user_timeout: Option<Duration>,
    /// `transparent`: the address need not be this host's.
    pub transparent: bool,
    /// `defer-accept`: clients are taken when they have sent something.
    pub defer_accept: bool,
    /// Where the line stands.
    pub place: Place,
}

impl Bind {
    /// A listener of which nothing but its address is said.
    pub fn at(address: Address) -> Bind {
        Bind {
            address,
            name: None,
            v6only: None,
            mode: None,
            uid: None,
            gid: None,
            maxconn: None,
            accept_proxy: false,
            id: None,
            backlog: None,
            interface: None,
            mss: None,
            tcp_user_timeout: None,
            transparent: false,
            defer_accept: false,
            place: Place::default(),
        }
    }

    /// Its name in statistics: its own, or one by its place among the addresses of its section.
    pub fn title(&self, index: usize) -> String {
        self.name.clone().unwrap_or_else(|| format!("sock-{}", index + 1))
    }
}

/// An address with a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address.
    pub address: IpAddr,
    /// Bits that count.
    pub prefix: u8,
}

impl Network {
    /// Does the address lie in it? An IPv4 address in IPv6's clothes counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix.min(32));
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix.min(128));
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// A `server` line with what it got from `default-server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// `id`: its number in the backend; without one its position, or the next number that is free.
    pub id: u32,
    /// Is the number that of its line?
    pub has_own_id: bool,
    /// Where it listens.
    pub address: Address,
    /// `cookie`
    pub cookie: Option<Vec<u8>>,
    /// `check`
    pub check: Option<Check>,
    /// `maxconn`; `None` is no limit.
    pub maxconn: Option<u32>,
    /// `minconn`: what `maxconn` shrinks to while the backend has few requests.
    pub minconn: Option<u32>,
    /// `maxqueue`; `None` is no limit.
    pub maxqueue: Option<u32>,
    /// `weight`, 0 to 256; 1 when absent.
    pub weight: u16,
    /// `backup`
    pub backup: bool,
    /// `disabled`
    pub disabled: bool,
    /// `send-proxy` (1) or `send-proxy-v2` (2)
    pub send_proxy: u8,
    /// `track`: it is up and down with this server, by its index there.
    pub track: Option<(ProxyId, usize)>,
    /// `slowstart`: how long its weight grows once it is up.
    pub slowstart: Option<Duration>,
    /// `observe`
    pub observe: Option<Observe>,
    /// `on-marked-down shutdown-sessions`
    pub cuts_sessions_when_down: bool,
    /// `on-marked-up shutdown-backup-sessions`
    pub cuts_backups_when_up: bool,
    /// `redir`: GET and HEAD are answered with a redirection to this and the request's path.
    pub redirect: Option<Vec<u8>>,
    /// How connections to it are made.
    pub reach: Reach,
    /// The name that its address was found by.
    pub host: Option<String>,
    /// What a state file says of it.
    pub remembered: Option<Box<Remembered>>,
    /// Where the line stands.
    pub place: Place,
}

/// `observe`: traffic that fails counts like checks that fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observe {
    /// What is looked at.
    pub layer: ObservedLayer,
    /// `error-limit`: errors in a row that count; 10 when absent.
    pub error_limit: u32,
    /// `on-error`
    pub on_error: OnError,
}

/// The layer that `observe` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedLayer {
    /// `layer4`: connections.
    Connections,
    /// `layer7`: answers.
    Answers,
}

/// `on-error`: what so many errors in a row do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnError {
    /// `fastinter`: the next check comes soon.
    CheckSoon,
    /// `fail-check`: they count as a failed check.
    #[default]
    FailCheck,
    /// `sudden-death`: one failed check more takes the server down.
    SuddenDeath,
    /// `mark-down`: the server is down.
    MarkDown,
}

impl Server {
    /// The place that `dispatch` or `transparent` stand for: it has no name, and no part in balancing.
    pub fn outside_of_balancing(address: Address, reach: Reach, place: Place) -> Server {
        Server {
            name: String::new(),
            id: 0,
            has_own_id: false,
            address,
            cookie: None,
            check: None,
            maxconn: None,
            minconn: None,
            maxqueue: None,
            weight: 1,
            backup: false,
            disabled: false,
            send_proxy: 0,
            redirect: None,
            reach,
            host: None,
            remembered: None,
            track: None,
            slowstart: None,
            observe: None,
            cuts_sessions_when_down: false,
            cuts_backups_when_up: false,
            place,
        }
    }

    /// Its port; 0 where it has none.
    pub fn port(&self) -> u16 {
        match self.address {
            Address::Inet(address) => address.port(),
            _ => 0,
        }
    }

    /// The requests that it may have at once while its backend has so many (HAProxy's `fullconn`: all are allowed from there on).
    pub fn most_requests(&self, requests: usize, fullconn: u32) -> Option<u32> {
        let (most, Some(least)) = (self.maxconn?, self.minconn) else { return self.maxconn };
        let share = (requests as u64).saturating_mul(u64::from(most)).checked_div(u64::from(fullconn));
        let share = share.and_then(|share| u32::try_from(share).ok()).unwrap_or(most);
        Some(share.max(least).min(most))
    }
}

/// How a server is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `inter`; 2 s when absent.
    pub inter: Duration,
    /// `fastinter`
    pub fastinter: Option<Duration>,
    /// `downinter`
    pub downinter: Option<Duration>,
    /// `rise`; 2 when absent.
    pub rise: u32,
    /// `fall`; 3 when absent.
    pub fall: u32,
    /// The version of the PROXY header that checks begin with, as connections for requests to the same place do; 0 for none.
    pub send_proxy: u8,
    /// `addr` and `port`: where the check connects, when not where requests go.
    pub address: Option<Address>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(minconn: Option<u32>, maxconn: Option<u32>, requests: usize, fullconn: u32, expected: Option<u32>) {
        let any = Address::Unix("/x".into());
        let server = Server { minconn, maxconn, ..Server::outside_of_balancing(any, Reach::default(), Place::default()) };
        assert_eq!(server.most_requests(requests, fullconn), expected, "{minconn:?} {maxconn:?} {requests} of {fullconn}");
    }

    #[test]
    fn a_servers_limit_grows_with_the_load_of_its_backend() {
        check(None, None, 5, 10, None);
        check(None, Some(20), 0, 10, Some(20));
        check(Some(2), Some(20), 0, 100, Some(2));
        check(Some(2), Some(20), 10, 100, Some(2));
        check(Some(2), Some(20), 50, 100, Some(10));
        check(Some(2), Some(20), 99, 100, Some(19));
        check(Some(2), Some(20), 100, 100, Some(20));
        check(Some(2), Some(20), 5000, 100, Some(20));
        check(Some(2), Some(20), 1, 0, Some(20));
    }
}
