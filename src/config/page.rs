//! Pages that the proxy answers by itself, as the configuration gives them: a part of `model`.
//! Which lines they come from is `page_line`'s; answering with them is the session's and `stats`'s.

use std::sync::Arc;
use std::time::Duration;

/// What is answered instead of a built-in error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPage {
    /// The status code of the built-in page.
    pub code: u16,
    /// The answer.
    pub answer: ErrorAnswer,
}

/// An answer of an `errorfile` or `errorloc` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorAnswer {
    /// `errorfile`: head and body, as the file has them.
    Whole(Arc<[u8]>),
    /// `errorloc`
    Redirect {
        /// 302 or 303.
        status: u16,
        /// The URL.
        location: Arc<[u8]>,
    },
}

/// The statistics page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsPage {
    /// `stats uri`: how the target begins.
    pub uri: Vec<u8>,
    /// `stats realm`; `HAProxy Statistics` when absent.
    pub realm: Option<String>,
    /// `stats auth`: users and passwords; all may see the page when there are none.
    pub auth: Vec<(String, String)>,
    /// `stats refresh`
    pub refresh: Option<Duration>,
    /// `stats hide-version`
    pub hide_version: bool,
    /// `stats scope`: names of sections, `.` for this one; all when there are none.
    pub scope: Vec<String>,
    /// `stats show-legends`
    pub show_legends: bool,
    /// `stats show-node`; empty for the global one.
    pub node: Option<String>,
    /// `stats show-desc`; empty for the section's own.
    pub description: Option<String>,
}

impl Default for StatsPage {
    fn default() -> StatsPage {
        StatsPage {
            uri: b"/haproxy?stats".to_vec(),
            realm: None,
            auth: Vec::new(),
            refresh: None,
            hide_version: false,
            scope: Vec::new(),
            show_legends: false,
            node: None,
            description: None,
        }
    }
}
