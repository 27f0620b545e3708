//! What the end-to-end tests stand on: the real binary with a configuration, scripted peers on both sides of it, and captured logs.
//! Nothing here knows what byway should do; that is told by the tests.

pub mod client;
pub mod control;
pub mod httplog;
pub mod load;
pub mod origin;
pub mod proxy;
pub mod stand_in;
pub mod syslog;
pub mod tls;
pub mod wire;

use std::io::Write;
use std::time::{Duration, Instant};

/// How long anything may take that is expected to happen.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until `condition` holds; fails with `what` when it does not within `PATIENCE`.
pub fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    wait_at_most(PATIENCE, what, condition);
}

/// The same with another deadline.
pub fn wait_at_most(limit: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !condition() {
        assert!(Instant::now() < deadline, "waited {limit:?} in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Tells that a case is left out, past the capture of output that passing tests have.
pub fn tell_skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// Bytes as they are shown in a failure: escaped, one line per line feed, cut when long.
pub fn show(bytes: &[u8]) -> String {
    const MOST: usize = 3000;
    let shown = bytes.get(..MOST).unwrap_or(bytes);
    let mut text = String::new();
    for line in shown.split_inclusive(|byte| *byte == b'\n') {
        text.push_str(&format!("    {}\n", line.escape_ascii()));
    }
    if bytes.len() > MOST {
        text.push_str(&format!("    ... {} bytes in all\n", bytes.len()));
    }
    text
}
