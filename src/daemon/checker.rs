//! Health checks at work: when each server's next one is due, its socket, and the verdict that it comes to.
//! What an answer means is `check`'s, how verdicts count `state::health`'s, and telling of a change is `daemon::health`'s.

use crate::check::http::{Answer, Stream, scan_answer};
use crate::config::model::{Address, Check, CheckKind, Config};
use crate::http::proxy_header::{self, Ends};
use crate::sample::ProxyId;
use crate::state::health::Transition;
use crate::state::{Running, ServerState};
use crate::units::Moment;
use crate::worker::log_sink::abstract_address;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

/// Only intervals of at least this much spread the first checks (HAProxy's SRV_CHK_INTER_THRES).
const SPREADING_INTER: Duration = Duration::from_secs(1);
/// The longest start of an answer that is looked at, bytes.
const LONGEST_ANSWER: usize = 4096;

/// All checks of the configuration in force.
#[derive(Debug)]
pub struct Checker {
    watches: Vec<Watch>,
    first_token: usize,
    spread_percent: u8,
    reports: Vec<Report>,
}

/// One server's checks.
#[derive(Debug)]
struct Watch {
    proxy: ProxyId,
    server: usize,
    state: Arc<ServerState>,
    check: Check,
    kind: CheckKind,
    address: Address,
    limits: Limits,
    due: Moment,
    probe: Option<Probe>,
}

/// How long a check may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    connect: Duration,
    answer: Duration,
}

/// A check under way.
#[derive(Debug)]
struct Probe {
    socket: Socket,
    began: Moment,
    deadline: Moment,
    stage: Stage,
    outgoing: Vec<u8>,
    answer: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    /// This many bytes of the request are sent.
    Sending(usize),
    Reading,
}

/// A server whose health a check has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its backend.
    pub proxy: ProxyId,
    /// Its index there.
    pub server: usize,
    /// Up or down.
    pub transition: Transition,
    /// Why, in HAProxy's words.
    pub reason: String,
    /// How long the check took.
    pub duration_ms: u64,
}

/// What a check came to.
struct Verdict {
    success: bool,
    reason: String,
}

fn passed(reason: String) -> Verdict {
    Verdict { success: true, reason }
}

fn failed(reason: impl Into<String>) -> Verdict {
    Verdict { success: false, reason: reason.into() }
}

impl Checker {
    /// No checks; sockets will have the tokens from `first_token` on.
    pub fn new(first_token: usize) -> Checker {
        Checker { watches: Vec::new(), first_token, spread_percent: 0, reports: Vec::new() }
    }

    /// Takes up a configuration. A server that was checked before goes on in its rhythm.
    pub fn adopt(&mut self, running: &Running, now: Moment, registry: &Registry) {
        let mut before = std::mem::take(&mut self.watches);
        self.spread_percent = running.config.global.spread_checks;
        let intervals = servers(&running.config).map(|(_, _, check, _, _)| check.inter);
        let least = intervals.filter(|inter| *inter >= SPREADING_INTER).min().unwrap_or_default();
        let count = servers(&running.config).count() as u32;
        for (position, (proxy, server, check, kind, address)) in servers(&running.config).enumerate() {
            let Some((settings, live)) = running.proxy(proxy) else { continue };
            let Some(state) = live.servers.get(server) else { continue };
            let known = before.iter_mut().find(|watch| Arc::ptr_eq(&watch.state, state));
            let spread = check.inter.max(least) * position as u32 / count.max(1);
            let limits = match settings.timeouts.check {
                Some(answer) => Limits { connect: check.inter.min(settings.timeouts.connect.unwrap_or(check.inter)), answer },
                None => Limits { connect: check.inter, answer: check.inter },
            };
            let due = known.as_ref().map_or(now.after(Some(spread)), |watch| watch.due);
            let same = known.filter(|watch| (&watch.address, &watch.kind, watch.limits) == (address, kind, limits));
            let token = Token(self.first_token + self.watches.len());
            self.watches.push(Watch {
                proxy,
                server,
                state: state.clone(),
                due,
                check: check.clone(),
                kind: kind.clone(),
                address: address.clone(),
                limits,
                probe: same.and_then(|watch| watch.probe.take()).filter(|probe| probe.goes_on_as(token, registry)),
            });
        }
        before.iter_mut().for_each(|watch| watch.abandon(registry));
    }

    /// When something must be done next.
    pub fn next(&self) -> Moment {
        let each = self.watches.iter().map(|watch| watch.probe.as_ref().map_or(watch.due, |probe| probe.deadline));
        each.min().unwrap_or(Moment::NEVER)
    }

    /// Starts what is due, and ends what took too long.
    pub fn expire(&mut self, now: Moment, registry: &Registry) {
        for index in 0..self.watches.len() {
            let token = Token(self.first_token + index);
            let Some(watch) = self.watches.get_mut(index) else { return };
            let verdict = match &watch.probe {
                Some(probe) if probe.deadline <= now => Some(probe.out_of_time()),
                Some(_) => None,
                None if watch.due > now => None,
                None if watch.state.is_in_maintenance() => {
                    watch.due = now.after(Some(watch.check.inter));
                    None
                }
                None => watch.begin(now, token, registry).err().map(|error| connection_problem(&error)),
            };
            if let Some(verdict) = verdict {
                self.conclude(index, verdict, now, registry);
            }
        }
    }

    /// Goes on with the check whose socket is ready.
    pub fn advance(&mut self, token: Token, now: Moment, registry: &Registry) {
        let index = token.0.wrapping_sub(self.first_token);
        let Some(watch) = self.watches.get_mut(index) else { return };
        let Watch { probe: Some(probe), kind, limits, check, .. } = watch else { return };
        if let Some(verdict) = probe.advance(kind, check.send_proxy, *limits, now) {
            self.conclude(index, verdict, now, registry);
        }
    }

    /// The changes since the last call.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    fn conclude(&mut self, index: usize, verdict: Verdict, now: Moment, registry: &Registry) {
        let spread_percent = self.spread_percent;
        let Some(watch) = self.watches.get_mut(index) else { return };
        let began = watch.probe.as_ref().map_or(now, |probe| probe.began);
        watch.abandon(registry);
        let mut health = watch.state.health(watch.check.rise, watch.check.fall);
        if health.is_up() && !verdict.success {
            watch.state.standing.failed_checks.add_one();
        }
        let transition = health.note(verdict.success);
        watch.state.set_health(health);
        let inter = match (health.is_up(), health.is_in_transition()) {
            (_, true) => watch.check.fastinter.unwrap_or(watch.check.inter),
            (false, false) => watch.check.downinter.unwrap_or(watch.check.inter),
            (true, false) => watch.check.inter,
        };
        watch.due = now.after(Some(spread(inter, spread_percent, random_byte())));
        if let Some(transition) = transition {
            let duration_ms = now.since_ms(began);
            self.reports.push(Report { proxy: watch.proxy, server: watch.server, transition, reason: verdict.reason, duration_ms });
        }
    }
}

/// Every server that is checked, in the order of the files, with where and how.
fn servers(config: &Config) -> impl Iterator<Item = (ProxyId, usize, &Check, &CheckKind, &Address)> {
    let proxies = config.proxies.iter().enumerate().filter(|(_, proxy)| !proxy.disabled);
    proxies.flat_map(|(id, proxy)| {
        let checked = proxy.servers.iter().enumerate();
        checked.filter_map(move |(index, server)| {
            let check = server.check.as_ref()?;
            Some((ProxyId(id as u32), index, check, &proxy.check, check.address.as_ref().unwrap_or(&server.address)))
        })
    })
}

/// An interval, longer or shorter by up to this many percent.
fn spread(inter: Duration, percent: u8, random: u8) -> Duration {
    let width = inter * u32::from(percent) / 100;
    (inter + width * 2 * u32::from(random) / 255).saturating_sub(width)
}

fn random_byte() -> u8 {
    let mut byte = [128];
    // Without randomness the interval is kept as it is, near enough.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

impl Watch {
    fn begin(&mut self, now: Moment, token: Token, registry: &Registry) -> io::Result<()> {
        let (domain, address) = match &self.address {
            Address::Inet(address) => (Domain::for_address(*address), SockAddr::from(*address)),
            Address::Unix(path) => (Domain::UNIX, SockAddr::unix(path)?),
            Address::Abstract(name) => (Domain::UNIX, abstract_address(name)?),
            Address::Inherited(_) => return Err(io::Error::from(io::ErrorKind::Unsupported)),
        };
        let socket = Socket::new(domain, Type::STREAM.nonblocking().cloexec(), None)?;
        match socket.connect(&address) {
            Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => return Err(error),
            _ => {}
        }
        registry.register(&mut SourceFd(&socket.as_raw_fd()), token, Interest::READABLE | Interest::WRITABLE)?;
        let deadline = now.after(Some(self.limits.connect));
        self.probe = Some(Probe { socket, began: now, deadline, stage: Stage::Connecting, outgoing: Vec::new(), answer: Vec::new() });
        Ok(())
    }

    /// Ends a check that is under way, with its socket.
    fn abandon(&mut self, registry: &Registry) {
        if let Some(probe) = self.probe.take() {
            // Closing takes it out of the poll in any case.
            let _ = registry.deregister(&mut SourceFd(&probe.socket.as_raw_fd()));
        }
    }
}

impl Probe {
    fn advance(&mut self, kind: &CheckKind, send_proxy: u8, limits: Limits, now: Moment) -> Option<Verdict> {
        if self.stage == Stage::Connecting {
            match self.socket.take_error() {
                Ok(None) => {}
                Ok(Some(error)) | Err(error) => return Some(connection_problem(&error)),
            }
            if self.socket.peer_addr().is_err() {
                return None;
            }
            self.outgoing = self.greeting(send_proxy);
            if let CheckKind::Http { request } = kind {
                self.outgoing.extend_from_slice(request);
            }
            self.stage = Stage::Sending(0);
            self.deadline = now.after(Some(limits.answer));
        }
        if let Stage::Sending(sent) = self.stage {
            match self.send(sent) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) => return Some(failed(format!("Socket error, info: \"{}\"", describe(&error)))),
            }
        }
        match (self.stage, kind) {
            (Stage::Reading, CheckKind::Connect) => Some(passed("Layer4 check passed".into())),
            (Stage::Reading, CheckKind::Http { .. }) => self.read(),
            _ => None,
        }
    }

    /// What tells the server that this is no client's connection.
    fn greeting(&self, version: u8) -> Vec<u8> {
        let own = |address: io::Result<SockAddr>| address.ok().and_then(|address| address.as_socket());
        let ends = own(self.socket.local_addr()).zip(own(self.socket.peer_addr()));
        let mut greeting = Vec::new();
        match version {
            0 => {}
            1 => proxy_header::render_line(ends.map(|(source, destination)| Ends { source, destination }), &mut greeting),
            _ => proxy_header::render_binary(None, &mut greeting),
        }
        greeting
    }

    fn send(&mut self, mut sent: usize) -> io::Result<()> {
        while let Some(rest) = self.outgoing.get(sent..).filter(|rest| !rest.is_empty()) {
            sent += self.socket.send_with_flags(rest, nix::libc::MSG_NOSIGNAL)?;
            self.stage = Stage::Sending(sent);
        }
        self.stage = Stage::Reading;
        Ok(())
    }

    fn read(&mut self) -> Option<Verdict> {
        let mut piece = [0; 1024];
        loop {
            let stream = match (&self.socket).read(&mut piece) {
                Ok(0) => Stream::Ended,
                Ok(count) => {
                    self.answer.extend_from_slice(piece.get(..count).unwrap_or_default());
                    if self.answer.len() < LONGEST_ANSWER { Stream::Open } else { Stream::Ended }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Some(failed(format!("Socket error, info: \"{}\"", describe(&error)))),
            };
            return Some(match scan_answer(&self.answer, stream) {
                Answer::More => continue,
                Answer::Passed { code } => passed(format!("Layer7 check passed, code: {code}")),
                Answer::WrongStatus { code, reason } if reason.is_empty() => failed(format!("Layer7 wrong status, code: {code}")),
                Answer::WrongStatus { code, reason } => failed(format!("Layer7 wrong status, code: {code}, info: \"{reason}\"")),
                Answer::Invalid => failed("Layer7 invalid response"),
            });
        }
    }

    /// Puts a check under way under another token; `false` when the poll does not take it.
    fn goes_on_as(&self, token: Token, registry: &Registry) -> bool {
        let interest = Interest::READABLE | Interest::WRITABLE;
        registry.reregister(&mut SourceFd(&self.socket.as_raw_fd()), token, interest).is_ok()
    }

    fn out_of_time(&self) -> Verdict {
        failed(if self.stage == Stage::Connecting { "Layer4 timeout" } else { "Layer7 timeout" })
    }
}

fn connection_problem(error: &io::Error) -> Verdict {
    failed(format!("Layer4 connection problem, info: \"{}\"", describe(error)))
}

fn describe(error: &io::Error) -> String {
    super::sockets::describe(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::{Place, Proxy, Server, Timeouts};
    use crate::state::State;
    use crate::worker::clock::Clock;
    use std::io::Write;
    use std::net::{SocketAddr, TcpListener};

    fn running(address: SocketAddr, kind: CheckKind) -> Running {
        let check =
            Check { inter: Duration::from_millis(40), fastinter: None, downinter: None, rise: 1, fall: 1, send_proxy: 0, address: None };
        let server = Server {
            name: "s".into(),
            id: 1,
            address: Address::Inet(address),
            cookie: None,
            check: Some(check),
            maxconn: None,
            maxqueue: None,
            weight: 1,
            backup: false,
            disabled: false,
            send_proxy: 0,
            place: Place::default(),
        };
        let proxy = Proxy { name: "b".into(), servers: vec![server], check: kind, timeouts: Timeouts::default(), ..Proxy::default() };
        Running::new(Config { proxies: vec![proxy], ..Config::default() }, &State::default(), 1)
    }

    /// Runs checks until the first change, and gives it in words.
    fn first_change(address: SocketAddr, kind: CheckKind) -> String {
        let (clock, mut poll, mut events) = (Clock::start(), mio::Poll::new().unwrap(), mio::Events::with_capacity(8));
        let mut checker = Checker::new(100);
        checker.adopt(&running(address, kind), clock.now(), poll.registry());
        while clock.now() < Moment(5000) {
            checker.expire(clock.now(), poll.registry());
            if let Some(report) = checker.take_reports().first() {
                return format!("{:?} {}", report.transition, report.reason);
            }
            let wait = checker.next().since_ms(clock.now());
            poll.poll(&mut events, Some(Duration::from_millis(wait))).unwrap();
            events.iter().for_each(|event| checker.advance(event.token(), clock.now(), poll.registry()));
        }
        "nothing".into()
    }

    /// A server that gives each connection its answer in turn (the last one again and again), after the request.
    fn origin(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().flatten().enumerate() {
                let mut stream = stream;
                let mut request = [0; 256];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(answers[index.min(answers.len() - 1)].as_bytes());
            }
        });
        address
    }

    fn http() -> CheckKind {
        CheckKind::Http { request: b"GET /haproxy.check HTTP/1.0\r\n\r\n".to_vec() }
    }

    #[test]
    fn a_check_comes_to_haproxys_verdict() {
        let check = |address, kind, expected: &str| assert_eq!(first_change(address, kind), expected);
        check(origin(&["HTTP/1.0 404 Not Found\r\n\r\n"]), http(), "Down Layer7 wrong status, code: 404, info: \"Not Found\"");
        check(origin(&["HTTP/1.0 503\r\n\r\n"]), http(), "Down Layer7 wrong status, code: 503");
        check(origin(&["what?"]), http(), "Down Layer7 invalid response");
        check(origin(&[""]), http(), "Down Layer7 invalid response");
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
        check(closed, CheckKind::Connect, "Down Layer4 connection problem, info: \"Connection refused\"");
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        check(silent.local_addr().unwrap(), http(), "Down Layer7 timeout");
    }

    #[test]
    fn a_server_that_answers_again_comes_up() {
        let address = origin(&["HTTP/1.0 500 Oh\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"]);
        let (clock, mut poll, mut events) = (Clock::start(), mio::Poll::new().unwrap(), mio::Events::with_capacity(8));
        let (mut checker, running) = (Checker::new(100), running(address, http()));
        checker.adopt(&running, clock.now(), poll.registry());
        let mut changes = Vec::new();
        while changes.len() < 2 && clock.now() < Moment(5000) {
            checker.expire(clock.now(), poll.registry());
            let wait = checker.next().since_ms(clock.now());
            poll.poll(&mut events, Some(Duration::from_millis(wait))).unwrap();
            events.iter().for_each(|event| checker.advance(event.token(), clock.now(), poll.registry()));
            changes.extend(checker.take_reports().into_iter().map(|report| report.transition));
        }
        assert_eq!(changes, [Transition::Down, Transition::Up]);
        assert_eq!(running.usable_servers(ProxyId(0)), 1);
    }

    #[test]
    fn intervals_are_spread_evenly_about_their_length() {
        let check = |percent, random, expected| {
            assert_eq!(spread(Duration::from_millis(1000), percent, random), Duration::from_millis(expected));
        };
        check(0, 200, 1000);
        check(50, 0, 500);
        check(50, 255, 1500);
    }
}
