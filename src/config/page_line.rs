//! Lines about pages that the proxy answers by itself: error files, places to send clients to instead, the monitoring URI, the
//! statistics page (HAProxy manual, section 4.2). Answering with them is the session's and `stats`'s.

use super::Reading;
use super::keyword::{ANYWHERE, Allowed, CLIENT_SIDE, Keyword, Status};
use super::line::Line;
use super::model::{ErrorAnswer, ErrorPage, StatsPage};
use super::proxy::{Draft, ProxyParse};
use super::value::Unit;
use crate::fault::Fault;

/// The status codes that have a page.
const PAGE_CODES: [u16; 17] = [200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504];
/// The longest page.
const LARGEST_PAGE: usize = 64 << 20;

const fn row(
    name: &'static str,
    allowed: Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::NotYet, parse, manual }
}

/// The keywords about pages.
pub const PAGES: &[Keyword<ProxyParse>] = &[
    row("errorfile", ANYWHERE, "<code> <file>", errorfile, "the whole answer, head and body, for an error"),
    row("errorloc", ANYWHERE, "<code> <url>", errorloc302, "errorloc302"),
    row("errorloc302", ANYWHERE, "<code> <url>", errorloc302, "where clients are sent by a 302 for an error"),
    row("errorloc303", ANYWHERE, "<code> <url>", errorloc303, "where clients are sent by a 303 for an error"),
    row("monitor-uri", CLIENT_SIDE, "<uri>", monitor_uri, "the target that is answered 200 OK, for monitoring"),
    row("stats auth", ANYWHERE, "<user>:<password>", stats_auth, "who may see the statistics page"),
    row("stats enable", ANYWHERE, "", stats_enable, "shows the statistics page"),
    row("stats hide-version", ANYWHERE, "", stats_hide_version, "leaves the version out of the statistics page"),
    row("stats realm", ANYWHERE, "<text>", stats_realm, "what browsers show when they ask for the password"),
    row("stats refresh", ANYWHERE, "<time>", stats_refresh, "how often browsers ask anew"),
    row("stats scope", ANYWHERE, "<proxy> | .", stats_scope, "a section that the statistics page shows, instead of all"),
    row("stats show-desc", ANYWHERE, "[<text>]", stats_show_desc, "shows a description on the statistics page"),
    row("stats show-legends", ANYWHERE, "", stats_show_legends, "shows more about sections and servers"),
    row("stats show-node", ANYWHERE, "[<name>]", stats_show_node, "shows the node's name on the statistics page"),
    row("stats show-version", ANYWHERE, "", stats_show_version, "takes stats hide-version back"),
    row("stats uri", ANYWHERE, "<prefix>", stats_uri, "where the statistics page is"),
];

fn page_code(line: &Line, reading: &mut Reading) -> Result<Option<u16>, Fault> {
    let code: u16 = reading.number_at(line, 1, 100, 599)?;
    let is_known = PAGE_CODES.contains(&code);
    if !is_known {
        reading.warn(line, Fault::new(1, format!("the proxy itself never answers {code}")).hint("the line is passed over"));
    }
    Ok(is_known.then_some(code))
}

fn set_page(draft: &mut Draft, code: Option<u16>, answer: ErrorAnswer) {
    let Some(code) = code else { return };
    draft.proxy.error_pages.retain(|page| page.code != code);
    draft.proxy.error_pages.push(ErrorPage { code, answer });
}

fn errorfile(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let code = page_code(line, reading)?;
    let path = line.expect_text(2, "a file behind the code")?;
    line.end(3)?;
    let content = reading.surroundings.outside.read_file(path);
    let content = content.map_err(|error| Fault::new(2, format!("'{path}' cannot be read: {error}")))?;
    if content.len() > LARGEST_PAGE {
        return Err(Fault::new(2, format!("'{path}' is longer than {LARGEST_PAGE} bytes")));
    }
    set_page(draft, code, ErrorAnswer::Whole(content.into()));
    Ok(())
}

fn errorloc302(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    errorloc(draft, line, reading, 302)
}

fn errorloc303(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    errorloc(draft, line, reading, 303)
}

fn errorloc(draft: &mut Draft, line: &Line, reading: &mut Reading, status: u16) -> Result<(), Fault> {
    let code = page_code(line, reading)?;
    let location = line.expect(2, "a URL behind the code")?;
    line.end(3)?;
    if location.iter().any(u8::is_ascii_control) {
        return Err(Fault::new(2, "a control character in a URL"));
    }
    set_page(draft, code, ErrorAnswer::Redirect { status, location: location.into() });
    Ok(())
}

fn monitor_uri(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.monitor_uri = Some(line.expect(1, "a URI")?.to_vec());
    line.end(2)
}

/// Any `stats` line shows the page.
fn page(draft: &mut Draft) -> &mut StatsPage {
    draft.proxy.stats_page.get_or_insert_with(StatsPage::default)
}

fn stats_enable(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
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
