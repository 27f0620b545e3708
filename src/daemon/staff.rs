//! The worker threads of the process: as many as the configuration in force asks for, and those that still serve their
//! clients although there are enough others. What a worker does is `worker`'s.

use super::Daemon;
use crate::worker::inbox::{Inbox, Inboxes, Message};
use crate::worker::{Setup, Worker};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

/// All workers that have not ended.
#[derive(Debug, Default)]
pub struct Staff {
    workers: Vec<Employed>,
}

#[derive(Debug)]
struct Employed {
    number: u32,
    inbox: Inbox,
    thread: JoinHandle<()>,
    is_retiring: bool,
}

impl Staff {
    /// Makes workers that are not started yet: all of this that can fail for want of descriptors.
    pub fn recruit(count: usize) -> io::Result<Vec<Worker>> {
        (0..count).map(|_| Worker::new()).collect()
    }

    /// How many take new clients.
    pub fn serving(&self) -> usize {
        self.workers.iter().filter(|worker| !worker.is_retiring).count()
    }

    /// Have all of them ended?
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }

    /// Leaves a message for each.
    pub fn tell_all(&self, message: impl Fn() -> Message) {
        for worker in &self.workers {
            // One that has just ended needs none of them.
            let _ = worker.inbox.send(message());
        }
    }

    /// Lets those go that came last, until this many take new clients.
    pub fn retire_all_but(&mut self, count: usize) {
        for worker in self.workers.iter_mut().filter(|worker| !worker.is_retiring).skip(count) {
            worker.is_retiring = true;
            let _ = worker.inbox.send(Message::Retire);
        }
    }

    /// Forgets those that have ended.
    pub fn note_ended(&mut self, inboxes: &Inboxes) {
        let (ended, staying) = std::mem::take(&mut self.workers).into_iter().partition(|worker| worker.inbox.is_closed());
        self.workers = staying;
        for Employed { number, thread, .. } in ended {
            inboxes.remove(number);
            // A panic of it has been told already.
            let _ = thread.join();
        }
    }
}

impl Daemon {
    /// Starts workers under the configuration in force.
    pub(super) fn start_workers(&mut self, workers: Vec<Worker>) -> io::Result<()> {
        let listeners: Arc<[_]> = self.sockets.listening.clone().into();
        for worker in workers {
            let inbox = worker.inbox();
            let number = self.inboxes.add(inbox.clone());
            let setup = Setup {
                index: number,
                running: self.running.clone(),
                state: self.state.clone(),
                listeners: listeners.clone(),
                clock: self.clock,
                inboxes: self.inboxes.clone(),
                ended: self.worker_ended.clone(),
                origin: self.notices.origin(),
            };
            let thread = worker.start(setup).inspect_err(|_| self.inboxes.remove(number))?;
            if self.is_paused {
                // It was started just now.
                let _ = inbox.send(Message::Pause);
            }
            self.staff.workers.push(Employed { number, inbox, thread, is_retiring: false });
        }
        Ok(())
    }
}
