//! One listening address of a frontend with `option socket-stats`, as it is now. Its socket is the daemon's and the workers'.

use super::counters::Counters;
use std::sync::atomic::AtomicUsize;

/// A listener, by the names of its frontend and its own. It survives reloads.
#[derive(Debug, Default)]
pub struct ListenerState {
    /// Its name.
    pub name: String,
    /// Client connections now open.
    pub connections: AtomicUsize,
    /// Client connections since the start.
    pub connections_total: AtomicUsize,
    /// What else is counted of it.
    pub counters: Counters,
}

impl ListenerState {
    /// A listener that nobody has come to.
    pub fn new(name: &str) -> ListenerState {
        ListenerState { name: name.to_string(), ..ListenerState::default() }
    }
}
