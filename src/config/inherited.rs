//! Rules of named `defaults` sections (HAProxy manual, section 4.1): each proxy that begins with such a section reads its `acl` and
//! `http-*` lines anew, in front of its own. What lines mean is with the tables of keywords.

use super::Reading;
use super::draft::Draft;
use super::keyword::SectionKind;
use super::line::{Line, Sense};
use super::rules;
use crate::fault::Fault;

/// Is this a line that a proxy reads anew?
pub(super) fn is_rule(line: &Line) -> bool {
    line.sense == Sense::Wanted && (line.keyword() == b"acl" || rules::is_action(&line.words))
}

/// Refuses a rule in a `defaults` section that nobody can name.
pub(super) fn check_place(draft: &Draft, line: &Line) -> Result<(), Fault> {
    if draft.kind != SectionKind::Defaults || !draft.proxy.name.is_empty() || !is_rule(line) {
        return Ok(());
    }
    let keyword = String::from_utf8_lossy(line.keyword()).into_owned();
    Err(Fault::new(0, format!("'{keyword}' is not allowed in a 'defaults' section without a name")).hint("defaults <name>"))
}

/// Reads the rules of the `defaults` section that a proxy begins with. What is wrong with them was told where they stand, and their ACLs
/// have no name for the lines that follow.
pub(super) fn read_rules(draft: &mut Draft, lines: &[&Line], reading: &mut Reading) {
    if lines.is_empty() {
        return;
    }
    let told = reading.diagnostics.len();
    for line in lines {
        draft.line = line.place();
        // Its fault stands among what has been told already.
        let _ = match line.keyword() {
            b"acl" => rules::acl(draft, line, reading),
            _ => rules::action(draft, line, reading),
        };
    }
    reading.diagnostics.truncate(told);
    draft.acls.clear();
    draft.proxy.acls.iter_mut().for_each(|acl| acl.name.clear());
    draft.rule_lines.clear();
}
