//! Which server gets the next request, among those that could take it.
//! Whether a server could take one is `state`; persistence by cookie is the session's.

pub mod round_robin;

pub use round_robin::RoundRobin;
