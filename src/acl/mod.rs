//! Tests on values: an ACL names one or more of them, a condition joins ACLs.
//! What is done when a condition holds is left to `rules` and `session`.

pub mod condition;
pub mod method;
pub mod pattern;
pub mod pattern_file;
pub mod patterns;
pub mod predefined;
pub mod sets;
#[cfg(test)]
mod tests;

use crate::fault::Fault;
use crate::sample::content::Outcome;
use crate::sample::text::shown;
use crate::sample::witness::Seen;
use crate::sample::{Names, Scene};
pub use condition::Condition;
use pattern::Test;

/// A named test; several `acl` lines of one name are tried in turn, and the first that matches decides.
#[derive(Debug, Default)]
pub struct Acl {
    /// The name; empty for an inline `{ ... }`.
    pub name: String,
    /// Any of these matching makes the ACL true.
    pub tests: Vec<Test>,
}

impl Acl {
    /// Reads an `acl` line; the first word is the name.
    ///
    /// `variable NAME VALUE`, where NAME is no known fetch, is an ACL called NAME that tests that switch for that value.
    pub fn parse(words: &[Vec<u8>], names: &mut dyn Names) -> Result<Acl, Fault> {
        let Some(first) = words.first() else { return Err(Fault::new(0, "an ACL needs a name")) };
        if let [keyword, name, value] = words
            && keyword == b"variable"
            && is_name(name)
            && method::find_criterion(name).is_none()
        {
            let name = shown(name).into_owned();
            let tests = vec![Test::of_variable(&name, value, names)?];
            return Ok(Acl { name, tests });
        }
        if !is_name(first) || first.eq_ignore_ascii_case(b"or") {
            let fault = Fault::new(0, format!("'{}' cannot be an ACL's name", shown(first)));
            return Err(fault.hint("names are made of letters, digits, '-', '_', '.' and ':'"));
        }
        if words.len() == 1 {
            return Err(Fault::new(1, format!("ACL '{}' needs a criterion", shown(first))));
        }
        let test = Test::parse(&words[1..], names).map_err(|fault| fault.shift(1))?.shift(1);
        Ok(Acl { name: shown(first).into_owned(), tests: vec![test] })
    }

    /// Does one of the tests match?
    #[inline]
    pub fn matches(&self, scene: &Scene) -> bool {
        let outcome = self.tests.iter().any(|test| test.matches(scene));
        if let Some(witness) = scene.witness {
            witness.see(Seen::Acl { name: self.name.clone(), outcome: outcome.into() });
        }
        outcome
    }

    /// The same while bytes may still come: one test that matches is enough, one that is not decided leaves it open.
    pub fn decide(&self, scene: &Scene) -> Outcome {
        let mut outcome = Outcome::Fails;
        for test in &self.tests {
            outcome = outcome.max(test.decide(scene));
            if outcome == Outcome::Holds {
                break;
            }
        }
        if let Some(witness) = scene.witness {
            witness.see(Seen::Acl { name: self.name.clone(), outcome });
        }
        outcome
    }

    /// The outcome, when no message can change it.
    pub fn constant(&self) -> Option<bool> {
        if self.tests.iter().any(|test| test.constant() == Some(true)) {
            return Some(true);
        }
        self.tests.iter().all(|test| test.constant() == Some(false)).then_some(false)
    }

    /// What looks like a mistake in the lines that it was read from.
    pub fn warnings(&self) -> impl Iterator<Item = &Fault> {
        self.tests.iter().flat_map(|test| test.warnings())
    }
}

/// Letters, digits, `-`, `_`, `.` and `:`.
fn is_name(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
}
