//! `if` and `unless`: ACLs joined by and, or and not.

use super::Acl;
use crate::fault::Fault;
use crate::sample::{Names, Scene};

/// A condition.
#[derive(Debug, Default)]
pub struct Condition {}

impl Condition {
    /// Reads a condition; the first word is `if` or `unless`.
    pub fn parse(_words: &[Vec<u8>], _names: &mut dyn Names) -> Result<Condition, Fault> {
        unimplemented!()
    }
    /// Does it hold? `acls` are those of the section that the condition stands in.
    pub fn holds(&self, _acls: &[Acl], _scene: &Scene) -> bool {
        unimplemented!()
    }
    /// `if TRUE`, `unless FALSE` and the like: no message can change it.
    pub fn is_always_true(&self, _acls: &[Acl]) -> bool {
        unimplemented!()
    }
}

impl Acl {
    /// Reads an `acl` line; the first word is the name.
    pub fn parse(_words: &[Vec<u8>], _names: &mut dyn Names) -> Result<Acl, Fault> {
        unimplemented!()
    }
}
