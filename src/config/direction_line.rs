//! Lines that say which server a request goes to, and what it is told: `use-server`, `force-persist`, `ignore-persist`,
//! `http-send-name-header` (HAProxy manual, section 4.2). What follows from them is the session's.

use super::Reading;
use super::diagnostic::{Diagnostic, Kind, Severity};
use super::draft::{Draft, ProxyParse};
use super::keyword::{BACKENDS, Keyword, SERVER_SIDE, Status};
use super::line::Line;
use super::model::Proxy;
use super::names::Scope;
use super::rules::parse_condition;
use crate::fault::Fault;
use crate::http::header::is_token;
use crate::rules::server::{Persistence, PersistenceRule, ServerRule};

/// The keywords.
pub const DIRECTIONS: &[Keyword<ProxyParse>] = &[
    Keyword {
        name: "force-persist",
        allowed: BACKENDS,
        arguments: "if|unless <condition>",
        status: Status::Done,
        parse: force_persist,
        manual: "sends clients to the server of their cookie though it is down",
    },
    Keyword {
        name: "http-send-name-header",
        allowed: SERVER_SIDE,
        arguments: "<name>",
        status: Status::Done,
        parse: send_name_header,
        manual: "tells servers their name in this field",
    },
    Keyword {
        name: "ignore-persist",
        allowed: BACKENDS,
        arguments: "if|unless <condition>",
        status: Status::Done,
        parse: ignore_persist,
        manual: "chooses a server as if there were no cookie",
    },
    Keyword {
        name: "use-server",
        allowed: BACKENDS,
        arguments: "<server> [if|unless <condition>]",
        status: Status::Done,
        parse: use_server,
        manual: "where requests go when the condition holds and the server can be used",
    },
];

fn use_server(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a server's name")?;
    let condition = parse_condition(draft, line, 2, reading)?;
    let rule = ServerRule::parse(name, condition, line.place(), &mut Scope { draft, reading }).map_err(|fault| fault.shift(1))?;
    draft.proxy.server_rules.push(rule);
    Ok(())
}

/// Looks up the servers of `use-server` lines, which may stand above them.
pub(super) fn finish(proxy: &mut Proxy, reading: &mut Reading) {
    for rule in &mut proxy.server_rules {
        let Err(name) = rule.resolve(proxy.servers.iter().map(|server| server.name.as_str())) else { continue };
        reading.diagnostics.push(Diagnostic {
            severity: Severity::Alert,
            kind: Kind::Fault,
            place: Some(rule.place.clone()),
            columns: 0..0,
            text: Vec::new(),
            message: format!("'{}' has no server '{name}'", proxy.name),
            hint: String::new(),
        });
    }
}

fn force_persist(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    persistence(draft, line, Persistence::Forced, reading)
}

fn ignore_persist(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    persistence(draft, line, Persistence::Ignored, reading)
}

fn persistence(draft: &mut Draft, line: &Line, persistence: Persistence, reading: &mut Reading) -> Result<(), Fault> {
    let condition = parse_condition(draft, line, 1, reading)?.ok_or_else(|| line.missing("'if' or 'unless' and a condition"))?;
    draft.proxy.persistence_rules.push(PersistenceRule { persistence, condition });
    Ok(())
}

fn send_name_header(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let name = line.expect(1, "a field's name")?;
    if !is_token(name) {
        return Err(Fault::new(1, format!("'{}' is no field's name", String::from_utf8_lossy(name))));
    }
    draft.proxy.send_name_header = Some(String::from_utf8_lossy(name).into_owned());
    Ok(())
}
