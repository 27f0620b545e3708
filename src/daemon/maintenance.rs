//! Maintenance as the process sees it: it says when a section goes into maintenance, every hour that it stays so, and when it
//! comes out; `show info` lists what is in it; `--bypass-link` makes a signed link. Requests are answered by the sessions.

use super::Daemon;
use super::notice::level;
use super::options::Options;
use super::sources::{self, Files};
use crate::config::Severity;
use crate::config::model::Proxy;
use crate::config::value::{Unit, parse_time};
use crate::rules::bypass::Pass;
use crate::sample::ProxyId;
use crate::session::maintenance::is_on_at_large;
use crate::state::Running;
use crate::state::variables::Reader;
use crate::stats::info::title;
use crate::units::Moment;
use crate::worker::clock::Clock;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often it is said that maintenance is still on.
const REMINDER: Duration = Duration::from_secs(3600);

/// How often it is looked whether requests are still under way.
const DRAIN_LOOK: Duration = Duration::from_millis(100);

/// `maintenance drain`, and the requests from before the switch that are still under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drain {
    NotAsked,
    UnderWay(usize),
}

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
    /// When it is looked whether requests from before are still under way; never once that was told, or is not asked for.
    drain_due: Moment,
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
        self.spells.iter().map(|spell| spell.due.min(spell.drain_due)).min().unwrap_or(Moment::NEVER)
    }

    /// Takes note of the sections that are in maintenance now.
    fn update(&mut self, on: &[(String, ProxyId, Drain)], now: Moment) -> Vec<News> {
        let mut news = Vec::new();
        self.spells.retain_mut(|spell| {
            let found = on.iter().find(|(title, ..)| *title == spell.title);
            let lasted = render_span(now.since_ms(spell.since) / 60_000);
            match found {
                None => news.push(News { proxy: spell.proxy, text: format!("Maintenance of {} is off, after {lasted}.", spell.title) }),
                Some((title, proxy, drain)) => {
                    spell.proxy = *proxy;
                    news.extend(spell.note_drain(*drain, now));
                    if spell.due <= now {
                        spell.due = now.after(Some(REMINDER));
                        news.push(News { proxy: *proxy, text: format!("Maintenance of {title} is still on, for {lasted}.") });
                    }
                }
            }
            found.is_some()
        });
        for (title, proxy, drain) in on {
            if !self.spells.iter().any(|spell| spell.title == *title) {
                let drain_due = if *drain == Drain::NotAsked { Moment::NEVER } else { now };
                let mut spell = Spell { title: title.clone(), proxy: *proxy, since: now, due: now.after(Some(REMINDER)), drain_due };
                news.push(News { proxy: *proxy, text: format!("Maintenance of {title} is on.") });
                news.extend(spell.note_drain(*drain, now));
                self.spells.push(spell);
            }
        }
        news
    }
}

impl Spell {
    /// Says, once, that no request from before is under way any more.
    fn note_drain(&mut self, drain: Drain, now: Moment) -> Option<News> {
        if self.drain_due > now {
            return None;
        }
        match drain {
            Drain::UnderWay(count) if count > 0 => {
                self.drain_due = now.after(Some(DRAIN_LOOK));
                None
            }
            Drain::UnderWay(_) => {
                self.drain_due = Moment::NEVER;
                Some(News { proxy: self.proxy, text: format!("Maintenance of {}: no request is under way any more.", self.title) })
            }
            Drain::NotAsked => None,
        }
    }
}

fn render_span(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h{minutes:02}m"),
    }
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
    let on: Vec<_> = on.map(|proxy| (title(proxy), proxy.id, drain_of(proxy, &running))).collect();
    for News { proxy, text } in daemon.maintenance.update(&on, daemon.clock.now()) {
        daemon.notices.say(Severity::Notice, &text);
        if let Some(proxy) = running.config.proxies.get(proxy.0 as usize) {
            daemon.notices.log_for(proxy, level::NOTICE, &text);
        }
    }
}

fn drain_of(proxy: &Proxy, running: &Running) -> Drain {
    let asked = proxy.maintenance.as_ref().is_some_and(|maintenance| maintenance.drain);
    match running.proxy(proxy.id).filter(|_| asked) {
        Some((_, live)) => Drain::UnderWay(live.state.under_way.load(Ordering::Relaxed)),
        None => Drain::NotAsked,
    }
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
        let (shop, blog) =
            (("frontend shop".to_owned(), ProxyId(0), Drain::NotAsked), ("backend blog".to_owned(), ProxyId(3), Drain::NotAsked));
        let mut check = |minutes: u64, on: &[(String, ProxyId, Drain)], expected: &[&str]| {
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

    #[test]
    fn the_end_of_the_last_request_from_before_is_told_once() {
        let mut watch = Watch::default();
        let mut check = |ms: u64, under_way: usize, expected: &[&str]| {
            let on = [("backend shop".to_owned(), ProxyId(0), Drain::UnderWay(under_way))];
            let news = watch.update(&on, Moment(ms));
            assert_eq!(news.iter().map(|news| news.text.as_str()).collect::<Vec<_>>(), expected, "{ms}");
            watch.next().0
        };
        assert_eq!(check(0, 2, &["Maintenance of backend shop is on."]), 100);
        assert_eq!(check(100, 1, &[]), 200);
        assert_eq!(check(200, 0, &["Maintenance of backend shop: no request is under way any more."]), 3_600_000);
        check(300, 0, &[]);
    }
}
