//! What is no fault and yet will surprise: timeouts that are missing, sections that nothing leads to, lines that do nothing
//! in their mode, words that look like something else. All are warnings or notices; the configuration stands.

use super::balancing::Balance;
use super::diagnostic::Severity;
use super::draft::{Draft, Head};
use super::keyword::nearest;
use super::line::Line;
use super::model::{LogFormat, Mode, Proxy, ProxyKind};
use super::model_check::CheckProtocol;
use super::outline::Section;
use super::resolve::about;
use super::{Reading, dead_rules};
use crate::fault::Fault;
use std::collections::HashSet;

/// What a line of a proxy looks like, before it is read.
pub(super) fn check_line(draft: &mut Draft, line: &Line, reading: &mut Reading) {
    tell_repetition(draft, line, reading);
    tell_unexpanded(line, reading);
    tell_or_in_acl(line, reading);
    tell_resolvers(line, reading);
}

/// `server a name:80 resolvers X`: there must be a section of that name, though it is skipped.
fn tell_resolvers(line: &Line, reading: &mut Reading) {
    if !matches!(line.keyword(), b"server" | b"default-server" | b"server-template") {
        return;
    }
    let Some(index) = line.words.iter().position(|word| word == b"resolvers").map(|index| index + 1) else { return };
    let Some(name) = line.word(index).filter(|name| !reading.resolvers.iter().any(|known| known == name)) else { return };
    let names = reading.resolvers.iter().filter_map(|name| str::from_utf8(name).ok());
    let hint = nearest(name, names)
        .map_or("a section 'resolvers' of that name would be skipped, yet named".into(), |near| format!("did you mean '{near}'?"));
    let message = format!("there is no section 'resolvers {}'", String::from_utf8_lossy(name));
    reading.alert(line, Fault::new(index, message).hint(hint));
}

/// Keywords whose lines are rules: the same one twice does nothing more.
const RULES: [&[u8]; 8] = [b"use_backend", b"acl", b"http-request", b"http-response", b"redirect", b"block", b"tcp-request", b"use-server"];

fn tell_repetition(draft: &mut Draft, line: &Line, reading: &mut Reading) {
    if !RULES.contains(&line.keyword()) {
        return;
    }
    let words = line.words.join(&0);
    match draft.rule_lines.get(&words) {
        Some(first) => reading.warn(line, Fault::new(0, format!("line {first} says the same")).hint("one of them has no effect")),
        None => {
            draft.rule_lines.insert(words, line.number);
        }
    }
}

/// Keywords whose first words are addresses, where `$NAME` needs no quotes.
const WITH_ADDRESSES: [&[u8]; 7] = [b"bind", b"server", b"log", b"source", b"dispatch", b"frontend", b"listen"];

/// `${NAME}` without quotes is expanded in addresses alone.
fn tell_unexpanded(line: &Line, reading: &mut Reading) {
    if WITH_ADDRESSES.contains(&line.keyword()) {
        return;
    }
    let found = line.words.iter().position(|word| word.windows(2).any(|pair| pair == b"${"));
    let Some(index) = found else { return };
    let written = line.text.get(line.columns_of(index)).unwrap_or_default();
    if written.windows(2).any(|pair| pair == b"${") && !written.iter().any(|byte| b"'\"\\".contains(byte)) {
        let word = String::from_utf8_lossy(written).into_owned();
        let hint = format!("write \"{word}\" for its value");
        reading.warn(line, Fault::new(index, "'${' stays as it is outside of double quotes").hint(hint));
    }
}

/// `acl a path_end .gif || path_end .jpg`: the bars and the words behind them are values.
fn tell_or_in_acl(line: &Line, reading: &mut Reading) {
    if line.keyword() != b"acl" {
        return;
    }
    if let Some(index) = line.words.iter().skip(3).position(|word| word == b"||") {
        let hint = "several values already mean 'or'; for another test, write a second acl line of the same name";
        reading.warn(line, Fault::new(index + 3, "'||' is one of the values here, not 'or'").hint(hint));
    }
}

/// Looks at the finished proxies.
pub(super) fn check_proxies(proxies: &mut [Proxy], heads: &[Head], sections: &[Section], reading: &mut Reading) {
    for (proxy, head) in proxies.iter_mut().zip(heads) {
        if proxy.disabled {
            continue;
        }
        let has_lines =
            || sections.iter().any(|section| section.name == proxy.name && section.lines.iter().any(|line| line.keyword() == b"bind"));
        // Listeners that were left out have been told.
        if proxy.kind == ProxyKind::Frontend && proxy.binds.is_empty() && !has_lines() {
            let message = format!("'frontend {}' has no 'bind' line", proxy.name);
            reading.diagnostics.push(about(proxy, head, Severity::Warning, message, "nobody can connect to it"));
        }
        if let Some(cookie) = &proxy.cookie
            && proxy.kind.has_backend()
            && !(cookie.insert || cookie.prefix || cookie.rewrite)
        {
            let message = format!("'{}' honours its cookie, but never sets it", proxy.name);
            let hint = "say 'insert' in the cookie line if clients are to stay on their server";
            reading.diagnostics.push(about(proxy, head, Severity::Notice, message, hint));
        }
        tell_unasked_checks(proxy, head, reading);
        let missing = missing_timeouts(proxy);
        if !missing.is_empty() {
            let hint = "without it a peer that falls silent holds its connection for ever";
            let message = format!("'{}' has no timeout {}", proxy.name, missing.join(", "));
            reading.diagnostics.push(about(proxy, head, Severity::Warning, message, hint));
        }
        if proxy.mode != Mode::Http {
            ignore_http_lines(proxy, head, reading);
        }
    }
    tell_unused(proxies, heads, sections, reading);
    dead_rules::check_sections(sections, reading);
}

/// `option httpchk` where no server is checked, `cookie` of a server where the section has none.
fn tell_unasked_checks(proxy: &Proxy, head: &Head, reading: &mut Reading) {
    if proxy.kind != ProxyKind::Backend || proxy.servers.is_empty() {
        return;
    }
    if proxy.check.protocol != CheckProtocol::Connect && proxy.servers.iter().all(|server| server.check.is_none()) {
        let message = format!("'{}' says how servers are checked, but no server says 'check'", proxy.name);
        reading.diagnostics.push(about(proxy, head, Severity::Notice, message, "all of them count as up"));
    }
    if proxy.mode == Mode::Http && proxy.cookie.is_none() && proxy.servers.iter().any(|server| server.cookie.is_some()) {
        let message = format!("servers of '{}' have cookies, but the section has no 'cookie' line", proxy.name);
        reading.diagnostics.push(about(proxy, head, Severity::Notice, message, "visitors do not stay on their server"));
    }
}

fn missing_timeouts(proxy: &Proxy) -> Vec<&'static str> {
    let timeouts = &proxy.timeouts;
    let mut missing = Vec::new();
    if proxy.mode == Mode::Health {
        return missing;
    }
    if proxy.kind.has_frontend() && !proxy.binds.is_empty() && timeouts.client.is_none() {
        missing.push("client");
    }
    if proxy.kind.has_backend() && !proxy.servers.is_empty() {
        missing.extend(timeouts.connect.is_none().then_some("connect"));
        missing.extend(timeouts.server.is_none().then_some("server"));
    }
    missing
}

/// HAProxy leaves these lines out where no HTTP is spoken, with a warning.
fn ignore_http_lines(proxy: &mut Proxy, head: &Head, reading: &mut Reading) {
    let mut ignored = Vec::new();
    if proxy.cookie.take().is_some() && proxy.kind.has_backend() {
        ignored.push("cookie");
    }
    if proxy.balance.needs_http() {
        proxy.balance = Balance::RoundRobin;
        if proxy.kind.has_backend() {
            ignored.push("balance by what a request says");
        }
    }
    if proxy.forward_for.take().is_some() && proxy.kind.has_frontend() {
        ignored.push("option forwardfor");
    }
    if proxy.log_format == LogFormat::Http {
        proxy.log_format = LogFormat::Tcp;
        if proxy.kind.has_frontend() {
            ignored.push("option httplog");
        }
    }
    if proxy.maintenance.take().is_some() {
        ignored.push("maintenance");
    }
    if !proxy.request_rewrites.is_empty() || !proxy.response_rewrites.is_empty() {
        proxy.request_rewrites.clear();
        proxy.response_rewrites.clear();
        ignored.push("req*/rsp* rules");
    }
    let rules = [&mut proxy.request_rules, &mut proxy.redirects, &mut proxy.response_rules, &mut proxy.after_rules];
    if rules.into_iter().map(std::mem::take).filter(|rules| !rules.is_empty()).count() > 0 {
        ignored.push("http-request, http-response and redirect rules");
    }
    if !ignored.is_empty() {
        let message = format!("'{}' speaks no HTTP: {} of no use there", proxy.name, list(&ignored));
        reading.diagnostics.push(about(proxy, head, Severity::Warning, message, "say 'mode http' if it is meant"));
    }
}

fn list(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

/// Backends that no rule, no default and no expression names.
fn tell_unused(proxies: &[Proxy], heads: &[Head], sections: &[Section], reading: &mut Reading) {
    let frontends = proxies.iter().filter(|proxy| proxy.kind.has_frontend());
    let targets = frontends.flat_map(|proxy| proxy.switching.iter().map(|rule| rule.backend).chain(proxy.default_backend));
    let used: HashSet<_> = targets.collect();
    // One without servers holds a table, or an error page of its own.
    let is_live = |proxy: &Proxy| proxy.kind == ProxyKind::Backend && !proxy.disabled && !proxy.servers.is_empty();
    let is_unused = |proxy: &Proxy| is_live(proxy) && !used.contains(&proxy.id);
    let mut unused: HashSet<&[u8]> = proxies.iter().filter(|proxy| is_unused(proxy)).map(|proxy| proxy.name.as_bytes()).collect();
    if unused.is_empty() {
        return;
    }
    // A rule that could not be read, a name by expression, nbsrv(NAME): anything that mentions it counts as use.
    for line in sections.iter().flat_map(|section| &section.lines) {
        for word in line.words.iter().skip(1) {
            word.split(|byte| b"(),/".contains(byte)).for_each(|part| {
                unused.remove(part);
            });
            if word.contains(&b'%') && line.keyword() == b"use_backend" {
                return;
            }
        }
    }
    for (proxy, head) in proxies.iter().zip(heads) {
        if is_unused(proxy) && unused.contains(proxy.name.as_bytes()) {
            let message = format!("nothing leads to 'backend {}'", proxy.name);
            reading.diagnostics.push(about(proxy, head, Severity::Warning, message, "a use_backend or default_backend line would"));
        }
    }
}
