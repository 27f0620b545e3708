//! The data plane: one thread per core with a mio loop each. Sockets, clock and log sending live here; what the bytes
//! mean is the session's.

pub mod clock;
pub mod inbox;
pub mod listener;
pub mod log_sink;

use crate::state::{Running, State};
use clock::Clock;
use inbox::Inbox;
use listener::Listening;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

/// What a worker is started with.
pub struct Setup {
    /// Its number, from 0.
    pub index: u32,
    /// The configuration in force.
    pub running: Arc<Running>,
    /// What is alive.
    pub state: Arc<State>,
    /// Where to listen.
    pub listeners: Arc<[Listening]>,
    /// The process's clock.
    pub clock: Clock,
    /// Inboxes of all workers, by number, this one's included (filled before any worker runs).
    pub inboxes: Arc<[Inbox]>,
    /// Woken when the worker has ended.
    pub ended: Arc<mio::Waker>,
}

/// A worker that is not started: its poll and its inbox.
pub struct Worker {
    #[allow(dead_code)]
    poll: mio::Poll,
    inbox: Inbox,
}

impl Worker {
    /// Makes a worker's poll and inbox.
    pub fn new() -> io::Result<Worker> {
        unimplemented!()
    }

    /// Its inbox.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// Runs it in a thread of its own until `Finish` or `Quit`.
    pub fn start(self, _setup: Setup) -> io::Result<JoinHandle<()>> {
        unimplemented!()
    }
}
