//! Health checks as bytes: what is sent, and what an answer means. Connecting and waiting is the daemon's `checker`.

pub mod conversation;
mod http;
mod judge;
mod packets;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use conversation::{Conversation, Demand, Subject, Verdict};

/// The longest answer that is looked at, bytes.
pub const LONGEST_ANSWER: usize = 16384;
