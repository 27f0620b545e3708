//! What rules change besides a message: variables, addresses, the log. The same actions stand among the rules of HTTP (`apply`) and
//! those of `tcp-request` and `tcp-response` (`inspect`).

use super::action::Action;
use super::variables::{Overlaid, Variables, owned};
use crate::sample::{Expression, Scene, Value};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What rules give to the packets to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// `set-tos`: the type of service, or the traffic class.
    pub tos: Option<u8>,
    /// `set-mark`
    pub mark: Option<u32>,
}

impl Marks {
    /// Takes up what was given later.
    pub fn join(&mut self, later: Marks) {
        self.tos = later.tos.or(self.tos);
        self.mark = later.mark.or(self.mark);
    }
}

/// What rules may change besides the head.
#[derive(Debug, Default)]
pub struct Notes {
    /// Variables.
    pub variables: Variables,
    /// The level of the log line: `Some(None)` is silence.
    pub log_level: Option<Option<u8>>,
    /// The client's address, as a rule changed it.
    pub source: Option<SocketAddr>,
    /// The address that the client connected to, likewise.
    pub destination: Option<SocketAddr>,
    /// A rule has the connection begin with a PROXY header.
    pub expects_proxy: bool,
    /// What the packets to the client are given from now on.
    pub marks: Marks,
    /// `disable-l7-retry`: no answer has the request sent again.
    pub sends_once: bool,
    /// Values of the request for the log, by slot; empty where none was kept.
    pub captures: Vec<Vec<u8>>,
    /// Likewise of the response.
    pub response_captures: Vec<Vec<u8>>,
}

impl Notes {
    /// The transaction ends: the session's own variables stay.
    pub fn end_transaction(&mut self) {
        self.variables.end_transaction();
        self.log_level = None;
        self.sends_once = false;
        self.source = None;
        self.destination = None;
        self.captures.iter_mut().chain(&mut self.response_captures).for_each(Vec::clear);
    }
}

/// A scene as the rules before have left it; `world` is laid over with their variables.
pub(super) fn seen<'a>(scene: &Scene<'a>, notes: &Notes, world: &'a Overlaid<'a>) -> Scene<'a> {
    let (source, destination) = (notes.source.or(scene.source), notes.destination.or(scene.destination));
    Scene { source, destination, world, ..*scene }
}

/// Does what an action does besides editing a message or deciding on it; `scene` is as it was before the rules.
pub(super) fn apply_note(action: &Action, notes: &mut Notes, scene: &Scene, text: &mut Vec<u8>) {
    let world = Overlaid {
        world: scene.world,
        variables: &notes.variables,
        captures: &notes.captures,
        response_captures: &notes.response_captures,
    };
    let seen = seen(scene, notes, &world);
    let (source, destination, is_of_response) = (seen.source, seen.destination, seen.response.is_some());
    match action {
        Action::SetVariable(place, expression) => {
            // HAProxy leaves a variable as it was when there is no value.
            let value = expression.value(&seen).map(owned);
            if value.is_some() {
                notes.variables.set(place, value);
            }
        }
        Action::SetVariableText(place, value) => {
            value.render(&seen, text);
            notes.variables.set(place, Some(Value::text(text)));
        }
        Action::UnsetVariable(place) => notes.variables.set(place, None),
        Action::SetSource(expression) => notes.source = moved(source, expression, &seen).or(notes.source),
        Action::SetSourcePort(expression) => notes.source = renumbered(source, expression, &seen).or(notes.source),
        Action::SetDestination(expression) => notes.destination = moved(destination, expression, &seen).or(notes.destination),
        Action::SetDestinationPort(expression) => notes.destination = renumbered(destination, expression, &seen).or(notes.destination),
        Action::SetLogLevel(level) => notes.log_level = Some(*level),
        Action::SetTos(tos) => notes.marks.tos = Some(*tos),
        Action::SetMark(mark) => notes.marks.mark = Some(*mark),
        Action::SendOnce => notes.sends_once = true,
        Action::ExpectProxy => notes.expects_proxy = true,
        Action::Capture(expression, slot) => {
            if let Some(value) = expression.value(&seen) {
                value.with_text(|value| text.extend_from_slice(slot.length.and_then(|length| value.get(..length)).unwrap_or(value)));
            }
            let places = if is_of_response { &mut notes.response_captures } else { &mut notes.captures };
            if let Some(kept) = places.get_mut(slot.index) {
                kept.clear();
                kept.extend_from_slice(text);
            }
        }
        _ => {}
    }
}

/// The same port at another address.
fn moved(from: Option<SocketAddr>, to: &Expression, scene: &Scene) -> Option<SocketAddr> {
    let address = to.value(scene)?.to_address()?;
    Some(SocketAddr::new(address, from.map_or(0, |from| from.port())))
}

/// Another port at the same address.
fn renumbered(from: Option<SocketAddr>, to: &Expression, scene: &Scene) -> Option<SocketAddr> {
    let port = u16::try_from(to.value(scene)?.to_int()?).ok()?;
    Some(SocketAddr::new(from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |from| from.ip()), port))
}
