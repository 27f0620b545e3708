//! byway, a reverse proxy for small hosts that reads `haproxy.cfg`. This page is the map.
//!
//! A module may use what stands below it in this list, never what stands above; `tests/tidy.rs` holds it.
//!
//! ```text
//! main  cli
//! daemon      control plane, one thread: signals, reload, handover, control socket, health checks
//! worker      data plane, one thread per core: mio loop, sockets, deadlines, log sending
//! explain     a session without sockets, for --explain
//! session  check  stats  access_log     pure: now + bytes + state in, actions + bytes out
//! balance  state                        what threads share: atomics, and one short lock per queue
//! config                                text -> Config, diagnostics with a place
//! rules  acl  sample                    what a configuration says about a message
//! http  buffer  units  fault  sys       HTTP/1.1 over byte slices (the only user of httparse); the few unsafe calls
//! ```

pub mod access_log;
pub mod acl;
pub mod balance;
pub mod buffer;
pub mod check;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod explain;
pub mod fault;
pub mod http;
pub mod rules;
pub mod sample;
pub mod session;
pub mod state;
pub mod stats;
pub mod sys;
pub mod units;
pub mod worker;
