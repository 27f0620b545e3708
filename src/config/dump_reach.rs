//! The part of `--dump` about limits of the process, and about how connections to servers are made.

use super::dump::{Dump, append, time};
use super::model::{Global, Probes, SwitchValue};
use super::reach::{Foreign, IdleLimits, Outgoing, Reach};
use std::fmt::Write;

impl Dump {
    pub(super) fn limits(&mut self, global: &Global) {
        self.flags(&[("strict-limits", global.strict_limits), ("master-worker", global.master_worker)]);
        self.some("fd-hard-limit", global.descriptor_limit);
        self.some("maxconnrate", global.connection_rate);
        self.some("maxsessrate", global.session_rate);
        let most = |most: u32| if most == u32::MAX { "-1".to_owned() } else { most.to_string() };
        self.some("tune.maxaccept", global.max_accept.map(most));
        self.some("tune.rcvbuf.client", global.client_buffers.receive);
        self.some("tune.sndbuf.client", global.client_buffers.send);
        self.some("tune.rcvbuf.server", global.server_buffers.receive);
        self.some("tune.sndbuf.server", global.server_buffers.send);
        self.some("grace", global.grace.map(time));
        self.some("server-state-file", global.server_state_file.as_ref().map(|path| path.display()));
        self.some("server-state-base", global.server_state_base.as_ref().map(|path| path.display()));
        for (name, value) in &global.switches {
            let kind = match value {
                SwitchValue::Text(_) => "str",
                SwitchValue::Integer(_) => "int",
                SwitchValue::Boolean(_) => "bool",
            };
            self.text("set-var", format!("proc.{name} {kind}({})", String::from_utf8_lossy(&value.text())));
        }
    }

    pub(super) fn probes(&mut self, side: &str, probes: &Probes) {
        self.some(&format!("{side}-cnt"), probes.count);
        self.some(&format!("{side}-idle"), probes.idle.map(time));
        self.some(&format!("{side}-intvl"), probes.interval.map(time));
    }
}

/// `source` as it was resolved.
pub(super) fn outgoing(source: &Outgoing) -> String {
    let mut line = source.address.map_or("*".to_owned(), |address| address.to_string());
    match source.ports {
        (0, _) => {}
        (first, last) if first == last => {
            let _ = write!(line, " port {first}");
        }
        (first, last) => {
            let _ = write!(line, " ports {first}-{last}");
        }
    }
    let foreign = source.foreign.map(|foreign| match foreign {
        Foreign::Client => "client".to_owned(),
        Foreign::ClientAddress => "clientip".to_owned(),
        Foreign::Fixed(address) => address.to_string(),
    });
    append(&mut line, "usesrc", foreign);
    append(&mut line, "interface", source.interface.as_ref());
    line
}

/// What a server line says of connections to it.
pub(super) fn render_reach(reach: &Reach) -> String {
    let mut line = String::new();
    append(&mut line, "source", reach.source.as_ref().map(outgoing));
    append(&mut line, "tcp-ut", reach.tcp_user_timeout.map(time));
    let idle = &reach.idle;
    append(&mut line, "max-reuse", idle.reuses);
    append(&mut line, "pool-max-conn", idle.most);
    append(
        &mut line,
        "pool-purge-delay",
        (*idle != IdleLimits { reuses: idle.reuses, most: idle.most, ..IdleLimits::default() }).then(|| time(idle.purge_delay)),
    );
    line
}
