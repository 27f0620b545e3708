//! `stats` lines of proxies: the statistics page (HAProxy manual, section 4.2). Showing it is `stats`'s.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, Allowed, Keyword, PROXIES, Status};
use super::line::Line;
use super::model::{Access, PageRule, StatsPage};
use super::names::Scope;
use super::value::Unit;
use crate::acl::Condition;
use crate::fault::Fault;
use std::sync::Arc;

const fn row(
    name: &'static str,
    allowed: Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::Done, parse, manual }
}

/// The keywords of the statistics page.
pub const STATS: &[Keyword<ProxyParse>] = &[
    row("stats admin", PROXIES, "if|unless <condition>", stats_admin, "who may change servers by the statistics page"),
    row("stats auth", ANYWHERE, "<user>:<password>", stats_auth, "who may see the statistics page"),
    row("stats enable", ANYWHERE, "", stats_enable, "shows the statistics page"),
    row("stats hide-version", ANYWHERE, "", stats_hide_version, "leaves the version out of the statistics page"),
    row(
        "stats http-request",
        PROXIES,
        "allow|deny|auth [realm <realm>] [if|unless <condition>]",
        stats_http_request,
        "who may see the statistics page, rule by rule",
    ),
    row("stats realm", ANYWHERE, "<text>", stats_realm, "what browsers show when they ask for the password"),
    row("stats refresh", ANYWHERE, "<time>", stats_refresh, "how often browsers ask anew"),
    row("stats scope", ANYWHERE, "<proxy> | .", stats_scope, "a section that the statistics page shows, instead of all"),
    row("stats show-desc", ANYWHERE, "[<text>]", stats_show_desc, "shows a description on the statistics page"),
    row("stats show-legends", ANYWHERE, "", stats_show_legends, "shows more about sections and servers"),
    Keyword {
        name: "stats show-modules",
        allowed: ANYWHERE,
        arguments: "",
        status: Status::Ignored(NO_MODULES),
        parse: stats_show_modules,
        manual: "shows the statistics of HAProxy's modules",
    },
    row("stats show-node", ANYWHERE, "[<name>]", stats_show_node, "shows the node's name on the statistics page"),
    row("stats show-version", ANYWHERE, "", stats_show_version, "takes stats hide-version back"),
    row("stats uri", ANYWHERE, "<prefix>", stats_uri, "where the statistics page is"),
];

const NO_MODULES: &str = "byway has no modules with counters of their own";

/// As in HAProxy.
const EITHER: &str = "'stats auth' and 'stats http-request' cannot stand together";

/// Any `stats` line shows the page.
fn page(draft: &mut Draft) -> &mut StatsPage {
    draft.proxy.stats_page.get_or_insert_with(StatsPage::default)
}

fn stats_enable(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft);
    line.end(2)
}

/// Like any `stats` line it shows the page.
fn stats_show_modules(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft);
    line.end(2)
}

fn stats_hide_version(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft).hide_version = true;
    line.end(2)
}

fn stats_show_version(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft).hide_version = false;
    line.end(2)
}

fn stats_show_legends(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft).show_legends = true;
    line.end(2)
}

fn stats_auth(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let word = line.expect_text(2, "a user and a password, as user:password")?;
    let Some((user, password)) = word.split_once(':') else {
        return Err(Fault::new(2, "a user and a password are written as user:password"));
    };
    if !page(draft).rules.is_empty() {
        return Err(Fault::new(1, EITHER));
    }
    page(draft).auth.push((user.to_owned(), password.to_owned()));
    line.end(3)
}

fn stats_realm(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft).realm = Some(line.expect_text(2, "a text")?.to_owned());
    line.end(3)
}

fn stats_refresh(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    page(draft).refresh = Some(reading.time_at(line, 2, Unit::Second)?.time).filter(|time| !time.is_zero());
    Ok(())
}

fn stats_scope(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let name = line.expect_text(2, "a section's name, or a dot for this one")?.to_owned();
    page(draft).scope.push(name);
    line.end(3)
}

fn stats_show_desc(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft).description = Some(String::from_utf8_lossy(&line.words_from(2).join(&b' ')).into_owned());
    Ok(())
}

fn stats_show_node(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let name = line.word(2).map(|_| line.expect_text(2, "a name")).transpose()?.unwrap_or_default();
    page(draft).node = Some(name.to_owned());
    line.end(3)
}

fn stats_uri(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    page(draft).uri = line.expect(2, "the beginning of a URI")?.to_vec();
    line.end(3)
}

fn stats_admin(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let condition = condition_at(draft, line, 2, reading)?.ok_or_else(|| Fault::new(2, "expected 'if' or 'unless'"))?;
    page(draft).admin.push(Arc::new(condition));
    Ok(())
}

fn stats_http_request(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let (access, at) = match (line.word(2), line.word(3)) {
        (Some(b"allow"), _) => (Access::Allow, 3),
        (Some(b"deny"), _) => (Access::Deny, 3),
        (Some(b"auth"), Some(b"realm")) => (Access::Auth(Some(line.expect_text(4, "a realm")?.to_owned())), 5),
        (Some(b"auth"), _) => (Access::Auth(None), 3),
        _ => return Err(Fault::new(2, "expected 'allow', 'deny' or 'auth'")),
    };
    let condition = condition_at(draft, line, at, reading)?;
    if !page(draft).auth.is_empty() {
        return Err(Fault::new(1, EITHER));
    }
    page(draft).rules.push(Arc::new(PageRule { access, condition, place: line.place() }));
    Ok(())
}

fn condition_at(draft: &mut Draft, line: &Line, at: usize, reading: &mut Reading) -> Result<Option<Condition>, Fault> {
    let Some(words) = line.words.get(at..).filter(|words| !words.is_empty()) else { return Ok(None) };
    let condition = Condition::parse(words, &mut Scope { draft, reading }).map_err(|fault| fault.shift(at))?;
    super::rules::warn_all(condition.warnings().to_vec(), at, line, reading);
    Ok(Some(condition))
}
