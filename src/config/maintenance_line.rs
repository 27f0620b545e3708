//! `maintenance` lines, one setting each:
//!
//! ```text
//! maintenance [if|unless <condition>]       when; without a condition while the switch maintenance.<name of the section> is on
//! maintenance page <file>|<folder>          what visitors see
//! maintenance status <code>                 503 where nothing is said
//! maintenance retry-after <time>            120 s where nothing is said; 0 for none
//! maintenance allow <network>...            who sees the site all the same
//! maintenance bypass-cookie <name> key <file> ttl <time>
//! maintenance drain                         the end of the last request that was under way is told
//! maintenance except <path>...              what goes to the servers all the same
//! maintenance except-ok <path>...           what is told 200 OK
//! ```
//!
//! Settings may stand in one line too (`maintenance page <file> status 503 if <condition>`). Any of these lines makes the
//! section one that can be in maintenance. In `defaults` they hold for every section, each with its own switch; conditions
//! stand in the sections alone, like the ACLs that they name. Files are read with the configuration, so that a reload takes
//! new ones. What is done with them is `session::maintenance`'s.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, Keyword, SectionKind, Status};
use super::line::Line;
use super::maintenance::{Maintenance, Trigger};
use super::model::Proxy;
use super::rules::parse_condition;
use super::value::{self, Unit};
use crate::fault::{Fault, nearest};
use crate::http::header::is_token;
use crate::rules::bypass::Bypass;
use crate::rules::site::Files;
use std::net::IpAddr;

const fn row(name: &'static str, arguments: &'static str, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: ANYWHERE, arguments, status: Status::Done, parse: settings, manual }
}

/// The keywords of maintenance.
#[rustfmt::skip]
pub const MAINTENANCE: &[Keyword<ProxyParse>] = &[
    row("maintenance", "[if|unless <condition>]", "requests are answered with a maintenance page while the condition holds, or the switch maintenance.<section> is on"),
    row("maintenance allow", "<network>...", "clients that see the site during maintenance"),
    row("maintenance bypass-cookie", "<name> key <file> ttl <time>", "who has this signed cookie, or a signed link to it, sees the site during maintenance"),
    row("maintenance drain", "", "counts the requests that were under way when maintenance began, and tells in the log when the last has finished"),
    row("maintenance except", "<path>...", "paths, with what lies below them, that go to the servers during maintenance"),
    row("maintenance except-ok", "<path>...", "paths, with what lies below them, that are answered 200 OK during maintenance"),
    row("maintenance page", "<file>|<folder>", "the maintenance page: html, json, txt, a whole message (.http), or a folder with index.* and what belongs to it"),
    row("maintenance retry-after", "<time>", "when clients are told to come again; 120 s where nothing is said, 0 for never"),
    row("maintenance status", "<code>", "the status of the maintenance page; 503 where nothing is said"),
];

/// A setting behind `maintenance`: its name, how many words follow it (`None` is any number, up to the next setting), who reads it.
struct Setting {
    name: &'static str,
    words: Option<usize>,
    parse: ProxyParse,
}

/// The settings, which may stand in lines of their own or in one; a condition stands anywhere among them.
const SETTINGS: &[Setting] = &[
    Setting { name: "if", words: None, parse: condition },
    Setting { name: "unless", words: None, parse: condition },
    Setting { name: "allow", words: None, parse: allow },
    Setting { name: "bypass-cookie", words: Some(5), parse: bypass_cookie },
    Setting { name: "drain", words: Some(0), parse: drain },
    Setting { name: "except", words: None, parse: except },
    Setting { name: "except-ok", words: None, parse: except_ok },
    Setting { name: "page", words: Some(1), parse: page },
    Setting { name: "retry-after", words: Some(1), parse: retry_after },
    Setting { name: "status", words: Some(1), parse: status },
];

fn setting(word: &[u8]) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name.as_bytes() == word)
}

/// Files of a folder, at most.
const MOST_FILES: usize = 2000;
/// Folders below one another, at most.
const MOST_DEPTH: usize = 8;
/// Bytes of a page with all that belongs to it, at most.
const MOST_BYTES: usize = 256 * 1024 * 1024;

fn of(draft: &mut Draft) -> &mut Maintenance {
    draft.proxy.maintenance.get_or_insert_default()
}

/// The switch of a section.
pub fn switch_name(proxy: &str) -> String {
    format!("maintenance.{proxy}")
}

/// Gives a section that says nothing about when its switch, and makes its answers.
pub(super) fn finish(proxy: &mut Proxy, reading: &mut Reading) {
    let Some(maintenance) = &mut proxy.maintenance else { return };
    if maintenance.triggers.is_empty() {
        maintenance.triggers.push(Trigger::Switch(reading.variable(&switch_name(&proxy.name))));
    }
    maintenance.finish();
}

/// A `maintenance` line: each setting is read as if it stood alone.
fn settings(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    if line.words.len() == 1 {
        let trigger = (draft.kind != SectionKind::Defaults).then(|| Trigger::Switch(reading.variable(&switch_name(&draft.proxy.name))));
        of(draft).triggers.extend(trigger);
        return Ok(());
    }
    let mut at = 1;
    while let Some(word) = line.word(at) {
        let Some(row) = setting(word) else {
            let word = String::from_utf8_lossy(word).into_owned();
            let near = nearest(&word, SETTINGS.iter().map(|setting| setting.name));
            let hint = near.map_or("'if' and a condition may".to_owned(), |near| format!("did you mean '{near}'?"));
            return Err(Fault::new(at, format!("'{word}' cannot stand behind 'maintenance'")).hint(hint));
        };
        let end = match row.words {
            Some(count) => (at + 1 + count).min(line.words.len()),
            None => at + 1 + line.words_from(at + 1).iter().take_while(|word| setting(word).is_none() || is_acl(draft, word)).count(),
        };
        let part = |from: usize| [0].into_iter().chain(from..end);
        let alone = Line {
            file: line.file,
            number: line.number,
            text: line.text,
            sense: line.sense,
            words: part(at).filter_map(|index| line.words.get(index).cloned()).collect(),
            taken_off: 0,
            columns: Some(part(at).map(|index| line.columns_of(index)).collect()),
        };
        (row.parse)(draft, &alone, reading).map_err(|fault| if fault.word == 0 { fault } else { fault.shift(at - 1) })?;
        at = end;
    }
    Ok(())
}

/// A condition may name an ACL that is called like a setting.
fn is_acl(draft: &Draft, word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| draft.acls.contains_key(word))
}

fn condition(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    if draft.kind == SectionKind::Defaults {
        return Err(Fault::new(1, "a condition names ACLs, which 'defaults' has none of").hint("put this line into the sections"));
    }
    let condition = parse_condition(draft, line, 1, reading)?;
    of(draft).triggers.extend(condition.map(Trigger::Condition));
    Ok(())
}

fn allow(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.expect(2, "a network")?;
    for (index, word) in line.words.iter().enumerate().skip(2) {
        let first = |host: &str| reading.resolve(host).into_iter().next();
        let lookup: &dyn Fn(&str) -> Option<IpAddr> = &first;
        let network = value::parse_network(word, lookup).map_err(|message| Fault::new(index, message))?;
        of(draft).allow.push(network);
    }
    Ok(())
}

fn drain(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    of(draft).drain = true;
    line.end(2)
}

fn except(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    of(draft).except.extend(paths(line)?);
    Ok(())
}

fn except_ok(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    of(draft).except_ok.extend(paths(line)?);
    Ok(())
}

fn paths(line: &Line) -> Result<Vec<Vec<u8>>, Fault> {
    line.expect(2, "a path")?;
    let wrong = |word: &[u8]| !word.starts_with(b"/") || word.contains(&b'?');
    match line.words.iter().enumerate().skip(2).find(|(_, word)| wrong(word)) {
        Some((index, word)) => {
            let word = String::from_utf8_lossy(word).into_owned();
            Err(Fault::new(index, format!("'{word}' is no path")).hint("a path begins with '/', and has no query"))
        }
        None => Ok(line.words_from(2).to_vec()),
    }
}

fn retry_after(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    of(draft).retry_after_seconds = reading.time_at(line, 2, Unit::Second)?.time.as_millis().div_ceil(1000) as u64;
    Ok(())
}

fn status(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    let code = reading.number_at(line, 2, 200, 599)?;
    if matches!(code, 204..=206 | 300..=399) {
        return Err(Fault::new(2, format!("an answer with status {code} shows no page")).hint("503 says what is the matter"));
    }
    of(draft).status = code;
    Ok(())
}

fn bypass_cookie(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect_text(2, "a name")?;
    if !is_token(name.as_bytes()) || name.contains(['&', '%', '+']) {
        return Err(Fault::new(2, format!("'{name}' is no name of a cookie")));
    }
    for (index, word) in [(3, "key"), (5, "ttl")] {
        if line.word(index) != Some(word.as_bytes()) {
            return Err(
                Fault::new(index, format!("'{word}' is expected here")).hint("maintenance bypass-cookie <name> key <file> ttl <time>")
            );
        }
    }
    line.end(7)?;
    let path = &*reading.locate(line.expect_text(4, "a file")?);
    let outside = reading.surroundings.outside;
    let unreadable = |error: std::io::Error| Fault::new(4, format!("cannot read '{path}': {error}"));
    if outside.file_mode(path).map_err(unreadable)? & 0o027 != 0 {
        let hint = format!("chmod 600 {path}, or 640 with the group that byway runs as");
        return Err(Fault::new(4, format!("'{path}' is open to others, who could make passes with it")).hint(hint));
    }
    let key = outside.read_file(path).map_err(unreadable)?;
    let ttl = reading.time_at(line, 6, Unit::Second)?.time;
    if ttl.as_secs() == 0 {
        return Err(Fault::new(6, "a cookie that is good for no second is none"));
    }
    let bypass = Bypass::new(name, &key, ttl.as_secs() as i64).map_err(|wrong| {
        let hint = format!("head -c 32 /dev/urandom > {path} makes one");
        Fault::new(4, format!("'{path}' is no key: {wrong}")).hint(hint)
    })?;
    of(draft).bypass = Some(bypass);
    Ok(())
}

fn page(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let path = &*reading.locate(line.expect_text(2, "a file or a folder")?);
    line.end(3)?;
    let outside = reading.surroundings.outside;
    let unreadable = |error: std::io::Error| Fault::new(2, format!("cannot read '{path}': {error}"));
    let files = match outside.read_folder(path) {
        Ok(_) => Files::from_folder(read_folder(path, reading).map_err(|message| Fault::new(2, message))?),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Files::from_file(path, outside.read_file(path).map_err(unreadable)?)
        }
        Err(error) => return Err(unreadable(error)),
    };
    of(draft).files = files.map_err(|wrong| Fault::new(2, format!("'{path}' is no page: {wrong}")))?;
    Ok(())
}

/// Every file below a folder, by its path there; names that begin with a dot are left out.
fn read_folder(root: &str, reading: &Reading) -> Result<Vec<(String, Vec<u8>)>, String> {
    let outside = reading.surroundings.outside;
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let unreadable = |path: &str, error: std::io::Error| format!("cannot read '{root}/{path}': {error}");
        for name in outside.read_folder(&format!("{root}/{folder}")).map_err(|error| unreadable(&folder, error))? {
            let path = format!("{folder}{name}");
            if name.starts_with('.') {
                continue;
            }
            if path.ends_with('/') {
                if path.split('/').count() > MOST_DEPTH {
                    return Err(format!("the folders of '{root}' are more than {MOST_DEPTH} deep"));
                }
                folders.push(path);
                continue;
            }
            let content = outside.read_file(&format!("{root}/{path}")).map_err(|error| unreadable(&path, error))?;
            bytes += content.len();
            found.push((path, content));
            if found.len() > MOST_FILES || bytes > MOST_BYTES {
                return Err(format!("'{root}' holds more than {MOST_FILES} files, or {} MiB", MOST_BYTES >> 20));
            }
        }
    }
    Ok(found)
}
