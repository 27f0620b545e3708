//! The control plane, one thread: signals, reload, handover, control socket, health checks. It opens every listening
//! socket and starts the workers; traffic it never touches.

mod changes;
pub mod checker;
pub mod client;
pub mod commands;
pub mod control;
pub mod expiry;
mod explaining;
pub mod expose;
pub mod handover;
pub mod health;
mod machine;
pub mod maintenance;
pub mod notice;
pub mod options;
pub mod origin;
pub mod outside;
mod probe;
pub mod process;
mod program;
mod ramp;
mod reload;
mod report;
mod server_state;
pub mod signals;
pub mod sockets;
pub mod sources;
mod staff;
pub mod startup;
pub mod switches;
pub mod variables_file;

use crate::config::Severity;
use crate::config::model::Config;
use crate::sample::ProxyId;
use crate::state::{Running, State};
use crate::units::Moment;
use crate::worker::clock::Clock;
use crate::worker::inbox::{Inboxes, Message};
use changes::Lines;
use checker::{Checker, Turn};
use commands::Verdict;
use control::Control;
use handover::Handover;
use mio::{Events, Poll, Token, Waker};
use notice::{Notices, level};
use options::Options;
use outside::Outside;
use process::Supervisor;
use signals::{Signals, Wish};
use sockets::Sockets;
use sources::Files;
use staff::Staff;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use variables_file::VariablesFile;

/// Where each kind of socket has its tokens in the poll.
mod tokens {
    pub const SIGNALS: usize = 0;
    pub const WORKER_ENDED: usize = 32;
    pub const HANDOVER: usize = 64;
    pub const CONTROL_LISTENERS: usize = 1 << 8;
    pub const CONTROL_CONNECTIONS: usize = 1 << 16;
    pub const CHECKS: usize = 1 << 20;
}

/// Events taken at once.
const EVENTS: usize = 256;
/// How soon it is looked again when a switch expires: the wall clock may be set meanwhile.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Threads, at most (HAProxy's own limit).
const MOST_THREADS: usize = 64;

/// The process at work.
pub struct Daemon {
    options: Options,
    files: Files,
    outside: Outside,
    /// The environment that the process was started with.
    environment: HashMap<String, String>,
    clock: Clock,
    poll: Poll,
    state: Arc<State>,
    running: Arc<Running>,
    sockets: Sockets,
    inboxes: Arc<Inboxes>,
    staff: Staff,
    /// Held here as well as by the workers: a waker that its last holder drops takes its wake-up with it.
    worker_ended: Arc<Waker>,
    notices: Notices,
    signals: Signals,
    control: Control,
    checker: Checker,
    handover: Handover,
    maintenance: maintenance::Watch,
    supervisor: Supervisor,
    variables_file: Option<VariablesFile>,
    verdict: Verdict,
    /// The lines of the configuration in force.
    lines: Lines,
    is_paused: bool,
    phase: Phase,
}

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Told to finish at this moment; some frontends still take clients (`grace`).
    Lingering(Moment),
    /// Nothing is accepted; at this moment whoever is left is cut off (`hard-stop-after`).
    Finishing(Moment),
    /// Ended by this signal.
    Quitting(i32),
}

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every request was finished.
    Finished,
    /// By this signal.
    Signal(i32),
}

/// Worker threads under this configuration.
fn thread_count(config: &Config) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    config.global.nbthread.map_or_else(cores, usize::from).clamp(1, MOST_THREADS)
}

impl Daemon {
    /// Serves until the process is to end.
    pub fn run(&mut self) -> io::Result<End> {
        let mut events = Events::with_capacity(EVENTS);
        report::publish_facts(self);
        loop {
            maintenance::note(self);
            self.notices.flush();
            let wait = self.next().since_ms(self.clock.now());
            let limit = (self.next() != Moment::NEVER).then(|| Duration::from_millis(wait));
            match self.poll.poll(&mut events, limit) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            for event in &events {
                self.note_event(event.token());
            }
            while let Some(request) = self.control.take_request() {
                commands::execute(self, &request);
            }
            let now = self.clock.now();
            self.control.drain(now);
            self.control.accept_waiting(now, self.poll.registry());
            health::note_suspects(self);
            self.run_checks(|checker, turn| checker.expire(turn));
            self.expire_switches();
            self.supervisor.show_life(now);
            self.notices.flush();
            if let Some(end) = self.end(now) {
                return Ok(end);
            }
        }
    }

    /// When something is due.
    fn next(&self) -> Moment {
        let hard_stop = match self.phase {
            Phase::Finishing(at) => at,
            Phase::Lingering(since) => self.linger_until(since),
            _ => Moment::NEVER,
        };
        let expiry = self.state.variables.next_expiry().map_or(Moment::NEVER, |until| {
            let (now, wall) = (self.clock.now(), self.clock.wall());
            let left_ms = (until.seconds - wall.seconds) * 1000 + i64::from(until.millis) - i64::from(wall.millis);
            now.after(Some(Duration::from_millis(left_ms.max(0) as u64).min(LONGEST_WAIT)))
        });
        self.checker.next().min(self.control.next()).min(self.maintenance.next()).min(expiry).min(self.supervisor.next()).min(hard_stop)
    }

    fn note_event(&mut self, token: Token) {
        let now = self.clock.now();
        match token.0 {
            tokens::WORKER_ENDED => self.staff.note_ended(&self.inboxes),
            tokens::HANDOVER => self.hand_over(),
            number if number < tokens::WORKER_ENDED => {
                if let Some(wish) = self.signals.take(token) {
                    self.grant(wish);
                }
            }
            number if number >= tokens::CHECKS => self.run_checks(|checker, turn| checker.advance(token, turn)),
            number if number >= tokens::CONTROL_CONNECTIONS => self.control.fill(token, now),
            number if number >= tokens::CONTROL_LISTENERS => self.control.accept(token, now, self.poll.registry()),
            _ => self.hand_over_to(token),
        }
    }

    /// Goes on with checks, and does what follows from what they found.
    fn run_checks(&mut self, run: impl FnOnce(&mut Checker, &Turn)) {
        let turn =
            Turn { now: self.clock.now(), wall: self.clock.wall(), registry: self.poll.registry(), variables: &self.state.variables };
        run(&mut self.checker, &turn);
        for report in self.checker.take_reports() {
            health::note_report(self, &report);
        }
    }

    /// Does what a signal asks for.
    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::DumpAndReload => {
                report::log_state(self, "SIGHUP");
                self.reload("SIGHUP");
            }
            Wish::Reload => {
                self.reload("SIGUSR2");
            }
            Wish::Finish => self.finish(),
            Wish::Quit(signal) => self.quit(signal),
            Wish::Pause => self.pause_or_resume(&Message::Pause, "Paused"),
            Wish::Resume => self.pause_or_resume(&Message::Resume, "Resumed"),
            Wish::Reap => {
                // Programs of checks are taken leave of by those.
                self.run_checks(|checker, turn| checker.expire(turn));
                process::reap_orphans(|pid| self.checker.runs(pid));
            }
            Wish::Dump => report::log_state(self, "SIGQUIT"),
        }
    }

    fn pause_or_resume(&mut self, message: &Message, word: &str) {
        self.is_paused = matches!(message, Message::Pause);
        self.staff.tell_all(|| if matches!(message, Message::Pause) { Message::Pause } else { Message::Resume });
        let running = self.running.clone();
        for proxy in running.config.proxies.iter().filter(|proxy| proxy.kind.has_frontend()) {
            let text = format!("{word} frontend {}.", proxy.name);
            self.notices.say(Severity::Warning, &text);
            self.notices.log_for(proxy, level::WARNING, &text);
        }
    }

    /// Accepts no more, at once or as `grace` has it, and ends when the workers have finished.
    fn finish(&mut self) {
        if self.phase != Phase::Serving {
            return;
        }
        self.phase = Phase::Lingering(self.clock.now());
        self.state.is_stopping.store(true, std::sync::atomic::Ordering::Relaxed);
        self.supervisor.tell("STOPPING=1\nSTATUS=Finishing");
        self.control.close_listeners(self.poll.registry());
        self.handover.close(self.poll.registry());
        self.linger(self.clock.now());
    }

    /// Until when a frontend takes clients, for a process that was told to finish at that moment.
    fn grace_of(&self, frontend: ProxyId, since: Moment) -> Moment {
        let own = self.running.config.proxies.get(frontend.0 as usize).and_then(|proxy| proxy.grace);
        since.after(Some(own.unwrap_or_default().max(self.running.config.global.grace.unwrap_or_default())))
    }

    /// When the next frontend closes.
    fn linger_until(&self, since: Moment) -> Moment {
        let ends = self.sockets.listening.iter().map(|listening| self.grace_of(listening.frontend, since));
        ends.min().unwrap_or(since)
    }

    /// Closes the frontends whose grace is over; without any left the rest comes to its end.
    fn linger(&mut self, now: Moment) {
        let Phase::Lingering(since) = self.phase else { return };
        if self.linger_until(since) > now {
            return;
        }
        let mut listening = std::mem::take(&mut self.sockets.listening);
        listening.retain(|listening| self.grace_of(listening.frontend, since) > now);
        if listening.is_empty() {
            self.phase = Phase::Finishing(since.after(self.running.config.global.hard_stop_after));
            self.staff.tell_all(|| Message::Finish);
            self.sockets = Sockets::default();
            report::publish_facts(self);
            return;
        }
        self.sockets.open.retain(|open| listening.iter().any(|listening| Arc::ptr_eq(&listening.socket, &open.socket)));
        let kept: Arc<[_]> = listening.clone().into();
        self.staff.tell_all(|| Message::Adopt(self.running.clone(), kept.clone()));
        self.sockets.listening = listening;
        report::publish_facts(self);
    }

    fn quit(&mut self, signal: i32) {
        self.phase = Phase::Quitting(signal);
        self.supervisor.tell("STOPPING=1\nSTATUS=Ending");
        self.staff.tell_all(|| Message::Quit);
    }

    /// Is the process about to end?
    fn is_ending(&self) -> bool {
        self.phase != Phase::Serving
    }

    /// How the process ends, once it does.
    fn end(&mut self, now: Moment) -> Option<End> {
        self.linger(now);
        if matches!(self.phase, Phase::Finishing(at) if at <= now) {
            self.staff.tell_all(|| Message::Quit);
            self.phase = Phase::Finishing(Moment::NEVER);
        }
        if !self.staff.is_empty() {
            return None;
        }
        let running = self.running.clone();
        if let Phase::Finishing(_) = self.phase {
            for proxy in &running.config.proxies {
                let Some((_, live)) = running.proxy(proxy.id) else { continue };
                let count = |counter: &std::sync::atomic::AtomicUsize| counter.load(std::sync::atomic::Ordering::Relaxed);
                let (frontend, backend) = (count(&live.state.connections_total), count(&live.state.sessions_total));
                let text = format!("Proxy {} stopped (cumulated conns: FE: {frontend}, BE: {backend}).", proxy.name);
                self.notices.say(Severity::Warning, &text);
                self.notices.log_for(proxy, level::WARNING, &text);
            }
        }
        self.notices.flush();
        Some(if let Phase::Quitting(signal) = self.phase { End::Signal(signal) } else { End::Finished })
    }
}
