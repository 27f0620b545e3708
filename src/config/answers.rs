//! Answers that byway gives in a proxy's name: `errorfile` and `errorloc` pages, `monitor-uri` (HAProxy manual, section 4.2).
//! When each is given is the session's.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, Allowed, CLIENT_SIDE, FRONTENDS, Keyword, Status};
use super::line::Line;
use super::rules::parse_condition;
use crate::fault::Fault;
use crate::http::page::{self, Page};
use crate::http::reply;

const fn row(
    name: &'static str,
    allowed: Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::Done, parse, manual }
}

/// The keywords of answers.
pub const ANSWERS: &[Keyword<ProxyParse>] = &[
    row("errorfile", ANYWHERE, "<code> <file>", errorfile, "the whole HTTP message in a file answers instead of byway's own page"),
    row("errorloc", ANYWHERE, "<code> <url>", errorloc302, "a redirect (302) answers instead of byway's own page"),
    row("errorloc302", ANYWHERE, "<code> <url>", errorloc302, "a redirect (302) answers instead of byway's own page"),
    row("errorloc303", ANYWHERE, "<code> <url>", errorloc303, "a redirect (303, always a GET) answers instead of byway's own page"),
    row("monitor fail", FRONTENDS, "if|unless <condition>", monitor_fail, "when monitor-uri says 503"),
    row("monitor-uri", CLIENT_SIDE, "<uri>", monitor_uri, "requests for just this are told 200 OK, and never logged"),
];

/// Puts a page in front of those that the section has for other, or the same, statuses.
fn put(draft: &mut Draft, line: &Line, reading: &mut Reading, page: Page) -> Result<(), Fault> {
    line.end(3)?;
    let code: u16 = reading.number_at(line, 1, 100, 999)?;
    match reply::Status::from_code(code) {
        Some(_) => draft.proxy.pages.insert(0, (code, page)),
        None => reading.warn(line, Fault::new(1, format!("byway never answers {code} by itself: the line has no effect"))),
    }
    Ok(())
}

fn errorfile(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let path = line.expect_text(2, "a file")?.to_owned();
    let text = reading.surroundings.outside.read_file(&path);
    let text = text.map_err(|error| Fault::new(2, format!("cannot read '{path}': {error}")))?;
    let hint = "the file holds a whole HTTP response: a status line, fields, an empty line, the page";
    let page = page::from_message(&text).map_err(|wrong| Fault::new(2, format!("'{path}' is no answer: {wrong}")).hint(hint))?;
    put(draft, line, reading, page)
}

fn errorloc302(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let page = page::redirect(302, location(line)?);
    put(draft, line, reading, page)
}

fn errorloc303(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let page = page::redirect(303, location(line)?);
    put(draft, line, reading, page)
}

fn location<'l>(line: &'l Line) -> Result<&'l [u8], Fault> {
    let url = line.expect(2, "a URL")?;
    match url.iter().any(|byte| byte.is_ascii_control()) {
        true => Err(Fault::new(2, "a URL has no control characters")),
        false => Ok(url),
    }
}

fn monitor_uri(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.monitor_uri = Some(line.expect(1, "a URI")?.to_vec());
    line.end(2)
}

fn monitor_fail(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    match parse_condition(draft, line, 2, reading)? {
        Some(condition) => draft.proxy.monitor_fail.push(condition),
        None => return Err(line.missing("'if' or 'unless' and a condition")),
    }
    Ok(())
}
