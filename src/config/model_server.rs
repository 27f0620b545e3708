//! Where a proxy listens and where it connects to: `bind` and `server` lines as resolved.
//! What is alive about them (health, queues, connections) is in `state`.

use super::model::{Address, Place};
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
    /// Where the line stands.
    pub place: Place,
}

impl Bind {
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
    /// Where it listens.
    pub address: Address,
    /// `cookie`
    pub cookie: Option<Vec<u8>>,
    /// `check`
    pub check: Option<Check>,
    /// `maxconn`; `None` is no limit.
    pub maxconn: Option<u32>,
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
    /// Where the line stands.
    pub place: Place,
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

/// What a check asks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum CheckKind {
    /// Connect, and be content.
    #[default]
    Connect,
    /// `option httpchk`: these bytes are sent, a 2xx or 3xx answer is a success.
    Http {
        /// The whole request.
        request: Vec<u8>,
    },
}
