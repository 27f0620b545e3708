//! `option external-check` and its lines (HAProxy manual, section 4.2): servers are checked by a program.
//! Running it, with what arguments and environment, is the daemon's.

use super::Reading;
use super::diagnostic::Severity;
use super::draft::{Draft, Head, ProxyParse};
use super::keyword::{Keyword, SERVER_SIDE, Status};
use super::line::Line;
use super::model::Proxy;
use super::model_check::{CheckProgram, CheckProtocol};
use super::option::only_wanted;
use super::resolve::about;
use crate::fault::Fault;

/// The lines.
pub const EXTERNAL_CHECKS: &[Keyword<ProxyParse>] = &[
    row("external-check command", "<path>", command, "the program that 'option external-check' runs"),
    row("external-check path", "<folders>", path, "the PATH of that program; it is empty when nothing is said"),
    row("option external-check", "", external_check, "checks servers by a program: its exit status 0 is a success"),
];

const fn row(name: &'static str, arguments: &'static str, parse: ProxyParse, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: SERVER_SIDE, arguments, status: Status::Done, parse, manual }
}

/// The option's name.
const OPTION: &str = "option external-check";

/// The program of a section, as far as its lines have told of it.
#[derive(Clone, Debug, Default)]
pub struct ProgramDraft {
    command: Option<String>,
    path: String,
}

impl ProgramDraft {
    /// The program, if the section's checks are its.
    pub(super) fn finish(self, protocol: CheckProtocol, proxy: &Proxy, head: &Head, reading: &mut Reading) -> Option<CheckProgram> {
        if protocol != CheckProtocol::Named(OPTION) || !proxy.kind.has_backend() {
            return None;
        }
        if !reading.allows_programs {
            let message = format!("'{OPTION}' of '{}' starts no program without leave", proxy.name);
            reading.diagnostics.push(about(proxy, head, Severity::Alert, message, "write 'external-check' into 'global'"));
        }
        if self.command.is_none() {
            let message = format!("'{OPTION}' of '{}' has no program to start", proxy.name);
            reading.diagnostics.push(about(proxy, head, Severity::Alert, message, "external-check command <path>"));
        }
        Some(CheckProgram { command: self.command?, path: self.path })
    }
}

fn external_check(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    only_wanted(line)?;
    draft.check.protocol = CheckProtocol::Named(OPTION);
    draft.check.named.clear();
    line.end(2)
}

fn command(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.check.program.command = Some(line.expect_text(2, "a program")?.to_owned());
    line.end(3)
}

fn path(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.check.program.path = line.expect_text(2, "folders, parted by colons")?.to_owned();
    line.end(3)
}
