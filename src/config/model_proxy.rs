//! A proxy as resolved: its section with what it got from `defaults`, its options, times and log format.
//! Its `bind` and `server` lines are in `model_server`.

use super::balancing::{Balance, HashType};
use super::model::{Bind, LogTarget, Maintenance, Network, Place, Server, StatsPage};
use super::model_check::CheckPlan;
use super::model_http::HttpOptions;
use super::reach::Outgoing;
use super::server_state::LoadState;
use crate::acl::{Acl, Condition};
use crate::http::page::Page;
use crate::rules::action::Rule;
use crate::rules::reply::Reply;
use crate::rules::rewrite::Rewrite;
use crate::rules::server::{PersistenceRule, ServerRule};
use crate::rules::switching::NameByExpression;
use crate::sample::ProxyId;
use crate::sample::format::Format;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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

impl Mode {
    /// May a frontend of this mode have a backend of that one? What comes as bytes may turn out to be HTTP, not the other way round.
    pub fn leads_to(self, backend: Mode) -> bool {
        self == backend || (self == Mode::Tcp && backend == Mode::Http)
    }
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
    /// `http-error`: answers that are made for each request; they go before `pages`.
    pub replies: Vec<(u16, Arc<Reply>)>,
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
    /// `dispatch` or `transparent`: where requests go that no server is chosen for.
    pub direct: Option<Box<Server>>,
    /// `source` of this section, for servers without their own.
    pub source: Option<Outgoing>,
    /// `cookie`.
    pub cookie: Option<Cookie>,
    /// `option httpchk`, `option tcp-check` and their kin: how servers that say `check` are checked.
    pub check: Arc<CheckPlan>,
    /// `retries`; 3 when absent.
    pub retries: u32,
    /// `option redispatch [N]`: 0 is off; -1 the last try alone; N every Nth.
    pub redispatch: i32,
    /// `fullconn`; a tenth of what the frontends that lead here take, when absent.
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
    /// `log-format-sd`: the structured data of targets with `format rfc5424` (RFC 5424 section 6.3).
    pub structured_log: Option<Arc<Format>>,
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
    /// `use-server` rules in order.
    pub server_rules: Vec<ServerRule>,
    /// `force-persist` and `ignore-persist` rules in order.
    pub persistence_rules: Vec<PersistenceRule>,
    /// `http-send-name-header`
    pub send_name_header: Option<String>,
    /// `unique-id-format`
    pub unique_id_format: Option<Arc<Format>>,
    /// `unique-id-header`: the field that tells servers the id.
    pub unique_id_header: Option<String>,
    /// `option forwardfor`.
    pub forward_for: Option<ForwardFor>,
    /// What the section says about HTTP itself.
    pub http: HttpOptions,
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
    /// `tcp-request connection` rules in order.
    pub connection_rules: Vec<Rule>,
    /// `tcp-request session` rules in order.
    pub session_rules: Vec<Rule>,
    /// `tcp-request content` rules in order.
    pub content_rules: Vec<Rule>,
    /// `tcp-response content` rules in order.
    pub response_content_rules: Vec<Rule>,
    /// `tcp-request inspect-delay`
    pub inspect_delay: Option<Duration>,
    /// `tcp-response inspect-delay`
    pub response_inspect_delay: Option<Duration>,
    /// `load-server-state-from-file`
    pub load_state: LoadState,
    /// `server-state-file-name`; the section's own name when absent.
    pub state_file_name: Option<PathBuf>,
    /// `rate-limit sessions`: clients in a second.
    pub session_rate: Option<u32>,
    /// `grace`: how long it takes clients after a soft stop has begun.
    pub grace: Option<Duration>,
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
    /// Its own answer for a status, where it is made for each request.
    pub fn reply(&self, code: u16) -> Option<&Reply> {
        self.replies.iter().find(|(own, _)| *own == code).map(|(_, reply)| &**reply)
    }

    /// Its own answer for a status.
    pub fn page(&self, code: u16) -> Option<&Page> {
        self.pages.iter().find(|(own, _)| *own == code).map(|(_, page)| page)
    }

    /// A server by its index; behind the last one stands `direct`.
    pub fn line(&self, server: usize) -> Option<&Server> {
        self.servers.get(server).or_else(|| self.direct.as_deref().filter(|_| server == self.servers.len()))
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
    /// `option http-use-proxy-header`
    pub use_proxy_header: bool,
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
    /// `option socket-stats`
    pub socket_stats: bool,
    /// `option log-health-checks`
    pub log_health_checks: bool,
    /// `option http-buffer-request`
    pub buffer_request: bool,
    /// `option nolinger`
    pub no_linger: bool,
    /// `option dontlog-normal`
    pub dont_log_normal: bool,
    /// `option log-separate-errors`
    pub log_separate_errors: bool,
    /// `option http-ignore-probes`
    pub ignore_probes: bool,
    /// `option independent-streams`
    pub independent_streams: bool,
    /// `clitcpka-cnt`, `clitcpka-idle`, `clitcpka-intvl`
    pub client_probes: Probes,
    /// `srvtcpka-cnt`, `srvtcpka-idle`, `srvtcpka-intvl`
    pub server_probes: Probes,
}

/// How the system probes idle connections; what is not said is the system's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Probes {
    /// Probes without an answer that end a connection.
    pub count: Option<u32>,
    /// How long a connection is idle before the first.
    pub idle: Option<Duration>,
    /// Between two.
    pub interval: Option<Duration>,
}

impl Probes {
    /// Is everything the system's own?
    pub fn is_default(&self) -> bool {
        *self == Probes::default()
    }
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

/// A `use_backend` line.
#[derive(Debug)]
pub struct Switching {
    /// The backend to use; none of the configuration's where `name` finds it.
    pub backend: ProxyId,
    /// A name by expression.
    pub name: Option<NameByExpression>,
    /// When; `None` is always.
    pub condition: Option<Condition>,
    /// A rule that stands behind an unconditional one, or is one with another behind it: it is taken in order, and passed
    /// over while its backend has no usable server (DESIGN of fallbacks: only rules that HAProxy could never reach).
    pub fallback: bool,
    /// Where the line stands.
    pub place: Place,
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
