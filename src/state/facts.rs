//! What is to be known of the process as a whole, and is nobody's to count: the daemon makes it known, statistics show it.

use crate::units::WallClock;

/// The process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its version.
    pub version: &'static str,
    /// `node`, else the host's name.
    pub node: String,
    /// Worker threads.
    pub threads: usize,
    /// Listening sockets, those for control included.
    pub listeners: usize,
    /// The most descriptors that it may have.
    pub descriptors: u64,
    /// It finishes.
    pub is_stopping: bool,
    /// Log lines that were dropped.
    pub dropped_logs: u64,
    /// When it began, in seconds of the wall clock.
    pub started_seconds: i64,
    /// Reloads so far, whatever came of them.
    pub reloads: usize,
    /// When the last one was, and whether its configuration is in force.
    pub last_reload: Option<(WallClock, bool)>,
}
