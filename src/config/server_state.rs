//! Files of servers' states, as `show servers state` prints them (HAProxy manual, section 3.1 "server-state-file"): which one a
//! section asks for, and what its lines say. What becomes of it is `state`'s.

use super::Reading;
use super::draft::Draft;
use super::line::Line;
use super::model::Proxy;
use crate::fault::Fault;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `load-server-state-from-file`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadState {
    /// From nowhere.
    #[default]
    None,
    /// From `server-state-file`.
    Global,
    /// From a file of the section's own.
    Local,
}

/// A server as it was when the file was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// 0 stopped, 1 starting, 2 running, 3 stopping.
    pub operation: u8,
    /// Bits: 1 held out by an administrator, 4 by the configuration, 8 drained by an administrator.
    pub administration: u8,
    /// The weight it had, and the one of the configuration then.
    pub weights: (u32, u32),
    /// Seconds since its last change.
    pub changed_before_seconds: u64,
    /// Its health as a number.
    pub health: u32,
    /// Its address.
    pub address: Option<IpAddr>,
    /// The name that the address was found by.
    pub host: Option<String>,
}

/// The servers of a file, by the names of their backends and their own.
pub type States = HashMap<(String, String), Remembered>;

/// What `global` says of the files, and those that were read.
#[derive(Debug, Default)]
pub struct StateFiles {
    /// `server-state-file`
    pub file: Option<PathBuf>,
    /// `server-state-base`
    pub base: Option<PathBuf>,
    read: HashMap<PathBuf, Arc<States>>,
}

/// `load-server-state-from-file global|local|none`
pub(super) fn load_from_file(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.load_state = match line.expect(1, "global, local or none")? {
        b"global" => LoadState::Global,
        b"local" => LoadState::Local,
        b"none" => LoadState::None,
        other => {
            let message = format!("'{}' is no place of a state file", String::from_utf8_lossy(other));
            return Err(Fault::new(1, message).hint("global, local, none"));
        }
    };
    Ok(())
}

/// `server-state-file-name [<name> | use-backend-name]`
pub(super) fn file_name(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let name = line.word(1).map(|_| line.expect_text(1, "a name")).transpose()?;
    draft.proxy.state_file_name = name.filter(|name| *name != "use-backend-name").map(PathBuf::from);
    Ok(())
}

impl Reading<'_> {
    /// What is remembered of the servers of a section; a file that cannot be read is warned about once.
    pub(super) fn states_for(&mut self, proxy: &Proxy) -> Option<Arc<States>> {
        let name = match proxy.load_state {
            LoadState::None => return None,
            LoadState::Global => self.state_files.file.clone()?,
            LoadState::Local => proxy.state_file_name.clone().unwrap_or_else(|| PathBuf::from(&proxy.name)),
        };
        let path = match &self.state_files.base {
            Some(base) if name.is_relative() => base.join(name),
            _ => name,
        };
        if let Some(states) = self.state_files.read.get(&path) {
            return Some(states.clone());
        }
        let states = Arc::new(self.read_states(&path, proxy));
        self.state_files.read.insert(path, states.clone());
        Some(states)
    }

    fn read_states(&mut self, path: &Path, proxy: &Proxy) -> States {
        let shown = path.display().to_string();
        let text = self.surroundings.outside.read_file(&shown);
        let parsed = text.map_err(|fault| fault.to_string()).and_then(|text| parse_states(&text));
        parsed.unwrap_or_else(|fault| {
            let message = format!("no server's state is taken from '{shown}': {fault}");
            self.diagnostics.push(super::diagnostic::Diagnostic {
                severity: super::Severity::Warning,
                kind: super::Kind::Advice,
                place: Some(proxy.place.clone()),
                columns: 0..0,
                text: Vec::new(),
                message,
                hint: "'show servers state' on the control socket prints one, before a restart".to_owned(),
            });
            States::new()
        })
    }
}

/// Reads a file: a line with the version, 1, then a server a line; `#` begins a comment. Lines with too few words say nothing.
pub fn parse_states(text: &[u8]) -> Result<States, String> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines();
    match lines.next().map(str::trim) {
        Some("1") => {}
        Some(version) => return Err(format!("its format is '{version}', 1 is known")),
        None => return Err("it is empty".into()),
    }
    let lines = lines.filter(|line| !line.trim_start().starts_with('#'));
    Ok(lines.filter_map(parse_state).collect())
}

fn parse_state(line: &str) -> Option<((String, String), Remembered)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, backend, _, server, address, operation, administration, weight, configured, changed, _, _, health, ..] = words.as_slice()
    else {
        return None;
    };
    let host = words.get(17).filter(|host| **host != "-").map(|host| (*host).to_owned());
    let remembered = Remembered {
        operation: operation.parse().ok()?,
        administration: administration.parse().ok()?,
        weights: (weight.parse().ok()?, configured.parse().ok()?),
        changed_before_seconds: changed.parse().ok()?,
        health: health.parse().ok()?,
        address: address.parse().ok(),
        host,
    };
    Some((((*backend).to_owned(), (*server).to_owned()), remembered))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "1\n# be_id be_name srv_id srv_name ...\n";

    #[track_caller]
    fn check(text: &str, expected: Option<(u8, u8, (u32, u32), &str)>) {
        let found = parse_states(text.as_bytes()).ok().and_then(|states| states.get(&("b".into(), "s".into())).cloned());
        let found = found.map(|state| (state.operation, state.administration, state.weights, state.host.unwrap_or_default()));
        assert_eq!(found, expected.map(|(a, b, c, d)| (a, b, c, d.to_owned())), "{text}");
    }

    #[test]
    fn a_line_says_how_a_server_was() {
        let line = "9 b 55 s 127.0.0.1 2 1 5 7 7 6 3 4 6 0 0 1 localhost 7001 - 0 7002 - - 7002\n";
        check(&format!("{HEADER}{line}"), Some((2, 1, (5, 7), "localhost")));
        check(&format!("{HEADER}9 b 55 s 127.0.0.1 0 0 1 1 7 6 3 4\n"), Some((0, 0, (1, 1), "")));
        check(&format!("{HEADER}#{line}"), None);
        check(&format!("{HEADER}9 b 55 s 127.0.0.1 0 0 1 1\n"), None);
        check(&format!("{HEADER}9 b 55 s 127.0.0.1 x 0 1 1 7 6 3 4\n"), None);
        check(&format!("2\n{line}"), None);
        check("", None);
    }
}
