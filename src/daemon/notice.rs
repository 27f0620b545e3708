//! What the process says of itself: on stderr in HAProxy's shape, and as lines to the configuration's log targets.
//! When it is said is for the rest of the room to know; traffic is logged by the workers.

use super::sockets::BindFault;
use crate::access_log::syslog::{self, Origin};
use crate::config::model::{Global, LogTarget, Proxy};
use crate::config::{Colour, Diagnostic, Severity};
use crate::sys;
use crate::worker::clock::Clock;
use crate::worker::log_sink::LogSinks;
use std::io::{IsTerminal, Write};

/// Syslog's levels, as far as the process speaks at them.
pub mod level {
    /// A backend has no server left.
    pub const EMERG: u8 = 0;
    /// A server went down; a reload failed.
    pub const ALERT: u8 = 1;
    /// Something is not as it should be.
    pub const WARNING: u8 = 4;
    /// A server came up; a switch was set.
    pub const NOTICE: u8 = 5;
}

/// Is anybody reading stderr?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stderr {
    /// Everything is said.
    Heard,
    /// `-q`: faults alone.
    Quiet,
    /// The process is in the background.
    Gone,
}

/// The voice of the process.
pub struct Notices {
    stderr: Stderr,
    sinks: LogSinks,
    origin: Origin,
    clock: Clock,
    line: Vec<u8>,
    /// Log lines that could not be sent.
    pub dropped: usize,
}

impl Notices {
    /// A voice for this process.
    pub fn new(clock: Clock, stderr: Stderr) -> Notices {
        let origin = Origin { tag: sys::program_name(), pid: std::process::id(), hostname: None, utc_offset_seconds: 0 };
        Notices { stderr, sinks: LogSinks::default(), origin, clock, line: Vec::new(), dropped: 0 }
    }

    /// Takes up what the configuration says of log lines, and this process's id (which a fork has changed).
    pub fn configure(&mut self, global: &Global) {
        self.origin.tag = global.log_tag.clone().unwrap_or_else(sys::program_name);
        self.origin.hostname = global.log_hostname.clone();
        self.origin.pid = std::process::id();
    }

    /// What log lines of this process begin with.
    pub fn origin(&self) -> Origin {
        Origin { utc_offset_seconds: sys::utc_offset_seconds(self.clock.wall().seconds), ..self.origin.clone() }
    }

    /// From now on only faults are said on stderr.
    pub fn hush(&mut self) {
        self.stderr = Stderr::Quiet;
    }

    /// From now on nobody reads stderr.
    pub fn leave_stderr(&mut self) {
        self.stderr = Stderr::Gone;
    }

    /// Says something on stderr.
    pub fn say(&self, severity: Severity, text: &str) {
        let label = match severity {
            Severity::Diagnostic => "[DIAG]    ",
            Severity::Notice => "[NOTICE]  ",
            Severity::Warning => "[WARNING] ",
            Severity::Alert => "[ALERT]   ",
        };
        if self.stderr == Stderr::Heard || (self.stderr == Stderr::Quiet && severity == Severity::Alert) {
            // One write, so that lines of several processes stay whole; nothing can be done about a stderr that takes nothing.
            let line = format!("{label} ({}) : {text}\n", std::process::id());
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }

    /// Says what reading a configuration has brought up, from this severity on.
    pub fn tell(&self, diagnostics: &[Diagnostic], least: Severity) {
        let colour = if std::io::stderr().is_terminal() { Colour::Ansi } else { Colour::Plain };
        let least = match self.stderr {
            Stderr::Gone => return,
            Stderr::Quiet => Severity::Alert,
            Stderr::Heard => least,
        };
        let mut text = String::new();
        diagnostics.iter().filter(|told| told.severity >= least).for_each(|told| told.render(&mut text, colour));
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// Says where a socket could not be opened.
    pub fn tell_fault(&self, fault: &BindFault) {
        if self.stderr != Stderr::Gone {
            // As above.
            let _ = std::io::stderr().write_all(format!("[ALERT] {fault}\n").as_bytes());
        }
    }

    /// The process's clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// A line for the `log` targets of a proxy.
    pub fn log_for(&mut self, proxy: &Proxy, level: u8, text: &str) {
        self.log_as(&proxy.log, proxy.log_tag.as_deref(), level, text);
    }

    /// A line for the global `log` targets.
    pub fn log(&mut self, global: &Global, level: u8, text: &str) {
        self.log_as(&global.log, None, level, text);
    }

    fn log_as(&mut self, targets: &[LogTarget], tag: Option<&str>, level: u8, text: &str) {
        if targets.is_empty() {
            return;
        }
        let mut origin = self.origin();
        if let Some(tag) = tag {
            origin.tag = tag.to_string();
        }
        for target in targets {
            self.line.clear();
            if syslog::render_line(target, &origin, level, self.clock.wall(), (text.as_bytes(), b""), &mut self.line) {
                self.sinks.push(target, &self.line);
            }
        }
    }

    /// Sends the log lines of this turn.
    pub fn flush(&mut self) {
        self.dropped += self.sinks.flush();
    }
}
