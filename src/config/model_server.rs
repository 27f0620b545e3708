//! Where a proxy listens and where it connects to: `bind` and `server` lines as resolved.
//! What is alive about them (health, queues, connections) is in `state`.

use super::model::{Address, Place};
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
