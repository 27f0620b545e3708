//! A new configuration in the running process: read and checked beside the one in force, its new sockets opened, and only
//! then taken up. On any fault everything stays as it was, and the verdict says why.

use super::changes::Lines;
use super::commands::Verdict;
use super::notice::level;
use super::options::Options;
use super::sockets::{Open, Sockets};
use super::sources::Files;
use super::staff::Staff;
use super::variables_file::VariablesFile;
use super::{Daemon, process, sources, switches};
use crate::config::{Colour, Config, Severity, Source};
use crate::state::{Running, State};
use crate::units::WallClock;
use crate::worker::Worker;
use crate::worker::inbox::Message;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A configuration that is ready to be taken up.
struct Next {
    running: Arc<Running>,
    lines: Lines,
    sockets: Sockets,
    /// Another place for the switches, when the configuration names another.
    variables_file: Option<VariablesFile>,
    /// Those that are to come, and how many there are to be.
    workers: Vec<Worker>,
    threads: usize,
    /// Warnings and notices, as they are told.
    told: String,
}

/// What the files say, and what was opened by it.
struct Gathered {
    sources: Vec<Source>,
    config: Config,
    sockets: Sockets,
    variables_file: Option<VariablesFile>,
    workers: Vec<Worker>,
    told: String,
}

/// The process as it is before the reload.
struct Now {
    open: Vec<Open>,
    /// Where switches are kept.
    own: Option<PathBuf>,
    threads: usize,
    wall: WallClock,
    state: Arc<State>,
}

/// Reads the files and opens what is new; in a chroot this is done outside of it.
fn gather(files: &Files, options: &Options, environment: &HashMap<String, String>, now: &Now) -> Result<Gathered, String> {
    let sources = files.load().map_err(|fault| format!("[ALERT] {fault}\n"))?;
    let outcome = sources::read_loaded(&sources, options, environment);
    let mut told = String::new();
    let heard = outcome.diagnostics.iter().filter(|told| told.severity > Severity::Diagnostic);
    heard.for_each(|diagnostic| diagnostic.render(&mut told, Colour::Plain));
    let Some(mut config) = outcome.config else { return Err(told) };
    match process::fit_descriptors(&mut config) {
        Ok(None) => {}
        Ok(Some(warning)) => told += &format!("[WARNING] {warning}\n"),
        Err(error) => told += &format!("[WARNING] the limit of open files cannot be read: {error}\n"),
    }
    let sockets = Sockets::open(&config, &now.open);
    let mut sockets = sockets.map_err(|faults| faults.iter().fold(told.clone(), |text, fault| format!("{text}[ALERT] {fault}\n")))?;
    if sockets.listening.is_empty() {
        return Err(told + "[ALERT] No enabled listener found (check for 'bind' directives)\n");
    }
    let is_new = config.global.variables_file.as_deref().is_some_and(|path| Some(path) != now.own.as_deref());
    let mut variables_file = match is_new {
        true => VariablesFile::find(&config.global, None).map_err(|fault| format!("{told}[ALERT] {fault}\n"))?,
        false => None,
    };
    let workers = Staff::recruit(super::thread_count(&config).saturating_sub(now.threads));
    let workers = workers.map_err(|error| format!("{told}[ALERT] cannot start workers: {error}\n"))?;
    if let Some(file) = &mut variables_file {
        let refused = file.read(now.wall).1;
        let kept = refused.map_or(Ok(()), Err).and_then(|()| file.write(&now.state.variables));
        kept.map_err(|fault| format!("{told}[ALERT] {fault}\n"))?;
    }
    // Nothing can fail from here on.
    sockets.publish();
    Ok(Gathered { sources, config, sockets, variables_file, workers, told })
}

impl Daemon {
    /// Reads the configuration again. `origin` says who asked, for the log.
    pub fn reload(&mut self, origin: &str) -> Verdict {
        self.supervisor.tell_reloading();
        let prepared = self.prepare();
        let success = prepared.is_ok();
        let text = match prepared {
            Ok(next) => self.take_up(next, origin),
            Err(text) => self.refuse(text, origin),
        };
        self.verdict = Verdict { at: Some(self.clock.wall()), success, text, count: self.verdict.count + 1 };
        super::report::publish_facts(self);
        self.verdict.clone()
    }

    /// Everything that can fail.
    fn prepare(&mut self) -> Result<Next, String> {
        if self.is_ending() {
            return Err("[ALERT] the process is about to end, and takes up no other configuration\n".into());
        }
        let (files, options, environment) = (self.files.clone(), self.options.clone(), self.environment.clone());
        let now = Now {
            open: self.sockets.open.clone(),
            own: self.variables_file.as_ref().map(|file| file.path().to_owned()),
            threads: self.staff.serving(),
            wall: self.clock.wall(),
            state: self.state.clone(),
        };
        let gathered = self.outside.run(move || gather(&files, &options, &environment, &now));
        let gathered = gathered.unwrap_or_else(|| Err("[ALERT] the thread outside of the chroot is gone\n".into()));
        let gathered = gathered.map_err(|text| text + &self.privileges_missed())?;
        let Gathered { sources, config, sockets, variables_file, workers, told } = gathered;
        let threads = super::thread_count(&config);
        let running = Arc::new(Running::new(config, &self.state, self.running.generation + 1));
        Ok(Next { running, lines: Lines::of(&sources), sockets, variables_file, workers, threads, told })
    }

    /// What a process that has changed its user tells besides: its reloads have that user's rights alone.
    fn privileges_missed(&self) -> String {
        let global = &self.running.config.global;
        let user = nix::unistd::geteuid();
        match global.uid.is_some_and(|uid| uid != 0) && !user.is_root() {
            true => format!("[NOTICE] reloads have the rights of uid {user}; what needs more takes a new process (-sf)\n"),
            false => String::new(),
        }
    }

    /// Nothing here can fail.
    fn take_up(&mut self, next: Next, origin: &str) -> String {
        let Next { running, lines, sockets, variables_file, workers, threads, mut told } = next;
        self.variables_file = variables_file.or(self.variables_file.take());
        switches::take_configuration(&self.state.variables, &running.config.global, &self.environment, self.clock.wall());
        let listening: Arc<[_]> = sockets.listening.clone().into();
        self.staff.tell_all(|| Message::Adopt(running.clone(), listening.clone()));
        super::health::follow_all(&running);
        self.checker.adopt(&running, self.clock.now(), self.poll.registry());
        if let Err(error) = self.control.adopt(&sockets.control, &running.config.global, self.poll.registry()) {
            self.notices.say(Severity::Warning, &format!("a control socket cannot be polled: {error}"));
        }
        let files = self.sockets.files_not_in(&sockets);
        if !files.is_empty() {
            self.outside.run(move || files.iter().for_each(|file| drop(std::fs::remove_file(file))));
        }
        self.sockets = sockets;
        self.running = running.clone();
        self.staff.retire_all_but(threads);
        if let Err(error) = self.start_workers(workers) {
            told += &format!("[WARNING] only {} of {threads} threads can be started: {error}\n", self.staff.serving());
        }
        let changes = self.lines.render_changes(&lines);
        self.lines = lines;
        self.notices.configure(&running.config.global);
        let text = format!("Reload by {origin}: configuration {} is in force ({changes}).", running.generation);
        self.notices.say(Severity::Notice, &text);
        self.notices.log(&running.config.global, level::NOTICE, &text);
        for line in told.lines().filter(|line| line.starts_with("[WARNING]")) {
            self.notices.say(Severity::Warning, line.trim_start_matches("[WARNING] "));
            self.notices.log(&running.config.global, level::WARNING, line);
        }
        self.supervisor.tell("READY=1\nSTATUS=Ready, after a reload");
        format!("{told}Loading success: {changes}.\n")
    }

    fn refuse(&mut self, text: String, origin: &str) -> String {
        let running = self.running.clone();
        let summary = format!("Reload by {origin} failed: the configuration in force stays.");
        self.notices.say(Severity::Alert, &format!("{summary}\n{}", text.trim_end()));
        self.notices.log(&running.config.global, level::ALERT, &summary);
        for line in text.lines().filter(|line| line.starts_with("[ALERT]")) {
            self.notices.log(&running.config.global, level::ALERT, line);
        }
        self.supervisor.tell("READY=1\nSTATUS=Ready, the last reload failed");
        text
    }
}
