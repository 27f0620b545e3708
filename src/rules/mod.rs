//! What a configuration does to a message: rewrites, actions, redirects, switching, stickiness.
//! Conditions are `acl`; when each kind of rule runs is the session's.

pub mod rewrite;
#[cfg(test)]
mod tests;
