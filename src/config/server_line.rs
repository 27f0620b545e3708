//! `server` and `default-server` lines (HAProxy manual, section 5.2): an address and a row for each parameter.
//! Choosing and checking servers is left to `balance` and `check`; what is only known by name is in `known`.

use super::address::{Host, Port, Written, expansion_hint, parse_address, parse_stream_address, unknown_host};
use super::draft::Draft;
use super::keyword::{Status, nearest};
use super::line::Line;
use super::model::{Address, Check, Server};
use super::reach::Reach;
use super::server_check::{FOLLOW_PARAMETERS, FollowDraft, Track};
use super::value::Unit;
use super::{Reading, known, server_reach, value};
use crate::fault::Fault;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// What the parameters of a server say, before it has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerDraft {
    pub(super) reach: Reach,
    pub(super) redirect: Option<Vec<u8>>,
    checked: bool,
    check_send_proxy: bool,
    check: Check,
    check_host: Option<CheckHost>,
    check_port: Option<u16>,
    id: Option<u32>,
    cookie: Option<Vec<u8>>,
    maxconn: Option<u32>,
    minconn: Option<u32>,
    maxqueue: Option<u32>,
    weight: u16,
    backup: bool,
    disabled: bool,
    send_proxy: u8,
    init_addr: Vec<InitAddr>,
    has_resolvers: bool,
    pub(super) follow: FollowDraft,
}

/// `addr`, looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
enum CheckHost {
    /// An address, and the port that came with it.
    Inet(IpAddr, Option<u16>),
    /// Any other address.
    Whole(Address),
}

/// A step of `init-addr`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum InitAddr {
    /// `last`: the address that a state file remembers.
    Last,
    /// `libc`: look the name up.
    Libc,
    /// `none`: begin without an address, in maintenance.
    None,
    /// An address.
    Ip(IpAddr),
}

impl Default for ServerDraft {
    fn default() -> ServerDraft {
        let check =
            Check { inter: Duration::from_secs(2), fastinter: None, downinter: None, rise: 2, fall: 3, send_proxy: 0, address: None };
        ServerDraft {
            reach: Reach::default(),
            redirect: None,
            checked: false,
            check_send_proxy: false,
            check,
            check_host: None,
            check_port: None,
            id: None,
            cookie: None,
            maxconn: None,
            minconn: None,
            maxqueue: None,
            weight: 1,
            backup: false,
            disabled: false,
            send_proxy: 0,
            init_addr: Vec::new(),
            has_resolvers: false,
            follow: FollowDraft::default(),
        }
    }
}

/// What reads a parameter; the index is that of its value.
pub(super) type ServerParse = fn(&mut ServerDraft, &Line, usize, &mut Reading) -> Result<(), Fault>;

/// A parameter of `server`.
pub struct ServerParameter {
    /// Its name.
    pub name: &'static str,
    /// Its argument, as the manual writes it; empty when it has none.
    pub argument: &'static str,
    /// How far byway does it.
    pub status: Status,
    /// What reads it.
    pub(super) parse: ServerParse,
    /// One line of manual.
    pub manual: &'static str,
}

const fn row(name: &'static str, argument: &'static str, status: Status, parse: ServerParse, manual: &'static str) -> ServerParameter {
    ServerParameter { name, argument, status, parse, manual }
}

const NAMESPACES: &str = "byway connects in the namespace that it was started in: start it there, with 'ip netns exec'";
const NO_STICKING: &str = "it is about stick tables, and there is none";
const TUNING: &str = "it saves a round trip and changes no answer";
const OWN_POOLS: &str = "each thread keeps the idle connections that it has made";

/// The parameters that are read.
pub const SERVER_PARAMETERS: &[ServerParameter] = &[
    row("addr", "<address>", Status::Done, addr, "where checks connect"),
    row("backup", "", Status::Done, backup, "used only when all others are down"),
    row("check", "", Status::Done, check, "the server is checked"),
    row("check-send-proxy", "", Status::Done, check_send_proxy, "checks begin with a PROXY header wherever they connect"),
    row("cookie", "<value>", Status::Done, cookie, "the value of the persistence cookie that means this server"),
    row("disabled", "", Status::Done, disabled, "begins in maintenance"),
    row("downinter", "<time>", Status::Done, downinter, "between checks while it is down"),
    row("enabled", "", Status::Done, enabled, "does not begin in maintenance"),
    row("fall", "<number>", Status::Done, fall, "failures in a row that make it down"),
    row("fastinter", "<time>", Status::Done, fastinter, "between checks while its state is changing"),
    row("id", "<number>", Status::Done, id, "the server's number in statistics"),
    row("init-addr", "<methods>", Status::Done, init_addr, "how its name is looked up at start: last, libc, none, an address"),
    row("interface", "<name>", Status::Done, server_reach::interface, "behind source: the interface that connections leave by"),
    row("inter", "<time>", Status::Done, inter, "between checks"),
    row("maxconn", "<number>", Status::Done, maxconn, "requests at once; others wait"),
    row("maxqueue", "<number>", Status::Done, maxqueue, "requests that may wait for it"),
    row(
        "max-reuse",
        "<number>",
        Status::Done,
        server_reach::max_reuse,
        "requests that a connection carries behind its first; -1 for any number",
    ),
    row("minconn", "<number>", Status::Done, minconn, "what maxconn shrinks to while the backend has few requests (fullconn)"),
    row("namespace", "<name>", Status::Refused(NAMESPACES), server_reach::passed_over, "the network namespace to connect in"),
    row("no-backup", "", Status::Done, no_backup, "takes backup back"),
    row("no-check", "", Status::Done, no_check, "takes check back"),
    row("no-check-send-proxy", "", Status::Done, no_check_send_proxy, "takes check-send-proxy back"),
    row("non-stick", "", Status::Ignored(NO_STICKING), server_reach::passed_over, "never written to a stick table"),
    row("no-tfo", "", Status::Ignored(TUNING), server_reach::passed_over, "takes tfo back"),
    row("no-send-proxy", "", Status::Done, no_send_proxy, "takes send-proxy back"),
    row("no-send-proxy-v2", "", Status::Done, no_send_proxy, "takes send-proxy-v2 back"),
    row(
        "pool-low-conn",
        "<number>",
        Status::Ignored(OWN_POOLS),
        server_reach::passed_over,
        "idle connections below which threads do not share them",
    ),
    row("pool-max-conn", "<number>", Status::Done, server_reach::pool_max, "idle connections that each thread keeps; -1 for any number"),
    row("pool-purge-delay", "<time>", Status::Done, server_reach::pool_purge_delay, "how long an idle connection is kept"),
    row("port", "<port>", Status::Done, port, "the port that checks connect to"),
    row("redir", "<prefix>", Status::Done, server_reach::redir, "GET and HEAD are redirected to this and the request's path"),
    row("rise", "<number>", Status::Done, rise, "successes in a row that make it up"),
    row("send-proxy", "", Status::Done, send_proxy, "connections begin with a PROXY line"),
    row("send-proxy-v2", "", Status::Done, send_proxy_v2, "connections begin with a binary PROXY header"),
    row("source", "<address>[:<port>[-<port>]]", Status::Done, server_reach::source, "where connections come from"),
    row("stick", "", Status::Ignored(NO_STICKING), server_reach::passed_over, "may be written to a stick table"),
    row("tcp-ut", "<time>", Status::Done, server_reach::tcp_ut, "how long bytes may go unacknowledged"),
    row("tfo", "", Status::Ignored(TUNING), server_reach::passed_over, "data in the first packet of a connection"),
    row(
        "usesrc",
        "<whose>",
        Status::Done,
        server_reach::usesrc,
        "behind source: client, clientip or an address that need not be this host's",
    ),
    row("weight", "<number>", Status::Done, weight, "its share of the requests, 0 to 256"),
];

/// All parameters that are read.
pub(super) fn parameters() -> impl Iterator<Item = &'static ServerParameter> {
    SERVER_PARAMETERS.iter().chain(FOLLOW_PARAMETERS)
}

/// Reads `server <name> <address> [<parameters>]`.
pub(super) fn parse_server(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a name and an address")?;
    let name = value::parse_name(name).map_err(|message| Fault::new(1, message))?.to_owned();
    let remembered = remembered_address(draft, &name, reading);
    let (server, track) = read_server(draft, line, 2, remembered, reading)?;
    add_server(draft, Server { name, ..server }, track, line)
}

/// The address that a state file has for a server, and the name that it was found by then.
fn remembered_address(draft: &Draft, name: &str, reading: &mut Reading) -> Option<(String, IpAddr)> {
    let states = reading.states_for(&draft.proxy)?;
    let remembered = states.get(&(draft.proxy.name.clone(), name.to_owned()))?;
    Some((remembered.host.clone()?, remembered.address.filter(|address| !address.is_unspecified())?))
}

/// Reads an address and the parameters behind it: a server that has no name yet, and the server that it tracks. `remembered` is the address that `last` means.
pub(super) fn read_server(
    draft: &Draft,
    line: &Line,
    index: usize,
    remembered: Option<(String, IpAddr)>,
    reading: &mut Reading,
) -> Result<(Server, Option<String>), Fault> {
    let word = line.expect(index, "an address behind the name")?;
    let written = parse_stream_address(word, &reading.environment);
    let written = written.map_err(|message| Fault::new(index, message).hint(expansion_hint(word)))?;
    let mut parameters = draft.default_server.clone();
    parse_parameters(&mut parameters, line, index + 1, reading)?;
    let remembered = remembered.as_ref().map(|(host, address)| (host.as_str(), *address));
    let address = settle_address(&mut parameters, &written, (line, index), remembered, reading)?;
    let host = match written {
        Written::Inet { host: Host::Name(name, _), .. } => Some(name),
        _ => None,
    };
    let check = settle_check(&parameters, &address);
    let (maxconn, minconn) = match (parameters.maxconn, parameters.minconn) {
        (None, least) => (least, None),
        (Some(most), Some(least)) if least >= most => (Some(least), None),
        both => both,
    };
    let track = parameters.follow.track.take();
    if track.is_some() {
        let at = line.words.iter().position(|word| word == b"track").unwrap_or(1);
        if check.is_some() {
            return Err(Fault::new(at, "a server that tracks another has no check of its own").hint("leave out 'track' or 'check'"));
        }
        if parameters.follow.slowstart.is_some() {
            return Err(Fault::new(at, "a server that tracks another cannot start slowly").hint("leave out 'track' or 'slowstart'"));
        }
    }
    let server = Server {
        name: String::new(),
        id: parameters.id.unwrap_or_default(),
        has_own_id: parameters.id.is_some(),
        address,
        cookie: parameters.cookie,
        check,
        maxconn,
        minconn,
        maxqueue: parameters.maxqueue,
        weight: parameters.weight,
        backup: parameters.backup,
        disabled: parameters.disabled,
        send_proxy: parameters.send_proxy,
        redirect: parameters.redirect,
        reach: parameters.reach,
        host,
        remembered: None,
        track: None,
        slowstart: parameters.follow.slowstart,
        observe: parameters.follow.observe(),
        cuts_sessions_when_down: parameters.follow.cuts_sessions_when_down,
        cuts_backups_when_up: parameters.follow.cuts_backups_when_up,
        place: line.place(),
    };
    Ok((server, track))
}

/// Adds a server whose name and id nobody has yet; `track` is the server that it follows.
pub(super) fn add_server(draft: &mut Draft, server: Server, track: Option<String>, line: &Line) -> Result<(), Fault> {
    let Server { name, id, .. } = &server;
    if *id > 0
        && let Some(other) = draft.proxy.servers.iter().find(|other| other.id == *id)
    {
        let at = line.words.iter().position(|word| word == b"id").unwrap_or(1);
        return Err(Fault::new(at, format!("the server '{}' of line {} already has the id {id}", other.name, other.place.line)));
    }
    if let Some(name) = track {
        draft.tracks.push(Track { server: draft.proxy.servers.len(), name, place: line.place() });
    }
    if let Some(other) = draft.server_lines.insert(name.clone(), line.number) {
        return Err(Fault::new(1, format!("the server of line {other} is already called '{name}'")));
    }
    draft.proxy.servers.push(server);
    Ok(())
}

/// Numbers the servers that have no id: each by its position, or the next number that is free.
pub(super) fn number_servers(servers: &mut [Server]) {
    let mut taken: HashSet<u32> = servers.iter().map(|server| server.id).collect();
    let mut next = 1;
    for server in servers {
        if server.id == 0 {
            next = (next..=u32::MAX).find(|id| !taken.contains(id)).unwrap_or(next);
            server.id = next;
            taken.insert(next);
        }
        next += 1;
    }
}

/// Reads parameters from an index on.
pub(super) fn parse_parameters(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let mut at = index;
    while let Some(word) = line.word(at) {
        match parameters().find(|row| row.name.as_bytes() == word) {
            Some(row) => {
                if !row.argument.is_empty() && line.word(at + 1).is_none() {
                    return Err(line.missing(&format!("{} behind '{}'", row.argument, row.name)));
                }
                (row.parse)(draft, line, at + 1, reading)?;
                reading.tell_status(line, at, row.name, row.status);
                at += if row.argument.is_empty() { 1 } else { 2 };
            }
            None => {
                draft.has_resolvers |= word == b"resolvers";
                at = known::tell_parameter(line, at, known::Room::Server, reading)?.ok_or_else(|| unknown(line, at))?;
            }
        }
    }
    Ok(())
}

fn unknown(line: &Line, index: usize) -> Fault {
    let word = line.word(index).unwrap_or_default();
    let names = parameters().map(|row| row.name).chain(known::names(known::Room::Server));
    let message = format!("'{}' is no parameter of a server", String::from_utf8_lossy(word));
    Fault::new(index, message).hint(nearest(word, names).map_or(String::new(), |near| format!("did you mean '{near}'?")))
}

fn settle_address(
    draft: &mut ServerDraft,
    written: &Written,
    (line, at): (&Line, usize),
    remembered: Option<(&str, IpAddr)>,
    reading: &mut Reading,
) -> Result<Address, Fault> {
    let (host, port) = match written {
        Written::Whole(Address::Inherited(_)) => return Err(Fault::new(at, "a server cannot be an inherited socket")),
        Written::Whole(address) => return Ok(address.clone()),
        Written::Inet { host, port } => (host, *port),
    };
    let (port, port_offset) = match port {
        Port::Fixed(port) if port > 0 => (port, None),
        Port::Range(..) => return Err(Fault::new(at, "a server has one port, not a range")),
        Port::Fixed(_) | Port::Absent => (0, Some(0)),
        Port::Offset(offset) => (0, Some(offset)),
    };
    draft.reach.port_offset = port_offset;
    draft.reach.follows_address = *host == Host::Any || matches!(host, Host::Ip(ip) if ip.is_unspecified());
    match host {
        Host::Name(..) => {}
        _ => return Ok(Address::Inet(SocketAddr::new(host.look_up(&|_| Vec::new()).unwrap_or(Ipv4Addr::UNSPECIFIED.into()), port))),
    }
    let libc = [InitAddr::Last, InitAddr::Libc];
    let steps: &[InitAddr] = if draft.init_addr.is_empty() { &libc } else { &draft.init_addr };
    for step in steps {
        match step {
            InitAddr::Last => {
                if let (Host::Name(name, _), Some((host, ip))) = (host, remembered)
                    && name == host
                {
                    return Ok(Address::Inet(SocketAddr::new(ip, port)));
                }
            }
            InitAddr::Libc => {
                if let Some(ip) = host.look_up(&|name| reading.resolve(name)) {
                    return Ok(Address::Inet(SocketAddr::new(ip, port)));
                }
            }
            InitAddr::Ip(ip) => return Ok(Address::Inet(SocketAddr::new(*ip, port))),
            InitAddr::None => {
                draft.disabled = true;
                let hint = "init-addr none: the server begins in maintenance, and a reload looks again";
                reading.warn(line, Fault::new(at, unknown_host(host)).hint(hint));
                return Ok(Address::Inet(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)));
            }
        }
    }
    let hint = "an address, a name that is known at start, or 'init-addr none' to begin in maintenance";
    Err(Fault::new(at, unknown_host(host)).hint(hint))
}

/// Where checks connect; a port that is still 0 is looked for in `resolve`.
fn settle_check(draft: &ServerDraft, address: &Address) -> Option<Check> {
    if !draft.checked {
        return None;
    }
    let (server_ip, server_port) = match address {
        Address::Inet(address) => (Some(address.ip()), Some(address.port())),
        _ => (None, None),
    };
    let address = match (&draft.check_host, draft.check_port) {
        (None, None) => None,
        (None, Some(port)) => server_ip.map(|ip| Address::Inet(SocketAddr::new(ip, port))),
        (Some(CheckHost::Whole(address)), _) => Some(address.clone()),
        (Some(CheckHost::Inet(ip, own)), port) => Some(Address::Inet(SocketAddr::new(*ip, port.or(*own).or(server_port).unwrap_or(0)))),
    };
    let send_proxy = match (draft.check_send_proxy, &draft.check_host, draft.check_port) {
        (true, ..) => draft.send_proxy.max(1),
        // Checks that go where requests go begin as those do.
        (false, None, None) => draft.send_proxy,
        _ => 0,
    };
    Some(Check { address, send_proxy, ..draft.check.clone() })
}

fn addr(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let written = parse_address(line.expect(index, "an address")?, &reading.environment);
    draft.check_host = Some(match written.map_err(|message| Fault::new(index, message))? {
        Written::Whole(address) => CheckHost::Whole(address),
        Written::Inet { host, port } => {
            let ip = host.look_up(&|name| reading.resolve(name)).ok_or_else(|| Fault::new(index, unknown_host(&host)))?;
            CheckHost::Inet(ip, if let Port::Fixed(port) = port { Some(port) } else { None })
        }
    });
    Ok(())
}

fn backup(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.backup = true;
    Ok(())
}

fn no_backup(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.backup = false;
    Ok(())
}

fn check(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.checked = true;
    Ok(())
}

fn no_check(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.checked = false;
    Ok(())
}

fn check_send_proxy(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.check_send_proxy = true;
    Ok(())
}

fn no_check_send_proxy(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.check_send_proxy = false;
    Ok(())
}

fn cookie(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.cookie = Some(line.expect(index, "a value")?.to_vec());
    Ok(())
}

fn disabled(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.disabled = true;
    Ok(())
}

fn enabled(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.disabled = false;
    Ok(())
}

fn interval(line: &Line, index: usize, reading: &mut Reading) -> Result<Duration, Fault> {
    let time = reading.time_at(line, index, Unit::Millisecond)?.time;
    match time.is_zero() {
        true => Err(Fault::new(index, "0 is no time between checks")),
        false => Ok(time),
    }
}

fn inter(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.check.inter = interval(line, index, reading)?;
    Ok(())
}

fn fastinter(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.check.fastinter = Some(interval(line, index, reading)?);
    Ok(())
}

fn downinter(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.check.downinter = Some(interval(line, index, reading)?);
    Ok(())
}

fn rise(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.check.rise = reading.number_at(line, index, 1, i32::MAX.into())?;
    Ok(())
}

fn fall(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.check.fall = reading.number_at(line, index, 1, i32::MAX.into())?;
    Ok(())
}

fn id(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.id = Some(reading.number_at(line, index, 1, i32::MAX.into())?);
    Ok(())
}

fn init_addr(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    let methods = line.expect_text(index, "methods")?.split(',').map(|method| match method {
        "last" => Ok(InitAddr::Last),
        "libc" => Ok(InitAddr::Libc),
        "none" => Ok(InitAddr::None),
        other => match other.parse() {
            Ok(ip) => Ok(InitAddr::Ip(ip)),
            Err(_) => Err(Fault::new(index, format!("'{other}' is no method of 'init-addr'")).hint("last, libc, none, or an address")),
        },
    });
    draft.init_addr = methods.collect::<Result<_, _>>()?;
    Ok(())
}

fn maxconn(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.maxconn = Some(reading.number_at(line, index, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn maxqueue(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.maxqueue = Some(reading.number_at(line, index, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn minconn(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.minconn = Some(reading.number_at(line, index, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn port(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.check_port = Some(reading.number_at(line, index, 0, 65535)?).filter(|port| *port > 0);
    Ok(())
}

fn send_proxy(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.send_proxy = 1;
    Ok(())
}

fn send_proxy_v2(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.send_proxy = 2;
    Ok(())
}

fn no_send_proxy(draft: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.send_proxy = 0;
    Ok(())
}

fn weight(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.weight = reading.number_at(line, index, 0, 256)?;
    Ok(())
}
