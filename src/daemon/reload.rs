//! A new configuration in the running process: read and checked beside the one in force, its new sockets opened, and only
//! then taken up. On any fault everything stays as it was, and the verdict says why.

use super::changes::Lines;
use super::commands::Verdict;
use super::notice::level;
use super::sockets::Sockets;
use super::staff::Staff;
use super::variables_file::VariablesFile;
use super::{Daemon, process, sources, switches};
use crate::config::{Colour, Severity};
use crate::state::Running;
use crate::worker::Worker;
use crate::worker::inbox::Message;
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
        self.verdict.clone()
    }

    /// Everything that can fail.
    fn prepare(&mut self) -> Result<Next, String> {
        if self.is_ending() {
            return Err("[ALERT] the process is about to end, and takes up no other configuration\n".into());
        }
        let sources = self.files.load().map_err(|fault| format!("[ALERT] {fault}\n"))?;
        let outcome = sources::read_loaded(&sources, &self.options, &self.environment);
        let mut told = String::new();
        outcome.diagnostics.iter().for_each(|diagnostic| diagnostic.render(&mut told, Colour::Plain));
        let Some(mut config) = outcome.config else { return Err(told) };
        match process::fit_descriptors(&mut config) {
            Ok(None) => {}
            Ok(Some(warning)) => told += &format!("[WARNING] {warning}\n"),
            Err(error) => told += &format!("[WARNING] the limit of open files cannot be read: {error}\n"),
        }
        let threads = super::thread_count(&config);
        let workers = Staff::recruit(threads.saturating_sub(self.staff.serving()));
        let workers = workers.map_err(|error| format!("{told}[ALERT] cannot start workers: {error}\n"))?;
        let sockets = Sockets::open(&config, &self.sockets.open);
        let sockets = sockets.map_err(|faults| faults.iter().fold(told.clone(), |text, fault| format!("{text}[ALERT] {fault}\n")))?;
        if sockets.listening.is_empty() {
            return Err(told + "[ALERT] No enabled listener found (check for 'bind' directives)\n");
        }
        let named = config.global.variables_file.as_deref();
        let known = |path| self.variables_file.as_ref().is_some_and(|file| file.is_at(path));
        let variables_file = match named {
            Some(path) if !known(path) => {
                let taken = VariablesFile::find(&config.global, None).and_then(|mut file| {
                    let refused = file.as_mut().and_then(|file| file.read(self.clock.wall()).1);
                    refused.map_or(Ok(()), Err)?;
                    file.as_ref().map_or(Ok(()), |file| file.write(&self.state.variables)).map(|()| file)
                });
                taken.map_err(|fault| format!("{told}[ALERT] {fault}\n"))?
            }
            _ => None,
        };
        let running = Arc::new(Running::new(config, &self.state, self.running.generation + 1));
        Ok(Next { running, lines: Lines::of(&sources), sockets, variables_file, workers, threads, told })
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
        if let Err(error) = self.control.adopt(&sockets.control, running.config.global.stats_timeout, self.poll.registry()) {
            self.notices.say(Severity::Warning, &format!("a control socket cannot be polled: {error}"));
        }
        self.sockets.remove_files_not_in(&sockets);
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
