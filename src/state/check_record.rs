//! What a server's checks last came to, kept for statistics and log lines.
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
    observed: AtomicU64,
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

    /// Times that `observe` took traffic for a failed check (`hanafail`).
    pub fn observed(&self) -> u64 {
        self.observed.load(Ordering::Relaxed)
    }

    /// One more.
    pub fn count_observed(&self) {
        self.observed.fetch_add(1, Ordering::Relaxed);
    }

    /// Is one under way now (the `*` before `check_status`)?
    pub fn is_under_way(&self) -> bool {
        self.is_under_way.load(Ordering::Relaxed)
    }

    /// A check begins, or has ended.
    pub fn set_under_way(&self, is_under_way: bool) {
        self.is_under_way.store(is_under_way, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_takes_the_place_of_the_one_before() {
        let record = CheckRecord::default();
        let result = |status| CheckResult { status, ..CheckResult::default() };
        assert_eq!(record.note(result(CheckStatus::Layer4Passed)), CheckStatus::Initializing);
        assert_eq!(record.note(result(CheckStatus::Layer7Wrong)), CheckStatus::Layer4Passed);
        assert_eq!(record.last().status, CheckStatus::Layer7Wrong);
    }
}
