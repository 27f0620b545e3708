//! The frame of a log line: priority, date, tag and pid, for each `format` of a `log` line (RFC 3164 as HAProxy writes it).

use crate::config::model::LogTarget;
use crate::units::WallClock;

/// What all lines of a process share.
#[derive(Clone, Debug)]
pub struct Origin {
    /// `log-tag`, or the program's name.
    pub tag: String,
    /// The process's id.
    pub pid: u32,
    /// `log-send-hostname`.
    pub hostname: Option<String>,
    /// Seconds that local time is ahead of UTC.
    pub utc_offset_seconds: i32,
}

/// Appends the whole datagram for `message` at this level (0 emerg to 7 debug) to `out`; `false`, and nothing appended,
/// when the target does not want this level.
pub fn render_line(_target: &LogTarget, _origin: &Origin, _level: u8, _wall: WallClock, _message: &[u8], _out: &mut Vec<u8>) -> bool {
    unimplemented!()
}
