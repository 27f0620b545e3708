//! What a configuration does to a message: rewrites, actions, redirects, switching, stickiness.
//! Conditions are `acl`; when each kind of rule runs is the session's.

pub mod bypass;
pub mod rewrite;
pub mod site;
#[cfg(test)]
mod tests;
