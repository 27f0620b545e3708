//! Keywords that are known by name alone: each is refused until byway does it, refused with the way around, or passed over
//! with one warning. What is read has its row in the table of its room, and wins over these.

use super::Reading;
use super::diagnostic::{Kind, Severity};
use super::keyword::{SectionKind, Status, nearest};
use super::known_names::{GROUPS, NO_CODE};
use super::line::Line;
use super::names::SUPPLIED;
use crate::acl::method::find_criterion;
use crate::fault::Fault;
use crate::sample::convert;
use crate::sample::fetch::{Fetch, Read};

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Room {
    /// A line of `global`.
    Global,
    /// A line of a proxy or of `defaults`.
    Proxy,
    /// A parameter of `bind`.
    Bind,
    /// A parameter of `server`.
    Server,
    /// A fetch in an expression.
    Fetch,
    /// A converter in an expression.
    Converter,
}

/// How much it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Named by the mission.
    S,
    /// A small host's proxy must have it.
    A,
    /// Commonly used.
    B,
    /// Rare.
    C,
    /// Out of scope.
    X,
}

/// Names with one answer.
pub struct Group {
    /// Where they stand.
    pub room: Room,
    /// How much they are asked for.
    pub tier: Tier,
    /// The answer.
    pub status: Status,
    /// The names, parted by commas; a parameter that takes a value ends in `=`.
    pub names: &'static str,
}

impl Group {
    /// The names, without the mark of those that take a value.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split(", ").map(|name| name.trim_end_matches('='))
    }
}

/// The groups by room and name.
struct Known {
    entries: HashMap<Room, HashMap<&'static [u8], Entry>>,
}

#[derive(Clone, Copy)]
struct Entry {
    name: &'static str,
    status: Status,
    takes_value: bool,
}

/// The index of the names, made once.
static KNOWN: LazyLock<Known> = LazyLock::new(Known::new);

impl Known {
    fn new() -> Known {
        let mut entries: HashMap<Room, HashMap<&'static [u8], Entry>> = HashMap::new();
        for group in GROUPS {
            let room = entries.entry(group.room).or_default();
            for written in group.names.split(", ") {
                let name = written.trim_end_matches('=');
                room.insert(name.as_bytes(), Entry { name, status: group.status, takes_value: name.len() < written.len() });
            }
        }
        Known { entries }
    }

    /// The entry that these words begin with, and how many of them are its name.
    fn find(&self, room: Room, words: &[Vec<u8>]) -> Option<(Entry, usize)> {
        let entries = self.entries.get(&room)?;
        (1..=words.len().min(LONGEST_NAME_WORDS)).rev().find_map(|count| {
            let (last, before) = words.get(..count)?.split_last()?;
            let joined = before.iter().map(Vec::as_slice).chain([without_arguments(last)]).collect::<Vec<_>>().join(&b' ');
            entries.get(joined.as_slice()).map(|entry| (*entry, count))
        })
    }
}

/// `set-var(txn.x)` is `set-var`.
fn without_arguments(word: &[u8]) -> &[u8] {
    word.split(|byte| *byte == b'(').next().unwrap_or_default()
}

/// Names have up to three words, as `tcp-check send-binary` or `timeout client`.
const LONGEST_NAME_WORDS: usize = 3;

/// The names of a room.
pub fn names(room: Room) -> impl Iterator<Item = &'static str> {
    GROUPS.iter().filter(move |group| group.room == room).flat_map(Group::names)
}

/// Answers a line whose keyword has no row.
pub(super) fn tell_unknown(
    line: &Line,
    room: Room,
    section: SectionKind,
    title: &str,
    rows: impl Iterator<Item = &'static str>,
    reading: &mut Reading,
) {
    if let Some((entry, words)) = KNOWN.find(room, &line.words) {
        return reading.tell_status(line, words - 1, entry.name, entry.status);
    }
    let candidates: Vec<&str> = rows.chain(names(room)).collect();
    let title = if title.is_empty() { section.name() } else { title };
    if line.words.iter().take(3).any(|word| word.starts_with(b"lua.")) {
        return reading.tell_status(line, 0, "lua", Status::Refused(NO_CODE));
    }
    for words in [2, 1] {
        let family = line.words.get(..words).map(|words| String::from_utf8_lossy(&words.join(&b' ')).into_owned());
        let Some(family) = family else { continue };
        let members: Vec<&str> = candidates.iter().filter_map(|name| name.strip_prefix(&*family)?.strip_prefix(' ')).collect();
        if !members.is_empty() {
            return reading.alert(line, unknown_member(line, words, &family, members, title));
        }
    }
    let word = String::from_utf8_lossy(line.keyword()).into_owned();
    let first_words = candidates.iter().map(|name| name.split(' ').next().unwrap_or_default());
    let hint = match nearest(line.keyword(), candidates.iter().copied().chain(first_words)) {
        Some(near) => format!("did you mean '{near}'?"),
        None => elsewhere(line.keyword(), room),
    };
    reading.alert(line, Fault::new(0, format!("unknown keyword '{word}' in section '{title}'")).hint(hint));
}

/// The fault of a line whose first words are known, and whose next one is not.
fn unknown_member(line: &Line, index: usize, family: &str, mut members: Vec<&str>, title: &str) -> Fault {
    let Some(word) = line.word(index) else {
        members.sort_unstable();
        members.dedup();
        return Fault::new(index, format!("'{family}' needs one of: {}", members.join(", ")));
    };
    let shown = String::from_utf8_lossy(word);
    let message = match family {
        "option" => format!("unknown option '{shown}' in section '{title}'"),
        _ => format!("unknown keyword '{family} {shown}' in section '{title}'"),
    };
    let first_words: Vec<&str> = members.iter().filter_map(|name| name.split(' ').next()).collect();
    let near = nearest(without_arguments(word), members.into_iter().chain(first_words));
    let hint = near.map(|near| format!("did you mean '{family} {near}'?"));
    Fault::new(index, message).hint(hint.unwrap_or_default())
}

/// The first words of all keywords of all sections.
static FIRST_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let rows = super::global::GLOBALS.iter().map(|row| row.name).chain(super::proxy::names());
    let names = rows.chain(names(Room::Global)).chain(names(Room::Proxy));
    names.filter_map(|name| name.split(' ').next()).collect()
});

/// Is this the first word of a keyword, in whatever section?
pub(super) fn is_keyword(word: &[u8]) -> bool {
    str::from_utf8(word).is_ok_and(|word| FIRST_WORDS.contains(word))
}

/// Where else a keyword would be known.
fn elsewhere(word: &[u8], room: Room) -> String {
    let is_global = super::global::GLOBAL_TABLES
        .into_iter()
        .flatten()
        .map(|row| row.name)
        .chain(names(Room::Global))
        .any(|name| name.as_bytes() == word);
    match (room, is_global) {
        (Room::Proxy, true) => "it goes into 'global'".into(),
        (Room::Global, _) if super::proxy::is_keyword(word) => "it goes into 'defaults' or a proxy's section".into(),
        _ => String::new(),
    }
}

/// Answers a parameter that has no row. Returns the index behind it; `None` when its name is not known.
pub(super) fn tell_parameter(line: &Line, index: usize, room: Room, reading: &mut Reading) -> Result<Option<usize>, Fault> {
    let Some(word) = line.words.get(index) else { return Ok(None) };
    let Some((entry, _)) = KNOWN.find(room, std::slice::from_ref(word)) else { return Ok(None) };
    if entry.takes_value {
        line.expect(index + 1, &format!("a value behind '{}'", entry.name))?;
    }
    // `ssl` itself is told about; what else the line says of TLS goes with it.
    let is_about_tls = matches!(entry.status, Status::Ignored(_) | Status::Refused(_)) && entry.name != "ssl";
    if !(is_about_tls && line.words.iter().any(|word| word == b"ssl")) {
        reading.tell_status(line, index, entry.name, entry.status);
    }
    Ok(Some(index + if entry.takes_value { 2 } else { 1 }))
}

/// Tells a fault of an expression: a fetch or converter that is known by name alone is no mistake of the writer's.
pub(super) fn tell_fault(line: &Line, fault: Fault, reading: &mut Reading) {
    let word = line.words.get(fault.word).map_or(&[][..], Vec::as_slice);
    let mut parts = word.split(|byte| *byte == b',').map(|part| part.strip_prefix(b"!").unwrap_or(part).to_vec());
    let name = parts.next().unwrap_or_default();
    let criterion = find_criterion(without_arguments(&name));
    if matches!(criterion, Some((Fetch { read: Read::Known(fact), .. }, _)) if !SUPPLIED.contains(fact)) {
        return reading.diagnostics.push(line.tell(Severity::Alert, Kind::NotYet, fault));
    }
    let fetch = KNOWN.find(Room::Fetch, &[name]).filter(|_| criterion.is_none());
    let converter = parts.find_map(|part| {
        let found = KNOWN.find(Room::Converter, &[part])?;
        convert::all().all(|row| row.name != found.0.name).then_some(found)
    });
    match fetch.or(converter) {
        Some((entry, _)) => reading.tell_status(line, fault.word, entry.name, entry.status),
        None => reading.alert(line, fault),
    }
}
