//! `use-server`, `force-persist` and `ignore-persist`: which server a request goes to by a rule, and what its persistence is worth.
//! Whether the server can be used, and what follows from it, is the session's.

use super::text::Text;
use crate::acl::{Acl, Condition};
use crate::fault::{Fault, Place};
use crate::sample::{Names, Scene};

/// A `use-server` line.
#[derive(Debug)]
pub struct ServerRule {
    name: Text,
    /// The server's index, where the name is the same for every request.
    server: Option<usize>,
    condition: Option<Condition>,
    /// Where the line stands.
    pub place: Place,
}

impl ServerRule {
    /// Reads the server's name, which may be an expression; a fault is about word 0.
    pub fn parse(word: &[u8], condition: Option<Condition>, place: Place, names: &mut dyn Names) -> Result<ServerRule, Fault> {
        Ok(ServerRule { name: Text::parse(word, names)?, server: None, condition, place })
    }

    /// Looks the name up, once all servers are known; the name, when there is no such server.
    pub fn resolve<'n>(&mut self, servers: impl Iterator<Item = &'n str>) -> Result<(), String> {
        let Text::Fixed(name) = &self.name else { return Ok(()) };
        self.server = servers.enumerate().find(|(_, server)| server.as_bytes() == name).map(|(index, _)| index);
        self.server.map(|_| ()).ok_or_else(|| String::from_utf8_lossy(name).into_owned())
    }

    /// Does the rule apply?
    pub fn applies(&self, acls: &[Acl], scene: &Scene) -> bool {
        let applies = self.condition.as_ref().is_none_or(|condition| condition.holds(acls, scene));
        if let Some(witness) = scene.witness {
            witness.see_rule(&self.place, applies);
        }
        applies
    }

    /// The server that the rule names; nothing when it names none. `scratch` is room for the name.
    pub fn server<'n>(&self, servers: impl Iterator<Item = &'n str>, scene: &Scene, scratch: &mut Vec<u8>) -> Option<usize> {
        if self.server.is_some() {
            return self.server;
        }
        scratch.clear();
        self.name.render(scene, scratch);
        servers.enumerate().find(|(_, server)| server.as_bytes() == scratch.as_slice()).map(|(index, _)| index)
    }
}

/// What a client's persistence is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Persistence {
    /// It counts while the server is up.
    #[default]
    Usual,
    /// `force-persist`: it counts though the server is down.
    Forced,
    /// `ignore-persist`: it does not count.
    Ignored,
}

/// A `force-persist` or `ignore-persist` line.
#[derive(Debug)]
pub struct PersistenceRule {
    /// What persistence is worth where the condition holds.
    pub persistence: Persistence,
    /// When.
    pub condition: Condition,
}
