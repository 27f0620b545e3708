//! The process's clock: monotonic milliseconds since it began, and the wall clock beside them. Read once per turn.

use crate::units::{Moment, WallClock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock; copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        Clock { began: Instant::now() }
    }

    /// Milliseconds since the start.
    pub fn now(&self) -> Moment {
        Moment(self.began.elapsed().as_millis() as u64)
    }

    /// The wall clock.
    pub fn wall(&self) -> WallClock {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        WallClock { seconds: since.as_secs() as i64, millis: since.subsec_millis() as u16 }
    }
}
