//! byway end to end: the real binary between scripted clients and servers on loopback, with its log lines captured. One file per
//! feature, one test per sentence of what byway promises. With `BYWAY_E2E_BIN=/usr/sbin/haproxy` the same tests run against HAProxy.

mod acls;
mod answers;
mod balance;
mod balance_keys;
mod balance_loads;
mod beside;
mod bodies;
mod checks;
mod connections;
mod explain;
mod faults;
mod forwarding;
mod handover;
mod limits;
mod load;
mod logs;
mod maintenance;
mod monitor;
mod persistence;
mod process;
mod proxy_protocol;
mod queue;
mod reload;
mod retries;
mod rewrites;
mod rules;
mod rules_beside;
mod seeds;
mod support;
mod switches;
mod switching;
mod timeouts;
mod variables;
mod webmail;
mod workers;
