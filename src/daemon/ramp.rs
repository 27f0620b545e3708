//! `slowstart`: a server that came up gets more of its weight step by step. Which of it counts is kept in `state::ServerState`.

use crate::sample::ProxyId;
use crate::state::server::WHOLE_WEIGHT;
use crate::state::{Running, ServerState};
use crate::units::Moment;
use std::sync::Arc;
use std::time::Duration;

/// Servers whose weight grows.
#[derive(Debug, Default)]
pub struct Ramps {
    growing: Vec<Ramp>,
}

#[derive(Debug)]
struct Ramp {
    state: Arc<ServerState>,
    began: Moment,
    /// `slowstart`
    length: Duration,
    due: Moment,
}

impl Ramps {
    /// A server has come up: it begins with little.
    pub fn begin(&mut self, running: &Running, proxy: ProxyId, server: usize, now: Moment) {
        let Some((settings, live)) = running.proxy(proxy) else { return };
        let (Some(line), Some(state)) = (settings.servers.get(server), live.servers.get(server)) else { return };
        let Some(length) = line.slowstart else { return };
        self.growing.retain(|ramp| !Arc::ptr_eq(&ramp.state, state));
        self.growing.push(Ramp { state: state.clone(), began: now, length, due: now });
        self.expire(now);
    }

    /// A configuration came: servers that start slowly no more have their whole weight at once.
    pub fn adopt(&mut self, running: &Running) {
        let slow = |ramp: &Ramp| {
            let live = running.config.proxies.iter().filter_map(|proxy| running.proxy(proxy.id));
            let mut pairs = live.flat_map(|(proxy, live)| proxy.servers.iter().zip(&live.servers));
            pairs.any(|(server, state)| server.slowstart.is_some() && Arc::ptr_eq(state, &ramp.state))
        };
        self.growing.retain(|ramp| {
            let stays = slow(ramp);
            if !stays {
                ramp.state.set_sixteenths(WHOLE_WEIGHT);
            }
            stays
        });
    }

    /// When a weight grows next.
    pub fn next(&self) -> Moment {
        self.growing.iter().map(|ramp| ramp.due).min().unwrap_or(Moment::NEVER)
    }

    /// Lets weights grow.
    pub fn expire(&mut self, now: Moment) {
        self.growing.retain_mut(|ramp| {
            if ramp.due <= now {
                let passed_ms = now.since_ms(ramp.began);
                let length_ms = (ramp.length.as_millis() as u64).max(1);
                let share = passed_ms.saturating_mul(u64::from(WHOLE_WEIGHT)) / length_ms;
                let is_down = !ramp.state.is_up() || ramp.state.is_in_maintenance();
                let whole = share >= u64::from(WHOLE_WEIGHT) || is_down;
                ramp.state.set_sixteenths(if whole { WHOLE_WEIGHT } else { (share as u8).max(1) });
                if whole {
                    return false;
                }
                ramp.due = ramp.began.after(Some(Duration::from_millis(length_ms * (share + 1) / u64::from(WHOLE_WEIGHT) + 1)));
            }
            true
        });
    }
}
