//! `--explain` on this machine: the files, the switches and the servers of the scene, put together for `explain`.

use super::notice::Notices;
use super::options::{Condition, Options};
use super::sources::{self, Files};
use super::switches;
use crate::explain::{self, Question};
use crate::state::health::Health;
use crate::state::{Running, State};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// The longest request or response that is read, bytes.
const LONGEST: u64 = 64 << 20;

/// Prints what would be done.
pub(super) fn run(options: &Options, files: &Files, notices: &Notices) -> Result<ExitCode, String> {
    let loaded = files.load()?;
    let environment = sources::environment();
    let outcome = sources::read_loaded(&loaded, options, &environment);
    notices.tell(&outcome.diagnostics, crate::config::Severity::Notice);
    let config = outcome.config.ok_or("config : Fatal errors found in configuration.")?;
    let request = match &options.scene.request {
        Some(path) => read_file(path)?,
        None => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes);
            read.map_err(|error| format!("cannot read the request from standard input: {error}"))?;
            bytes
        }
    };
    let response = options.scene.response.as_deref().map(read_file).transpose()?;
    if request.is_empty() {
        return Err("there is no request: name a file behind --explain, or pipe one in, for example: printf 'GET / HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n' | byway -f FILE --explain".into());
    }
    let (state, wall) = (State::default(), notices.clock().wall());
    switches::take_configuration(&state.variables, &config.global, &environment, wall);
    switches::take_command_line(&state.variables, &options.switches, wall);
    let running = Arc::new(Running::new(config, &state, 1));
    let refusing = set_servers(options, &running)?;
    let question = Question {
        running,
        state: &state,
        sources: &loaded,
        wall,
        source: options.scene.source,
        destination: options.scene.destination,
        frontend: options.scene.frontend.as_deref(),
        refusing: &refusing,
        request: &request,
        response: response.as_deref(),
    };
    print!("{}", explain::explain(&question)?);
    Ok(ExitCode::SUCCESS)
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Makes the servers what the scene says; those that refuse connections come back, by backend and name.
fn set_servers(options: &Options, running: &Running) -> Result<Vec<(String, String)>, String> {
    let mut refusing = Vec::new();
    for (word, condition) in &options.scene.servers {
        let (backend, name) = word.split_once('/').map_or((None, word.as_str()), |(backend, name)| (Some(backend), name));
        let mut found = false;
        for proxy in running.config.proxies.iter().filter(|proxy| backend.is_none_or(|backend| proxy.name == backend)) {
            let Some((_, live)) = running.proxy(proxy.id) else { continue };
            for state in live.servers.iter().filter(|server| server.name == name) {
                found = true;
                match condition {
                    Condition::Up => {
                        state.set_maintenance(false);
                        state.forget_health();
                    }
                    Condition::Down => state.set_health(Health { level: 0, ..Health::unchecked(1, 1) }),
                    Condition::Maintenance => state.set_maintenance(true),
                    Condition::Refuses => refusing.push((proxy.name.clone(), name.to_owned())),
                }
            }
        }
        if !found {
            return Err(format!("--server: there is no server '{word}'"));
        }
    }
    Ok(refusing)
}
