//! Tests on values: an ACL names one or more of them, a condition joins ACLs.
//! What is done when a condition holds is left to `rules` and `session`.

pub mod condition;
pub mod pattern;
pub mod predefined;

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
