//! Requests that wait for a server: one first-come queue per backend, some of them for one server only (persistence).
//! A slot that is given back goes to the first waiter that may have it; telling that waiter's worker is the caller's.

use super::{ServerState, lock};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A session's name across threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey {
    /// The worker that it lives in.
    pub worker: u32,
    /// Its index there.
    pub index: u32,
    /// Which of the sessions that had this index it is.
    pub generation: u32,
}

/// A session that waits.
#[derive(Debug)]
struct Waiter {
    session: SessionKey,
    /// The server that it must have, if any.
    server: Option<usize>,
}

/// A slot, given to a session that waited.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who gets it.
    pub session: SessionKey,
    /// The server's index in its backend, by the configuration that the waiter came with.
    pub server: Arc<ServerState>,
}

/// A backend's queue.
#[derive(Debug, Default)]
pub struct Queue {
    waiters: Mutex<VecDeque<Waiter>>,
    length: AtomicUsize,
}

/// What became of a request that would wait.
#[derive(Debug, PartialEq, Eq)]
pub enum Wait {
    /// It waits, behind this many.
    Queued(usize),
    /// A slot became free in the meantime, and is taken for it.
    Reserved,
}

impl Queue {
    /// Requests that wait now.
    pub fn len(&self) -> usize {
        self.length.load(Ordering::SeqCst)
    }

    /// Does nobody wait?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Requests that wait for this server alone.
    pub fn len_for(&self, server: &ServerState) -> usize {
        if self.is_empty() { 0 } else { lock(&self.waiters).iter().filter(|w| w.server == Some(server.id)).count() }
    }

    /// Puts a session at the end. `reserve` tries to take a slot once more now that the session can be seen waiting,
    /// so that a slot given back in between is not missed.
    pub fn wait(&self, session: SessionKey, server: Option<&ServerState>, reserve: impl FnOnce() -> bool) -> Wait {
        let mut waiters = lock(&self.waiters);
        self.length.fetch_add(1, Ordering::SeqCst);
        if reserve() {
            self.length.fetch_sub(1, Ordering::SeqCst);
            return Wait::Reserved;
        }
        let ahead = waiters.len();
        waiters.push_back(Waiter { session, server: server.map(|s| s.id) });
        Wait::Queued(ahead)
    }

    /// Takes a session out; `false` when it has been given a slot already, and the grant is on its way.
    pub fn leave(&self, session: SessionKey) -> bool {
        let mut waiters = lock(&self.waiters);
        let before = waiters.len();
        waiters.retain(|w| w.session != session);
        self.length.store(waiters.len(), Ordering::SeqCst);
        waiters.len() < before
    }

    /// Gives a slot back. When somebody waits who may have it, it is theirs: tell them.
    pub fn release(&self, server: &Arc<ServerState>, maxconn: Option<u32>) -> Option<Grant> {
        server.give_back();
        if self.is_empty() { None } else { self.grant(server, maxconn) }
    }

    /// Gives one slot of a server that has room and is usable to the first waiter that may have it.
    pub fn grant(&self, server: &Arc<ServerState>, maxconn: Option<u32>) -> Option<Grant> {
        if !server.is_usable() {
            return None;
        }
        let takes_new = server.takes_new();
        let mut waiters = lock(&self.waiters);
        let first = waiters.iter().position(|w| w.server.map_or(takes_new, |id| id == server.id))?;
        if !server.try_reserve(maxconn) {
            return None;
        }
        let waiter = waiters.remove(first)?;
        self.length.store(waiters.len(), Ordering::SeqCst);
        Some(Grant { session: waiter.session, server: server.clone() })
    }

    /// Waiters for a server that went down may have any other.
    pub fn unpin(&self, server: &ServerState) {
        for waiter in lock(&self.waiters).iter_mut().filter(|w| w.server == Some(server.id)) {
            waiter.server = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(index: u32) -> SessionKey {
        SessionKey { worker: 0, index, generation: 0 }
    }

    #[test]
    fn a_slot_given_back_goes_to_the_first_that_may_have_it() {
        let (a, b) = (Arc::new(ServerState::new("web", "a", 0)), Arc::new(ServerState::new("web", "b", 1)));
        let queue = Queue::default();
        assert!(a.try_reserve(Some(1)) && b.try_reserve(Some(1)));
        assert!(!a.try_reserve(Some(1)));
        assert_eq!(queue.wait(key(1), Some(&b), || b.try_reserve(Some(1))), Wait::Queued(0));
        assert_eq!(queue.wait(key(2), None, || false), Wait::Queued(1));
        assert_eq!(queue.wait(key(3), None, || false), Wait::Queued(2));
        assert_eq!((queue.len(), queue.len_for(&b), queue.len_for(&a)), (3, 1, 0));
        assert_eq!(queue.release(&a, Some(1)).map(|g| g.session), Some(key(2)), "1 waits for b alone");
        assert_eq!(a.current(), 1, "the slot went from hand to hand");
        assert!(queue.leave(key(3)));
        assert!(!queue.leave(key(2)), "it has been granted");
        assert!(queue.release(&a, Some(1)).is_none());
        assert_eq!(queue.release(&b, Some(1)).map(|g| g.session), Some(key(1)));
        assert_eq!((a.current(), b.current(), queue.len()), (0, 1, 0));
    }

    #[test]
    fn a_slot_that_came_free_while_queueing_is_taken() {
        let a = Arc::new(ServerState::new("web", "a", 0));
        let queue = Queue::default();
        assert_eq!(queue.wait(key(1), None, || a.try_reserve(Some(1))), Wait::Reserved);
        assert!(queue.is_empty());
        assert_eq!(a.current(), 1);
    }

    #[test]
    fn waiters_of_a_server_that_went_down_may_have_another() {
        let (a, b) = (Arc::new(ServerState::new("web", "a", 0)), Arc::new(ServerState::new("web", "b", 1)));
        let queue = Queue::default();
        queue.wait(key(1), Some(&b), || false);
        b.set_maintenance(true);
        assert!(queue.grant(&b, None).is_none(), "it is not usable");
        assert!(queue.grant(&a, None).is_none());
        queue.unpin(&b);
        assert_eq!(queue.grant(&a, None).map(|g| g.server.name.clone()), Some("a".to_string()));
    }
}
