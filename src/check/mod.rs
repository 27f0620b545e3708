//! Health checks as bytes: what is sent, and what an answer means. Connecting and waiting is the daemon's `checker`.

pub mod http;
