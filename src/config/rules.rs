//! Lines that hold expressions: `acl`, `use_backend`, `default_backend` and the `req*`/`rsp*` family.
//! Reading the expressions is left to `acl` and `rules`; which backends are fallbacks is found in `resolve`.

use super::Reading;
use super::keyword::{CLIENT_SIDE, FRONTENDS, Keyword, PROXIES, Status, nearest};
use super::line::Line;
use super::model::Switching;
use super::names::Scope;
use super::proxy::{Draft, ProxyParse};
use super::value;
use crate::acl::{Acl, Condition, predefined};
use crate::fault::Fault;
use crate::rules::rewrite::Rewrite;
use crate::sample::ProxyId;

/// The keywords that hold expressions.
pub const RULES: &[Keyword<ProxyParse>] = &[
    Keyword {
        name: "acl",
        allowed: PROXIES,
        arguments: "<name> <test> [<flags>] [<values>]",
        status: Status::Done,
        parse: acl,
        manual: "a named test",
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
        name: "use_backend",
        allowed: FRONTENDS,
        arguments: "<backend> [if|unless <condition>]",
        status: Status::Done,
        parse: use_backend,
        manual: "where requests go when the condition holds; rules behind an unconditional one are its fallbacks",
    },
    request("cliexp", "<regex> <replacement>", "reqrep, as HAProxy 1.0 spelled it"),
    request("reqadd", "<line> [if|unless <condition>]", "adds a header line to requests"),
    request("reqallow", "<regex> [if|unless <condition>]", "lets a request with such a line through"),
    request("reqdel", "<regex> [if|unless <condition>]", "deletes header lines of requests"),
    request("reqdeny", "<regex> [if|unless <condition>]", "refuses requests with such a line"),
    request("reqiallow", "<regex> [if|unless <condition>]", "reqallow, whatever the case"),
    request("reqidel", "<regex> [if|unless <condition>]", "reqdel, whatever the case"),
    request("reqideny", "<regex> [if|unless <condition>]", "reqdeny, whatever the case"),
    request("reqipass", "<regex> [if|unless <condition>]", "has no effect, in HAProxy neither"),
    request("reqirep", "<regex> <replacement> [if|unless <condition>]", "reqrep, whatever the case"),
    request("reqitarpit", "<regex> [if|unless <condition>]", "reqtarpit, whatever the case"),
    request("reqpass", "<regex> [if|unless <condition>]", "has no effect, in HAProxy neither"),
    request("reqrep", "<regex> <replacement> [if|unless <condition>]", "replaces lines of requests as a whole"),
    request("reqtarpit", "<regex> [if|unless <condition>]", "holds requests with such a line, then refuses them"),
    response("rspadd", "<line> [if|unless <condition>]", "adds a header line to responses"),
    response("rspdel", "<regex> [if|unless <condition>]", "deletes header lines of responses"),
    response("rspdeny", "<regex> [if|unless <condition>]", "refuses responses with such a line"),
    response("rspidel", "<regex> [if|unless <condition>]", "rspdel, whatever the case"),
    response("rspideny", "<regex> [if|unless <condition>]", "rspdeny, whatever the case"),
    response("rspirep", "<regex> <replacement> [if|unless <condition>]", "rsprep, whatever the case"),
    response("rsprep", "<regex> <replacement> [if|unless <condition>]", "replaces lines of responses as a whole"),
    response("srvexp", "<regex> <replacement>", "rsprep, as HAProxy 1.0 spelled it"),
];

const fn request(name: &'static str, arguments: &'static str, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: PROXIES, arguments, status: Status::Done, parse: request_rewrite, manual }
}

const fn response(name: &'static str, arguments: &'static str, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: PROXIES, arguments, status: Status::Done, parse: response_rewrite, manual }
}

fn acl(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = value::parse_name(line.expect(1, "a name and a test")?).map_err(|message| Fault::new(1, message))?.to_owned();
    if matches!(name.to_ascii_lowercase().as_str(), "or" | "if" | "unless") {
        return Err(Fault::new(1, format!("'{name}' cannot be the name of an ACL, it is a word of conditions")));
    }
    let acl = Acl::parse(line.words_from(1), &mut Scope { draft, reading }).map_err(|fault| fault.shift(1))?;
    match draft.acls.get(&name).and_then(|id| draft.proxy.acls.get_mut(id.0 as usize)) {
        Some(known) => known.tests.extend(acl.tests),
        None => {
            draft.add_acl(acl);
        }
    }
    Ok(())
}

/// A backend named by a word.
fn backend_at(draft: &Draft, line: &Line, index: usize, reading: &Reading) -> Result<ProxyId, Fault> {
    let name = line.expect_text(index, "a backend's name")?;
    if let Some(id) = reading.backends.get(name) {
        return Ok(*id);
    }
    let hint = match nearest(name.as_bytes(), reading.backends.keys().map(String::as_str)) {
        _ if reading.frontends.contains_key(name) => format!("'frontend {name}' has no servers"),
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("'{}' can only go to a section that exists", draft.title()),
    };
    Err(Fault::new(index, format!("there is no backend '{name}'")).hint(hint))
}

fn default_backend(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.expect(1, "a backend's name")?;
    line.end(2)?;
    draft.proxy.default_backend = Some(backend_at(draft, line, 1, reading)?);
    Ok(())
}

fn use_backend(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a backend's name")?;
    if name.contains(&b'%') {
        reading.tell_status(line, 1, "use_backend with a name by expression", Status::NotYet);
    }
    let condition = parse_condition(draft, line, 2, reading)?;
    if name.contains(&b'%') {
        return Ok(());
    }
    let backend = backend_at(draft, line, 1, reading)?;
    draft.proxy.switching.push(Switching { backend, condition, fallback: false, place: line.place() });
    Ok(())
}

/// What stands behind a rule: nothing, or `if` and `unless` with their words.
fn parse_condition(draft: &mut Draft, line: &Line, index: usize, reading: &mut Reading) -> Result<Option<Condition>, Fault> {
    match line.word(index) {
        None => Ok(None),
        Some(b"if" | b"unless") => {
            let condition = Condition::parse(line.words_from(index), &mut Scope { draft, reading });
            condition.map(Some).map_err(|fault| fault.shift(index))
        }
        Some(word) => {
            let word = String::from_utf8_lossy(word).into_owned();
            Err(Fault::new(index, format!("'{word}' where 'if' or 'unless' is expected")))
        }
    }
}

fn request_rewrite(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    warn_of_no_effect(line, reading);
    let rewrite = Rewrite::parse(&line.words, &mut Scope { draft, reading })?;
    draft.proxy.request_rewrites.push(rewrite);
    Ok(())
}

fn response_rewrite(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let rewrite = Rewrite::parse(&line.words, &mut Scope { draft, reading })?;
    draft.proxy.response_rewrites.push(rewrite);
    Ok(())
}

fn warn_of_no_effect(line: &Line, reading: &mut Reading) {
    if matches!(line.keyword(), b"reqpass" | b"reqipass") {
        let keyword = String::from_utf8_lossy(line.keyword()).into_owned();
        let hint = "HAProxy's manual promised an exemption from the rules below, no version kept it";
        reading.warn(line, Fault::new(0, format!("'{keyword}' has no effect")).hint(hint));
    }
}

/// Adds the predefined ACLs that the lines name, so that conditions find them; those that a line declares itself come on top.
pub(super) fn add_predefined_acls(draft: &mut Draft, lines: &[Line], reading: &mut Reading) {
    for word in lines.iter().flat_map(|line| &line.words) {
        let bare = word.iter().position(|byte| *byte != b'!').and_then(|at| word.get(at..)).unwrap_or_default();
        if !bare.first().is_some_and(u8::is_ascii_uppercase) {
            continue;
        }
        if str::from_utf8(bare).is_ok_and(|name| draft.acls.contains_key(name)) {
            continue;
        }
        if let Some(Ok(acl)) = predefined::parse_predefined(bare, &mut Scope { draft, reading }) {
            draft.add_acl(acl);
        }
    }
}
