//! What can only be said once every line is read: logs that are `global`, fallbacks, modes that do not fit together.
//! Names were looked up as the lines were read; warnings about what will surprise are in `traps`.

use super::diagnostic::{Diagnostic, Kind, Severity};
use super::draft::{Draft, Head, LogLine};
use super::model::{Address, Global, Mode, Place, Proxy};
use super::outline::Section;
use super::{Reading, server_check, server_line, traps};
use std::collections::HashSet;
use std::sync::Arc;

/// Finishes the proxies.
pub(super) fn resolve(mut drafts: Vec<Draft>, global: &Global, sections: &[Section], reading: &mut Reading) -> Vec<Proxy> {
    let heads: Vec<Head> = drafts.iter().map(|draft| draft.head.clone()).collect();
    let tracks = drafts.iter_mut().enumerate().flat_map(|(index, draft)| draft.tracks.drain(..).map(move |track| (index, track)));
    let tracks: Vec<_> = tracks.collect();
    let mut proxies: Vec<Proxy> = drafts.into_iter().map(|draft| finish(draft, global, reading)).collect();
    server_check::resolve(&mut proxies, tracks, reading);
    for index in 0..proxies.len() {
        check_modes(&proxies, index, &heads, reading);
        mark_fallbacks(&mut proxies, index, reading);
    }
    // While lines are at fault, what is missing may only seem to be.
    if reading.diagnostics.iter().all(|told| told.severity != Severity::Alert || told.kind != Kind::Fault) {
        traps::check_proxies(&mut proxies, &heads, sections, reading);
    }
    proxies
}

fn finish(draft: Draft, global: &Global, reading: &mut Reading) -> Proxy {
    let mut proxy = draft.proxy;
    for line in draft.log {
        match line {
            LogLine::Global => proxy.log.extend(global.log.iter().cloned()),
            LogLine::Target(target) => proxy.log.push(target),
        }
    }
    server_line::number_servers(&mut proxy.servers);
    super::direction_line::finish(&mut proxy, reading);
    super::capture_line::finish(&mut proxy, reading);
    settle_direct(&mut proxy, draft.balances, &draft.head, reading);
    let source = proxy.source.clone();
    for server in proxy.servers.iter_mut().chain(proxy.direct.as_deref_mut()) {
        server.reach.source = server.reach.source.take().or_else(|| source.clone());
    }
    if proxy.kind.has_frontend() && proxy.maxconn.is_none() {
        proxy.maxconn = reading.surroundings.proxy_maxconn;
    }
    if !proxy.servers.is_empty()
        && let Some(states) = reading.states_for(&proxy)
    {
        for server in &mut proxy.servers {
            server.remembered = states.get(&(proxy.name.clone(), server.name.clone())).cloned().map(Box::new);
        }
    }
    super::maintenance_line::finish(&mut proxy, reading);
    proxy.check = Arc::new(draft.check.finish(&proxy, &draft.head, reading));
    if !proxy.check.says_where() && proxy.check.program.is_none() {
        give_checks_a_port(&mut proxy, reading);
    }
    proxy
}

/// With `balance` every request has a server: `dispatch` is of no use then, and `transparent` contradicts it.
fn settle_direct(proxy: &mut Proxy, balances: bool, head: &Head, reading: &mut Reading) {
    let Some(direct) = proxy.direct.as_deref().filter(|_| balances && proxy.kind.has_backend()) else { return };
    if direct.reach.follows_address {
        let message = format!("'{}' has both 'transparent' and 'balance'", proxy.name);
        reading.diagnostics.push(about(proxy, head, Severity::Alert, message, "take one of them away"));
    } else {
        let message = format!("'dispatch' of line {} is ignored: 'balance' gives every request a server", direct.place.line);
        reading.diagnostics.push(about(proxy, head, Severity::Warning, message, ""));
    }
    proxy.direct = None;
}

/// A check whose server has no port of its own connects to the first port that the section listens on, as in HAProxy.
fn give_checks_a_port(proxy: &mut Proxy, reading: &mut Reading) {
    let listening = proxy.binds.iter().find_map(|bind| match bind.address {
        Address::Inet(address) => Some(address.port()),
        _ => None,
    });
    for server in &mut proxy.servers {
        let Some(check) = &mut server.check else { continue };
        let Address::Inet(mut target) = check.address.as_ref().unwrap_or(&server.address).clone() else { continue };
        match (target.port(), listening) {
            (0, Some(port)) => {
                target.set_port(port);
                check.address = Some(Address::Inet(target));
            }
            (0, None) => reading.diagnostics.push(Diagnostic {
                severity: Severity::Alert,
                kind: Kind::Fault,
                place: Some(server.place.clone()),
                columns: 0..0,
                text: Vec::new(),
                message: format!("the check of server '{}' has no port to connect to", server.name),
                hint: "give the server a port, or the check one: 'port 80'".to_owned(),
            }),
            _ => {}
        }
    }
}

/// Something about a section as a whole.
pub(super) fn about(proxy: &Proxy, head: &Head, severity: Severity, message: String, hint: &str) -> Diagnostic {
    Diagnostic {
        severity,
        kind: if severity == Severity::Alert { Kind::Fault } else { Kind::Advice },
        place: Some(proxy.place.clone()),
        columns: head.columns.clone(),
        text: head.text.clone(),
        message,
        hint: hint.to_owned(),
    }
}

/// A frontend that speaks HTTP cannot hand over to a backend that does not. The other way round the connection becomes HTTP.
fn check_modes(proxies: &[Proxy], index: usize, heads: &[Head], reading: &mut Reading) {
    let (Some(proxy), Some(head)) = (proxies.get(index), heads.get(index)) else {
        return;
    };
    let targets = proxy.switching.iter().map(|rule| rule.backend).chain(proxy.default_backend.filter(|_| proxy.kind.has_frontend()));
    let mut told = HashSet::new();
    for id in targets {
        let Some(backend) = proxies.get(id.0 as usize) else { continue };
        if id == proxy.id && told.insert(id) {
            let message = format!("'{}' names itself as its backend", proxy.name);
            let hint = "without that line its own servers are used";
            reading.diagnostics.push(about(proxy, head, Severity::Alert, message, hint));
        }
        if !proxy.mode.leads_to(backend.mode) && told.insert(id) {
            let message = format!(
                "'{}' speaks {}, but its backend '{}' of line {} speaks {}",
                proxy.name,
                mode_name(proxy.mode),
                backend.name,
                backend.place.line,
                mode_name(backend.mode)
            );
            let hint = "give both the same 'mode', in a defaults section perhaps";
            reading.diagnostics.push(about(proxy, head, Severity::Alert, message, hint));
        }
    }
}

pub(super) fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Http => "http",
        Mode::Tcp => "tcp",
        Mode::Health => "health",
    }
}

/// Rules behind an unconditional one were dead in HAProxy; here they are its fallbacks.
fn mark_fallbacks(proxies: &mut [Proxy], index: usize, reading: &mut Reading) {
    let (place, behind) = {
        let Some(proxy) = proxies.get_mut(index) else { return };
        let acls = std::mem::take(&mut proxy.acls);
        let first = proxy
            .switching
            .iter()
            .position(|rule| rule.name.is_none() && rule.condition.as_ref().is_none_or(|when| when.is_always_true(&acls)));
        proxy.acls = acls;
        let Some(first) = first else { return };
        let chain = proxy.switching.get_mut(first..).unwrap_or_default();
        let ids: Vec<_> = chain.iter().map(|rule| rule.backend).chain(proxy.default_backend).collect();
        if ids.len() < 2 {
            return;
        }
        let place: Place = chain.first().map(|rule| rule.place.clone()).unwrap_or_default();
        chain.iter_mut().for_each(|rule| rule.fallback = true);
        (place, ids)
    };
    let names: Vec<String> = behind.iter().filter_map(|id| proxies.get(id.0 as usize)).map(|proxy| format!("'{}'", proxy.name)).collect();
    let (first, rest) = names.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    reading.diagnostics.push(Diagnostic {
        severity: Severity::Notice,
        kind: Kind::Advice,
        place: Some(place),
        columns: 0..0,
        text: Vec::new(),
        message: format!("while {first} has no usable server, its fallback is {}", rest.join(", then ")),
        hint: String::new(),
    });
}
