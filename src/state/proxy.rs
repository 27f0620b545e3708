//! One frontend, backend or listen as it is now: its connections, its totals, its queue.

use super::counters::Counters;
use super::queue::Queue;
use super::rate_limit::RateLimit;
use super::standing::Standing;
use std::sync::atomic::AtomicUsize;

/// A proxy, by name. It survives reloads.
#[derive(Debug, Default)]
pub struct ProxyState {
    /// Its name.
    pub name: String,
    /// Client connections now open (frontend side).
    pub connections: AtomicUsize,
    /// Client connections since the start.
    pub connections_total: AtomicUsize,
    /// Requests that are with the backend side now.
    pub sessions: AtomicUsize,
    /// Requests since the start that came to the backend side.
    pub sessions_total: AtomicUsize,
    /// Client connections within a second (`rate-limit sessions`).
    pub session_rate: RateLimit,
    /// Lines that were logged for its clients since the start.
    pub log_lines: AtomicUsize,
    /// What is counted of its frontend side.
    pub front: Counters,
    /// What is counted of its backend side.
    pub back: Counters,
    /// Since when its backend side is up or down.
    pub standing: Standing,
    /// Requests that are under way since before its maintenance (`maintenance drain` counts them).
    pub under_way: AtomicUsize,
    /// Who waits for a server.
    pub queue: Queue,
}

impl ProxyState {
    /// A proxy that nothing has happened to.
    pub fn new(name: &str) -> ProxyState {
        ProxyState { name: name.to_string(), ..ProxyState::default() }
    }
}
