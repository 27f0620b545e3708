//! Sessions in a simulated world: seeded clients and servers with all their faults, a virtual clock, short reads and writes,
//! servers that go and come, switches, reloads, the end of the process. `BYWAY_SEED=N` plays one seed again, `BYWAY_SEEDS=N`
//! that many. A third of the worlds are calm: nothing goes wrong there, and every request gets its whole answer.

#[path = "simulation/client.rs"]
mod client;
#[path = "simulation/configuration.rs"]
mod configuration;
#[path = "simulation/message.rs"]
mod message;
#[path = "simulation/random.rs"]
mod random;
#[path = "simulation/server.rs"]
mod server;
#[path = "simulation/wire.rs"]
mod wire;
#[path = "simulation/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Seeds that are played when nothing else is said.
const SEEDS: u64 = 300;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_the_peers_do_every_client_gets_its_own_answers_and_every_slot_comes_back() {
    let seeds = match (setting("BYWAY_SEED"), setting("BYWAY_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, most) => 0..most.unwrap_or(SEEDS),
    };
    for seed in seeds {
        if let Err(fault) = catch_unwind(AssertUnwindSafe(|| world::World::new(seed).run())) {
            eprintln!("BYWAY_SEED={seed} plays this again");
            resume_unwind(fault);
        }
    }
}
