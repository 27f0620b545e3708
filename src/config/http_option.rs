//! `option` lines and their like about HTTP itself (HAProxy manual, section 4.2): how strictly messages are read, what is added to and
//! taken from them, when a request is sent again. What they change is the session's.

use super::Reading;
use super::draft::{Draft, ProxyParse};
use super::keyword::{ANYWHERE, Allowed, CLIENT_SIDE, Keyword, SERVER_SIDE, Status, nearest};
use super::line::{Line, Sense};
use super::model_http::{FieldNames, HttpOptions, RetryOn};
use super::{option, value};
use crate::fault::Fault;

const fn row(
    name: &'static str,
    allowed: Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::Done, parse, manual }
}

/// The keywords.
#[rustfmt::skip]
pub const HTTP_OPTIONS: &[Keyword<ProxyParse>] = &[
    row("max-keep-alive-queue", SERVER_SIDE, "<number>", max_keep_alive_queue, "requests waiting for a server from which its kept clients go elsewhere"),
    row("option accept-invalid-http-request", CLIENT_SIDE, "", accept_unsafe_requests, "takes requests with any bytes in names of fields, values and targets"),
    row("option accept-invalid-http-response", SERVER_SIDE, "", accept_unsafe_responses, "takes responses with any bytes in names of fields and values"),
    row("option accept-unsafe-violations-in-http-request", CLIENT_SIDE, "", accept_unsafe_requests, "takes requests with any bytes in names of fields, values and targets"),
    row("option accept-unsafe-violations-in-http-response", SERVER_SIDE, "", accept_unsafe_responses, "takes responses with any bytes in names of fields and values"),
    row("option checkcache", SERVER_SIDE, "", checkcache, "refuses cookies in responses that shared caches may keep"),
    row("option http-drop-request-trailers", SERVER_SIDE, "", drop_request_trailers, "leaves out what follows the last chunk of a request"),
    row("option http-drop-response-trailers", CLIENT_SIDE, "", drop_response_trailers, "leaves out what follows the last chunk of a response"),
    row("option http-no-delay", ANYWHERE, "", no_delay, "every piece leaves as it comes: byway never holds one back"),
    row("option http-pretend-keepalive", ANYWHERE, "", pretend_keepalive, "does not tell the server that its connection will be closed"),
    row("option http-restrict-req-hdr-names", ANYWHERE, "preserve | delete | reject", field_names, "what becomes of names of fields beyond letters, digits and hyphens"),
    row("option idle-close-on-response", CLIENT_SIDE, "", idle_close_on_response, "when byway finishes, idle clients get one more answer before the end"),
    row("option originalto", ANYWHERE, "[except <network>] [header <name>]", originalto, "adds X-Original-To, the address that the client connected to"),
    row("option prefer-last-server", SERVER_SIDE, "", prefer_last_server, "further requests of a client go to its last server, where that is free to choose"),
    row("retry-on", SERVER_SIDE, "none | <failure or status> ...", retry_on, "after what a request is sent again"),
];

const OPTION_WORDS: usize = 2;

fn switch(draft: &mut Draft, line: &Line, flag: fn(&mut HttpOptions) -> &mut bool) -> Result<(), Fault> {
    *flag(&mut draft.proxy.http) = line.sense == Sense::Wanted;
    line.end(OPTION_WORDS)
}

fn accept_unsafe_requests(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.accept_unsafe_requests)
}

fn accept_unsafe_responses(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.accept_unsafe_responses)
}

fn checkcache(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.check_cache)
}

fn drop_request_trailers(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.drop_request_trailers)
}

fn drop_response_trailers(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.drop_response_trailers)
}

/// What the option asks for is how byway always works.
fn no_delay(_: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(OPTION_WORDS)
}

fn pretend_keepalive(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.pretend_keepalive)
}

fn idle_close_on_response(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.idle_close_on_response)
}

fn prefer_last_server(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    switch(draft, line, |options| &mut options.prefer_last_server)
}

fn originalto(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    option::only_wanted(line)?;
    let original_to = option::parse_forward(line, reading, b"X-Original-To", &["except", "header"])?;
    draft.proxy.http.original_to = Some(original_to);
    Ok(())
}

fn field_names(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    option::only_wanted(line)?;
    draft.proxy.http.field_names = match line.expect(OPTION_WORDS, "preserve, delete or reject")? {
        b"preserve" => FieldNames::Preserve,
        b"delete" => FieldNames::Delete,
        b"reject" => FieldNames::Reject,
        other => {
            let message = format!("'{}' is not what can become of a field", String::from_utf8_lossy(other));
            return Err(Fault::new(OPTION_WORDS, message).hint("preserve, delete or reject"));
        }
    };
    line.end(OPTION_WORDS + 1)
}

/// -1, as in HAProxy, is no limit.
fn max_keep_alive_queue(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.http.max_keep_alive_queue = match line.word(1) {
        Some(b"-1") => None,
        _ => Some(reading.number_at(line, 1, 0, i32::MAX.into())?),
    };
    Ok(())
}

/// What a word adds to the failures.
type Adds = fn(&mut RetryOn);

/// The words of `retry-on` but for statuses. There is no TLS here, so that nothing of it is ever rejected.
const FAILURES: [(&str, Adds); 7] = [
    ("none", |on| *on = RetryOn::NEVER),
    ("conn-failure", |on| on.connect = true),
    ("empty-response", |on| on.empty = true),
    ("junk-response", |on| on.junk = true),
    ("response-timeout", |on| on.timeout = true),
    ("0rtt-rejected", |_| ()),
    ("all-retryable-errors", |on| {
        (on.connect, on.empty, on.junk, on.timeout) = (true, true, true, true);
        [500, 502, 503, 504].into_iter().for_each(|code| on.codes |= RetryOn::bit(code));
    }),
];

fn code_bit(word: &[u8]) -> u16 {
    value::parse_number::<u16>(word, 100, 599).map_or(0, RetryOn::bit)
}

fn retry_on(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.expect(1, "what is tried again")?;
    let mut on = RetryOn::NEVER;
    for (index, word) in line.words_from(1).iter().enumerate() {
        let failure = FAILURES.iter().find(|(name, _)| name.as_bytes() == word.as_slice());
        match failure {
            Some((name, _)) if *name == "none" && line.words.len() > 2 => {
                return Err(Fault::new(index + 1, "'none' stands alone"));
            }
            Some((_, add)) => add(&mut on),
            None if code_bit(word) != 0 => on.codes |= code_bit(word),
            None => {
                let message = format!("'{}' is nothing that 'retry-on' knows", String::from_utf8_lossy(word));
                let near = nearest(word, FAILURES.iter().map(|(name, _)| *name));
                let statuses = "none, conn-failure, empty-response, junk-response, response-timeout, 0rtt-rejected, \
                                all-retryable-errors, and 401, 403, 404, 408, 425, 429, 500 to 504";
                return Err(Fault::new(index + 1, message).hint(near.map_or(statuses.into(), |near| format!("did you mean '{near}'?"))));
            }
        }
    }
    draft.proxy.http.retry_on = on;
    Ok(())
}
