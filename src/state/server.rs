//! One server as it is now: up or down, held out by an administrator, how many requests it has.
//! How it is reached and checked is in the configuration; who waits for it, in `queue`.

use super::check_record::CheckRecord;
use super::counters::Counters;
use super::health::Health;
use super::observed::ErrorCount;
use super::standing::Standing;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};

/// A server, by the names of its backend and its own. It survives reloads.
#[derive(Debug)]
pub struct ServerState {
    /// Name of the backend.
    pub backend: String,
    /// Name of the server.
    pub name: String,
    /// A number of its own in this process, for tables by server.
    pub id: usize,
    up: AtomicBool,
    maintenance: AtomicBool,
    /// The server that it tracks is held out.
    inherited_maintenance: AtomicBool,
    /// It serves those who are bound to it alone (`http-check disable-on-404`).
    stopping: AtomicBool,
    /// Sixteenths of its weight that count while it starts slowly.
    sixteenths: AtomicU8,
    health: AtomicU32,
    current: AtomicUsize,
    /// Requests since the start.
    pub total: AtomicUsize,
    /// What else is counted of it.
    pub counters: Counters,
    /// Errors in a row that traffic has shown.
    pub errors: ErrorCount,
    /// What its checks last came to.
    pub checks: CheckRecord,
    /// Since when it is up or down.
    pub standing: Standing,
}

/// A server's whole weight, in the parts that `slowstart` counts in.
pub const WHOLE_WEIGHT: u8 = 16;

impl ServerState {
    /// A server that was never checked: up.
    pub fn new(backend: &str, name: &str, id: usize) -> ServerState {
        ServerState {
            backend: backend.to_string(),
            name: name.to_string(),
            id,
            up: AtomicBool::new(true),
            maintenance: AtomicBool::new(false),
            inherited_maintenance: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            sixteenths: AtomicU8::new(WHOLE_WEIGHT),
            health: AtomicU32::new(u32::MAX),
            current: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            counters: Counters::default(),
            errors: ErrorCount::default(),
            checks: CheckRecord::default(),
            standing: Standing::default(),
        }
    }

    /// May it be given requests of clients that are bound to it?
    #[inline]
    pub fn is_usable(&self) -> bool {
        self.up.load(Ordering::Relaxed) && !self.is_in_maintenance()
    }

    /// May it be given requests of anybody?
    #[inline]
    pub fn takes_new(&self) -> bool {
        self.is_usable() && !self.stopping.load(Ordering::Relaxed)
    }

    /// Does it serve those who are bound to it alone?
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Lets it serve those who are bound to it alone, or all again.
    pub fn set_stopping(&self, stopping: bool) {
        self.stopping.store(stopping, Ordering::Relaxed);
    }

    /// The sixteenths of its weight that count: all but while it starts slowly (`slowstart`).
    #[inline]
    pub fn sixteenths(&self) -> u8 {
        self.sixteenths.load(Ordering::Relaxed)
    }

    /// Lets so many sixteenths of its weight count.
    pub fn set_sixteenths(&self, sixteenths: u8) {
        self.sixteenths.store(sixteenths.clamp(1, WHOLE_WEIGHT), Ordering::Relaxed);
    }

    /// A server that tracks another, or was told so by an administrator, is up or down without a check of its own.
    pub fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Relaxed);
    }

    /// Do its checks succeed (or has it none)?
    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// Is it held out by `disabled` or an administrator, or with the server that it tracks?
    #[inline]
    pub fn is_in_maintenance(&self) -> bool {
        self.maintenance.load(Ordering::Relaxed) || self.inherited_maintenance.load(Ordering::Relaxed)
    }

    /// Is it held out itself?
    pub fn is_forced_out(&self) -> bool {
        self.maintenance.load(Ordering::Relaxed)
    }

    /// The server that it tracks is held out, or in again.
    pub fn set_inherited_maintenance(&self, out: bool) {
        self.inherited_maintenance.store(out, Ordering::Relaxed);
    }

    /// Holds it out, or lets it in again.
    pub fn set_maintenance(&self, out: bool) {
        self.maintenance.store(out, Ordering::Relaxed);
    }

    /// Its health under these limits, as the last check left it.
    pub fn health(&self, rise: u32, fall: u32) -> Health {
        let fresh = Health::unchecked(rise, fall);
        let level = self.health.load(Ordering::Relaxed);
        if level == u32::MAX {
            return fresh;
        }
        let top = fresh.rise + fresh.fall - 1;
        let level = match self.is_up() {
            true => level.clamp(fresh.rise, top),
            false => level.min(fresh.rise - 1),
        };
        Health { level, ..fresh }
    }

    /// Has a check found anything yet?
    pub fn was_checked(&self) -> bool {
        self.health.load(Ordering::Relaxed) != u32::MAX
    }

    /// Stores what a check has found.
    pub fn set_health(&self, health: Health) {
        self.health.store(health.level, Ordering::Relaxed);
        self.up.store(health.is_up(), Ordering::Relaxed);
    }

    /// A server that is not checked any more counts as up.
    pub fn forget_health(&self) {
        self.health.store(u32::MAX, Ordering::Relaxed);
        self.up.store(true, Ordering::Relaxed);
        self.stopping.store(false, Ordering::Relaxed);
    }

    /// Requests that it has now.
    pub fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    /// Has it room for one more under this `maxconn`?
    pub fn has_room(&self, maxconn: Option<u32>) -> bool {
        maxconn.is_none_or(|most| self.current.load(Ordering::SeqCst) < most as usize)
    }

    /// Takes a slot if one is free; each one taken is given back by `Queue::release`.
    pub fn try_reserve(&self, maxconn: Option<u32>) -> bool {
        let Some(most) = maxconn else {
            self.current.fetch_add(1, Ordering::SeqCst);
            return true;
        };
        self.current.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| (now < most as usize).then_some(now + 1)).is_ok()
    }

    pub(super) fn give_back(&self) {
        self.current.fetch_sub(1, Ordering::SeqCst);
    }
}
