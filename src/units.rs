//! Moments, times and sizes, as the configuration writes them and as the proxy counts them.
//! No clock is read here: `worker` and `daemon` take the time and pass it down.

use std::time::Duration;

/// A point of monotonic time, in milliseconds since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

impl Moment {
    /// A moment that never comes: the deadline of what has none.
    pub const NEVER: Moment = Moment(u64::MAX);

    /// This moment and `time` more; `NEVER` when there is no limit.
    #[inline]
    pub fn after(self, time: Option<Duration>) -> Moment {
        match time {
            Some(time) => Moment(self.0.saturating_add(time.as_millis() as u64)),
            None => Moment::NEVER,
        }
    }

    /// Milliseconds from `earlier` to this moment; 0 when it lies ahead.
    #[inline]
    pub fn since_ms(self, earlier: Moment) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Seconds and milliseconds of the wall clock since 1970, taken once per turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallClock {
    /// Whole seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: i64,
    /// Milliseconds within the second, 0 to 999.
    pub millis: u16,
}
