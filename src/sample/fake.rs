//! A world for tests: names, switches and servers as a test sets them, and a scene around a message.

use super::{AclId, Content, Names, Patience, ProxyId, Scene, VariableId, World};
use crate::acl::Acl;
use crate::http::head::{Head, Limits, Parsed};
use std::collections::HashMap;

/// Names as a configuration would look them up.
#[derive(Default)]
pub struct FakeNames {
    /// Switches in the order of their ids.
    pub variables: Vec<String>,
    /// Backends in the order of their ids.
    pub backends: Vec<String>,
    /// The section's ACLs.
    pub acls: Vec<Acl>,
    /// Files by path.
    pub files: HashMap<String, Vec<u8>>,
}

impl Names for FakeNames {
    fn variable(&mut self, name: &str) -> VariableId {
        let index = self.variables.iter().position(|known| known == name).unwrap_or_else(|| {
            self.variables.push(name.to_string());
            self.variables.len() - 1
        });
        VariableId(index as u32)
    }
    fn backend(&self, name: &str) -> Option<ProxyId> {
        self.backends.iter().position(|known| known == name).map(|index| ProxyId(index as u32))
    }
    fn this_proxy(&self) -> ProxyId {
        ProxyId(0)
    }
    fn acl(&self, name: &str) -> Option<AclId> {
        self.acls.iter().position(|known| known.name == name && !name.is_empty()).map(|index| AclId(index as u32))
    }
    fn acl_names(&self) -> Vec<String> {
        self.acls.iter().map(|acl| acl.name.clone()).collect()
    }
    fn anonymous_acl(&mut self, acl: Acl) -> AclId {
        self.acls.push(acl);
        AclId(self.acls.len() as u32 - 1)
    }
    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
    fn time(&mut self, word: &[u8]) -> Result<std::time::Duration, String> {
        self.size(word).map(std::time::Duration::from_millis)
    }
    fn size(&mut self, word: &[u8]) -> Result<u64, String> {
        std::str::from_utf8(word).ok().and_then(|word| word.parse().ok()).ok_or_else(|| "no number".to_string())
    }
    fn resolve(&mut self, host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        match host {
            "localhost" => Ok(vec!["127.0.0.1".parse().expect("an address")]),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }
}

/// Switches and servers.
#[derive(Default)]
pub struct FakeWorld {
    /// Values of switches by id.
    pub values: Vec<Option<Vec<u8>>>,
    /// Usable servers of every backend.
    pub servers: u32,
}

impl World for FakeWorld {
    fn variable(&self, name: VariableId) -> Option<&[u8]> {
        self.values.get(name.0 as usize)?.as_deref()
    }
    fn variable_int(&self, name: VariableId) -> Option<i64> {
        let text = self.variable(name)?;
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        digits.first().filter(|byte| byte.is_ascii_digit()).map(|_| super::value::leading_int(text))
    }
    fn usable_servers(&self, _: ProxyId) -> u32 {
        self.servers
    }
}

/// The words of a line, split at spaces; `\_` stands for a space within a word, `\~` for a line feed.
pub fn words(line: &str) -> Vec<Vec<u8>> {
    line.split(' ').filter(|word| !word.is_empty()).map(|word| word.replace("\\_", " ").replace("\\~", "\n").into_bytes()).collect()
}

/// Bounds that no test reaches.
const LIMITS: Limits = Limits { bytes: 16384, fields: 101 };

/// The head of a request; lines end with LF here.
pub fn request(text: &str) -> Head {
    let mut head = Head::default();
    let bytes = format!("{}\r\n\r\n", text.replace('\n', "\r\n"));
    assert!(matches!(head.parse_request(bytes.as_bytes(), &LIMITS), Ok(Parsed::Complete(_))), "{text}");
    head
}

/// The head of a response, likewise.
pub fn response(text: &str) -> Head {
    let mut head = Head::default();
    let bytes = format!("{}\r\n\r\n", text.replace('\n', "\r\n"));
    assert!(matches!(head.parse_response(bytes.as_bytes(), &LIMITS), Ok(Parsed::Complete(_))), "{text}");
    head
}

/// A scene without messages: a client at 192.0.2.7:40000 that connected to 198.51.100.1:80.
pub fn scene(world: &FakeWorld) -> Scene<'_> {
    Scene {
        request: None,
        response: None,
        source: Some("192.0.2.7:40000".parse().expect("an address")),
        destination: Some("198.51.100.1:80".parse().expect("an address")),
        content: Content::Nothing,
        patience: Patience::Over,
        frontend: "www",
        backend: None,
        acls: &[],
        depth: 0,
        world,
        witness: None,
    }
}

/// The head as it would be sent, with LF line ends and without the empty line.
pub fn rendered(head: &Head) -> String {
    let mut out = Vec::new();
    head.render(&mut out);
    String::from_utf8_lossy(&out).trim_end().replace("\r\n", "\n")
}
