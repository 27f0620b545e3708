//! Which server a request goes to by a rule (`use-server`), what its persistence is worth (`force-persist`, `ignore-persist`), and what
//! the server is told of itself (`http-send-name-header`). Persistence by cookie is `persistence`'s, taking a slot `assign`'s.

use super::{Context, Session};
use crate::config::model::Proxy;
use crate::rules::server::Persistence;
use crate::sample::{Content, Scene, World};

/// What rules have said of the server.
#[derive(Debug, Default)]
pub(super) struct Direction {
    /// What the client's persistence is worth.
    pub(super) persistence: Persistence,
    /// The server was named by a rule.
    pub(super) by_rule: bool,
    /// Where the fields of the request end, when its server is to be told its name.
    name_at: Option<usize>,
}

impl Session {
    /// The first `force-persist` or `ignore-persist` rule whose condition holds counts.
    pub(super) fn apply_persistence_rules(&mut self, cx: &mut Context, back: &Proxy, content: Content) {
        if back.persistence_rules.is_empty() {
            return;
        }
        let running = self.running.clone();
        let world = self.surroundings(&running, cx);
        let request = (!self.is_tcp()).then_some(&cx.desk.request);
        let scene = Scene { request, content, ..self.scene(&running, &world) };
        let rule = back.persistence_rules.iter().find(|rule| rule.condition.is_due(&back.acls, &scene));
        self.transaction.direction.persistence = rule.map_or(Persistence::Usual, |rule| rule.persistence);
    }

    /// The first `use-server` rule that applies and whose server can be used counts; a rule by expression that names no server ends them.
    pub(super) fn apply_server_rules(&mut self, cx: &mut Context, back: &Proxy, content: Content) {
        if back.server_rules.is_empty() {
            return;
        }
        let running = self.running.clone();
        let Some(live) = self.back_live(&running) else { return };
        let world = self.surroundings(&running, cx);
        let request = (!self.is_tcp()).then_some(&cx.desk.request);
        let scene = Scene { request, content, ..self.scene(&running, &world) };
        let persistence = self.transaction.direction.persistence;
        let mut chosen = None;
        for rule in &back.server_rules {
            if !rule.applies(&back.acls, &scene) {
                continue;
            }
            let names = back.servers.iter().map(|server| server.name.as_str());
            let Some(index) = rule.server(names, &scene, &mut cx.desk.line) else {
                if let Some(witness) = cx.witness {
                    witness.note("it names no server, and no use-server behind it is looked at");
                }
                break;
            };
            let is_usable = live.servers.get(index).is_some_and(|server| server.is_usable());
            if is_usable || back.options.persist || persistence == Persistence::Forced {
                chosen = Some(index);
                break;
            }
            if let Some(witness) = cx.witness {
                witness.note("its server cannot be used, so the rules behind it are asked");
            }
        }
        if chosen.is_some() {
            self.transaction.server = chosen;
            self.transaction.direction.by_rule = true;
        }
    }

    /// Makes the request's id, while the request is at hand.
    pub(super) fn make_unique_id(&self, cx: &Context, front: &Proxy) {
        if front.unique_id_format.is_some() {
            let running = self.running.clone();
            let world = self.surroundings(&running, cx);
            world.unique_id(&Scene { request: Some(&cx.desk.request), ..self.scene(&running, &world) });
        }
    }

    /// Tells the server the request's id, where that is wanted (`unique-id-header`).
    pub(super) fn write_unique_id(&self, cx: &mut Context, front: &Proxy) {
        self.make_unique_id(cx, front);
        if let (Some(name), Some(id)) = (&front.unique_id_header, self.captured.unique_id.get()) {
            cx.desk.request.push(name.as_bytes(), id);
        }
    }

    /// The request has been written down: where the server's name goes is noted, where it is wanted.
    pub(super) fn note_name_field(&mut self, back: &Proxy) {
        let wanted = back.send_name_header.is_some();
        self.transaction.direction.name_at = wanted.then(|| self.transaction.request.len().saturating_sub(b"\r\n".len()));
    }

    /// Puts the request out for the server, with the server's name in it where that is wanted.
    pub(super) fn send_request(&self, cx: &mut Context, back: &Proxy) {
        let out = &mut cx.out.to_server.bytes;
        let request = &self.transaction.request;
        let server = self.transaction.server.and_then(|server| back.servers.get(server));
        let parts = self.transaction.direction.name_at.and_then(|at| request.split_at_checked(at));
        let (Some((head, rest)), Some(server), Some(field)) = (parts, server, &back.send_name_header) else {
            return out.extend_from_slice(request);
        };
        out.extend_from_slice(head);
        out.extend_from_slice(field.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(server.name.as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(rest);
    }
}
