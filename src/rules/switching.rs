//! `use_backend` with a name by expression: the backends that it may name, found when the configuration is read.
//! In which order rules choose is the session's.

use super::text::{OfWorld, check_fields};
use crate::fault::Fault;
use crate::sample::format::{Format, Purpose};
use crate::sample::{Names, ProxyId, Scene};
use std::collections::HashMap;

/// A backend's name that each message makes.
#[derive(Debug)]
pub struct NameByExpression {
    format: Format,
    backends: HashMap<Vec<u8>, ProxyId>,
}

impl NameByExpression {
    /// Reads the name, which may be one of these backends'.
    pub fn parse(word: &[u8], backends: HashMap<Vec<u8>, ProxyId>, names: &mut dyn Names) -> Result<NameByExpression, Fault> {
        let format = Format::parse(word, Purpose::Value, names)?;
        check_fields(&format, names)?;
        Ok(NameByExpression { format, backends })
    }

    /// The backend that the message names; nothing when there is none of that name. `scratch` is room for the name.
    pub fn backend(&self, scene: &Scene, scratch: &mut Vec<u8>) -> Option<ProxyId> {
        scratch.clear();
        self.format.render(&OfWorld(scene.world), scene, scratch);
        self.backends.get(scratch.as_slice()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fake::{FakeNames, FakeWorld, request, scene};

    #[test]
    fn a_message_names_its_backend() {
        let backends = HashMap::from([(b"app-a".to_vec(), ProxyId(3))]);
        let name = NameByExpression::parse(b"app-%[hdr(host),lower]", backends, &mut FakeNames::default()).expect("a name");
        let check = |host: &str, expected| {
            let (head, world) = (request(&format!("GET / HTTP/1.1\nHost: {host}")), FakeWorld::default());
            assert_eq!(name.backend(&Scene { request: Some(&head), ..scene(&world) }, &mut Vec::new()), expected, "{host}");
        };
        check("A", Some(ProxyId(3)));
        check("b", None);
    }
}
