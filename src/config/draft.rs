//! A proxy's section while its lines are read: what is settled, and what still has to be looked up.
//! What the lines mean is with the tables of keywords; names are `resolve`'s.

use super::Reading;
use super::check_draft::CheckDraft;
use super::keyword::SectionKind;
use super::line::Line;
use super::model::{LogTarget, Place, Proxy};
use super::server_check::Track;
use super::server_line::ServerDraft;
use crate::acl::Acl;
use crate::fault::Fault;
use crate::sample::AclId;
use std::collections::HashMap;

/// A section while its lines are read.
#[derive(Debug)]
pub struct Draft {
    /// What is settled.
    pub proxy: Proxy,
    /// The line that is being read.
    pub line: Place,
    /// What the section is.
    pub kind: SectionKind,
    /// `log` lines, with `log global` still to be filled in.
    pub log: Vec<LogLine>,
    /// What `server` lines begin with.
    pub default_server: ServerDraft,
    /// How servers are checked.
    pub check: CheckDraft,
    /// ACLs by name.
    pub acls: HashMap<String, AclId>,
    /// The servers that follow others.
    pub tracks: Vec<Track>,
    /// The line of each server.
    pub server_lines: HashMap<String, u32>,
    /// The column and width of the section's name, the line's text: for what is told about the section as a whole.
    pub head: Head,
    /// Keywords that have been given a value in this very section, with their lines.
    pub lines: HashMap<&'static str, u32>,
    /// The rules of this section as they are written, with their lines.
    pub rule_lines: HashMap<Vec<u8>, u32>,
    /// How many `block` rules the section has.
    pub blocks: usize,
    /// Does `balance` stand here, or in the section's `defaults`?
    pub balances: bool,
    /// The index of the section whose rules are handed on, for a `defaults` section that has some.
    pub rules_of: Option<usize>,
}

/// The line that began a section, kept to show.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The line.
    pub text: Vec<u8>,
    /// The columns of the name.
    pub columns: std::ops::Range<usize>,
}

/// A `log` line of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLine {
    /// `log global`
    Global,
    /// A target of its own.
    Target(LogTarget),
}

/// What reads a line of a proxy.
pub type ProxyParse = fn(&mut Draft, &Line, &mut Reading) -> Result<(), Fault>;

impl Draft {
    /// A section that nothing came before.
    pub(super) fn bare(kind: SectionKind) -> Draft {
        let proxy = Proxy { retries: 3, ..Proxy::default() };
        Draft {
            proxy,
            line: Place::default(),
            kind,
            log: Vec::new(),
            default_server: ServerDraft::default(),
            check: CheckDraft::default(),
            acls: HashMap::new(),
            tracks: Vec::new(),
            server_lines: HashMap::new(),
            head: Head::default(),
            lines: HashMap::new(),
            rule_lines: HashMap::new(),
            blocks: 0,
            balances: false,
            rules_of: None,
        }
    }

    /// A section that begins with what `defaults` says. Listeners, servers, ACLs and rules are no part of it.
    pub(super) fn inherit(kind: SectionKind, defaults: &Draft) -> Draft {
        let from = &defaults.proxy;
        let proxy = Proxy {
            disabled: from.disabled,
            mode: from.mode,
            maxconn: from.maxconn,
            backlog: from.backlog,
            monitor_net: from.monitor_net,
            default_backend: from.default_backend,
            balance: from.balance.clone(),
            hash_type: from.hash_type,
            cookie: from.cookie.clone(),
            retries: from.retries,
            redispatch: from.redispatch,
            fullconn: from.fullconn,
            options: from.options,
            timeouts: from.timeouts,
            log_tag: from.log_tag.clone(),
            log_format: from.log_format.clone(),
            custom_log: from.custom_log.clone(),
            structured_log: from.structured_log.clone(),
            forward_for: from.forward_for.clone(),
            http: from.http.clone(),
            pages: from.pages.clone(),
            replies: from.replies.clone(),
            maintenance: from.maintenance.as_ref().map(|maintenance| maintenance.inherited()),
            monitor_uri: from.monitor_uri.clone(),
            stats_page: from.stats_page.clone(),
            http_reuse: from.http_reuse,
            inspect_delay: from.inspect_delay,
            response_inspect_delay: from.response_inspect_delay,
            send_name_header: from.send_name_header.clone(),
            unique_id_format: from.unique_id_format.clone(),
            unique_id_header: from.unique_id_header.clone(),
            direct: from.direct.clone(),
            load_state: from.load_state,
            state_file_name: from.state_file_name.clone(),
            session_rate: from.session_rate,
            grace: from.grace,
            source: from.source.clone(),
            ..Proxy::default()
        };
        Draft {
            proxy,
            log: defaults.log.clone(),
            default_server: defaults.default_server.clone(),
            balances: defaults.balances,
            check: defaults.check.inherited(),
            ..Draft::bare(kind)
        }
    }

    /// `backend web`, for messages.
    pub fn title(&self) -> String {
        match self.proxy.name.as_str() {
            "" => self.kind.name().to_owned(),
            name => format!("{} {name}", self.kind.name()),
        }
    }

    /// A new ACL, with a name or without.
    pub fn add_acl(&mut self, acl: Acl) -> AclId {
        let id = AclId(self.proxy.acls.len() as u32);
        if !acl.name.is_empty() {
            self.acls.insert(acl.name.clone(), id);
        }
        self.proxy.acls.push(acl);
        id
    }
}
