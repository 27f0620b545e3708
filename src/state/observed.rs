//! What traffic shows of a server (`observe`): errors in a row are counted where they happen, and when there are too many, the
//! control plane is told. What follows is the daemon's.

use super::health::Health;
use super::{ServerState, lock};
use crate::config::model::{Check, Observe, ObservedLayer, OnError};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// What a session saw of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A connection.
    Connected,
    /// No connection.
    NotConnected,
    /// An answer with this status.
    Answered(u16),
    /// The head of an answer that is none.
    InvalidHead,
    /// No answer in time.
    Silent,
    /// It closed without an answer.
    Closed,
}

impl Sight {
    /// Does it count as an error on this layer? `None` when it says nothing.
    fn is_error(self, layer: ObservedLayer) -> Option<bool> {
        match (self, layer) {
            (Sight::NotConnected, _) => Some(true),
            (Sight::Connected, ObservedLayer::Connections) => Some(false),
            (_, ObservedLayer::Connections) | (Sight::Connected, ObservedLayer::Answers) => None,
            (Sight::Answered(status), _) => Some(!matches!(status, 100..=499 | 501 | 505)),
            (Sight::InvalidHead | Sight::Silent | Sight::Closed, _) => Some(true),
        }
    }

    /// HAProxy's words for it.
    fn words(self) -> &'static str {
        match self {
            Sight::Connected => "L4 successful connection",
            Sight::NotConnected => "L4 unsuccessful connection",
            Sight::Answered(_) => "Wrong http response",
            Sight::InvalidHead => "Invalid http response (headers)",
            Sight::Silent => "Read timeout (http response)",
            Sight::Closed => "Close from server (http response)",
        }
    }
}

/// Errors in a row of one server.
#[derive(Debug, Default)]
pub struct ErrorCount(AtomicU32);

impl ErrorCount {
    /// A check succeeded: what was before counts no more.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A server that has shown too many errors.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Which one.
    pub server: Arc<ServerState>,
    /// Errors in a row.
    pub errors: u32,
    /// The last one, in HAProxy's words.
    pub last: &'static str,
    /// Its health before; `None` when the next check is to tell.
    pub before: Option<Health>,
}

/// The servers that the control plane is to look at.
#[derive(Debug, Default)]
pub struct Suspects {
    list: Mutex<Vec<Suspect>>,
    is_told: AtomicBool,
}

impl Suspects {
    /// Counts what a session saw. Too many errors count as a failed check at once, so that no request comes in between.
    pub fn note(&self, server: &Arc<ServerState>, observe: Observe, check: &Check, sight: Sight) {
        match sight.is_error(observe.layer) {
            None => return,
            Some(false) => return server.errors.clear(),
            Some(true) => {}
        }
        let errors = server.errors.0.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if errors >= observe.error_limit {
            server.errors.clear();
            let before = server.health(check.rise, check.fall);
            let mut health = before;
            match observe.on_error {
                OnError::MarkDown => health.level = health.level.min(health.rise),
                OnError::SuddenDeath => health.level = health.level.min(health.rise + 1),
                OnError::FailCheck | OnError::CheckSoon => {}
            }
            let counts = observe.on_error != OnError::CheckSoon;
            if counts {
                health.note(false);
                server.set_health(health);
            }
            let before = counts.then_some(before);
            lock(&self.list).push(Suspect { server: server.clone(), errors, last: sight.words(), before });
            self.is_told.store(true, Ordering::Release);
        }
    }

    /// Has anything come that nobody was told of? Asking is telling.
    #[inline]
    pub fn is_news(&self) -> bool {
        self.is_told.load(Ordering::Relaxed) && self.is_told.swap(false, Ordering::Acquire)
    }

    /// Those that have come.
    pub fn take(&self) -> Vec<Suspect> {
        std::mem::take(&mut *lock(&self.list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[track_caller]
    fn check(layer: ObservedLayer, sights: &[Sight], expected: &[&str]) {
        let (suspects, server) = (Suspects::default(), Arc::new(ServerState::new("b", "s", 0)));
        let observe = Observe { layer, error_limit: 2, on_error: OnError::MarkDown };
        let check = Check { inter: Duration::ZERO, fastinter: None, downinter: None, rise: 2, fall: 3, send_proxy: 0, address: None };
        sights.iter().for_each(|sight| suspects.note(&server, observe, &check, *sight));
        assert_eq!(server.is_up(), expected.is_empty());
        assert_eq!(suspects.is_news(), !expected.is_empty());
        assert!(!suspects.is_news());
        assert_eq!(suspects.take().iter().map(|suspect| suspect.last).collect::<Vec<_>>(), expected, "{sights:?}");
    }

    #[test]
    fn errors_in_a_row_count_on_their_layer() {
        use ObservedLayer::{Answers, Connections};
        use Sight::{Answered, Closed, Connected, InvalidHead, NotConnected, Silent};
        check(Answers, &[Answered(500), Answered(503)], &["Wrong http response"]);
        check(Answers, &[Answered(500), Answered(404), Answered(502)], &[]);
        check(Answers, &[Answered(501), Answered(505), Answered(500)], &[]);
        check(Answers, &[NotConnected, Connected, Silent], &["Read timeout (http response)"]);
        check(Answers, &[Closed, InvalidHead, Closed], &["Invalid http response (headers)"]);
        check(Connections, &[NotConnected, Answered(500), NotConnected], &["L4 unsuccessful connection"]);
        check(Connections, &[NotConnected, Connected, NotConnected], &[]);
    }
}
