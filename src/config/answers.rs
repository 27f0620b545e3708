//! Answers that byway gives in a proxy's name: `errorfile` and `errorloc` pages, `monitor-uri` (HAProxy manual, section 4.2).
//! When each is given is the session's.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::http_errors::Answers;
use super::keyword::{ANYWHERE, Allowed, CLIENT_SIDE, FRONTENDS, Keyword, Status, nearest};
use super::line::Line;
use super::names::Scope;
use super::rules::parse_condition;
use crate::fault::Fault;
use crate::http::page::{self, Page};
use crate::http::reply;
use crate::rules::reply::{Fallback, Reply};
use crate::rules::words::Words;
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

/// The keywords of answers.
pub const ANSWERS: &[Keyword<ProxyParse>] = &[
    row("errorfile", ANYWHERE, "<code> <file>", errorfile, "the whole HTTP message in a file answers instead of byway's own page"),
    row("errorfiles", ANYWHERE, "<name> [<code> ...]", errorfiles, "takes the answers of an http-errors section, all or those named"),
    row("errorloc", ANYWHERE, "<code> <url>", errorloc302, "a redirect (302) answers instead of byway's own page"),
    row("errorloc302", ANYWHERE, "<code> <url>", errorloc302, "a redirect (302) answers instead of byway's own page"),
    row("errorloc303", ANYWHERE, "<code> <url>", errorloc303, "a redirect (303, always a GET) answers instead of byway's own page"),
    row(
        "http-error",
        ANYWHERE,
        "status <code> [<content>] [hdr <name> <text>] ...",
        http_error,
        "an answer made here instead of byway's own page",
    ),
    row("monitor fail", FRONTENDS, "if|unless <condition>", monitor_fail, "when monitor-uri says 503"),
    row("monitor-uri", CLIENT_SIDE, "<uri>", monitor_uri, "requests for just this are told 200 OK, and never logged"),
];

/// Puts a page in front of those that the section has for other, or the same, statuses.
fn put(draft: &mut Draft, line: &Line, reading: &mut Reading, page: Page) -> Result<(), Fault> {
    line.end(3)?;
    if let Some(code) = code_at(line, 1, reading)? {
        put_page(draft, code, page);
    }
    Ok(())
}

fn put_page(draft: &mut Draft, code: u16, page: Page) {
    draft.proxy.replies.retain(|(other, _)| *other != code);
    draft.proxy.pages.insert(0, (code, page));
}

/// A status that byway answers with by itself; others are warned about.
pub(super) fn code_at(line: &Line, index: usize, reading: &mut Reading) -> Result<Option<u16>, Fault> {
    let code: u16 = reading.number_at(line, index, 100, 999)?;
    if reply::Status::from_code(code).is_none() {
        reading.warn(line, Fault::new(index, format!("byway never answers {code} by itself: the line has no effect")));
        return Ok(None);
    }
    Ok(Some(code))
}

/// The whole message in a file that a word names.
pub(super) fn read_page(line: &Line, index: usize, reading: &mut Reading) -> Result<Page, Fault> {
    let path = line.expect_text(index, "a file")?.to_owned();
    let text = reading.read_file(&path);
    let text = text.map_err(|error| Fault::new(index, format!("cannot read '{path}': {error}")))?;
    let hint = "the file holds a whole HTTP response: a status line, fields, an empty line, the page";
    page::from_message(&text).map_err(|wrong| Fault::new(index, format!("'{path}' is no answer: {wrong}")).hint(hint))
}

fn errorfile(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let page = read_page(line, 2, reading)?;
    put(draft, line, reading, page)
}

/// The answers of a section, for the statuses that follow, or for all that it has.
fn errorfiles(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.expect_text(1, "the name of an http-errors section")?.to_owned();
    let answers = named_answers(&name, 1, reading)?;
    if line.words.len() <= 2 {
        answers.into_iter().for_each(|(code, page)| put_page(draft, code, page));
        return Ok(());
    }
    for index in 2..line.words.len() {
        let Some(code) = code_at(line, index, reading)? else { continue };
        match answers.iter().find(|(other, _)| *other == code) {
            Some((_, page)) => put_page(draft, code, page.clone()),
            None => return Err(Fault::new(index, format!("'http-errors {name}' has no answer for {code}"))),
        }
    }
    Ok(())
}

fn named_answers(name: &str, index: usize, reading: &Reading) -> Result<Answers, Fault> {
    reading.answers.get(name).cloned().ok_or_else(|| {
        let near = nearest(name.as_bytes(), reading.answers.keys().map(String::as_str));
        let fault = Fault::new(index, format!("there is no section 'http-errors {name}'"));
        near.map_or(fault.clone(), |near| fault.hint(format!("did you mean '{near}'?")))
    })
}

/// `http-error status CODE ...`: what `return` may say, as an answer for a status.
fn http_error(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    if line.word(1) != Some(b"status") {
        return Err(Fault::new(1, "'http-error' needs 'status' and a code"));
    }
    let Some(code) = code_at(line, 2, reading)? else { return Ok(()) };
    draft.proxy.replies.retain(|(other, _)| *other != code);
    match line.word(3) {
        Some(b"default-errorfiles") => {
            draft.proxy.pages.retain(|(other, _)| *other != code);
            return line.end(4);
        }
        Some(b"errorfiles") => {
            let name = line.expect_text(4, "the name of an http-errors section")?.to_owned();
            if let Some((_, page)) = named_answers(&name, 4, reading)?.into_iter().find(|(other, _)| *other == code) {
                put_page(draft, code, page);
            }
            return line.end(5);
        }
        _ => {}
    }
    let mut words = Words::new(&line.words, 2);
    let reply = Reply::parse(&mut words, &mut Scope { draft, reading }, code, Fallback::Empty)?;
    if let Some(word) = words.peek() {
        return Err(Fault::new(words.index(), format!("'{}' is one word too many", String::from_utf8_lossy(word))));
    }
    draft.proxy.replies.push((code, Arc::new(reply)));
    Ok(())
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
