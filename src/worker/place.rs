//! The place of a client at a listener with a `maxconn` of its own: counted for all threads, given back when it is dropped.
//! Places at frontends and in the process are counted by `accept` and the session.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A place that is taken.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicUsize>);

impl Place {
    /// Takes one where no more than `most` are taken.
    pub(super) fn take(taken: &Arc<AtomicUsize>, most: u32) -> Option<Place> {
        let more = |now: usize| (now < most as usize).then_some(now + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok().then(|| Place(taken.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_places_are_taken_than_there_are() {
        let taken = Arc::default();
        let (first, second) = (Place::take(&taken, 2), Place::take(&taken, 2));
        assert!(first.is_some() && second.is_some() && Place::take(&taken, 2).is_none());
        drop(first);
        assert!(Place::take(&taken, 2).is_some());
    }
}
