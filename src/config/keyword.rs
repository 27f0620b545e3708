//! What a row of a keyword table is: a name, where it is allowed, its arguments, how far byway does it, one line of manual.
//! The tables stand beside what they parse: `global`, `proxy`, `option`, `timeout`, `bind_line`, `server_line`, `known`.

use crate::fault;
use std::collections::HashMap;

/// The sections of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// `global`
    Global,
    /// `defaults`
    Defaults,
    /// `frontend`
    Frontend,
    /// `backend`
    Backend,
    /// `listen`
    Listen,
    /// `userlist`
    Userlist,
    /// `http-errors`
    HttpErrors,
}

impl SectionKind {
    /// The keyword that begins it.
    pub fn name(self) -> &'static str {
        match self {
            SectionKind::Global => "global",
            SectionKind::Defaults => "defaults",
            SectionKind::Frontend => "frontend",
            SectionKind::Backend => "backend",
            SectionKind::Listen => "listen",
            SectionKind::Userlist => "userlist",
            SectionKind::HttpErrors => "http-errors",
        }
    }
}

/// Where a keyword is allowed.
pub type Allowed = &'static [SectionKind];

/// `global` alone.
pub const GLOBAL: Allowed = &[SectionKind::Global];
/// All proxies and `defaults`.
pub const ANYWHERE: Allowed = &[SectionKind::Defaults, SectionKind::Frontend, SectionKind::Listen, SectionKind::Backend];
/// What has clients, and `defaults`.
pub const CLIENT_SIDE: Allowed = &[SectionKind::Defaults, SectionKind::Frontend, SectionKind::Listen];
/// What has servers, and `defaults`.
pub const SERVER_SIDE: Allowed = &[SectionKind::Defaults, SectionKind::Listen, SectionKind::Backend];
/// All proxies, but not `defaults`.
pub const PROXIES: Allowed = &[SectionKind::Frontend, SectionKind::Listen, SectionKind::Backend];
/// What has clients.
pub const FRONTENDS: Allowed = &[SectionKind::Frontend, SectionKind::Listen];
/// What has servers.
pub const BACKENDS: Allowed = &[SectionKind::Listen, SectionKind::Backend];

/// How far byway does what a keyword asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does it.
    Done,
    /// It knows the words, and refuses them until it does.
    NotYet,
    /// Leaving it out changes no answer: warned about once, with this reason.
    Ignored(&'static str),
    /// It will not do it, for this reason; what to do instead is part of it.
    Refused(&'static str),
}

impl Status {
    /// One word for lists.
    pub fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::NotYet => "not yet",
            Status::Ignored(_) => "ignored",
            Status::Refused(_) => "refused",
        }
    }
}

/// A row.
#[derive(Debug)]
pub struct Keyword<F: 'static> {
    /// The keyword, with the words that belong to it (`timeout client`).
    pub name: &'static str,
    /// Where it is allowed.
    pub allowed: Allowed,
    /// Its arguments, as the manual writes them.
    pub arguments: &'static str,
    /// How far byway does it.
    pub status: Status,
    /// What reads it.
    pub parse: F,
    /// One line of manual.
    pub manual: &'static str,
}

/// Rows by name; longer names win over their first word alone.
pub struct Table<F: 'static> {
    rows: HashMap<&'static [u8], &'static Keyword<F>>,
    families: HashMap<&'static [u8], usize>,
}

impl<F> Table<F> {
    /// The rows of some tables.
    pub fn new(tables: &[&'static [Keyword<F>]]) -> Table<F> {
        let mut table = Table { rows: HashMap::new(), families: HashMap::new() };
        for row in tables.iter().copied().flatten() {
            table.rows.insert(row.name.as_bytes(), row);
            let mut words = row.name.split(' ');
            let (first, more) = (words.next().unwrap_or_default(), words.count());
            if more > 0 {
                let longest = table.families.entry(first.as_bytes()).or_default();
                *longest = (*longest).max(more + 1);
            }
        }
        table
    }

    /// The row that these words begin with.
    pub fn find(&self, words: &[Vec<u8>]) -> Option<&'static Keyword<F>> {
        let first = words.first()?;
        let longest = self.families.get(first.as_slice()).copied().unwrap_or(1).min(words.len());
        for count in (2..=longest).rev() {
            let joined = words.get(..count)?.join(&b' ');
            if let Some(row) = self.rows.get(joined.as_slice()) {
                return Some(row);
            }
            // `set-var(check.x)`: the keyword ends before its parenthesis.
            let name = joined.split(|byte| *byte == b'(').next().unwrap_or_default();
            if let Some(row) = self.rows.get(name).filter(|row| row.arguments.starts_with('(')) {
                return Some(row);
            }
        }
        self.rows.get(first.as_slice()).copied()
    }

    /// The names of the rows that are allowed in a section.
    pub fn names(&self, section: SectionKind) -> impl Iterator<Item = &'static str> {
        self.rows.values().filter(move |row| row.allowed.contains(&section)).map(|row| row.name)
    }
}

/// The name that was probably meant, if one is near.
pub fn nearest<'n>(word: &[u8], names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    fault::nearest(str::from_utf8(word).ok()?, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    static ROWS: &[Keyword<()>] = &[
        Keyword { name: "stats", allowed: GLOBAL, arguments: "", status: Status::Done, parse: (), manual: "" },
        Keyword { name: "stats socket", allowed: GLOBAL, arguments: "", status: Status::Done, parse: (), manual: "" },
        Keyword { name: "mode", allowed: GLOBAL, arguments: "", status: Status::Done, parse: (), manual: "" },
    ];

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        assert_eq!(Table::new(&[ROWS]).find(&words).map(|row| row.name), expected, "{line}");
    }

    #[test]
    fn the_longest_name_that_a_line_begins_with_is_its_keyword() {
        check("stats socket /run/x", Some("stats socket"));
        check("stats timeout", Some("stats"));
        check("mode http", Some("mode"));
        check("modes http", None);
        check("socket", None);
    }
}
