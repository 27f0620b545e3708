//! Patterns and the methods that match them: one test of an ACL.

/// One `acl` line behind its name: a fetch, a match method and its patterns.
#[derive(Debug, Default)]
pub struct Test {}
