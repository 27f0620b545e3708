//! How threads speak to a worker: a queue of messages and a waker. Nothing else of a worker is shared.

use super::listener::Listening;
use crate::state::queue::Grant;
use crate::state::{Running, ServerState, lock};
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
    /// End the sessions that this server has.
    CutOff(Arc<ServerState>, Cut),
    /// Stop accepting for a while (SIGTTOU).
    Pause,
    /// Accept again (SIGTTIN).
    Resume,
    /// There are enough others: accept no more, serve who is here until they leave, and end.
    Retire,
    /// Accept no more, close idle connections, finish the rest, and end (SIGUSR1).
    Finish,
    /// End now (SIGTERM).
    Quit,
}

/// Why a server's sessions are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It went down (`on-marked-down shutdown-sessions`).
    Down,
    /// It is a backup, and a server came up (`on-marked-up shutdown-backup-sessions`).
    Up,
}

/// A worker's inbox; clones are the same inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// `None` once the worker has ended.
    messages: Mutex<Option<VecDeque<Message>>>,
    /// Set while a wake-up is on its way, so that a burst of messages costs one.
    woken: AtomicBool,
    waker: Waker,
}

impl Inbox {
    /// The inbox of the worker that this waker wakes.
    pub fn new(waker: Waker) -> Inbox {
        Inbox { shared: Arc::new(Shared { messages: Mutex::new(Some(VecDeque::new())), woken: AtomicBool::new(false), waker }) }
    }

    /// Leaves a message; gives it back when the worker has ended.
    pub fn send(&self, message: Message) -> Result<(), Message> {
        match lock(&self.shared.messages).as_mut() {
            Some(messages) => messages.push_back(message),
            None => return Err(message),
        }
        if !self.shared.woken.swap(true, Ordering::AcqRel) {
            // A waker fails only when its counter is full: the worker is awake then.
            let _ = self.shared.waker.wake();
        }
        Ok(())
    }

    /// The oldest message. The worker takes messages until there are none.
    pub fn take(&self) -> Option<Message> {
        self.shared.woken.store(false, Ordering::Release);
        lock(&self.shared.messages).as_mut()?.pop_front()
    }

    /// Takes no more; what was still there is for the worker to put right.
    pub fn close(&self) -> VecDeque<Message> {
        lock(&self.shared.messages).take().unwrap_or_default()
    }

    /// Has the worker ended?
    pub fn is_closed(&self) -> bool {
        lock(&self.shared.messages).is_none()
    }
}

/// The inboxes of all workers, by number. Workers come and go with reloads; no number is given twice.
#[derive(Debug, Default)]
pub struct Inboxes {
    list: Mutex<Vec<Option<Inbox>>>,
}

impl Inboxes {
    /// Adds a worker, and gives its number.
    pub fn add(&self, inbox: Inbox) -> u32 {
        let mut list = lock(&self.list);
        list.push(Some(inbox));
        (list.len() - 1) as u32
    }

    /// Forgets a worker that has ended.
    pub fn remove(&self, worker: u32) {
        if let Some(slot) = lock(&self.list).get_mut(worker as usize) {
            *slot = None;
        }
    }

    /// Leaves a message for a worker; gives it back when there is no such worker any more.
    pub fn send(&self, worker: u32, message: Message) -> Result<(), Message> {
        let inbox = lock(&self.list).get(worker as usize).cloned().flatten();
        let Some(inbox) = inbox else { return Err(message) };
        inbox.send(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mio::{Poll, Token};

    #[test]
    fn a_message_for_a_worker_that_has_ended_comes_back() {
        let poll = Poll::new().unwrap();
        let inbox = Inbox::new(Waker::new(poll.registry(), Token(0)).unwrap());
        let inboxes = Inboxes::default();
        let number = inboxes.add(inbox.clone());
        assert!(inboxes.send(number, Message::Pause).is_ok() && inboxes.send(number + 1, Message::Pause).is_err());
        assert!(matches!(inbox.close().pop_front(), Some(Message::Pause)), "what was not taken is not lost");
        assert!(inbox.is_closed() && inbox.take().is_none());
        assert!(inboxes.send(number, Message::Pause).is_err());
        inboxes.remove(number);
        assert!(inboxes.send(number, Message::Pause).is_err());
        assert_eq!(inboxes.add(inbox), number + 1, "no number is given twice");
    }
}
