//! `if` and `unless`: ACLs joined by and, or and not.

use super::Acl;
use super::pattern::Test;
use super::predefined::{PREDEFINED, parse_predefined};
use crate::fault::{Fault, Place, nearest};
use crate::sample::content::Outcome;
use crate::sample::expression::suggested;
use crate::sample::text::shown;
use crate::sample::{AclId, Names, Scene};

/// A condition.
#[derive(Debug, Default)]
pub struct Condition {
    /// It holds when all terms of one of the groups do.
    groups: Vec<Vec<Term>>,
    polarity: Polarity,
    place: Place,
    warnings: Vec<Fault>,
}

#[derive(Debug, Clone, Copy)]
struct Term {
    acl: AclId,
    polarity: Polarity,
}

/// Is something asked for, or its opposite?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Polarity {
    #[default]
    Plain,
    Negated,
}

impl Polarity {
    fn toggled(self) -> Polarity {
        match self {
            Polarity::Plain => Polarity::Negated,
            Polarity::Negated => Polarity::Plain,
        }
    }

    fn of(self, outcome: bool) -> bool {
        outcome == (self == Polarity::Plain)
    }
}

impl Condition {
    /// Reads a condition; the first word is `if` or `unless`.
    pub fn parse(words: &[Vec<u8>], names: &mut dyn Names) -> Result<Condition, Fault> {
        let polarity = match words.first().map(Vec::as_slice) {
            Some(b"if") => Polarity::Plain,
            Some(b"unless") => Polarity::Negated,
            Some(word) => return Err(Fault::new(0, format!("expected 'if' or 'unless', not '{}'", shown(word)))),
            None => return Err(Fault::new(0, "expected 'if' or 'unless'")),
        };
        let mut condition = Condition { groups: vec![Vec::new()], polarity, place: names.place(), warnings: Vec::new() };
        let mut pending = Polarity::Plain;
        let mut open_negation = false;
        let mut at = 1;
        while let Some(word) = words.get(at) {
            let mut name = word.as_slice();
            while let Some(rest) = name.strip_prefix(b"!") {
                pending = pending.toggled();
                open_negation = true;
                name = rest;
            }
            let start = at;
            at += 1;
            if name.is_empty() {
                continue;
            }
            if name == b"||" || name.eq_ignore_ascii_case(b"or") {
                if open_negation || condition.groups.last().is_none_or(Vec::is_empty) {
                    return Err(Fault::new(start, format!("an ACL is missing before '{}'", shown(name))));
                }
                condition.groups.push(Vec::new());
                continue;
            }
            let acl = if name == b"{" {
                let length = words.iter().skip(at).position(|word| word == b"}");
                let Some(length) = length else {
                    return Err(Fault::new(start, "'{' is not closed").hint("a '}' must stand alone behind the last pattern"));
                };
                let test = Test::parse(&words[at..at + length], names).map_err(|fault| fault.shift(at))?.shift(at);
                at += length + 1;
                condition.warnings.extend_from_slice(test.warnings());
                names.anonymous_acl(Acl { name: String::new(), tests: vec![test] })
            } else {
                find_acl(name, names).map_err(|fault| fault.shift(start))?
            };
            if let Some(group) = condition.groups.last_mut() {
                group.push(Term { acl, polarity: pending });
            }
            pending = Polarity::Plain;
            open_negation = false;
        }
        if open_negation || condition.groups.iter().any(Vec::is_empty) {
            return Err(Fault::new(words.len(), "an ACL is missing at the end of the condition"));
        }
        Ok(condition)
    }

    /// Does it hold? `acls` are those of the section that the condition stands in.
    #[inline]
    pub fn holds(&self, acls: &[Acl], scene: &Scene) -> bool {
        let scene = &Scene { acls, ..*scene };
        let holds = |term: &Term| acls.get(term.acl.0 as usize).is_some_and(|acl| term.polarity.of(acl.matches(scene)));
        self.polarity.of(self.groups.iter().any(|group| group.iter().all(holds)))
    }

    /// The same for a line that is nothing but its condition: the witness is told of it.
    pub fn is_due(&self, acls: &[Acl], scene: &Scene) -> bool {
        let is_due = self.holds(acls, scene);
        if let Some(witness) = scene.witness {
            witness.see_rule(&self.place, is_due);
        }
        is_due
    }

    /// The same while bytes may still come. Terms are looked at in order, and none behind the first that does not hold.
    pub fn decide(&self, acls: &[Acl], scene: &Scene) -> Outcome {
        let scene = &Scene { acls, ..*scene };
        let decide = |term: &Term| {
            let outcome = acls.get(term.acl.0 as usize).map_or(Outcome::Fails, |acl| acl.decide(scene));
            if term.polarity == Polarity::Negated { outcome.negated() } else { outcome }
        };
        let mut best = Outcome::Fails;
        for group in &self.groups {
            let first_that_fails = group.iter().map(decide).find(|outcome| *outcome != Outcome::Holds);
            best = best.max(first_that_fails.unwrap_or(Outcome::Holds));
            if best == Outcome::Holds {
                break;
            }
        }
        if self.polarity == Polarity::Negated { best.negated() } else { best }
    }

    /// `if TRUE`, `unless FALSE` and the like: no message can change it.
    pub fn is_always_true(&self, acls: &[Acl]) -> bool {
        let outcome = |term: &Term| acls.get(term.acl.0 as usize)?.constant().map(|outcome| term.polarity.of(outcome));
        match self.polarity {
            Polarity::Plain => self.groups.iter().any(|group| group.iter().all(|term| outcome(term) == Some(true))),
            Polarity::Negated => self.groups.iter().all(|group| group.iter().any(|term| outcome(term) == Some(false))),
        }
    }

    /// What looks like a mistake in its inline ACLs.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// The ACLs that it names.
    pub fn acls(&self) -> impl Iterator<Item = AclId> {
        self.groups.iter().flatten().map(|term| term.acl)
    }
}

/// The ACL of a name, declared or predefined; a fault is about word 0.
fn find_acl(name: &[u8], names: &mut dyn Names) -> Result<AclId, Fault> {
    let text = shown(name);
    if let Some(id) = names.acl(&text) {
        return Ok(id);
    }
    if let Some(acl) = parse_predefined(name, names) {
        return Ok(names.anonymous_acl(acl?));
    }
    let declared = names.acl_names();
    let candidates = declared.iter().map(String::as_str).chain(PREDEFINED.iter().map(|row| row.name));
    Err(suggested(Fault::new(0, format!("no ACL named '{text}'")), nearest(&text, candidates)))
}
