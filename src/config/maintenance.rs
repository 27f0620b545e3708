//! What a section says about maintenance: a part of `model`, read from `maintenance_line`. Which requests are answered by it,
//! and how, is `session::maintenance`'s.

use super::model::Network;
use crate::acl::Condition;
use crate::rules::bypass::Bypass;
use crate::rules::site::{Files, Site};
use crate::sample::VariableId;
use std::net::IpAddr;

/// What switches a section's maintenance on.
#[derive(Debug)]
pub enum Trigger {
    /// The switch `maintenance.<name of the section>`.
    Switch(VariableId),
    /// `maintenance if ...`
    Condition(Condition),
}

/// `maintenance` lines of a section.
#[derive(Debug)]
pub struct Maintenance {
    /// One that holds is enough.
    pub triggers: Vec<Trigger>,
    /// `page`
    pub files: Files,
    /// `status`
    pub status: u16,
    /// `retry-after`, seconds; 0 for none.
    pub retry_after_seconds: u64,
    /// The answers, once all lines are read.
    pub site: Site,
    /// `allow`
    pub allow: Vec<Network>,
    /// `bypass-cookie`
    pub bypass: Option<Bypass>,
    /// `except`
    pub except: Vec<Vec<u8>>,
    /// `except-ok`
    pub except_ok: Vec<Vec<u8>>,
    /// `drain`: the requests that were under way when it was switched on are counted, and the end of the last is told.
    pub drain: bool,
}

impl Default for Maintenance {
    fn default() -> Maintenance {
        let (status, retry_after_seconds) = (503, 120);
        Maintenance {
            triggers: Vec::new(),
            files: Files::default(),
            status,
            retry_after_seconds,
            site: Site::new(&Files::default(), status, retry_after_seconds),
            allow: Vec::new(),
            bypass: None,
            except: Vec::new(),
            except_ok: Vec::new(),
            drain: false,
        }
    }
}

impl Maintenance {
    /// What a section that these are the `defaults` of begins with: all but the triggers.
    pub fn inherited(&self) -> Maintenance {
        Maintenance {
            triggers: Vec::new(),
            files: self.files.clone(),
            status: self.status,
            retry_after_seconds: self.retry_after_seconds,
            site: self.site.clone(),
            allow: self.allow.clone(),
            bypass: self.bypass.clone(),
            except: self.except.clone(),
            except_ok: self.except_ok.clone(),
            drain: self.drain,
        }
    }

    /// Makes the answers.
    pub fn finish(&mut self) {
        self.site = Site::new(&self.files, self.status, self.retry_after_seconds);
    }

    /// `allow`: does this client see the site all the same?
    pub fn allows(&self, client: Option<IpAddr>) -> bool {
        client.is_some_and(|client| self.allow.iter().any(|network| network.contains(client)))
    }
}

/// Is the path one of these, or does it lie below one? A path that may leave the folder which it seems to lie in does not.
pub fn covers(paths: &[Vec<u8>], path: &[u8]) -> bool {
    let below = |own: &[u8]| path.strip_prefix(own).is_some_and(|rest| own.ends_with(b"/") || rest.starts_with(b"/"));
    paths.iter().any(|own| own == path) || (paths.iter().any(|own| below(own)) && stays_below(path))
}

/// Servers take `..`, and what decodes to it, a folder up.
fn stays_below(path: &[u8]) -> bool {
    let code = |pair: &[u8]| ["2e", "2f", "5c", "25", "3b"].iter().any(|code| pair.eq_ignore_ascii_case(code.as_bytes()));
    let mut codes = path.split(|byte| *byte == b'%').skip(1);
    !path.contains(&b'\\')
        && !path.split(|byte| *byte == b'/').any(|segment| segment.starts_with(b".."))
        && !codes.any(|rest| rest.get(..2).is_none_or(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_itself_and_what_lies_below_it() {
        let paths = [b"/health".to_vec(), b"/hooks/".to_vec()];
        let check = |path: &str, expected| assert_eq!(covers(&paths, path.as_bytes()), expected, "{path}");
        for path in ["/health", "/health/", "/health/db", "/hooks/", "/hooks/a/b", "/hooks/a%20b", "/hooks/.well-known"] {
            check(path, true);
        }
        for path in ["/", "", "/healthz", "/Health", "/hooks", "/x/health", "health"] {
            check(path, false);
        }
        for path in [
            "/health/../admin",
            "/hooks/..",
            "/hooks/..;/admin",
            "/hooks/%2e%2e/a",
            "/hooks/%2E./a",
            "/hooks/a%2f..",
            "/hooks/\\..",
            "/hooks/%",
        ] {
            check(path, false);
        }
    }

    #[test]
    fn root_covers_everything() {
        assert!(covers(&[b"/".to_vec()], b"/a/b") && covers(&[b"/".to_vec()], b"/"));
        assert!(!covers(&[], b"/"));
    }
}
