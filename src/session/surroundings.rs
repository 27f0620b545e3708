//! The running configuration, the switches and the session itself, as expressions and formats see them.
//! Which of this a configuration may ask for is listed in `config::names`.

use super::{Context, Held, Session, facts, log_fields};
use crate::config::model::ConnectionMode;
use crate::http::head::Head;
use crate::rules::text::OfWorld;
use crate::sample::{Argument, Content, Fact, Field, Patience, ProxyId, Scene, Scope, Value, VariableId, Witness, World};
use crate::state::variables::Reader;
use crate::state::{Running, State};
use crate::units::{Moment, WallClock};
use std::net::SocketAddr;

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
            content: Content::Nothing,
            patience: Patience::Over,
            frontend: name(self.frontend).unwrap_or_default(),
            backend: self.transaction.backend.and_then(name),
            acls: running.config.proxies.get(self.frontend.0 as usize).map_or(&[], |proxy| proxy.acls.as_slice()),
            depth: 0,
            world,
            witness: world.witness,
        }
    }

    /// The client's address, as rules may have changed it.
    pub(super) fn source(&self) -> Option<SocketAddr> {
        self.notes.source.or(self.source)
    }

    /// The stricter of the two sides' ways to use connections.
    pub(super) fn connection_mode(&self, running: &Held) -> ConnectionMode {
        self.front(running).options.connection_mode.max(self.back(running).options.connection_mode)
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

    fn unique_id<'a>(&'a self, scene: &Scene) -> Option<Value<'a>> {
        let front = self.running.config.proxies.get(self.session.frontend.0 as usize)?;
        let format = front.unique_id_format.as_ref()?;
        let id = self.session.captured.unique_id.get_or_init(|| {
            let mut id = Vec::new();
            format.render(&OfWorld(scene.world), scene, &mut id);
            id
        });
        Some(Value::text(id))
    }

    fn credentials_field(&self, request: &Head) -> &'static str {
        let front = self.running.config.proxies.get(self.session.frontend.0 as usize);
        let is_for_a_proxy = !matches!(request.target().first(), Some(b'/' | b'*'));
        match front.is_some_and(|front| front.options.use_proxy_header) && is_for_a_proxy {
            true => "proxy-authorization",
            false => "authorization",
        }
    }

    fn log_field(&self, field: Field) -> Option<Value<'_>> {
        log_fields::field(self, field)
    }
}
