//! `default-path` (HAProxy manual, section 3.1): where the relative paths of files begin that are read with the configuration.
//! Reading them is the machine's; paths that are opened later (sockets, the pid file) begin where the process was started.

use super::Reading;
use super::line::Line;
use crate::fault::Fault;
use std::borrow::Cow;

/// Where relative paths begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DefaultPath {
    /// Where the process was started.
    #[default]
    Current,
    /// In the folder of the file that names them.
    Config,
    /// In the folder above that.
    Parent,
    /// In this folder.
    Origin(String),
}

const POLICIES: &str = "current, config, parent, origin <folder>";

impl DefaultPath {
    /// Reads the line.
    pub fn parse(line: &Line) -> Result<DefaultPath, Fault> {
        let policy = match line.expect(1, "where relative paths begin")? {
            b"current" => DefaultPath::Current,
            b"config" => DefaultPath::Config,
            b"parent" => DefaultPath::Parent,
            b"origin" => {
                let folder = line.expect_text(2, "a folder behind 'origin'")?.to_owned();
                line.end(3)?;
                return Ok(DefaultPath::Origin(folder));
            }
            other => {
                return Err(Fault::new(1, format!("'{}' is no place for 'default-path'", String::from_utf8_lossy(other))).hint(POLICIES));
            }
        };
        line.end(2)?;
        Ok(policy)
    }

    /// Is the folder there?
    pub(super) fn check(&self, reading: &Reading) -> Result<(), Fault> {
        let DefaultPath::Origin(folder) = self else { return Ok(()) };
        let entries = reading.surroundings.outside.read_folder(folder);
        entries.map(drop).map_err(|error| Fault::new(2, format!("cannot look into '{folder}': {error}")))
    }

    /// Where a path leads that a file of this name speaks of.
    pub fn locate<'p>(&self, path: &'p str, file: &str) -> Cow<'p, str> {
        let folder = file.rsplit_once('/').map(|(folder, _)| if folder.is_empty() { "/" } else { folder });
        match self {
            _ if path.starts_with('/') => Cow::Borrowed(path),
            DefaultPath::Current => Cow::Borrowed(path),
            DefaultPath::Config => folder.map_or(Cow::Borrowed(path), |folder| Cow::Owned(format!("{folder}/{path}"))),
            DefaultPath::Parent => Cow::Owned(folder.map_or_else(|| format!("../{path}"), |folder| format!("{folder}/../{path}"))),
            DefaultPath::Origin(origin) => Cow::Owned(format!("{origin}/{path}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_begins_where_the_line_says() {
        #[track_caller]
        fn check(policy: DefaultPath, file: &str, path: &str, expected: &str) {
            assert_eq!(policy.locate(path, file), expected, "{policy:?} of {file}");
        }
        let origin = || DefaultPath::Origin("/srv".into());
        check(DefaultPath::Current, "/etc/haproxy/h.cfg", "a.map", "a.map");
        check(DefaultPath::Config, "/etc/haproxy/h.cfg", "a.map", "/etc/haproxy/a.map");
        check(DefaultPath::Config, "h.cfg", "a.map", "a.map");
        check(DefaultPath::Parent, "conf/h.cfg", "a.map", "conf/../a.map");
        check(DefaultPath::Parent, "h.cfg", "a.map", "../a.map");
        check(origin(), "/etc/haproxy/h.cfg", "maps/a.map", "/srv/maps/a.map");
        for policy in [DefaultPath::Config, DefaultPath::Parent, origin()] {
            check(policy, "/etc/haproxy/h.cfg", "/a.map", "/a.map");
        }
    }
}
