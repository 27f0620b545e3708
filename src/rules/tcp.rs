//! Actions of `tcp-request` and `tcp-response`, a row each: what may be done with a connection before its messages are looked at.
//! When they run is the session's; what most of them do is `note`'s, and how their words are read is shared with `action`.

use super::action::Ruleset::{Connection, Content, ResponseContent, Session};
use super::action::{
    Action, MARK, Row, Ruleset, TOS, allow, reject, row, set_destination, set_source, set_variable, set_variable_text, silent_drop,
    unset_variable,
};
use super::logging::{capture, set_log_level};
use super::marking::{set_mark, set_tos};
use super::words::Words;
use crate::fault::Fault;
use crate::sample::Names;
use crate::sample::text::shown;
use std::time::Duration;

const REJECT_CLIENT: &str = "closes the client's connection without an answer";
const DROP_CLIENT: &str = "lets go of the client without telling it";
const SET_SOURCE: &str = "changes the client's address";
const SET_SOURCE_PORT: &str = "changes the client's port";
const SET_DESTINATION: &str = "changes the address that the client connected to";
const SET_DESTINATION_PORT: &str = "changes the port that the client connected to";
const SET_VARIABLE: &str = "sets a variable";
const SET_TEXT: &str = "sets a variable to a text";
const UNSET: &str = "forgets a variable";
const LEVEL: &str = "changes the level of the log line";

/// Every one of them.
pub static TCP_ACTIONS: &[Row] = &[
    row("tcp-request connection accept", Connection, "", allow, "ends these rules, and the connection is let in"),
    row("tcp-request connection expect-proxy", Connection, "layer4", expect_proxy, "has the connection begin with a PROXY header"),
    row("tcp-request connection reject", Connection, "", reject, REJECT_CLIENT),
    row("tcp-request connection set-dst", Connection, "<expression>", set_destination, SET_DESTINATION),
    row("tcp-request connection set-dst-port", Connection, "<expression>", set_destination_port, SET_DESTINATION_PORT),
    row("tcp-request connection set-mark", Connection, "<mark>", set_mark, MARK),
    row("tcp-request connection set-src", Connection, "<expression>", set_source, SET_SOURCE),
    row("tcp-request connection set-src-port", Connection, "<expression>", set_source_port, SET_SOURCE_PORT),
    row("tcp-request connection set-tos", Connection, "<tos>", set_tos, TOS),
    row("tcp-request connection set-var", Connection, "(<variable>) <expression>", set_variable, SET_VARIABLE),
    row("tcp-request connection set-var-fmt", Connection, "(<variable>) <fmt>", set_variable_text, SET_TEXT),
    row("tcp-request connection silent-drop", Connection, "", silent_drop, DROP_CLIENT),
    row("tcp-request connection unset-var", Connection, "(<variable>)", unset_variable, UNSET),
    row("tcp-request session accept", Session, "", allow, "ends these rules, and the client is let in"),
    row("tcp-request session reject", Session, "", reject, REJECT_CLIENT),
    row("tcp-request session set-dst", Session, "<expression>", set_destination, SET_DESTINATION),
    row("tcp-request session set-dst-port", Session, "<expression>", set_destination_port, SET_DESTINATION_PORT),
    row("tcp-request session set-mark", Session, "<mark>", set_mark, MARK),
    row("tcp-request session set-src", Session, "<expression>", set_source, SET_SOURCE),
    row("tcp-request session set-src-port", Session, "<expression>", set_source_port, SET_SOURCE_PORT),
    row("tcp-request session set-tos", Session, "<tos>", set_tos, TOS),
    row("tcp-request session set-var", Session, "(<variable>) <expression>", set_variable, SET_VARIABLE),
    row("tcp-request session set-var-fmt", Session, "(<variable>) <fmt>", set_variable_text, SET_TEXT),
    row("tcp-request session silent-drop", Session, "", silent_drop, DROP_CLIENT),
    row("tcp-request session unset-var", Session, "(<variable>)", unset_variable, UNSET),
    row("tcp-request content accept", Content, "", allow, "ends these rules, and what has come goes on"),
    row("tcp-request content capture", Content, "<expression> len <length>", capture, "keeps a value for the log"),
    row("tcp-request content reject", Content, "", reject, REJECT_CLIENT),
    row("tcp-request content set-dst", Content, "<expression>", set_destination, SET_DESTINATION),
    row("tcp-request content set-dst-port", Content, "<expression>", set_destination_port, SET_DESTINATION_PORT),
    row("tcp-request content set-log-level", Content, "<level>|silent", set_log_level, LEVEL),
    row("tcp-request content set-mark", Content, "<mark>", set_mark, MARK),
    row("tcp-request content set-src", Content, "<expression>", set_source, SET_SOURCE),
    row("tcp-request content set-src-port", Content, "<expression>", set_source_port, SET_SOURCE_PORT),
    row("tcp-request content set-tos", Content, "<tos>", set_tos, TOS),
    row("tcp-request content set-var", Content, "(<variable>) <expression>", set_variable, SET_VARIABLE),
    row("tcp-request content set-var-fmt", Content, "(<variable>) <fmt>", set_variable_text, SET_TEXT),
    row("tcp-request content silent-drop", Content, "", silent_drop, DROP_CLIENT),
    row("tcp-request content unset-var", Content, "(<variable>)", unset_variable, UNSET),
    row("tcp-response content accept", ResponseContent, "", allow, "ends these rules, and what has come goes on"),
    row("tcp-response content close", ResponseContent, "", close_server, "closes the server's connection"),
    row("tcp-response content reject", ResponseContent, "", reject, "closes both connections"),
    row("tcp-response content set-log-level", ResponseContent, "<level>|silent", set_log_level, LEVEL),
    row("tcp-response content set-mark", ResponseContent, "<mark>", set_mark, MARK),
    row("tcp-response content set-tos", ResponseContent, "<tos>", set_tos, TOS),
    row("tcp-response content set-var", ResponseContent, "(<variable>) <expression>", set_variable, SET_VARIABLE),
    row("tcp-response content set-var-fmt", ResponseContent, "(<variable>) <fmt>", set_variable_text, SET_TEXT),
    row("tcp-response content silent-drop", ResponseContent, "", silent_drop, DROP_CLIENT),
    row("tcp-response content unset-var", ResponseContent, "(<variable>)", unset_variable, UNSET),
];

fn expect_proxy(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    match words.need("'layer4'")? {
        b"layer4" => Ok(Action::ExpectProxy),
        word => Err(Fault::new(words.index() - 1, format!("'{}' where 'layer4' is expected", shown(word)))),
    }
}

fn close_server(_: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::CloseServer)
}

pub(super) fn set_source_port(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    words.expression(names).map(Action::SetSourcePort)
}

pub(super) fn set_destination_port(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    words.expression(names).map(Action::SetDestinationPort)
}

/// How long a body is waited for, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyWait {
    /// `time`
    pub time: Duration,
    /// `at-least`, bytes; all of it where nothing is said.
    pub at_least: Option<u64>,
}

/// `wait-for-body`, among the rules of HTTP.
pub(super) fn wait_for_body(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    if !words.take(b"time") {
        return Err(Fault::new(words.index(), "how long is it waited for?").hint("wait-for-body time <time> [at-least <bytes>]"));
    }
    let word = words.need("a time")?;
    let time = names.time(word).map_err(|message| Fault::new(words.index() - 1, message))?;
    let mut at_least = None;
    if words.take(b"at-least") {
        let word = words.need("a number of bytes")?;
        let bytes = names.size(word).map_err(|message| Fault::new(words.index() - 1, message))?;
        at_least = Some(bytes).filter(|bytes| *bytes > 0);
    }
    Ok(Action::WaitForBody(BodyWait { time, at_least }))
}
