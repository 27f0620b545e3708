//! The statistics page as the configuration describes it: a part of `model`, read from `stats_line`, shown by `stats`.

use crate::acl::Condition;
use crate::fault::Place;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The statistics page.
#[derive(Clone, Debug)]
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
    /// `stats http-request` rules in order.
    pub rules: Vec<Arc<PageRule>>,
    /// `stats admin`: who may change servers; all of these conditions are looked at, one that holds is enough.
    pub admin: Vec<Arc<Condition>>,
}

/// A `stats http-request` rule.
#[derive(Debug)]
pub struct PageRule {
    /// What becomes of the request.
    pub access: Access,
    /// When; `None` is always.
    pub condition: Option<Condition>,
    /// Where the line stands.
    pub place: Place,
}

/// What becomes of a request for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is answered, whatever the rules behind say.
    Allow,
    /// 403
    Deny,
    /// 401, with this realm or the page's.
    Auth(Option<String>),
}

impl fmt::Display for Access {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Access::Allow => out.write_str("allow"),
            Access::Deny => out.write_str("deny"),
            Access::Auth(None) => out.write_str("auth"),
            Access::Auth(Some(realm)) => write!(out, "auth realm {realm}"),
        }
    }
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
            rules: Vec::new(),
            admin: Vec::new(),
        }
    }
}
