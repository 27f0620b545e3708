//! The configurations that a simulated world swaps: of one frontend's name, of a `listen` in its place, of none.

use crate::random::Random;
use byway::config::{self, Outside, Surroundings, TlsBinds};
use byway::session::Held;
use byway::state::{Running, State};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

const COOKIE: &str = "cookie SID insert indirect nocache";

/// What each adds to the defaults; every request finds a server in each.
const SECTIONS: [&str; 5] = [
    "frontend f\n bind 192.0.2.1:80\n acl m env_int(M) gt 0\n use_backend maint if m\n default_backend web\n\
     backend web\n {COOKIE}\n server a 192.0.2.11:80 maxconn 1 cookie A\n server b 192.0.2.12:80 maxconn 2 cookie B\n\
     backend maint\n server m 192.0.2.13:80 backup\n",
    "frontend f\n bind 192.0.2.1:80\n option forwardfor\n option http-server-close\n default_backend web\n\
     backend web\n {COOKIE}\n retry-on conn-failure empty-response junk-response response-timeout 503\n http-request set-header X-Tries 5\n server a 192.0.2.11:80 maxconn 2 cookie A\n server d 192.0.2.14:80 maxconn 1 cookie D maxqueue 1\n",
    "listen f\n bind 192.0.2.1:80\n option logasap\n server a 192.0.2.11:80 maxconn 1\n server b 192.0.2.12:80 maxconn 1\n",
    "frontend other\n bind 192.0.2.1:80\n default_backend web\n\
     backend web\n option abortonclose\n server d 192.0.2.14:80 maxconn 2\n server b 192.0.2.12:80\n",
    "frontend f\n bind 192.0.2.1:80\n option httpclose\n option http-drop-response-trailers\n default_backend web\n\
     backend web\n option redispatch 1\n option http-drop-request-trailers\n option prefer-last-server\n server b 192.0.2.12:80 maxconn 1\n server e 192.0.2.15:80 maxconn 1 backup\n",
];

/// Lines of `defaults` of which a world draws some: none of them changes what a client and a server that keep to the rules see.
const DRAWN: [&str; 20] = [
    "option http-no-delay",
    "option http-pretend-keepalive",
    "option accept-invalid-http-request",
    "option accept-invalid-http-response",
    "option http-restrict-req-hdr-names delete",
    "option originalto",
    "option prefer-last-server",
    "option idle-close-on-response",
    "option http-buffer-request",
    "option http-ignore-probes",
    "option dontlognull",
    "option log-separate-errors",
    "option logasap",
    "option redispatch",
    "max-keep-alive-queue 1",
    "http-reuse never",
    "http-reuse always",
    "timeout tunnel 30s",
    "timeout client-fin 10s",
    "timeout server-fin 10s",
];

/// No machine is needed.
pub struct Nowhere;

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

pub struct Configurations {
    texts: Vec<String>,
    generation: u64,
}

impl Configurations {
    pub fn new(is_calm: bool, random: &mut Random) -> Configurations {
        let (queue, rest) = if is_calm { ("60s", "") } else { ("3s", " option redispatch\n retries 2\n timeout http-request 8s\n") };
        let drawn: String = DRAWN.iter().filter(|_| random.once_in(4)).map(|line| format!(" {line}\n")).collect();
        let defaults = format!(
            "defaults\n mode http\n log 192.0.2.5:514 local0\n option httplog\n timeout connect 5s\n timeout client 60s\n \
             timeout server 50s\n timeout http-keep-alive 20s\n timeout queue {queue}\n{rest}{drawn}"
        );
        let texts = SECTIONS.iter().map(|sections| defaults.clone() + &sections.replace("{COOKIE}", COOKIE));
        // Where nothing goes wrong, a client that has closed its side early still waits for its answers.
        let texts = texts.map(|text| if is_calm { text.replace(" option abortonclose\n", "") } else { text }).collect();
        Configurations { texts, generation: 0 }
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn load(&mut self, which: usize, state: &State, outside: &dyn Outside) -> Held {
        self.generation += 1;
        let source = config::Source { name: "simulation.cfg".into(), text: self.texts[which].as_bytes().to_vec() };
        let surroundings = Surroundings {
            environment: &HashMap::new(),
            outside,
            hostname: "box",
            maxconn: None,
            proxy_maxconn: None,
            local_peer: None,
            tls_binds: TlsBinds::Refuse,
        };
        let outcome = config::read(&[source], &surroundings);
        let told: Vec<_> = outcome.diagnostics.iter().map(|told| &told.message).collect();
        let config = outcome.config.unwrap_or_else(|| panic!("{told:?}"));
        Rc::new(Arc::new(Running::new(config, state, self.generation)))
    }
}
