//! The resolved configuration: what the text means, with every name looked up. It is immutable and swapped whole.
//! What is alive (health, queues, switches, connections) is in `state`, found by the names written here.

pub use super::maintenance::{Maintenance, Trigger};
pub use super::model_proxy::{
    Capture, ConnectionMode, Cookie, ForwardFor, HttpReuse, LogFormat, Mode, Options, Probes, Proxy, ProxyKind, Switching, Timeouts,
};
pub use super::model_server::{Bind, Check, Network, Observe, ObservedLayer, OnError, Server};
pub use super::stats_page::{Access, PageRule, StatsPage};
pub use crate::fault::Place;
use crate::sample::Userlist;
use std::borrow::Cow;
use std::ffi::OsString;
use std::net::SocketAddr;
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
    /// `userlist` sections.
    pub userlists: Vec<Arc<Userlist>>,
    /// The switches that the configuration reads; `VariableId` is the index.
    pub variables: Vec<String>,
}

impl Config {
    /// Is there anything that a client could connect to? Without it HAProxy exits with status 2.
    pub fn has_listener(&self) -> bool {
        self.proxies.iter().any(|proxy| !proxy.disabled && !proxy.binds.is_empty())
    }
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
    /// `stats maxconn`: connections to all control sockets at once.
    pub stats_maxconn: usize,
    /// `stats timeout`; 10 s when absent.
    pub stats_timeout: Option<Duration>,
    /// `setenv`, `presetenv`, `unsetenv`, `resetenv`, in order, as they leave the environment of the configuration:
    /// names and values, `None` for a name that was unset.
    pub environment: Vec<(String, Option<String>)>,
    /// `variables-file`: where switches that are set at run time are kept.
    pub variables_file: Option<PathBuf>,
    /// `spread-checks`, percent.
    pub spread_checks: u8,
    /// `max-spread-checks`
    pub max_spread_checks: Option<Duration>,
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
    /// `tune.rcvbuf.client`, `tune.sndbuf.client`
    pub client_buffers: KernelBuffers,
    /// `tune.rcvbuf.server`, `tune.sndbuf.server`
    pub server_buffers: KernelBuffers,
    /// `tune.maxaccept`: clients taken from one listener in a turn; `None` is a number of byway's own.
    pub max_accept: Option<u32>,
    /// `tune.http.logurilen`: bytes of a request line that a log line shows; 1023 when absent.
    pub logged_line: usize,
    /// `maxconnrate`: connections of all clients in a second.
    pub connection_rate: Option<u32>,
    /// `maxsessrate`: sessions of all clients in a second.
    pub session_rate: Option<u32>,
    /// `fd-hard-limit`: descriptors that the number of connections is made from when nothing says it.
    pub descriptor_limit: Option<u32>,
    /// `strict-limits`: a limit that cannot be had is a fault.
    pub strict_limits: bool,
    /// `grace`: how long a soft stop waits before it begins.
    pub grace: Option<Duration>,
    /// `master-worker`: the process ends as HAProxy's master does.
    pub master_worker: bool,
    /// `unix-bind`: what paths of unix sockets and their files begin with.
    pub unix_bind: UnixBind,
    /// `set-var` and `set-var-fmt`: switches with their first values.
    pub switches: Vec<(String, SwitchValue)>,
    /// `server-state-file`
    pub server_state_file: Option<PathBuf>,
    /// `server-state-base`
    pub server_state_base: Option<PathBuf>,
    /// `tune.http.maxhdr`, fields in a head; 101 when absent.
    pub maxhdr: usize,
}

/// The sizes that sockets ask the system for, bytes; it has its own bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelBuffers {
    /// For what comes.
    pub receive: Option<usize>,
    /// For what leaves.
    pub send: Option<usize>,
}

/// `unix-bind`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnixBind {
    /// `prefix` of paths.
    pub prefix: String,
    /// `mode`
    pub mode: Option<u32>,
    /// `user` or `uid`
    pub uid: Option<u32>,
    /// `group` or `gid`
    pub gid: Option<u32>,
}

impl UnixBind {
    /// An address with the prefix, where it is a path.
    pub fn place(&self, address: Address) -> Address {
        match address {
            Address::Unix(path) if !self.prefix.is_empty() => {
                let mut whole = OsString::from(&self.prefix);
                whole.push(path);
                Address::Unix(whole.into())
            }
            address => address,
        }
    }
}

/// The value that the configuration gives a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchValue {
    /// A text.
    Text(Vec<u8>),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl SwitchValue {
    /// The text that rules read.
    pub fn text(&self) -> Cow<'_, [u8]> {
        match self {
            SwitchValue::Text(text) => Cow::Borrowed(text),
            SwitchValue::Integer(number) => Cow::Owned(number.to_string().into_bytes()),
            SwitchValue::Boolean(holds) => Cow::Borrowed(if *holds { b"1" } else { b"0" }),
        }
    }
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
