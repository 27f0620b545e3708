//! Maintenance as the process sees it: it says when a section goes into maintenance, every hour that it stays so, and when it
//! comes out; `show info` lists what is in it; `--bypass-link` makes a signed link. Requests are answered by the sessions.

use super::Daemon;
use super::notice::level;
use super::options::Options;
use super::sources::{self, Files};
use crate::config::Severity;
use crate::config::model::{Proxy, ProxyKind};
use crate::config::value::{Unit, parse_time};
use crate::rules::bypass::Pass;
use crate::sample::ProxyId;
use crate::session::maintenance::is_on_at_large;
use crate::state::variables::Reader;
use crate::units::Moment;
use crate::worker::clock::Clock;
use std::process::ExitCode;
use std::time::Duration;

/// How often it is said that maintenance is still on.
const REMINDER: Duration = Duration::from_secs(3600);

/// What is known to be in maintenance.
#[derive(Debug, Default)]
pub struct Watch {
    reader: Reader,
    spells: Vec<Spell>,
}

/// A section's time in maintenance.
#[derive(Debug)]
struct Spell {
    title: String,
    proxy: ProxyId,
    since: Moment,
    /// When it is said again.
    due: Moment,
}

/// What there is to say of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
struct News {
    proxy: ProxyId,
    text: String,
}

impl Watch {
    /// When something is to be said again.
    pub fn next(&self) -> Moment {
        self.spells.iter().map(|spell| spell.due).min().unwrap_or(Moment::NEVER)
    }

    /// Takes note of the sections that are in maintenance now.
    fn update(&mut self, on: &[(String, ProxyId)], now: Moment) -> Vec<News> {
        let mut news = Vec::new();
        self.spells.retain_mut(|spell| {
            let found = on.iter().find(|(title, _)| *title == spell.title);
            let lasted = render_span(now.since_ms(spell.since) / 60_000);
            match found {
                None => news.push(News { proxy: spell.proxy, text: format!("Maintenance of {} is off, after {lasted}.", spell.title) }),
                Some((title, proxy)) => {
                    spell.proxy = *proxy;
                    if spell.due <= now {
                        spell.due = now.after(Some(REMINDER));
                        news.push(News { proxy: *proxy, text: format!("Maintenance of {title} is still on, for {lasted}.") });
                    }
                }
            }
            found.is_some()
        });
        for (title, proxy) in on {
            if !self.spells.iter().any(|spell| spell.title == *title) {
                self.spells.push(Spell { title: title.clone(), proxy: *proxy, since: now, due: now.after(Some(REMINDER)) });
                news.push(News { proxy: *proxy, text: format!("Maintenance of {title} is on.") });
            }
        }
        news
    }
}

fn render_span(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h{minutes:02}m"),
    }
}

fn title(proxy: &Proxy) -> String {
    let kind = match proxy.kind {
        ProxyKind::Frontend => "frontend",
        ProxyKind::Backend => "backend",
        ProxyKind::Listen => "listen",
    };
    format!("{kind} {}", proxy.name)
}

/// Looks what is in maintenance, and says what is new.
pub fn note(daemon: &mut Daemon) {
    let running = daemon.running.clone();
    if daemon.is_ending() || running.config.proxies.iter().all(|proxy| proxy.maintenance.is_none()) {
        return;
    }
    daemon.maintenance.reader.refresh(&daemon.state.variables);
    let proxies = running.config.proxies.iter();
    let on = proxies.filter(|proxy| is_on_at_large(proxy, &running, &daemon.maintenance.reader));
    let on: Vec<_> = on.map(|proxy| (title(proxy), proxy.id)).collect();
    for News { proxy, text } in daemon.maintenance.update(&on, daemon.clock.now()) {
        daemon.notices.say(Severity::Notice, &text);
        if let Some(proxy) = running.config.proxies.get(proxy.0 as usize) {
            daemon.notices.log_for(proxy, level::NOTICE, &text);
        }
    }
}

/// The sections that are in maintenance, for `show info`.
pub fn render_list(daemon: &Daemon) -> String {
    let mut reader = Reader::default();
    reader.refresh(&daemon.state.variables);
    let proxies = daemon.running.config.proxies.iter();
    proxies.filter(|proxy| is_on_at_large(proxy, &daemon.running, &reader)).map(title).collect::<Vec<_>>().join(", ")
}

/// `--bypass-link`: prints what is put behind any address of the site. Gives the exit status.
pub fn print_link(options: &Options, words: &[String]) -> ExitCode {
    match make_link(options, words) {
        Ok(link) => {
            println!("{link}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{}: {fault}", crate::sys::program_name());
            ExitCode::FAILURE
        }
    }
}

fn make_link(options: &Options, words: &[String]) -> Result<String, String> {
    let name = words.first().map(String::as_str).unwrap_or_default();
    let files = Files::of_or_default(options);
    if files.is_empty() {
        return Err("which configuration? Name it with -f".into());
    }
    let config = sources::read(&files, options, &sources::environment())?.config;
    let config = config.ok_or("the configuration is at fault: -c shows where")?;
    let mut named = config.proxies.iter().filter(|proxy| proxy.name == name).peekable();
    if named.peek().is_none() {
        return Err(format!("there is no frontend, listen or backend '{name}'"));
    }
    let bypass = named.find_map(|proxy| proxy.maintenance.as_ref()?.bypass.as_ref());
    let bypass = bypass.ok_or_else(|| format!("'{name}' has no 'maintenance bypass-cookie' line"))?;
    let ttl_seconds = match words.get(1) {
        Some(word) => parse_time(word.as_bytes(), Unit::Second)?.time.as_secs() as i64,
        None => bypass.ttl_seconds,
    };
    let mut link = format!("?{}=", bypass.name);
    bypass.render_pass(Pass::Link, name, Clock::start().wall().seconds.saturating_add(ttl_seconds), &mut link);
    Ok(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_on_staying_on_and_going_off_are_said() {
        let mut watch = Watch::default();
        let (shop, blog) = (("frontend shop".to_owned(), ProxyId(0)), ("backend blog".to_owned(), ProxyId(3)));
        let mut check = |minutes: u64, on: &[(String, ProxyId)], expected: &[&str]| {
            let news = watch.update(on, Moment(minutes * 60_000));
            assert_eq!(news.iter().map(|news| news.text.as_str()).collect::<Vec<_>>(), expected, "{minutes}");
            watch.next().0 / 60_000
        };
        check(0, &[], &[]);
        assert_eq!(check(1, std::slice::from_ref(&shop), &["Maintenance of frontend shop is on."]), 61);
        check(60, std::slice::from_ref(&shop), &[]);
        let both = [shop.clone(), blog.clone()];
        assert_eq!(check(61, &both, &["Maintenance of frontend shop is still on, for 1h00m.", "Maintenance of backend blog is on."]), 121);
        check(62, &both, &[]);
        check(85, &[blog], &["Maintenance of frontend shop is off, after 1h24m."]);
        check(90, &[], &["Maintenance of backend blog is off, after 29m."]);
        assert_eq!(watch.next(), Moment::NEVER);
    }
}
