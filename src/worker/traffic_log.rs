//! The log lines of one worker's sessions: framed for their targets, and sent once a turn.

use super::log_sink::LogSinks;
use crate::access_log::record::LogLines;
use crate::access_log::syslog::{self, Origin};
use crate::config::model::LogTarget;
use crate::units::WallClock;

/// How often local time's distance to UTC is asked for, in seconds.
const OFFSET_SECONDS: i64 = 60;

/// Where a worker's sessions write.
#[derive(Debug)]
pub struct TrafficLog {
    sinks: LogSinks,
    origin: Origin,
    wall: WallClock,
    offset_until: i64,
    line: Vec<u8>,
}

impl TrafficLog {
    /// A log of this process.
    pub fn new(origin: Origin) -> TrafficLog {
        TrafficLog { sinks: LogSinks::default(), origin, wall: WallClock::default(), offset_until: 0, line: Vec::new() }
    }

    /// The time of this turn.
    pub fn set_time(&mut self, wall: WallClock) {
        self.wall = wall;
        if wall.seconds >= self.offset_until {
            self.origin.utc_offset_seconds = crate::sys::utc_offset_seconds(wall.seconds);
            self.offset_until = wall.seconds - wall.seconds.rem_euclid(OFFSET_SECONDS) + OFFSET_SECONDS;
        }
    }

    /// Sends the turn's lines.
    pub fn flush(&mut self) {
        self.sinks.flush();
    }
}

impl LogLines for TrafficLog {
    fn push(&mut self, target: &LogTarget, level: u8, message: &[u8], data: &[u8]) {
        self.line.clear();
        if syslog::render_line(target, &self.origin, level, self.wall, (message, data), &mut self.line) {
            self.sinks.push(target, &self.line);
        }
    }

    fn utc_offset_seconds(&self) -> i32 {
        self.origin.utc_offset_seconds
    }
}
