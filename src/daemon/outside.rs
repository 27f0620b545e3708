//! The way out of a chroot, for reloads. A thread that took leave of the process's idea of its root directory before that was
//! changed still sees the files of the configuration; it has no more rights than the rest, and reads only when it is asked to.

use crate::config::model::Global;
use nix::sched::{CloneFlags, unshare};
use std::io;
use std::sync::mpsc::{Sender, channel, sync_channel};

type Job = Box<dyn FnOnce() + Send>;

/// Runs what has to see the files outside; without a chroot that is here.
#[derive(Debug, Default)]
pub struct Outside {
    jobs: Option<Sender<Job>>,
}

impl Outside {
    /// To be called before `chroot`, and behind any fork.
    pub fn open(global: &Global) -> io::Result<Outside> {
        if global.chroot.is_none() {
            return Ok(Outside::default());
        }
        let (jobs, waiting) = channel::<Job>();
        let (ready, apart) = sync_channel(1);
        std::thread::Builder::new().name("outside".into()).spawn(move || {
            let left = unshare(CloneFlags::CLONE_FS);
            let _ = ready.send(left);
            waiting.into_iter().for_each(|job| job());
        })?;
        apart.recv().map_err(io::Error::other)??;
        Ok(Outside { jobs: Some(jobs) })
    }

    /// Does it there, and waits for what comes of it. `None` when that thread is gone.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let Some(jobs) = &self.jobs else { return Some(job()) };
        let (done, outcome) = sync_channel(1);
        let sent = jobs.send(Box::new(move || {
            let _ = done.send(job());
        }));
        sent.ok()?;
        outcome.recv().ok()
    }
}
