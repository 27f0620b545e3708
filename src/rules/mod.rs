//! What a configuration does to a message: rewrites, actions, redirects, switching, stickiness.
//! Conditions are `acl`; when each kind of rule runs is the session's.

pub mod action;
#[cfg(test)]
mod action_tests;
pub mod apply;
pub mod bypass;
pub mod inspect;
pub mod logging;
mod marking;
pub mod note;
pub mod redirect;
pub mod reply;
pub mod rewrite;
pub mod server;
pub mod site;
pub mod status;
pub mod switching;
mod target;
pub mod tcp;
#[cfg(test)]
mod tests;
pub mod text;
pub mod variables;
pub mod words;
