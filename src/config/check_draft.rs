//! The steps of a section's checks while its lines are read, and the plan that they make: what no line says is put in here.
//! Reading the lines is left to `check_line`, `check_expect` and `check_option`.

use super::Reading;
use super::check_status::CheckStatus;
use super::draft::Head;
use super::external_check::ProgramDraft;
use super::model::Proxy;
use super::model_check::{
    CheckAction, CheckConnect, CheckExpect, CheckNote, CheckNumber, CheckPattern, CheckPlan, CheckProtocol, CheckRequest, CheckSend,
    CheckStep,
};
use super::resolve::about;
use crate::config::diagnostic::Severity;
use crate::fault::Fault;
use std::sync::Arc;

/// What the lines about checks say so far.
#[derive(Clone, Debug, Default)]
pub struct CheckDraft {
    /// The last `option` that chooses a protocol.
    pub protocol: CheckProtocol,
    /// `option httpchk`
    pub request: Option<CheckRequest>,
    /// The steps of the protocols that have no lines of their own.
    pub named: Vec<Arc<CheckStep>>,
    /// `http-check disable-on-404`
    pub disable_on_404: bool,
    /// `http-check send-state`
    pub send_state: bool,
    /// `external-check` lines.
    pub program: ProgramDraft,
    http: Lines,
    tcp: Lines,
    /// `option httpchk` stands in this very section.
    request_is_own: bool,
}

/// `http-check` or `tcp-check` lines.
#[derive(Clone, Debug, Default)]
struct Lines {
    steps: Vec<Arc<CheckStep>>,
    /// They stand in this very section, and not in its `defaults`.
    are_own: bool,
}

/// Which family of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `http-check`
    Http,
    /// `tcp-check`
    Tcp,
}

impl CheckDraft {
    /// What a section takes over from its `defaults`.
    pub fn inherited(&self) -> CheckDraft {
        let mut draft = self.clone();
        draft.http.are_own = false;
        draft.tcp.are_own = false;
        draft.request_is_own = false;
        draft
    }

    /// `option httpchk`: the steps of `defaults` go with the request of `defaults`.
    pub fn set_request(&mut self, request: CheckRequest) {
        self.own(Family::Http);
        self.protocol = CheckProtocol::Http;
        self.request = Some(request);
        self.request_is_own = true;
    }

    /// Adds a step, numbered by its line. The first line of a section takes the place of all that its `defaults` say.
    pub fn add(&mut self, family: Family, comment: Option<String>, action: CheckAction) -> Result<(), Fault> {
        if family == Family::Http {
            self.check_order_of_http(&action)?;
        }
        let lines = self.own(family);
        let is_preparation = |action: &CheckAction| matches!(action, CheckAction::Set(..) | CheckAction::Unset(_) | CheckAction::Comment);
        if let CheckAction::Connect(_) = action
            && let Some(first) = lines.steps.iter().find(|step| !is_preparation(&step.action))
            && !matches!(first.action, CheckAction::Connect(_))
        {
            return Err(Fault::new(1, "the first step must be a 'connect' where there is one")
                .hint("set-var, unset-var and comment may stand before it"));
        }
        let before = lines.steps.iter().rev().find(|step| matches!(step.action, CheckAction::Comment));
        let comment = comment.or_else(|| before.and_then(|step| step.comment.clone()));
        lines.steps.push(Arc::new(CheckStep { number: lines.steps.len() + 1, comment, action }));
        Ok(())
    }

    fn own(&mut self, family: Family) -> &mut Lines {
        let lines = match family {
            Family::Http => &mut self.http,
            Family::Tcp => &mut self.tcp,
        };
        if !std::mem::replace(&mut lines.are_own, true) {
            lines.steps.clear();
        }
        lines
    }

    /// One request on a connection, then what must come, then perhaps the next connection: as HAProxy wants it.
    fn check_order_of_http(&self, next: &CheckAction) -> Result<(), Fault> {
        let own = if self.http.are_own { self.http.steps.as_slice() } else { &[] };
        let last = own.iter().rev().map(|step| &step.action);
        let last =
            last.into_iter().find(|action| matches!(action, CheckAction::Connect(_) | CheckAction::Send(_) | CheckAction::Expect(_)));
        let missing = match (last, next) {
            (Some(CheckAction::Send(_) | CheckAction::Connect(_)), CheckAction::Connect(_)) => "expect",
            (Some(CheckAction::Send(_) | CheckAction::Expect(_)), CheckAction::Send(_)) => "connect",
            (Some(CheckAction::Connect(_)), CheckAction::Expect(_)) => "send",
            _ => return Ok(()),
        };
        Err(Fault::new(1, format!("an 'http-check {missing}' is missing before this step")))
    }

    /// The plan of the section's checks.
    pub(super) fn finish(self, proxy: &Proxy, head: &Head, reading: &mut Reading) -> CheckPlan {
        if proxy.kind.has_backend() && self.http.are_own && !self.http.steps.is_empty() && self.protocol != CheckProtocol::Http {
            let message = format!("the 'http-check' lines of '{}' have no effect without 'option httpchk'", proxy.name);
            reading.diagnostics.push(about(proxy, head, Severity::Warning, message, "HAProxy passes over them too"));
        }
        if proxy.kind.has_backend() && self.tcp.are_own && !self.tcp.steps.is_empty() && self.protocol != CheckProtocol::Tcp {
            let message = format!("the 'tcp-check' lines of '{}' have no effect without 'option tcp-check'", proxy.name);
            reading.diagnostics.push(about(proxy, head, Severity::Warning, message, "HAProxy passes over them too"));
        }
        // A section that says itself what is sent says all of it; one that says only what must come keeps what it inherits.
        let sends = self.http.steps.iter().any(|step| matches!(step.action, CheckAction::Send(_)));
        let request = self.request.filter(|_| self.request_is_own || !self.http.are_own || !sends);
        let mut steps = match self.protocol {
            CheckProtocol::Connect => Vec::new(),
            CheckProtocol::Tcp => self.tcp.steps,
            CheckProtocol::Http => complete_http(self.http.steps, request.unwrap_or_default()),
            CheckProtocol::Named(_) => self.named,
        };
        if !steps.iter().any(|step| matches!(step.action, CheckAction::Connect(_))) {
            steps.insert(0, step(CheckAction::Connect(CheckConnect { as_server: true, ..CheckConnect::default() })));
        }
        let program = self.program.finish(self.protocol, proxy, head, reading);
        CheckPlan { protocol: self.protocol, steps, program, disable_on_404: self.disable_on_404, send_state: self.send_state }
    }
}

/// A step that no line asks for.
pub(super) fn step(action: CheckAction) -> Arc<CheckStep> {
    Arc::new(CheckStep { number: 0, comment: None, action })
}

/// Puts the request of `option httpchk` under the first `http-check send`, or where there is none; and a good status at the
/// end, where nothing is said about the answer.
fn complete_http(steps: Vec<Arc<CheckStep>>, request: CheckRequest) -> Vec<Arc<CheckStep>> {
    let mut complete: Vec<Arc<CheckStep>> = Vec::with_capacity(steps.len() + 2);
    let is_first = |action: &CheckAction| matches!(action, CheckAction::Send(_) | CheckAction::Expect(_));
    let first = steps.iter().position(|step| is_first(&step.action));
    let has_send = first.and_then(|at| steps.get(at)).is_some_and(|step| matches!(step.action, CheckAction::Send(_)));
    let mut request = Some(request);
    for (at, line) in steps.iter().enumerate() {
        if Some(at) == first
            && let Some(request) = request.take()
        {
            let action = match &line.action {
                CheckAction::Send(CheckSend::Request(own)) => merged(request, own),
                _ => CheckAction::Send(CheckSend::Request(request)),
            };
            let number = if has_send { line.number } else { 0 };
            complete.push(Arc::new(CheckStep { number, comment: line.comment.clone(), action }));
            if has_send {
                continue;
            }
        }
        complete.push(line.clone());
    }
    if let Some(request) = request {
        complete.push(step(CheckAction::Send(CheckSend::Request(request))));
    }
    let last = complete.iter().rev().find(|step| matches!(step.action, CheckAction::Send(_) | CheckAction::Expect(_)));
    if last.is_some_and(|step| matches!(step.action, CheckAction::Send(_))) {
        let good = CheckPattern::Status(vec![200..=399]);
        let comment = complete.last().and_then(|step| step.comment.clone());
        complete.push(Arc::new(CheckStep { number: 0, comment, action: CheckAction::Expect(Box::new(CheckExpect::new(good))) }));
    }
    complete
}

fn merged(request: CheckRequest, own: &CheckRequest) -> CheckAction {
    let own = own.clone();
    CheckAction::Send(CheckSend::Request(CheckRequest {
        method: own.method.or(request.method),
        target: own.target.or(request.target),
        version: own.version.or(request.version),
        fields: if own.fields.is_empty() { request.fields } else { own.fields },
        body: own.body.or(request.body),
    }))
}

impl CheckExpect {
    /// An expectation that says nothing but what must come.
    pub fn new(pattern: CheckPattern) -> CheckExpect {
        CheckExpect {
            pattern,
            negated: false,
            min_bytes: None,
            ok: None,
            error: None,
            timeout: None,
            on_success: CheckNote::Usual,
            on_error: CheckNote::Usual,
            number: CheckNumber::Usual,
        }
    }

    /// The same, with another outcome when it is not met.
    pub fn or_else(self, error: CheckStatus) -> CheckExpect {
        CheckExpect { error: Some(error), ..self }
    }
}
