//! Listening sockets. The daemon opens and owns them; every worker polls its own duplicate of each, so that a
//! connection is taken by whichever worker is free, and none is lost when workers come and go.

use crate::config::model::Bind;
use crate::sample::ProxyId;
use std::sync::Arc;

/// A listening socket and the frontend that it serves.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The socket: bound, listening, non-blocking.
    pub socket: Arc<socket2::Socket>,
    /// The frontend, in the configuration that comes with it.
    pub frontend: ProxyId,
    /// Its `bind` line.
    pub bind: Bind,
}
