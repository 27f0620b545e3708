//! The running configuration, the switches and the session itself, as expressions and formats see them.
//! Which of this a configuration may ask for is listed in `config::names`.

use super::{Context, Session, facts, log_fields};
use crate::sample::{Argument, Fact, Field, ProxyId, Scene, Scope, Value, VariableId, Witness, World};
use crate::state::variables::Reader;
use crate::state::{Running, State};
use crate::units::{Moment, WallClock};

/// The world around a message.
pub(super) struct Surroundings<'a> {
    pub(super) running: &'a Running,
    pub(super) variables: &'a Reader,
    pub(super) session: &'a Session,
    pub(super) state: &'a State,
    pub(super) now: Moment,
    pub(super) wall: WallClock,
    pub(super) utc_offset_seconds: i32,
    pub(super) is_finishing: bool,
    pub(super) witness: Option<&'a Witness>,
}

impl Session {
    /// The world around this session's messages.
    pub(super) fn surroundings<'s, 'c: 's>(&'s self, running: &'s Running, cx: &Context<'c>) -> Surroundings<'s> {
        Surroundings {
            running,
            variables: cx.variables,
            session: self,
            state: cx.state,
            now: cx.now,
            wall: cx.wall,
            utc_offset_seconds: cx.log.utc_offset_seconds(),
            is_finishing: cx.finishing,
            witness: cx.witness,
        }
    }

    /// What expressions see outside of rules, but for the messages.
    pub(super) fn scene<'a>(&self, running: &'a Running, world: &'a Surroundings<'a>) -> Scene<'a> {
        let name = |id: ProxyId| running.config.proxies.get(id.0 as usize).map(|proxy| proxy.name.as_str());
        Scene {
            request: None,
            response: None,
            source: self.source(),
            destination: self.notes.destination.or(self.destination),
            frontend: name(self.frontend).unwrap_or_default(),
            backend: self.transaction.backend.and_then(name),
            acls: running.config.proxies.get(self.frontend.0 as usize).map_or(&[], |proxy| proxy.acls.as_slice()),
            depth: 0,
            world,
            witness: world.witness,
        }
    }
}

impl World for Surroundings<'_> {
    fn variable(&self, name: VariableId) -> Option<&[u8]> {
        self.variables.get(self.running.variable_number(name)?).map(|value| value.text.as_slice())
    }

    fn variable_int(&self, name: VariableId) -> Option<i64> {
        self.variables.get(self.running.variable_number(name)?)?.int
    }

    fn usable_servers(&self, backend: ProxyId) -> u32 {
        self.running.usable_servers(backend)
    }

    fn scoped_variable(&self, scope: Scope, name: &[u8]) -> Option<Value<'_>> {
        self.session.notes.variables.get(scope, name)
    }

    fn fact<'a>(&'a self, fact: Fact, arguments: &'a [Argument]) -> Option<Value<'a>> {
        facts::fact(self, fact, arguments)
    }

    fn keep(&self, variable: &Argument, value: Option<&Value>) {
        self.session.notes.variables.keep(variable, value);
    }

    fn utc_offset_seconds(&self) -> i32 {
        self.utc_offset_seconds
    }

    fn backend_named(&self, name: &[u8]) -> Option<ProxyId> {
        let proxies = &self.running.config.proxies;
        proxies.iter().find(|proxy| proxy.kind.has_backend() && proxy.name.as_bytes() == name).map(|proxy| proxy.id)
    }

    fn is_frontend(&self, name: &[u8]) -> bool {
        self.running.config.proxies.iter().any(|proxy| proxy.kind.has_frontend() && proxy.name.as_bytes() == name)
    }

    fn log_list(&self, field: Field) -> &[Vec<u8>] {
        log_fields::captured(self, field)
    }

    fn log_field(&self, field: Field) -> Option<Value<'_>> {
        log_fields::field(self, field)
    }
}
