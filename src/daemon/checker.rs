//! Health checks at work: when each server's next one is due, and what its verdict does to the server.
//! Sockets are `probe`'s, what an answer means is `check`'s, how verdicts count `state::health`'s, and telling of a change `health`'s.

use super::probe::{Limits, Probe, Target};
use super::program::Program;
use super::ramp::Ramps;
use crate::check::{Conversation, Subject, Verdict};
use crate::config::check_status::{CheckStatus, Outcome};
use crate::config::model::{Address, Check, Config, Server};
use crate::config::model_check::CheckPlan;
use crate::sample::{ProxyId, VariableId, World};
use crate::state::check_record::CheckResult;
use crate::state::health::Health;
use crate::state::observed::Suspect;
use crate::state::status::render_subject;
use crate::state::variables::{Reader, Variables};
use crate::state::{Running, ServerState};
use crate::units::{Moment, WallClock};
use mio::{Registry, Token};
use std::sync::Arc;
use std::time::Duration;

/// Only intervals of at least this much spread the first checks (HAProxy's SRV_CHK_INTER_THRES).
const SPREADING_INTER: Duration = Duration::from_secs(1);

/// All checks of the configuration in force.
#[derive(Debug)]
pub struct Checker {
    watches: Vec<Watch>,
    running: Option<Arc<Running>>,
    first_token: usize,
    spread_percent: u8,
    reports: Vec<Report>,
    /// Servers that start slowly.
    pub ramps: Ramps,
}

/// The moment, and what checks reach out to.
#[derive(Clone, Copy)]
pub struct Turn<'a> {
    /// Now.
    pub now: Moment,
    /// The wall clock.
    pub wall: WallClock,
    /// Where sockets are registered.
    pub registry: &'a Registry,
    /// The switches.
    pub variables: &'a Variables,
}

/// One server's checks.
#[derive(Debug)]
struct Watch {
    proxy: ProxyId,
    server: usize,
    state: Arc<ServerState>,
    check: Check,
    plan: Arc<CheckPlan>,
    target: Target,
    due: Moment,
    run: Option<Run>,
}

/// A check under way.
#[derive(Debug)]
enum Run {
    /// On sockets.
    Probe(Box<Probe>),
    /// By a program.
    Program(Program),
}

impl Run {
    fn began(&self) -> Moment {
        match self {
            Run::Probe(probe) => probe.began,
            Run::Program(program) => program.began,
        }
    }

    fn deadline(&self) -> Moment {
        match self {
            Run::Probe(probe) => probe.deadline,
            Run::Program(program) => program.deadline,
        }
    }

    fn timed_out(&self) -> Verdict {
        match self {
            Run::Probe(probe) => probe.timed_out(),
            Run::Program(program) => program.timed_out(),
        }
    }
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its backend.
    pub proxy: ProxyId,
    /// Its index there.
    pub server: usize,
    /// What it did to the server.
    pub change: Change,
    /// Before that it served those who are bound to it alone.
    pub was_stopping: bool,
    /// The result.
    pub result: CheckResult,
    /// The server's health by now.
    pub health: Health,
    /// It is another result than the last one, or health moved: `option log-health-checks` tells of it.
    pub is_news: bool,
}

/// What became of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// It is up, for everybody.
    Up,
    /// It is down.
    Down,
    /// It serves those who are bound to it alone.
    Stopping,
}

/// What a check's expressions can see.
struct Surroundings<'a> {
    running: &'a Running,
    reader: Reader,
}

impl World for Surroundings<'_> {
    fn variable(&self, name: VariableId) -> Option<&[u8]> {
        self.reader.get(self.running.variable_number(name)?).map(|value| value.text.as_slice())
    }

    fn variable_int(&self, name: VariableId) -> Option<i64> {
        self.reader.get(self.running.variable_number(name)?)?.int
    }

    fn usable_servers(&self, backend: ProxyId) -> u32 {
        self.running.usable_servers(backend)
    }
}

impl Checker {
    /// No checks; sockets will have the tokens from `first_token` on.
    pub fn new(first_token: usize) -> Checker {
        Checker { watches: Vec::new(), running: None, first_token, spread_percent: 0, reports: Vec::new(), ramps: Ramps::default() }
    }

    /// Takes up a configuration. A server that was checked before goes on in its rhythm.
    pub fn adopt(&mut self, running: &Arc<Running>, now: Moment, registry: &Registry) {
        let mut before = std::mem::take(&mut self.watches);
        self.running = Some(running.clone());
        self.spread_percent = running.config.global.spread_checks;
        let intervals = servers(&running.config).map(|(_, _, check, _)| check.inter);
        let least = intervals.filter(|inter| *inter >= SPREADING_INTER).min().unwrap_or_default();
        let most = running.config.global.max_spread_checks.unwrap_or(Duration::MAX);
        let count = servers(&running.config).count() as u32;
        for (position, (proxy, index, check, server)) in servers(&running.config).enumerate() {
            let Some((settings, live)) = running.proxy(proxy) else { continue };
            let Some(state) = live.servers.get(index) else { continue };
            let known = before.iter_mut().find(|watch| Arc::ptr_eq(&watch.state, state));
            let spread = (check.inter.max(least) * position as u32 / count.max(1)).min(most);
            let connect = check.inter.min(settings.timeouts.connect.unwrap_or(check.inter));
            let limits = Limits { whole: check.inter, connect, answer: settings.timeouts.check };
            let address = check.address.as_ref().unwrap_or(&server.address);
            let target = Target { address: address.clone(), send_proxy: check.send_proxy, limits };
            let due = known.as_ref().map_or(now.after(Some(spread)), |watch| watch.due);
            let token = Token(self.first_token + self.watches.len());
            let run = known.and_then(|watch| watch.run.take()).and_then(|run| match run {
                Run::Probe(mut probe) => (probe.is_for(&target) && probe.goes_on_as(token, registry)).then_some(Run::Probe(probe)),
                // It was told what may have changed.
                Run::Program(_) => None,
            });
            let (state, check, plan) = (state.clone(), check.clone(), settings.check.clone());
            self.watches.push(Watch { proxy, server: index, state, due, check, plan, target, run });
        }
        self.ramps.adopt(running);
    }

    /// When something must be done next.
    pub fn next(&self) -> Moment {
        let each = self.watches.iter().map(|watch| watch.run.as_ref().map_or(watch.due, Run::deadline));
        each.min().unwrap_or(Moment::NEVER).min(self.ramps.next())
    }

    /// Starts what is due, and ends what took too long.
    pub fn expire(&mut self, turn: &Turn) {
        self.ramps.expire(turn.now);
        for index in 0..self.watches.len() {
            let token = Token(self.first_token + index);
            let Some(watch) = self.watches.get_mut(index) else { return };
            let verdict = match &mut watch.run {
                Some(Run::Program(program)) if program.deadline > turn.now => program.advance(),
                Some(run) if run.deadline() <= turn.now => Some(run.timed_out()),
                Some(_) => None,
                None if watch.due > turn.now => None,
                None if watch.state.is_in_maintenance() => {
                    watch.due = turn.now.after(Some(watch.check.inter));
                    None
                }
                None => {
                    watch.begin(self.running.as_deref(), token, turn);
                    watch.advance(self.running.as_deref(), turn)
                }
            };
            if let Some(verdict) = verdict {
                self.conclude(index, verdict, turn);
            }
        }
    }

    /// Goes on with the check whose socket is ready.
    pub fn advance(&mut self, token: Token, turn: &Turn) {
        let index = token.0.wrapping_sub(self.first_token);
        let Some(watch) = self.watches.get_mut(index) else { return };
        if let Some(verdict) = watch.advance(self.running.as_deref(), turn) {
            self.conclude(index, verdict, turn);
        }
    }

    /// Is this process a check's program?
    pub fn runs(&self, pid: u32) -> bool {
        self.watches.iter().any(|watch| matches!(&watch.run, Some(Run::Program(program)) if program.is(pid)))
    }

    /// What was found since the last call.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Takes up a failure that traffic has shown (`observe`), and checks soon.
    pub fn note_observed(&mut self, proxy: ProxyId, server: usize, suspect: &Suspect, now: Moment) {
        let Some(watch) = self.watches.iter_mut().find(|watch| (watch.proxy, watch.server) == (proxy, server)) else { return };
        watch.state.checks.count_observed();
        if let Some(before) = suspect.before {
            let text = format!("Detected {} consecutive errors, last one was: {}", suspect.errors, suspect.last);
            let result = CheckResult { status: CheckStatus::Observed, number: 0, text, duration_ms: None };
            let health = watch.state.health(watch.check.rise, watch.check.fall);
            self.reports.push(watch.report(before, health, Outcome::Failed, result));
        }
        watch.due = watch.due.min(now.after(Some(watch.check.fastinter.unwrap_or(watch.check.inter))));
    }

    /// Lets a server's checks connect to another port, from the next one on.
    pub fn set_port(&mut self, proxy: ProxyId, server: usize, port: u16) -> bool {
        let watch = self.watches.iter_mut().find(|watch| (watch.proxy, watch.server) == (proxy, server));
        match watch.map(|watch| &mut watch.target.address) {
            Some(Address::Inet(address)) => {
                address.set_port(port);
                true
            }
            _ => false,
        }
    }

    fn conclude(&mut self, index: usize, verdict: Verdict, turn: &Turn) {
        let spread_percent = self.spread_percent;
        let most = self.running.as_ref().and_then(|running| running.config.global.max_spread_checks);
        let Some(watch) = self.watches.get_mut(index) else { return };
        let began = watch.run.take().map_or(turn.now, |run| run.began());
        watch.state.checks.set_under_way(false);
        let report = watch.count(verdict, Some(turn.now.since_ms(began)));
        let inter = watch.inter(report.health);
        watch.due = turn.now.after(Some(spread(inter, spread_percent, most, random_byte())));
        if report.is_news || report.change != Change::None {
            self.reports.push(report);
        }
    }
}

/// Every server that is checked, in the order of the files.
fn servers(config: &Config) -> impl Iterator<Item = (ProxyId, usize, &Check, &Server)> {
    let proxies = config.proxies.iter().enumerate().filter(|(_, proxy)| !proxy.disabled);
    proxies.flat_map(|(id, proxy)| {
        let checked = proxy.servers.iter().enumerate();
        checked.filter_map(move |(index, server)| Some((ProxyId(id as u32), index, server.check.as_ref()?, server)))
    })
}

/// An interval, longer or shorter by up to this many percent, and never by more than `most`.
fn spread(inter: Duration, percent: u8, most: Option<Duration>, random: u8) -> Duration {
    let width = (inter * u32::from(percent) / 100).min(most.unwrap_or(Duration::MAX));
    (inter + width * 2 * u32::from(random) / 255).saturating_sub(width)
}

fn random_byte() -> u8 {
    let mut byte = [128];
    // Without randomness the interval is kept as it is, near enough.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

impl Watch {
    fn begin(&mut self, running: Option<&Running>, token: Token, turn: &Turn) {
        let known = running.and_then(|running| running.config.proxies.get(self.proxy.0 as usize));
        if let (Some(program), Some(proxy)) = (&self.plan.program, known)
            && let Some(server) = proxy.servers.get(self.server)
        {
            let (current, limits) = (self.state.current(), &self.target.limits);
            self.state.checks.set_under_way(true);
            self.run = Some(Run::Program(Program::start(program, proxy, server, current, limits, turn.now)));
            return;
        }
        let state = match (running, self.plan.send_state) {
            (Some(running), true) => {
                let node = super::report::node(&running.config.global);
                render_subject(running, self.proxy, self.server, &node).unwrap_or_default()
            }
            _ => String::new(),
        };
        let subject = Subject { is_up: self.state.is_up(), state, seconds: turn.wall.seconds };
        let conversation = Conversation::new(self.plan.clone(), subject);
        self.state.checks.set_under_way(true);
        self.run = Some(Run::Probe(Box::new(Probe::new(conversation, self.target.clone(), token, turn.now))));
    }

    fn advance(&mut self, running: Option<&Running>, turn: &Turn) -> Option<Verdict> {
        let (run, running) = (self.run.as_mut()?, running?);
        let probe = match run {
            Run::Probe(probe) => probe,
            Run::Program(program) => return program.advance(),
        };
        let mut reader = Reader::default();
        reader.refresh(turn.variables);
        probe.advance(turn.now, &Surroundings { running, reader }, turn.registry)
    }

    /// Counts a verdict, and says what it changes.
    fn count(&mut self, verdict: Verdict, duration_ms: Option<u64>) -> Report {
        let mut health = self.state.health(self.check.rise, self.check.fall);
        let before = health;
        let outcome = verdict.status.outcome();
        health.note(outcome != Outcome::Failed);
        self.state.set_health(health);
        if outcome != Outcome::Failed {
            self.state.errors.clear();
        }
        let result = CheckResult { status: verdict.status, number: verdict.number, text: verdict.text, duration_ms };
        self.report(before, health, outcome, result)
    }

    /// Keeps a result, and says what it changes.
    fn report(&self, before: Health, health: Health, outcome: Outcome, result: CheckResult) -> Report {
        if outcome == Outcome::Failed && before.level > 0 {
            self.state.standing.failed_checks.add_one();
        }
        let was_stopping = self.state.is_stopping();
        let change = match (before.is_up(), health.is_up(), outcome) {
            (true, false, _) => Change::Down,
            (false, true, Outcome::Conditional) => Change::Stopping,
            (false, true, _) => Change::Up,
            (true, true, Outcome::Conditional) if !was_stopping => Change::Stopping,
            (true, true, Outcome::Passed) if was_stopping => Change::Up,
            _ => Change::None,
        };
        let status_before = self.state.checks.note(result.clone());
        let is_news = status_before != result.status || before.level != health.level;
        match change {
            Change::None => {}
            Change::Up | Change::Down => self.state.set_stopping(false),
            Change::Stopping => self.state.set_stopping(true),
        }
        Report { proxy: self.proxy, server: self.server, change, was_stopping, result, health, is_news }
    }

    /// The time from one check to the next.
    fn inter(&self, health: Health) -> Duration {
        match (health.is_up(), health.is_in_transition()) {
            (_, true) => self.check.fastinter.unwrap_or(self.check.inter),
            (false, false) => self.check.downinter.unwrap_or(self.check.inter),
            (true, false) => self.check.inter,
        }
    }
}

impl CheckResult {
    /// `reason: Layer7 wrong status, code: 500, info: "Said", check duration: 3ms`
    pub fn reason(&self) -> String {
        let number = if self.status.has_number() { format!(", code: {}", self.number) } else { String::new() };
        let info = if self.text.is_empty() { String::new() } else { format!(", info: \"{}\"", quoted(&self.text)) };
        let duration = self.duration_ms.map_or(String::new(), |duration| format!(", check duration: {duration}ms"));
        format!("reason: {}{number}{info}{duration}", self.status.text())
    }
}

/// What a server said may hold anything: what is not plain shows as its code, HAProxy's way.
fn quoted(text: &str) -> String {
    let show = |byte: u8| match byte {
        b'"' | b'<' | b'>' => format!("<{byte:02X}>"),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("<{byte:02X}>"),
    };
    text.bytes().map(show).collect()
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
