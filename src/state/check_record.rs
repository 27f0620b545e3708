//! What a server's checks last came to, kept for statistics and log lines: the outcome, how often they failed, since when it is as it is.
//! What a result does to its health is `health`'s.

use super::lock;
use crate::config::check_status::CheckStatus;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The last result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckResult {
    /// The outcome.
    pub status: CheckStatus,
    /// The number that goes with it, an HTTP status for example; it counts where `CheckStatus::has_number` says so.
    pub number: i64,
    /// What is told about it; may be empty.
    pub text: String,
    /// How long the check took; `None` for what was no check.
    pub duration_ms: Option<u64>,
}

/// What is kept of a server's checks. It survives reloads with the server.
#[derive(Debug, Default)]
pub struct CheckRecord {
    last: Mutex<CheckResult>,
    is_under_way: AtomicBool,
    failures: AtomicU64,
}

impl CheckRecord {
    /// The last result (`check_status`, `check_code`, `check_duration` and `last_chk` of `show stat`).
    pub fn last(&self) -> CheckResult {
        lock(&self.last).clone()
    }

    /// Keeps a result, and gives the outcome before.
    pub fn note(&self, result: CheckResult) -> CheckStatus {
        std::mem::replace(&mut *lock(&self.last), result).status
    }

    /// Is one under way now (the `*` before `check_status`)?
    pub fn is_under_way(&self) -> bool {
        self.is_under_way.load(Ordering::Relaxed)
    }

    /// A check begins, or has ended.
    pub fn set_under_way(&self, is_under_way: bool) {
        self.is_under_way.store(is_under_way, Ordering::Relaxed);
    }

    /// Failures while there was health to lose (`chkfail`).
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// One more.
    pub fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

/// Since when a server is as it is, and how often and how long it was down. Moments are milliseconds since the start.
#[derive(Debug, Default)]
pub struct Standing {
    changed_ms: AtomicU64,
    downs: AtomicU64,
    down_ms: AtomicU64,
}

impl Standing {
    /// It has changed from up (`true`) or down.
    pub fn note_change(&self, now_ms: u64, was_up: bool, is_up: bool) {
        let before = self.changed_ms.swap(now_ms, Ordering::Relaxed);
        if !was_up {
            self.down_ms.fetch_add(now_ms.saturating_sub(before), Ordering::Relaxed);
        }
        if was_up && !is_up {
            self.downs.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// When it last changed (`lastchg` is the time since), milliseconds since the start.
    pub fn changed_ms(&self) -> u64 {
        self.changed_ms.load(Ordering::Relaxed)
    }

    /// How often it went down (`chkdown`).
    pub fn downs(&self) -> u64 {
        self.downs.load(Ordering::Relaxed)
    }

    /// How long it was down altogether (`downtime`), milliseconds; while it is down, the time since `changed_ms` comes on top.
    pub fn down_ms(&self) -> u64 {
        self.down_ms.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_a_server_was_down_adds_up() {
        let standing = Standing::default();
        for (now_ms, was_up, is_up) in [(100, true, false), (250, false, true), (300, true, false), (310, false, true)] {
            standing.note_change(now_ms, was_up, is_up);
        }
        assert_eq!((standing.downs(), standing.down_ms(), standing.changed_ms()), (2, 160, 310));
    }

    #[test]
    fn a_result_takes_the_place_of_the_one_before() {
        let record = CheckRecord::default();
        let result = |status| CheckResult { status, ..CheckResult::default() };
        assert_eq!(record.note(result(CheckStatus::Layer4Passed)), CheckStatus::Initializing);
        assert_eq!(record.note(result(CheckStatus::Layer7Wrong)), CheckStatus::Layer4Passed);
        assert_eq!(record.last().status, CheckStatus::Layer7Wrong);
    }
}
