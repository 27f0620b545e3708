//! Lines that hold expressions: `acl`, `use_backend`, `default_backend`, and the `req*`/`rsp*` family of `rules::rewrite`.
//! Reading the expressions is left to `acl` and `rules`; which backends are fallbacks is found in `resolve`.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, Allowed, BACKENDS, CLIENT_SIDE, FRONTENDS, Keyword, PROXIES, SectionKind, Status, nearest};
use super::line::Line;
use super::model::{Capture, LogFormat, Switching};
use super::names::Scope;
use crate::acl::{Acl, Condition};
use crate::fault::Fault;
use crate::http::header::is_token;
use crate::rules::action::{self, Rule, Ruleset};
use crate::rules::rewrite::{KEYWORDS, Rewrite, Side};
use crate::rules::switching::NameByExpression;
use crate::rules::text::check_fields;
use crate::sample::format::{Format, Purpose};
use crate::sample::{Field, ProxyId};
use std::sync::Arc;

/// The keywords that hold expressions.
pub const RULES: &[Keyword<ProxyParse>] = &[
    Keyword {
        name: "acl",
        allowed: ANYWHERE,
        arguments: "<name> <test> [<flags>] [<values>]",
        status: Status::Done,
        parse: acl,
        manual: "a named test",
    },
    Keyword {
        name: "block",
        allowed: PROXIES,
        arguments: "if|unless <condition>",
        status: Status::Done,
        parse: block,
        manual: "answers 403 when the condition holds, before all other rules",
    },
    Keyword {
        name: "default_backend",
        allowed: CLIENT_SIDE,
        arguments: "<backend>",
        status: Status::Done,
        parse: default_backend,
        manual: "where requests go when no use_backend matches",
    },
    Keyword {
        name: "log-format-sd",
        allowed: CLIENT_SIDE,
        arguments: "<fmt>",
        status: Status::Done,
        parse: structured_log_format,
        manual: "the structured data of a log line, where a log has the format rfc5424",
    },
    Keyword {
        name: "log-format",
        allowed: CLIENT_SIDE,
        arguments: "<fmt>",
        status: Status::Done,
        parse: log_format,
        manual: "what a log line says",
    },
    Keyword {
        name: "redirect",
        allowed: PROXIES,
        arguments: "location|prefix|scheme <to> [<options>] [if|unless <condition>]",
        status: Status::Done,
        parse: redirect,
        manual: "sends the client elsewhere, behind all http-request and req* rules",
    },
    Keyword {
        name: "unique-id-format",
        allowed: CLIENT_SIDE,
        arguments: "<fmt>",
        status: Status::Done,
        parse: unique_id_format,
        manual: "what an id of each request is made of",
    },
    Keyword {
        name: "unique-id-header",
        allowed: CLIENT_SIDE,
        arguments: "<name>",
        status: Status::Done,
        parse: unique_id_header,
        manual: "the field that tells servers the request's id",
    },
    Keyword {
        name: "use_backend",
        allowed: FRONTENDS,
        arguments: "<backend> [if|unless <condition>]",
        status: Status::Done,
        parse: use_backend,
        manual: "where requests go when the condition holds; rules behind an unconditional one are its fallbacks",
    },
];

/// Is this keyword one of the `req*` and `rsp*` family, which has its own table?
pub(super) fn is_rewrite(word: &[u8]) -> bool {
    KEYWORDS.iter().any(|row| row.name.as_bytes() == word)
}

/// Does a line begin with an action's keyword? They have their own table too.
pub(super) fn is_action(words: &[Vec<u8>]) -> bool {
    action::find(words).is_some()
}

/// Where rules of a set may stand; in `defaults` with a name as well.
pub(super) fn sections(ruleset: Ruleset) -> Allowed {
    match ruleset {
        Ruleset::Connection | Ruleset::Session => FRONTENDS,
        Ruleset::ResponseContent => BACKENDS,
        Ruleset::Request | Ruleset::Response | Ruleset::AfterResponse | Ruleset::Content => PROXIES,
    }
}

/// Refuses a rule where its set has no meaning: HAProxy does so too.
fn check_side(draft: &Draft, ruleset: Ruleset) -> Result<(), Fault> {
    if draft.kind == SectionKind::Defaults || sections(ruleset).contains(&draft.kind) {
        return Ok(());
    }
    let lacks = if draft.kind == SectionKind::Backend { "clients" } else { "servers" };
    Err(Fault::new(0, format!("'{}' has no meaning here: '{}' has no {lacks}", ruleset.keyword(), draft.title())))
}

/// Reads a line of `http-request`, `http-response`, `http-after-response`, `tcp-request` or `tcp-response`.
pub(super) fn action(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let Some(row) = action::find(&line.words) else { return Err(line.missing("an action")) };
    check_side(draft, row.ruleset)?;
    let at = row.index();
    if line.word(at).is_some_and(|word| word.contains(&b'(') && !word.ends_with(b")")) {
        return Err(Fault::new(at, "parenthesis is not closed").hint("add a ')' behind the argument"));
    }
    let mut rule = Rule::parse(row, &line.words, &mut Scope { draft, reading })?;
    if let Some(length) = rule.captured_length() {
        if !draft.proxy.kind.has_frontend() {
            return Err(Fault::new(1, "a capture stands in a frontend").hint("its place is made there"));
        }
        rule.keep_in(draft.proxy.capture_request.len());
        draft.proxy.capture_request.push(Capture { name: Vec::new(), length });
    }
    warn_all(rule.warnings().to_vec(), 0, line, reading);
    match row.ruleset {
        Ruleset::Request => draft.proxy.request_rules.push(rule),
        Ruleset::Response => draft.proxy.response_rules.push(rule),
        Ruleset::AfterResponse => draft.proxy.after_rules.push(rule),
        Ruleset::Connection => draft.proxy.connection_rules.push(rule),
        Ruleset::Session => draft.proxy.session_rules.push(rule),
        Ruleset::Content => draft.proxy.content_rules.push(rule),
        Ruleset::ResponseContent => draft.proxy.response_content_rules.push(rule),
    }
    Ok(())
}

/// The one word behind a keyword, as a format of log lines.
fn parse_log_format(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<Arc<Format>, Fault> {
    let word = line.expect(1, "a format")?;
    line.end(2)?;
    let mut scope = Scope { draft, reading };
    let format = Format::parse(word, Purpose::Log, &mut scope).map_err(|fault| fault.shift(1))?;
    check_fields(&format, &scope).map_err(|fault| fault.shift(1))?;
    Ok(Arc::new(format))
}

fn log_format(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.custom_log = Some(parse_log_format(draft, line, reading)?);
    draft.proxy.log_format = LogFormat::Custom;
    Ok(())
}

fn structured_log_format(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.structured_log = Some(parse_log_format(draft, line, reading)?);
    Ok(())
}

fn unique_id_format(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let word = line.expect(1, "a format")?;
    line.end(2)?;
    let mut scope = Scope { draft, reading };
    let format = Format::parse(word, Purpose::Log, &mut scope).map_err(|fault| fault.shift(1))?;
    check_fields(&format, &scope).map_err(|fault| fault.shift(1))?;
    let names_itself = format.fields().any(|field| field == Field::UniqueId) || format.fetches().any(|fetch| fetch.name == "unique-id");
    if names_itself {
        return Err(Fault::new(1, "an id cannot be made of itself"));
    }
    draft.proxy.unique_id_format = Some(Arc::new(format));
    Ok(())
}

fn unique_id_header(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a field's name")?;
    if !is_token(name) {
        return Err(Fault::new(1, format!("'{}' is no field's name", String::from_utf8_lossy(name))));
    }
    draft.proxy.unique_id_header = Some(String::from_utf8_lossy(name).into_owned());
    line.end(2)
}

fn redirect(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let rule = Rule::parse_redirect(&line.words, &mut Scope { draft, reading })?;
    warn_all(rule.warnings().to_vec(), 0, line, reading);
    draft.proxy.redirects.push(rule);
    Ok(())
}

/// `block` rules come before all others, in their own order.
fn block(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let rule = Rule::parse_block(&line.words, &mut Scope { draft, reading })?;
    warn_all(rule.warnings().to_vec(), 0, line, reading);
    draft.proxy.request_rules.insert(draft.blocks, rule);
    draft.blocks += 1;
    Ok(())
}

pub(super) fn acl(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect_text(1, "a name and a test")?.to_ascii_lowercase();
    if matches!(name.as_str(), "or" | "if" | "unless") {
        return Err(Fault::new(1, format!("'{name}' cannot be the name of an ACL, it is a word of conditions")));
    }
    let acl = Acl::parse(line.words_from(1), &mut Scope { draft, reading }).map_err(|fault| {
        // Its name is taken all the same, so that the rules that use it are not told about as well.
        let name = String::from_utf8_lossy(line.word(1).unwrap_or_default()).into_owned();
        if !draft.acls.contains_key(&name) {
            draft.add_acl(Acl { name, tests: Vec::new() });
        }
        fault.shift(1)
    })?;
    warn_all(acl.warnings().cloned().collect(), 1, line, reading);
    match draft.acls.get(&acl.name).and_then(|id| draft.proxy.acls.get_mut(id.0 as usize)) {
        Some(known) => known.tests.extend(acl.tests),
        None => {
            draft.add_acl(acl);
        }
    }
    Ok(())
}

/// Tells what the rooms below found odd; their words begin at an index of the line.
pub(super) fn warn_all(faults: Vec<Fault>, index: usize, line: &Line, reading: &mut Reading) {
    faults.into_iter().for_each(|fault| reading.warn(line, fault.shift(index)));
}

/// A backend named by a word.
fn backend_at(line: &Line, index: usize, reading: &Reading) -> Result<ProxyId, Fault> {
    let name = line.expect_text(index, "a backend's name")?;
    if let Some(id) = reading.backends.get(name) {
        return Ok(*id);
    }
    let names = reading.backends.keys().map(String::as_str).filter(|_| reading.may_guess());
    let hint = match nearest(name.as_bytes(), names) {
        _ if reading.frontends.contains_key(name) => format!("'frontend {name}' has no servers"),
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("no 'backend {name}' or 'listen {name}' is in these files"),
    };
    Err(Fault::new(index, format!("there is no backend '{name}'")).hint(hint))
}

fn default_backend(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.expect(1, "a backend's name")?;
    line.end(2)?;
    draft.proxy.default_backend = Some(backend_at(line, 1, reading)?);
    Ok(())
}

fn use_backend(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a backend's name")?;
    let condition = parse_condition(draft, line, 2, reading)?;
    let (backend, name) = match name.contains(&b'%') {
        true => {
            let backends = reading.backends.iter().map(|(name, id)| (name.clone().into_bytes(), *id)).collect();
            let name = NameByExpression::parse(name, backends, &mut Scope { draft, reading }).map_err(|fault| fault.shift(1))?;
            (ProxyId::default(), Some(name))
        }
        false => (backend_at(line, 1, reading)?, None),
    };
    draft.proxy.switching.push(Switching { backend, name, condition, fallback: false, place: line.place() });
    Ok(())
}

/// What stands behind a rule: nothing, or `if` and `unless` with their words.
pub(super) fn parse_condition(draft: &mut Draft, line: &Line, index: usize, reading: &mut Reading) -> Result<Option<Condition>, Fault> {
    match line.word(index) {
        None => Ok(None),
        Some(b"if" | b"unless") => {
            let condition = Condition::parse(line.words_from(index), &mut Scope { draft, reading });
            let condition = condition.map_err(|fault| fault.shift(index))?;
            warn_all(condition.warnings().to_vec(), index, line, reading);
            Ok(Some(condition))
        }
        Some(word) => {
            let word = String::from_utf8_lossy(word).into_owned();
            Err(Fault::new(index, format!("'{word}' where 'if' or 'unless' is expected")))
        }
    }
}

/// Reads a line of the `req*` and `rsp*` family.
pub(super) fn rewrite(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let rewrite = Rewrite::parse(&line.words, &mut Scope { draft, reading })?;
    warn_all(rewrite.warnings().to_vec(), 0, line, reading);
    match rewrite.side() {
        Side::Request => draft.proxy.request_rewrites.push(rewrite),
        Side::Response => draft.proxy.response_rewrites.push(rewrite),
    }
    Ok(())
}
