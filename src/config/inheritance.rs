//! Rules and ACLs of a named `defaults` section (HAProxy 2.5 and later): the sections that begin with it have its rules before
//! their own, and do not see the names of its ACLs. Values are inherited in `draft`.

use super::Reading;
use super::diagnostic::Severity;
use super::draft::{Draft, ProxyParse};
use super::keyword::{SectionKind, Table};
use super::line::{Line, Sense};
use super::model::Place;
use super::outline::Section;
use super::proxy::read_line;
use crate::fault::Fault;
use std::collections::HashMap;

/// Keywords of lines that a named `defaults` section hands on.
const RULES: [&[u8]; 6] = [b"acl", b"http-request", b"http-response", b"http-after-response", b"tcp-request", b"tcp-response"];

/// Is this a line that a `defaults` section may only have when it has a name?
pub(super) fn is_rule(line: &Line) -> bool {
    RULES.contains(&line.keyword()) && line.sense == Sense::Wanted
}

/// May this line stand where it does, as far as it is a rule in a `defaults` section?
pub(super) fn check_place(draft: &Draft, line: &Line) -> Result<(), Fault> {
    if draft.kind != SectionKind::Defaults || !draft.proxy.name.is_empty() || !is_rule(line) {
        return Ok(());
    }
    let keyword = String::from_utf8_lossy(line.keyword()).into_owned();
    let fault = Fault::new(0, format!("'{keyword}' is not allowed in a 'defaults' section without a name"));
    Err(fault.hint("say 'defaults web', and the sections behind it begin with its rules"))
}

/// The kinds of section that each `defaults` section has given its rules to, by the line of its head.
#[derive(Default)]
pub(super) struct Takers {
    kinds: HashMap<Place, SectionKind>,
}

impl Takers {
    /// May a section of this kind begin with these rules? Frontends may or backends may, never both, as in HAProxy.
    pub(super) fn admit(&mut self, defaults: &Section, kind: SectionKind) -> Result<(), Fault> {
        let name = &defaults.name;
        let word = 1;
        if !matches!(kind, SectionKind::Frontend | SectionKind::Backend) {
            let message = format!("a '{}' section cannot begin with 'defaults {name}', which has rules", kind.name());
            return Err(Fault::new(word, message).hint("frontends can, or backends"));
        }
        let first = *self.kinds.entry(defaults.head.place()).or_insert(kind);
        if first != kind {
            let message = format!("'defaults {name}' has rules, and a {} begins with them already", first.name());
            return Err(Fault::new(word, message).hint("have one such section for frontends and another for backends"));
        }
        Ok(())
    }
}

/// Gives a new section the rules of the `defaults` that it begins with.
pub(super) fn inherit_rules(draft: &mut Draft, head: &Line, defaults: &Section, table: &Table<ProxyParse>, reading: &mut Reading) {
    for line in defaults.lines.iter().filter(|line| is_rule(line)) {
        let told = reading.diagnostics.len();
        read_line(draft, line, table, reading);
        // What is wrong with the line itself was told where it stands.
        let is_refused = reading.diagnostics.drain(told..).any(|told| told.severity == Severity::Alert);
        let place = line.place();
        let is_told = |known: &super::Diagnostic| known.severity == Severity::Alert && known.place.as_ref() == Some(&place);
        if is_refused && !reading.diagnostics.iter().any(is_told) {
            let words: Vec<_> = line.words.iter().take(2).map(|word| String::from_utf8_lossy(word)).collect();
            let message = format!("'{}' cannot have '{}' of 'defaults {}'", draft.title(), words.join(" "), defaults.name);
            reading.alert(head, Fault::new(1, message).hint(format!("it stands in line {}", line.number)));
        }
    }
    draft.acls.clear();
    draft.rule_lines.clear();
}
