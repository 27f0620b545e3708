//! Every name of HAProxy's language, from 1.3 to 3.5, is one that byway knows: `tests/config/names.list` says what is owed to each.
//! What the keywords do is tested where they are.

use byway::acl::method::find_criterion;
use byway::config::keyword::Status;
use byway::config::manual::{Chapter, entries};
use byway::config::{self, Outside, Severity, Source, Surroundings, TlsBinds};
use std::collections::HashMap;
use std::net::IpAddr;

/// What is said of names: where they stand, what is owed to them, the names.
fn lists() -> Vec<(&'static str, &'static str, Vec<String>)> {
    let paragraphs = include_str!("config/names.list").split("\n\n").filter(|text| !text.starts_with('#'));
    let list = |text: &'static str| {
        let (head, body) = text.split_once('\n').expect("names behind the head");
        let (room, owed) = head.split_once(' ').expect("where, and what is owed");
        // A name of several words may go on in the next line.
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        (room, owed, body.split(", ").map(str::to_owned).collect())
    };
    paragraphs.map(list).collect()
}

fn chapter(room: &str) -> Option<Chapter> {
    match room {
        "global" => Some(Chapter::Global),
        "proxy" => Some(Chapter::Proxies),
        "bind" => Some(Chapter::Bind),
        "server" => Some(Chapter::Server),
        "acl" => Some(Chapter::PredefinedAcls),
        "fetch" => Some(Chapter::Fetches),
        "convert" => Some(Chapter::Converters),
        _ => None,
    }
}

#[test]
fn every_name_is_answered_as_is_owed_to_it() {
    let known: HashMap<_, _> = entries().into_iter().map(|entry| ((entry.chapter.title(), entry.name), entry.status)).collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (room, owed, names) in lists() {
        let Some(chapter) = chapter(room) else { continue };
        for name in names {
            count += 1;
            let derived = || (chapter == Chapter::Fetches).then(|| find_criterion(name.as_bytes()).map(|_| Status::Done)).flatten();
            // `http-request` is known by its actions.
            let family = || {
                let is_member = |member: &str| member.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(' '));
                known.iter().find(|((title, member), _)| *title == chapter.title() && is_member(member)).map(|_| Status::Done)
            };
            let status = known.get(&(chapter.title(), &*name)).copied().or_else(derived).or_else(family);
            let is_answered = match (owed, status) {
                (_, None) => false,
                ("done" | "ignored", Some(status)) => matches!(status, Status::Done | Status::Ignored(_)),
                ("refused", Some(status)) => matches!(status, Status::Refused(_)),
                ("known", Some(_)) => true,
                (owed, _) => panic!("'{owed}' is nothing that can be owed"),
            };
            if !is_answered {
                wrong.push(format!("{room} {name}: {owed} is owed, {}", status.map_or("unknown", Status::name)));
            }
        }
    }
    assert!(count > 1500, "only {count} names");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A machine without anything.
struct Nothing;

impl Outside for Nothing {
    fn resolve(&self, _: &str) -> Vec<IpAddr> {
        Vec::new()
    }
    fn user(&self, _: &str) -> Option<u32> {
        None
    }
    fn group(&self, _: &str) -> Option<u32> {
        None
    }
    fn read_file(&self, _: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// What is said against a log format.
fn faults_of(format: &str) -> Vec<String> {
    let text = format!("defaults\n mode http\n timeout client 1s\nfrontend f\n bind :80\n log-format {format}\n");
    let environment = HashMap::new();
    let surroundings = Surroundings {
        environment: &environment,
        outside: &Nothing,
        hostname: "box",
        maxconn: None,
        proxy_maxconn: None,
        local_peer: None,
        tls_binds: TlsBinds::Refuse,
    };
    let outcome = config::read(&[Source { name: "f.cfg".into(), text: text.into_bytes() }], &surroundings);
    let alerts = outcome.diagnostics.into_iter().filter(|told| told.severity == Severity::Alert);
    alerts.map(|told| told.message).collect()
}

#[test]
fn every_field_of_log_formats_is_known() {
    let mut wrong = Vec::new();
    for (_, owed, names) in lists().into_iter().filter(|(room, ..)| *room == "format") {
        for name in names.into_iter().filter(|_| owed != "known") {
            wrong.extend(faults_of(&name).into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!faults_of("%nosuch").is_empty());
}
