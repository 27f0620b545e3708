//! What a check does, step by step, as the lines of a section say it: the model of `option httpchk`, `tcp-check` and their kin.
//! Doing it is `check`'s; connecting and waiting, the daemon's.

use super::check_status::CheckStatus;
use super::model::Address;
use crate::sample::Expression;
use crate::sample::format::Format;
use crate::sample::regex::Regex;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What is checked, and how.
#[derive(Debug, Default)]
pub struct CheckPlan {
    /// What is spoken.
    pub protocol: CheckProtocol,
    /// The steps in order; the first connects.
    pub steps: Vec<Arc<CheckStep>>,
    /// `option external-check`: it takes the place of the steps.
    pub program: Option<CheckProgram>,
    /// `http-check disable-on-404`
    pub disable_on_404: bool,
    /// `http-check send-state`
    pub send_state: bool,
}

impl CheckPlan {
    /// Does a line say where to connect?
    pub fn says_where(&self) -> bool {
        self.steps.iter().any(|step| step.number > 0 && matches!(step.action, CheckAction::Connect(_)))
    }

    /// The `option` that asks for it.
    pub fn protocol_name(&self) -> &'static str {
        match self.protocol {
            CheckProtocol::Connect => "connect",
            CheckProtocol::Tcp => "option tcp-check",
            CheckProtocol::Http => "option httpchk",
            CheckProtocol::Named(name) => name,
        }
    }
}

/// A program that checks servers.
#[derive(Debug)]
pub struct CheckProgram {
    /// `external-check command`
    pub command: String,
    /// `external-check path`
    pub path: String,
}

/// What a check speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CheckProtocol {
    /// Nothing: connect, and be content.
    #[default]
    Connect,
    /// `option tcp-check`
    Tcp,
    /// `option httpchk`
    Http,
    /// Another protocol, whose steps are byway's own; the name is that of its `option`.
    Named(&'static str),
}

/// A step of a check.
#[derive(Debug)]
pub struct CheckStep {
    /// Which line of the section it is, from 1; 0 for a connection that no line asks for.
    pub number: usize,
    /// `comment`
    pub comment: Option<String>,
    /// What is done.
    pub action: CheckAction,
}

/// What a step does.
#[derive(Debug)]
pub enum CheckAction {
    /// Connects; the connection before is closed.
    Connect(CheckConnect),
    /// Sends.
    Send(CheckSend),
    /// Waits for an answer, and judges it. The largest by far.
    Expect(Box<CheckExpect>),
    /// `set-var(check.NAME)`
    Set(Vec<u8>, Expression),
    /// `unset-var(check.NAME)`
    Unset(Vec<u8>),
    /// A comment alone.
    Comment,
}

/// `http-check connect`, `tcp-check connect`.
#[derive(Debug, Default)]
pub struct CheckConnect {
    /// `default`, and when no line asks for the connection: begin as the server's own connections do.
    pub as_server: bool,
    /// `port`
    pub port: Option<CheckPort>,
    /// `addr`
    pub address: Option<CheckAddress>,
    /// `send-proxy`
    pub send_proxy: bool,
    /// `linger`: close the connection in good order, not by a reset.
    pub linger: bool,
}

/// Where a step connects, when not where the server's checks do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckAddress {
    /// A host; the port is the step's, or the check's.
    Host(IpAddr),
    /// A whole address.
    Whole(Address),
}

/// The port of a step.
#[derive(Debug)]
pub enum CheckPort {
    /// A number.
    Number(u16),
    /// What an expression yields.
    Expression(Expression),
}

/// What is sent.
#[derive(Debug)]
pub enum CheckSend {
    /// These bytes.
    Bytes(Vec<u8>),
    /// `send-lf`
    Format(Format),
    /// `send-binary-lf`: the text is hexadecimal.
    Hexadecimal(Format),
    /// A request.
    Request(CheckRequest),
    /// The ClientHello of SSLv3 (RFC 6101), with the time of day in it.
    TlsHello,
}

/// A text, as written or by a format.
#[derive(Clone, Debug)]
pub enum CheckText {
    /// As written.
    Plain(Vec<u8>),
    /// By a format.
    Format(Arc<Format>),
}

/// `http-check send` or `option httpchk`.
#[derive(Clone, Debug, Default)]
pub struct CheckRequest {
    /// `meth`; OPTIONS when absent.
    pub method: Option<Vec<u8>>,
    /// `uri` or `uri-lf`; `/` when absent.
    pub target: Option<CheckText>,
    /// `ver`; HTTP/1.0 when absent.
    pub version: Option<Vec<u8>>,
    /// `hdr` in order.
    pub fields: Vec<(Vec<u8>, CheckText)>,
    /// `body` or `body-lf`
    pub body: Option<CheckText>,
}

/// What must come.
#[derive(Debug)]
pub struct CheckExpect {
    /// What is looked for.
    pub pattern: CheckPattern,
    /// `!`: it must not be there.
    pub negated: bool,
    /// `min-recv`: the bytes that a verdict needs; once they are there it is final.
    pub min_bytes: Option<usize>,
    /// `ok-status`
    pub ok: Option<CheckStatus>,
    /// `error-status`
    pub error: Option<CheckStatus>,
    /// `tout-status`
    pub timeout: Option<CheckStatus>,
    /// `on-success`
    pub on_success: CheckNote,
    /// `on-error`
    pub on_error: CheckNote,
    /// `status-code`
    pub number: CheckNumber,
}

/// What is told about an answer.
#[derive(Debug, Default)]
pub enum CheckNote {
    /// What byway says of itself.
    #[default]
    Usual,
    /// `on-success` and `on-error`
    Format(Format),
    /// These words.
    Words(&'static str),
    /// The answer's line, from this byte on.
    Line(usize),
    /// The answer up to its first NUL, from this byte on.
    Text(usize),
}

/// The number that goes with the outcome.
#[derive(Debug, Default)]
pub enum CheckNumber {
    /// The HTTP status, or 0.
    #[default]
    Usual,
    /// `status-code`
    Expression(Expression),
    /// The three digits that the answer begins with.
    Digits,
}

/// What an answer is compared with.
#[derive(Debug)]
pub enum CheckPattern {
    /// `string`: part of what came (in HTTP, of the body).
    Text(Vec<u8>),
    /// `binary`
    Binary(Vec<u8>),
    /// `rstring`
    Regex(Regex),
    /// `rbinary`: matched against the hexadecimal digits of what came.
    BinaryRegex(Regex),
    /// `string-lf`
    Format(Format),
    /// `binary-lf`
    Hexadecimal(Format),
    /// `status`: ranges of HTTP statuses.
    Status(Vec<RangeInclusive<u16>>),
    /// `rstatus`
    StatusRegex(Regex),
    /// `hdr` and `fhdr`
    Field(CheckField),
    /// The handshake of a MySQL server; how it ends follows in another packet.
    MysqlHandshake,
    /// The packet behind the handshake.
    MysqlResult,
    /// The answer to an LDAP bind.
    LdapBind,
}

/// `hdr name ... value ...`.
#[derive(Debug)]
pub struct CheckField {
    /// How the name is found.
    pub name: CheckMatch,
    /// How a value is found; `None` when the field need only be there.
    pub value: Option<CheckMatch>,
    /// `fhdr`: the value is the whole line's; otherwise each of its parts between commas.
    pub whole: bool,
}

/// A text and how it is compared.
#[derive(Debug)]
pub struct CheckMatch {
    /// The way.
    pub way: CheckWay,
    /// The text.
    pub text: CheckText,
    /// The expression of the way `Regex`.
    pub regex: Option<Regex>,
}

/// How a text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckWay {
    /// `str`: they are the same.
    Equal,
    /// `beg`: it begins so.
    Begins,
    /// `end`: it ends so.
    Ends,
    /// `sub`: it has it in it.
    Contains,
    /// `reg`: an expression matches it.
    Regex,
}
