//! HTTP/1.1 over byte slices: heads, framing, chunks, cookies, addresses and the answers that byway gives itself.
//! Nothing here knows sockets, configuration or state; `reading` is the only user of `httparse`.

pub mod accept;
pub mod cache;
pub mod chunked;
#[cfg(test)]
mod conformance;
pub mod connection;
pub mod cookie;
pub mod framing;
pub mod head;
pub mod header;
pub mod page;
pub mod proxy_header;
mod reading;
mod reading_relaxed;
pub mod relay;
pub mod reply;
pub mod uri;

/// The protocol version of a message; only these two are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
}
