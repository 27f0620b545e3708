//! A configuration for tests of other rooms: read from a text on a machine that knows no host, no user and no file.

use super::{Outcome, Outside, Source, Surroundings, TlsBinds, read};
use std::collections::HashMap;
use std::net::IpAddr;

struct Nowhere;

impl Outside for Nowhere {
    fn resolve(&self, _: &str) -> Vec<IpAddr> {
        Vec::new()
    }
    fn user(&self, _: &str) -> Option<u32> {
        None
    }
    fn group(&self, _: &str) -> Option<u32> {
        None
    }
    fn read_file(&self, _: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// Reads `test.cfg` on the machine `box`.
pub(crate) fn read_text(text: &str) -> Outcome {
    let surroundings = Surroundings {
        environment: &HashMap::new(),
        outside: &Nowhere,
        hostname: "box",
        maxconn: None,
        proxy_maxconn: None,
        local_peer: None,
        tls_binds: TlsBinds::Refuse,
    };
    read(&[Source { name: "test.cfg".into(), text: text.as_bytes().to_vec() }], &surroundings)
}
