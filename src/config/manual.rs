//! The keyword tables as a list (`--keywords`) and as a manual (`docs/configuration.md`), so that neither can say anything else
//! than what the parser reads.

use super::bind_line::BIND_PARAMETERS;
use super::global::GLOBAL_TABLES;
use super::http_errors::HTTP_ERRORS;
use super::keyword::{Keyword, SectionKind, Status};
use super::known::{Room, Tier};
use super::known_names::GROUPS;
use super::names::SUPPLIED;
use super::outline::{SECTIONS, SectionRow};
use super::proxy::KEYWORD_TABLES;
use super::rules;
use super::server_line;
use super::userlist::USERLISTS;
use crate::acl::method::find_criterion;
use crate::acl::predefined::PREDEFINED;
use crate::rules::action;
use crate::rules::rewrite::KEYWORDS;
use crate::sample::convert;
use crate::sample::fetch::{self, Read};
use std::fmt::Write;

/// A keyword as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is a word of.
    pub chapter: Chapter,
    /// The keyword.
    pub name: &'static str,
    /// Its arguments.
    pub arguments: &'static str,
    /// Where it is allowed; empty when the chapter says it.
    pub allowed: String,
    /// How far byway does it.
    pub status: Status,
    /// How much it is asked for, when it is known by name alone.
    pub tier: Option<Tier>,
    /// One line of manual; empty for what is known by name alone.
    pub manual: &'static str,
}

/// The tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// Keywords that begin a section.
    Sections,
    /// Lines of `global`.
    Global,
    /// Lines of proxies.
    Proxies,
    /// Parameters of `bind`.
    Bind,
    /// Parameters of `server`.
    Server,
    /// Fetches.
    Fetches,
    /// Converters.
    Converters,
    /// Predefined ACLs.
    PredefinedAcls,
    /// Lines of `userlist`.
    Userlist,
    /// Lines of `http-errors`.
    HttpErrors,
}

impl Chapter {
    /// All of them, in the order of the manual.
    pub const ALL: [Chapter; 10] = [
        Chapter::Sections,
        Chapter::Global,
        Chapter::Proxies,
        Chapter::Bind,
        Chapter::Server,
        Chapter::Fetches,
        Chapter::Converters,
        Chapter::PredefinedAcls,
        Chapter::Userlist,
        Chapter::HttpErrors,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Chapter::Sections => "Sections",
            Chapter::Global => "global",
            Chapter::Proxies => "defaults, frontend, listen and backend",
            Chapter::Bind => "Parameters of bind",
            Chapter::Server => "Parameters of server and default-server",
            Chapter::Fetches => "Fetches",
            Chapter::Converters => "Converters",
            Chapter::PredefinedAcls => "Predefined ACLs",
            Chapter::Userlist => "userlist",
            Chapter::HttpErrors => "http-errors",
        }
    }
}

/// Every keyword that byway knows, by chapter and name.
pub fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = SECTIONS.iter().map(section).collect();
    entries.extend(GLOBAL_TABLES.into_iter().flatten().map(|row| line(Chapter::Global, row)));
    entries.extend(HTTP_ERRORS.iter().map(|row| line(Chapter::HttpErrors, row)));
    entries.extend(USERLISTS.iter().map(|row| line(Chapter::Userlist, row)));
    for table in KEYWORD_TABLES {
        entries.extend(table.iter().map(|row| line(Chapter::Proxies, row)));
    }
    entries.extend(KEYWORDS.iter().map(|row| {
        let allowed = "frontend, listen, backend".to_owned();
        Entry { allowed, ..plain(Chapter::Proxies, row.name, "", Status::Done, row.manual) }
    }));
    entries.extend(action::all().map(|row| {
        let sections = rules::sections(row.ruleset).iter().map(|kind| kind.name());
        let allowed = std::iter::once("defaults").chain(sections).collect::<Vec<_>>().join(", ");
        Entry { allowed, ..plain(Chapter::Proxies, row.name, row.arguments, Status::Done, row.manual) }
    }));
    entries.extend(BIND_PARAMETERS.iter().map(|row| plain(Chapter::Bind, row.name, row.argument, row.status, row.manual)));
    entries.extend(server_line::parameters().map(|row| plain(Chapter::Server, row.name, row.argument, row.status, row.manual)));
    entries.extend(fetch::all().map(|row| {
        let status = match row.read {
            Read::Known(fact) if !SUPPLIED.contains(&fact) => Status::NotYet,
            _ => Status::Done,
        };
        plain(Chapter::Fetches, row.name, "", status, row.manual)
    }));
    entries.extend(convert::all().map(|row| plain(Chapter::Converters, row.name, "", Status::Done, row.manual)));
    entries.extend(PREDEFINED.iter().map(|row| plain(Chapter::PredefinedAcls, row.name, "", Status::Done, row.manual)));
    for group in GROUPS {
        let chapter = chapter_of(group.room);
        // Rows of the rooms below come without leave of this list, so that what they read is left out here.
        let has_row = |name: &str| entries.iter().any(|entry| entry.chapter == chapter && entry.name == name);
        let is_derived = |name: &str| chapter == Chapter::Fetches && find_criterion(name.as_bytes()).is_some();
        let missing: Vec<&str> = group.names().filter(|name| !has_row(name) && !is_derived(name)).collect();
        let tier = Some(group.tier);
        entries.extend(missing.into_iter().map(|name| Entry { tier, ..plain(chapter, name, "", group.status, "") }));
    }
    entries.sort_by_key(|entry| (Chapter::ALL.iter().position(|chapter| *chapter == entry.chapter), entry.name));
    entries
}

fn chapter_of(room: Room) -> Chapter {
    match room {
        Room::Global => Chapter::Global,
        Room::Proxy => Chapter::Proxies,
        Room::Bind => Chapter::Bind,
        Room::Server => Chapter::Server,
        Room::Fetch => Chapter::Fetches,
        Room::Converter => Chapter::Converters,
    }
}

fn plain(chapter: Chapter, name: &'static str, arguments: &'static str, status: Status, manual: &'static str) -> Entry {
    Entry { chapter, name, arguments, allowed: String::new(), status, tier: None, manual }
}

fn section(row: &SectionRow) -> Entry {
    plain(Chapter::Sections, row.name, "", row.status(), row.manual)
}

fn line<F>(chapter: Chapter, row: &Keyword<F>) -> Entry {
    let allowed = match row.allowed {
        [SectionKind::Global] => String::new(),
        allowed => allowed.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "),
    };
    Entry { allowed, ..plain(chapter, row.name, row.arguments, row.status, row.manual) }
}

/// `--keywords [NAME]`: a line for each keyword whose name is this, or holds it as a word.
pub fn render_keywords(name: Option<&str>) -> String {
    let mut out = String::new();
    let is_meant = |entry: &Entry| name.is_none_or(|name| entry.name == name || entry.name.split(' ').any(|word| word == name));
    for entry in entries().iter().filter(|entry| is_meant(entry)) {
        let words = [entry.name, entry.arguments].join(" ");
        let _ = writeln!(out, "{:<8} {:<9} {:<44} {}", chapter_word(entry.chapter), entry.status.name(), words.trim(), explanation(entry));
    }
    out
}

fn chapter_word(chapter: Chapter) -> &'static str {
    match chapter {
        Chapter::Sections => "section",
        Chapter::Global => "global",
        Chapter::Proxies => "proxy",
        Chapter::Bind => "bind",
        Chapter::Server => "server",
        Chapter::Fetches => "fetch",
        Chapter::Converters => "convert",
        Chapter::PredefinedAcls => "acl",
        Chapter::Userlist => "userlist",
        Chapter::HttpErrors => "http-errors",
    }
}

fn explanation(entry: &Entry) -> &'static str {
    match (entry.manual, entry.status) {
        ("", Status::Ignored(reason) | Status::Refused(reason)) => reason,
        (manual, _) => manual,
    }
}

/// `docs/configuration.md`.
pub fn render_manual() -> String {
    let entries = entries();
    let mut out = String::from(
        "# The configuration\n\n\
         byway reads HAProxy's configuration language. This page lists the keywords that it knows; it is made from the tables that\n\
         the parser reads. What a keyword does in detail is told by HAProxy's own manual; where versions differ, 2.6 is followed.\n",
    );
    for chapter in Chapter::ALL {
        let of_chapter: Vec<&Entry> = entries.iter().filter(|entry| entry.chapter == chapter).collect();
        let _ = write!(out, "\n## {}\n", chapter.title());
        render_table(&mut out, of_chapter.iter().copied().filter(|entry| entry.status == Status::Done));
        for title in LISTS {
            let same = |entry: &&&Entry| list_of(entry) == Some(title);
            let names: Vec<String> = of_chapter.iter().filter(same).map(|entry| format!("`{}`", entry.name)).collect();
            if !names.is_empty() {
                let _ = write!(out, "\n{title}: {}.\n", names.join(", "));
            }
        }
    }
    out
}

const NEXT: &str = "Known, but not yet done (refused until they are)";
const LATER: &str = "Known, and for later (refused until they are done)";
const WITHOUT_EFFECT: &str = "Without effect here (ignored, with one warning)";
const OUT_OF_SCOPE: &str = "Out of scope (refused, with the way around)";
const LISTS: [&str; 4] = [NEXT, LATER, WITHOUT_EFFECT, OUT_OF_SCOPE];

/// The list that a keyword belongs to when it is not done.
fn list_of(entry: &Entry) -> Option<&'static str> {
    match (entry.status, entry.tier) {
        (Status::Done, _) => None,
        (Status::NotYet, Some(Tier::B | Tier::C | Tier::X)) => Some(LATER),
        (Status::NotYet, _) => Some(NEXT),
        (Status::Ignored(_), _) => Some(WITHOUT_EFFECT),
        (Status::Refused(_), _) => Some(OUT_OF_SCOPE),
    }
}

fn render_table<'e>(out: &mut String, entries: impl Iterator<Item = &'e Entry>) {
    out.push_str("\n| keyword | where | meaning |\n|---|---|---|\n");
    for entry in entries {
        let words = [entry.name, entry.arguments].join(" ").replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {} | {} |", words.trim(), entry.allowed, entry.manual.replace('|', "\\|").replace('<', "\\<"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_keyword_is_listed_once_and_every_row_has_its_line_of_manual() {
        let mut seen = HashSet::new();
        for entry in entries() {
            assert!(seen.insert((chapter_word(entry.chapter), entry.name)), "{} twice", entry.name);
            assert!(!explanation(&entry).is_empty() || entry.status == Status::NotYet, "{} has no manual", entry.name);
        }
    }

    #[test]
    fn what_has_a_row_is_not_known_by_name_alone() {
        let listed: HashSet<_> =
            entries().iter().filter(|entry| entry.tier.is_some()).map(|entry| (entry.chapter.title(), entry.name)).collect();
        let twice: Vec<&str> = GROUPS
            .iter()
            .flat_map(|group| group.names().filter(|name| !listed.contains(&(chapter_of(group.room).title(), *name))))
            .collect();
        assert!(twice.is_empty(), "{}", twice.join(", "));
    }

    #[test]
    fn a_keyword_is_found_by_its_name_and_by_a_word_of_it() {
        assert!(render_keywords(Some("balance")).starts_with("proxy    done      balance <algorithm>"));
        assert_eq!(render_keywords(Some("forwardfor")).lines().count(), 1);
        assert_eq!(render_keywords(Some("nosuch")), "");
    }

    #[test]
    fn the_manual_has_a_chapter_for_each_table() {
        let manual = render_manual();
        assert!(Chapter::ALL.iter().all(|chapter| manual.contains(&format!("\n## {}\n", chapter.title()))));
    }
}
