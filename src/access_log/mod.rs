//! Log lines: what a transaction's record says (`record`), in which format, and how syslog frames it. Sending is the worker's.

pub mod record;
pub mod syslog;
