//! How threads speak to a worker: a queue of messages and a waker. Nothing else of a worker is shared.

use super::listener::Listening;
use crate::state::queue::Grant;
use crate::state::{Running, lock};
use mio::Waker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What a worker can be told.
#[derive(Debug)]
pub enum Message {
    /// Take up this configuration, and listen on just these sockets; sessions go on under the one they began with.
    Adopt(Arc<Running>, Arc<[Listening]>),
    /// A slot of a server for a session that waits for it.
    Granted(Grant),
    /// Stop accepting for a while (SIGTTOU).
    Pause,
    /// Accept again (SIGTTIN).
    Resume,
    /// Accept no more, close idle connections, finish the rest, and end (SIGUSR1).
    Finish,
    /// End now (SIGTERM).
    Quit,
}

/// A worker's inbox; clones are the same inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    messages: Mutex<VecDeque<Message>>,
    /// Set while a wake-up is on its way, so that a burst of messages costs one.
    woken: AtomicBool,
    waker: Waker,
}

impl Inbox {
    /// The inbox of the worker that this waker wakes.
    pub fn new(waker: Waker) -> Inbox {
        Inbox { shared: Arc::new(Shared { messages: Mutex::default(), woken: AtomicBool::new(false), waker }) }
    }

    /// Leaves a message. A worker that has ended takes none, which is no fault.
    pub fn send(&self, message: Message) {
        lock(&self.shared.messages).push_back(message);
        if !self.shared.woken.swap(true, Ordering::AcqRel) {
            // A waker fails only when its counter is full: the worker is awake then.
            let _ = self.shared.waker.wake();
        }
    }

    /// The oldest message. The worker takes messages until there are none.
    pub fn take(&self) -> Option<Message> {
        self.shared.woken.store(false, Ordering::Release);
        lock(&self.shared.messages).pop_front()
    }
}
