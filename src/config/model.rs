//! The resolved configuration: what the text means, with every name looked up. It is immutable and swapped whole.
//! What is alive (health, queues, switches, connections) is in `state`, found by the names written here.

use super::balancing::{Balance, HashType};
pub use super::maintenance::{Maintenance, Trigger};
pub use super::stats_page::StatsPage;
use crate::acl::{Acl, Condition};
use crate::http::page::Page;
use crate::rules::action::Rule;
use crate::rules::rewrite::Rewrite;
use crate::sample::ProxyId;
use crate::sample::format::Format;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A whole configuration.
#[derive(Debug, Default)]
pub struct Config {
    /// What the `global` sections say.
    pub global: Global,
    /// Frontends, backends and listens in the order of the files; `ProxyId` is the index.
    pub proxies: Vec<Proxy>,
    /// The switches that the configuration reads; `VariableId` is the index.
    pub variables: Vec<String>,
}

impl Config {
    /// Is there anything that a client could connect to? Without it HAProxy exits with status 2.
    pub fn has_listener(&self) -> bool {
        self.proxies.iter().any(|proxy| !proxy.disabled && !proxy.binds.is_empty())
    }
}

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// `global`.
#[derive(Debug, Default)]
pub struct Global {
    /// `maxconn`: connections of all frontends together; `None` leaves it to the descriptor limit, within reason.
    pub maxconn: Option<u32>,
    /// `nbthread`: worker threads; `None` is one per core.
    pub nbthread: Option<u16>,
    /// `daemon`.
    pub daemon: bool,
    /// `pidfile`.
    pub pidfile: Option<PathBuf>,
    /// `user` or `uid`, looked up.
    pub uid: Option<u32>,
    /// `group` or `gid`, looked up.
    pub gid: Option<u32>,
    /// `chroot`.
    pub chroot: Option<PathBuf>,
    /// `log` lines.
    pub log: Vec<LogTarget>,
    /// `log-tag`; `None` is the program's name.
    pub log_tag: Option<String>,
    /// `log-send-hostname`: the name to send.
    pub log_hostname: Option<String>,
    /// `stats socket` lines.
    pub stats_sockets: Vec<StatsSocket>,
    /// `stats timeout`; 10 s when absent.
    pub stats_timeout: Option<Duration>,
    /// `setenv`, `presetenv`, `unsetenv`, `resetenv`, in order, as they leave the environment of the configuration:
    /// names and values, `None` for a name that was unset.
    pub environment: Vec<(String, Option<String>)>,
    /// `variables-file`: where switches that are set at run time are kept.
    pub variables_file: Option<PathBuf>,
    /// `spread-checks`, percent.
    pub spread_checks: u8,
    /// `ulimit-n`.
    pub ulimit_n: Option<u32>,
    /// `hard-stop-after`.
    pub hard_stop_after: Option<Duration>,
    /// `quiet`: nothing is said at start.
    pub quiet: bool,
    /// `debug`: stays in the foreground.
    pub debug: bool,
    /// `node`
    pub node: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `tune.bufsize`, bytes; 16384 when absent.
    pub bufsize: usize,
    /// `tune.maxrewrite`, bytes; 1024 when absent.
    pub maxrewrite: usize,
    /// `tune.http.maxhdr`, fields in a head; 101 when absent.
    pub maxhdr: usize,
}

/// A `stats socket` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsSocket {
    /// Where it is bound.
    pub address: Address,
    /// `mode`, permission bits; 0600 when absent.
    pub mode: Option<u32>,
    /// `user` or `uid` of the socket's file.
    pub uid: Option<u32>,
    /// `group` or `gid` of the socket's file.
    pub gid: Option<u32>,
    /// `level`.
    pub level: Level,
    /// `expose-fd listeners`.
    pub expose_listeners: bool,
    /// Where the line stands.
    pub place: Place,
}

/// What a connection to the control socket may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Read what is not sensitive.
    User,
    /// Read all.
    #[default]
    Operator,
    /// Change things.
    Admin,
}

/// Where something listens, is sent to, or is connected to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// An internet address; host names are looked up when the file is read.
    Inet(SocketAddr),
    /// A unix socket's path.
    Unix(PathBuf),
    /// `abns@NAME`: an abstract unix socket.
    Abstract(Vec<u8>),
    /// `fd@N`: a socket that was inherited.
    Inherited(i32),
}

/// A `log` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    /// Where datagrams go.
    pub to: LogSink,
    /// The syslog facility's code, 0 to 23.
    pub facility: u8,
    /// The least severe level that is sent (7, debug, when absent).
    pub level: u8,
    /// The most severe level that is written; more severe ones are written as this.
    pub min_level: u8,
    /// How a line begins.
    pub format: LogFraming,
    /// The longest line, bytes.
    pub length: usize,
}

/// Where log lines go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LogSink {
    /// A syslog server over UDP, or a unix datagram socket.
    Datagram(Address),
    /// `stdout`.
    Stdout,
    /// `stderr`.
    Stderr,
}

/// How a log line is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogFraming {
    /// `<PRI>Mon dd HH:MM:SS TAG[pid]: msg`
    #[default]
    Rfc3164,
    /// `<PRI>1 date host tag pid - - msg`
    Rfc5424,
    /// `<L>msg` with the level alone
    Short,
    /// The message alone.
    Raw,
}

/// What a section speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// HTTP/1.1.
    Http,
    /// Bytes both ways. HAProxy's default.
    #[default]
    Tcp,
    /// Answer `OK` and close.
    Health,
}

/// The keyword that a section began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ProxyKind {
    /// `frontend`
    #[default]
    Frontend,
    /// `backend`
    Backend,
    /// `listen`: both
    Listen,
}

impl ProxyKind {
    /// Does the section accept clients?
    pub fn has_frontend(self) -> bool {
        self != ProxyKind::Backend
    }
    /// Does the section have servers?
    pub fn has_backend(self) -> bool {
        self != ProxyKind::Frontend
    }
}

/// A `frontend`, `backend` or `listen` section with what it got from `defaults`.
#[derive(Debug, Default)]
pub struct Proxy {
    /// Its own id.
    pub id: ProxyId,
    /// Its name.
    pub name: String,
    /// Its keyword.
    pub kind: ProxyKind,
    /// Where it begins.
    pub place: Place,
    /// `id`: its number in statistics.
    pub numeric_id: Option<u32>,
    /// `description`
    pub description: Option<String>,
    /// `disabled`.
    pub disabled: bool,
    /// `mode`.
    pub mode: Mode,
    /// `bind` lines.
    pub binds: Vec<Bind>,
    /// `maxconn` of a frontend; `None` is the global limit.
    pub maxconn: Option<u32>,
    /// `backlog`.
    pub backlog: Option<u32>,
    /// `monitor-net`.
    pub monitor_net: Option<Network>,
    /// `monitor-uri`
    pub monitor_uri: Option<Vec<u8>>,
    /// `monitor fail`: when one of these holds, `monitor-uri` says 503.
    pub monitor_fail: Vec<Condition>,
    /// `errorfile`, `errorloc` and their kin: the answer for a status, the last line of a status first.
    pub pages: Vec<(u16, Page)>,
    /// `maintenance` lines.
    pub maintenance: Option<Maintenance>,
    /// `acl` lines by name, the predefined ones that are used, and inline ones; `AclId` is the index.
    pub acls: Vec<Acl>,
    /// `use_backend` rules in order.
    pub switching: Vec<Switching>,
    /// `default_backend`.
    pub default_backend: Option<ProxyId>,
    /// `balance`.
    pub balance: Balance,
    /// `hash-type`.
    pub hash_type: HashType,
    /// `server` lines.
    pub servers: Vec<Server>,
    /// `cookie`.
    pub cookie: Option<Cookie>,
    /// `option httpchk` or the plain connect check, for servers that say `check`.
    pub check: CheckKind,
    /// `retries`; 3 when absent.
    pub retries: u32,
    /// `option redispatch [N]`: 0 is off; -1 the last try alone; N every Nth.
    pub redispatch: i32,
    /// `fullconn`.
    pub fullconn: Option<u32>,
    /// `option` flags.
    pub options: Options,
    /// `timeout` lines.
    pub timeouts: Timeouts,
    /// `log` lines with `log global` filled in.
    pub log: Vec<LogTarget>,
    /// `log-tag` of this section.
    pub log_tag: Option<String>,
    /// `option httplog`, `tcplog` or a `log-format`.
    pub log_format: LogFormat,
    /// `log-format`
    pub custom_log: Option<Arc<Format>>,
    /// `req*` rules in order.
    pub request_rewrites: Vec<Rewrite>,
    /// `rsp*` rules in order.
    pub response_rewrites: Vec<Rewrite>,
    /// `block` and `http-request` rules, in the order in which they run.
    pub request_rules: Vec<Rule>,
    /// `redirect` rules in order.
    pub redirects: Vec<Rule>,
    /// `http-response` rules in order.
    pub response_rules: Vec<Rule>,
    /// `http-after-response` rules in order.
    pub after_rules: Vec<Rule>,
    /// `option forwardfor`.
    pub forward_for: Option<ForwardFor>,
    /// `stats` lines.
    pub stats_page: Option<StatsPage>,
    /// `capture cookie`
    pub capture_cookie: Option<Capture>,
    /// `capture request header`, in order.
    pub capture_request: Vec<Capture>,
    /// `capture response header`, in order.
    pub capture_response: Vec<Capture>,
    /// `http-reuse`
    pub http_reuse: HttpReuse,
    /// `tcp-request inspect-delay`
    pub inspect_delay: Option<Duration>,
}

/// Something that is written into log lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The field's or cookie's name.
    pub name: Vec<u8>,
    /// The most of it that is kept, bytes.
    pub length: usize,
}

/// `http-reuse`: which requests may use idle connections that other clients' requests left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HttpReuse {
    /// None.
    Never,
    /// All but the first of a client.
    #[default]
    Safe,
    /// The first of a client as well, on connections that were reused before.
    Aggressive,
    /// All.
    Always,
}

impl Proxy {
    /// Its own answer for a status.
    pub fn page(&self, code: u16) -> Option<&Page> {
        self.pages.iter().find(|(own, _)| *own == code).map(|(_, page)| page)
    }
}

impl Default for ProxyId {
    fn default() -> ProxyId {
        ProxyId(u32::MAX)
    }
}

/// How connections are used after a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ConnectionMode {
    /// Both sides are kept (HAProxy's default since 1.5, `option http-keep-alive`).
    #[default]
    KeepAlive,
    /// `option http-server-close`: the server's side is closed.
    ServerClose,
    /// `option httpclose`: both sides are closed after one exchange.
    Close,
}

/// The `option` lines that are plain switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// How connections are used after a transaction.
    pub connection_mode: ConnectionMode,
    /// `option logasap`
    pub log_asap: bool,
    /// `option dontlognull`
    pub dont_log_null: bool,
    /// `option clitcpka` or `tcpka`
    pub client_keepalive_probes: bool,
    /// `option srvtcpka` or `tcpka`
    pub server_keepalive_probes: bool,
    /// `option allbackups`
    pub all_backups: bool,
    /// `option persist`
    pub persist: bool,
    /// `option abortonclose`
    pub abort_on_close: bool,
    /// `option log-health-checks`
    pub log_health_checks: bool,
}

/// The form of a traffic log line.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// `Connect from ...`, HAProxy's default.
    #[default]
    Connect,
    /// `option tcplog`
    Tcp,
    /// `option httplog`
    Http,
    /// `log-format`, which stands in `Proxy::custom_log`
    Custom,
}

/// `timeout` lines; `None` is no limit (or the one that HAProxy falls back to).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// `timeout client`
    pub client: Option<Duration>,
    /// `timeout server`
    pub server: Option<Duration>,
    /// `timeout connect`
    pub connect: Option<Duration>,
    /// `timeout queue`; `connect` when absent
    pub queue: Option<Duration>,
    /// `timeout check`
    pub check: Option<Duration>,
    /// `timeout http-request`
    pub http_request: Option<Duration>,
    /// `timeout http-keep-alive`
    pub http_keep_alive: Option<Duration>,
    /// `timeout tarpit`; `connect` when absent
    pub tarpit: Option<Duration>,
    /// `timeout tunnel`; `client` and `server` when absent
    pub tunnel: Option<Duration>,
    /// `timeout client-fin`; `client` when absent
    pub client_fin: Option<Duration>,
    /// `timeout server-fin`; `server` when absent
    pub server_fin: Option<Duration>,
}

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

/// A `use_backend` line.
#[derive(Debug)]
pub struct Switching {
    /// The backend to use.
    pub backend: ProxyId,
    /// When; `None` is always.
    pub condition: Option<Condition>,
    /// A rule that stands behind an unconditional one, or is one with another behind it: it is taken in order, and passed
    /// over while its backend has no usable server (DESIGN of fallbacks: only rules that HAProxy could never reach).
    pub fallback: bool,
    /// Where the line stands.
    pub place: Place,
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

/// `cookie NAME ...`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cookie {
    /// The cookie's name.
    pub name: Vec<u8>,
    /// `insert`
    pub insert: bool,
    /// `indirect`
    pub indirect: bool,
    /// `nocache`
    pub nocache: bool,
    /// `postonly`
    pub postonly: bool,
    /// `rewrite`
    pub rewrite: bool,
    /// `prefix`
    pub prefix: bool,
    /// `preserve`
    pub preserve: bool,
    /// What follows `; path=/`: `; domain=D`, `; HttpOnly`, `; Secure`, `; attr`, in HAProxy's order.
    pub attributes: Vec<u8>,
}

/// `option forwardfor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// `except`
    pub except: Option<Network>,
    /// `header`; `X-Forwarded-For` when absent.
    pub header: Vec<u8>,
    /// `if-none`
    pub if_none: bool,
}
