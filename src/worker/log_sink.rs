//! Sends log lines: those of one turn leave together, a socket that is full drops and counts, and nothing ever waits.

use crate::config::model::LogTarget;

/// A thread's way out for log lines.
#[derive(Debug, Default)]
pub struct LogSinks {}

impl LogSinks {
    /// Keeps a finished line (as `syslog::render_line` made it) for this target until the next flush.
    pub fn push(&mut self, _target: &LogTarget, _line: &[u8]) {
        unimplemented!()
    }

    /// Sends what was kept; gives how many lines were dropped.
    pub fn flush(&mut self) -> usize {
        unimplemented!()
    }
}
