//! What a `server` line says of how its state follows from checks, traffic and other servers: `track`, `observe`, `on-error`,
//! `on-marked-down`, `on-marked-up`, `slowstart`. When a check runs is with the other parameters, in `server_line`.

use super::Reading;
use super::diagnostic::{Diagnostic, Kind, Severity};
use super::keyword::Status;
use super::line::Line;
use super::model::{Observe, ObservedLayer, OnError, Place, Proxy};
use super::server_line::{ServerDraft, ServerParameter};
use super::value::Unit;
use crate::fault::Fault;
use crate::sample::ProxyId;
use std::time::Duration;

/// What these parameters say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowDraft {
    pub(super) track: Option<String>,
    pub(super) slowstart: Option<Duration>,
    pub(super) cuts_sessions_when_down: bool,
    pub(super) cuts_backups_when_up: bool,
    layer: Option<ObservedLayer>,
    error_limit: Option<u32>,
    on_error: OnError,
}

/// `error-limit` when it is not said.
const ERROR_LIMIT: u32 = 10;

impl FollowDraft {
    /// `observe` with what belongs to it.
    pub(super) fn observe(&self) -> Option<Observe> {
        let (error_limit, on_error) = (self.error_limit.unwrap_or(ERROR_LIMIT), self.on_error);
        self.layer.map(|layer| Observe { layer, error_limit, on_error })
    }
}

/// A `track` that is to be looked up.
#[derive(Debug)]
pub struct Track {
    /// Whose: an index in its section.
    pub(super) server: usize,
    /// `backend/server`, or `server`.
    pub(super) name: String,
    pub(super) place: Place,
}

/// The parameters.
pub const FOLLOW_PARAMETERS: &[ServerParameter] = &[
    row("error-limit", "<number>", error_limit, "errors in a row that observe reacts to; 10 when absent"),
    row("observe", "layer4 | layer7", observe, "traffic that fails counts like checks that fail"),
    row("on-error", "fastinter | fail-check | sudden-death | mark-down", on_error, "what observe does about errors"),
    row("on-marked-down", "shutdown-sessions", on_marked_down, "ends its sessions when it goes down"),
    row("on-marked-up", "shutdown-backup-sessions", on_marked_up, "ends the sessions of backups when it comes up"),
    row("slowstart", "<time>", slowstart, "how long its weight grows once it is up"),
    row("track", "[<backend>/]<server>", track, "it is up and down with that server"),
];

const fn row(name: &'static str, argument: &'static str, parse: super::server_line::ServerParse, manual: &'static str) -> ServerParameter {
    ServerParameter { name, argument, status: Status::Done, parse, manual }
}

fn one_of<T: Copy>(line: &Line, index: usize, rows: &[(&str, T)]) -> Result<T, Fault> {
    let word = line.expect(index, "a value")?;
    let found = rows.iter().find(|(name, _)| name.as_bytes() == word).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
        let message = format!("'{}' is not among {}", String::from_utf8_lossy(word), names.join(", "));
        Fault::new(index, message)
    })
}

fn error_limit(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.follow.error_limit = Some(reading.number_at(line, index, 1, i32::MAX.into())?);
    Ok(())
}

fn observe(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    let layers = [("none", None), ("layer4", Some(ObservedLayer::Connections)), ("layer7", Some(ObservedLayer::Answers))];
    draft.follow.layer = one_of(line, index, &layers)?;
    Ok(())
}

fn on_error(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    let ways = [
        ("fastinter", OnError::CheckSoon),
        ("fail-check", OnError::FailCheck),
        ("sudden-death", OnError::SuddenDeath),
        ("mark-down", OnError::MarkDown),
    ];
    draft.follow.on_error = one_of(line, index, &ways)?;
    Ok(())
}

fn on_marked_down(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.follow.cuts_sessions_when_down = one_of(line, index, &[("shutdown-sessions", true)])?;
    Ok(())
}

fn on_marked_up(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.follow.cuts_backups_when_up = one_of(line, index, &[("shutdown-backup-sessions", true)])?;
    Ok(())
}

fn slowstart(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let time = reading.time_at(line, index, Unit::Millisecond)?.time;
    draft.follow.slowstart = Some(time).filter(|time| !time.is_zero());
    Ok(())
}

fn track(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.follow.track = Some(line.expect_text(index, "a server")?.to_owned());
    Ok(())
}

/// Looks up the servers that others track; each must be checked in the end.
pub(super) fn resolve(proxies: &mut [Proxy], tracks: Vec<(usize, Track)>, reading: &mut Reading) {
    let mut alert = |place: &Place, message: String, hint: &str| {
        let (severity, kind, place, hint) = (Severity::Alert, Kind::Fault, Some(place.clone()), hint.to_owned());
        reading.diagnostics.push(Diagnostic { severity, kind, place, columns: 0..0, text: Vec::new(), message, hint });
    };
    let mut found = Vec::new();
    for (proxy, track) in tracks {
        let (backend, server) =
            track.name.rsplit_once('/').map_or((None, track.name.as_str()), |(backend, server)| (Some(backend), server));
        let id = match backend {
            Some(name) => proxies.iter().position(|proxy| proxy.kind.has_backend() && proxy.name == name),
            None => Some(proxy),
        };
        let index = id.and_then(|id| proxies.get(id)?.servers.iter().position(|line| line.name == server).map(|index| (id, index)));
        let Some((id, index)) = index else {
            alert(&track.place, format!("there is no server '{}' to track", track.name), "track <backend>/<server>");
            continue;
        };
        if let Some(line) = proxies.get_mut(proxy).and_then(|proxy| proxy.servers.get_mut(track.server)) {
            line.track = Some((ProxyId(id as u32), index));
            found.push((proxy, track));
        }
    }
    for (proxy, track) in found {
        let mut at = (ProxyId(proxy as u32), track.server);
        // More steps than there are servers lead in a circle.
        let most: usize = proxies.iter().map(|proxy| proxy.servers.len()).sum();
        let end = (0..=most).find_map(|_| {
            let line = proxies.get(at.0.0 as usize)?.servers.get(at.1)?;
            match line.track {
                Some(next) => {
                    at = next;
                    None
                }
                None => Some(line.check.is_some()),
            }
        });
        match end {
            Some(true) => {}
            Some(false) => alert(&track.place, format!("'{}' is not checked, so nothing can follow it", track.name), "give it 'check'"),
            None => alert(&track.place, format!("tracking '{}' leads in a circle", track.name), "one of them must be checked itself"),
        }
    }
}
