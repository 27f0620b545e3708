//! `userlist` sections (HAProxy manual, section 12.1): users, groups and passwords. They are read before proxies, which may name them from
//! anywhere. What a password admits to is `sample::userlist`'s.

use super::Reading;
use super::diagnostic::{Kind, Severity};
use super::keyword::{Keyword, SectionKind, Status, Table, nearest};
use super::line::Line;
use super::outline::Section;
use crate::fault::Fault;
use crate::sample::crypt::Hashed;
use crate::sample::userlist::{Password, User, Userlist};
use std::sync::Arc;

/// A section while its lines are read.
#[derive(Default)]
pub struct Draft {
    users: Vec<User>,
    groups: Vec<Vec<u8>>,
    /// A group, a user that its line names, and where: users may stand behind their groups.
    members: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What reads a line of the section.
pub type UserlistParse = fn(&mut Draft, &Line, &mut Reading) -> Result<(), Fault>;

/// `userlist` alone.
const USERLIST: super::keyword::Allowed = &[SectionKind::Userlist];

/// The keywords of the section.
pub const USERLISTS: &[Keyword<UserlistParse>] = &[
    Keyword {
        name: "group",
        allowed: USERLIST,
        arguments: "<name> [users <user>,...]",
        status: Status::Done,
        parse: group,
        manual: "a group, with users that are declared in the section",
    },
    Keyword {
        name: "user",
        allowed: USERLIST,
        arguments: "<name> [password <hash>|insecure-password <password>] [groups <group>,...]",
        status: Status::Done,
        parse: user,
        manual: "a user, with a password as crypt(3) hashes it or in the clear",
    },
];

/// Reads the sections; their lists are found by name from then on.
pub(super) fn read_sections(sections: &[Section], reading: &mut Reading) {
    let table = Table::new(&[USERLISTS]);
    for section in sections.iter().filter(|section| section.kind == SectionKind::Userlist) {
        if let Err(fault) = section.head.end(2) {
            reading.alert(&section.head, fault);
        }
        let mut draft = Draft::default();
        for line in &section.lines {
            let read = match table.find(&line.words) {
                Some(row) => (row.parse)(&mut draft, line, reading),
                None => Err(unknown(line, &table)),
            };
            read.unwrap_or_else(|fault| reading.alert(line, fault));
        }
        finish(draft, section, reading);
    }
}

fn unknown(line: &Line, table: &Table<UserlistParse>) -> Fault {
    let word = String::from_utf8_lossy(line.keyword()).into_owned();
    let hint = match nearest(line.keyword(), table.names(SectionKind::Userlist)) {
        Some(near) => format!("did you mean '{near}'?"),
        None => "a userlist has groups and users".to_owned(),
    };
    Fault::new(0, format!("unknown keyword '{word}' in section 'userlist'")).hint(hint)
}

fn finish(mut draft: Draft, section: &Section, reading: &mut Reading) {
    if reading.userlists.iter().any(|known| known.name == section.name) {
        let fault = Fault::new(1, format!("there is a 'userlist {}' above", section.name)).hint("this one is passed over");
        return reading.warn(&section.head, fault);
    }
    let line_of = |first: &[u8], name: &[u8]| section.lines.iter().find(|line| line.keyword() == first && line.word(1) == Some(name));
    for (group, member) in draft.members {
        match draft.users.iter_mut().find(|user| user.name == member) {
            Some(user) if user.groups.contains(&group) => {}
            Some(user) => user.groups.push(group),
            None => {
                let message = format!("there is no user '{}' in this section", String::from_utf8_lossy(&member));
                tell_word(line_of(b"group", &group), message, reading);
            }
        }
    }
    for user in &draft.users {
        for group in user.groups.iter().filter(|group| !draft.groups.contains(group)) {
            let message = format!("there is no group '{}' in this section", String::from_utf8_lossy(group));
            tell_word(line_of(b"user", &user.name), message, reading);
        }
        if let (Password::None, Some(line)) = (&user.password, line_of(b"user", &user.name))
            && !line.words.iter().any(|word| word == b"password")
        {
            reading.warn(line, Fault::new(1, "nobody can be this user, who has no password").hint("password or insecure-password"));
        }
    }
    reading.userlists.push(Arc::new(Userlist::new(section.name.clone(), draft.users, draft.groups)));
}

fn tell_word(line: Option<&Line>, message: String, reading: &mut Reading) {
    if let Some(line) = line {
        let word = line.words.len().saturating_sub(1);
        reading.diagnostics.push(line.tell(Severity::Alert, Kind::Fault, Fault::new(word, message)));
    }
}

fn names(line: &Line, index: usize, what: &str) -> Result<Vec<Vec<u8>>, Fault> {
    let word = line.expect(index, what)?;
    Ok(word.split(|byte| *byte == b',').filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
}

fn group(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a group's name")?.to_vec();
    let members = match line.word(2) {
        None => Vec::new(),
        Some(b"users") => names(line, 3, "users behind 'users'")?,
        Some(other) => return Err(Fault::new(2, format!("'{}' where 'users' is expected", String::from_utf8_lossy(other)))),
    };
    line.end(4)?;
    if draft.groups.contains(&name) {
        let message = format!("there is a group '{}' in this section already", String::from_utf8_lossy(&name));
        reading.warn(line, Fault::new(1, message).hint("this one is passed over"));
        return Ok(());
    }
    draft.members.extend(members.into_iter().map(|member| (name.clone(), member)));
    draft.groups.push(name);
    Ok(())
}

fn user(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a user's name")?.to_vec();
    let mut user = User { name, password: Password::None, groups: Vec::new() };
    let mut index = 2;
    while let Some(word) = line.word(index) {
        match word {
            b"password" => {
                let hash = Hashed::parse(line.expect(index + 1, "a hash")?).map_err(|fault| fault.shift(index + 1))?;
                if hash.is_none() {
                    reading.warn(line, Fault::new(index + 1, "no password has this hash").hint("mkpasswd -m sha-512 makes one"));
                }
                user.password = hash.map_or(Password::None, Password::Hashed);
            }
            b"insecure-password" => user.password = Password::Clear(line.expect(index + 1, "a password")?.to_vec()),
            b"groups" => user.groups = names(line, index + 1, "groups behind 'groups'")?,
            other => {
                let fault = Fault::new(index, format!("'{}' is nothing that a user has", String::from_utf8_lossy(other)));
                return Err(fault.hint("password, insecure-password, groups"));
            }
        }
        index += 2;
    }
    if draft.users.iter().any(|known| known.name == user.name) {
        let message = format!("there is a user '{}' in this section already", String::from_utf8_lossy(&user.name));
        reading.warn(line, Fault::new(1, message).hint("this one is passed over"));
        return Ok(());
    }
    draft.users.push(user);
    Ok(())
}
