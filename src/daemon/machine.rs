//! What the process knows of its machine when it starts: the name, the addresses, and a seed for chance.

use crate::state::State;
use nix::ifaddrs::getifaddrs;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

/// The state of a process on this machine.
pub fn state() -> State {
    let state = State::default();
    let mut seed = [0; 8];
    // Without a seed, chance begins as in every process without one.
    let _ = getrandom::fill(&mut seed);
    state.chance.store(u64::from_ne_bytes(seed), Ordering::Relaxed);
    state.hostname.get_or_init(|| nix::unistd::gethostname().unwrap_or_default().to_string_lossy().into_owned());
    state.local_addresses.get_or_init(local_addresses);
    state
}

fn local_addresses() -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    let address = |storage: nix::sys::socket::SockaddrStorage| match (storage.as_sockaddr_in(), storage.as_sockaddr_in6()) {
        (Some(v4), _) => Some(IpAddr::V4(v4.ip())),
        (_, Some(v6)) => Some(IpAddr::V6(v6.ip())),
        _ => None,
    };
    interfaces.filter_map(|interface| address(interface.address?)).collect()
}
