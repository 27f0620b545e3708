//! What the words of a line may name, as the expression parsers ask for it: switches, backends, ACLs, files.
//! Names of proxies are known before the first line is read, so that a line may name a later section.

use super::Reading;
use super::draft::Draft;
use super::value;
use crate::acl::Acl;
use crate::fault::Place;
use crate::sample::fact::Fact;
use crate::sample::{AclId, Field, Names, ProxyId, Userlist, VariableId};
use std::net::IpAddr;
use std::sync::Arc;

/// The facts about the running proxy that fetches may ask for: those that `state` keeps for them.
pub(super) const SUPPLIED: &[Fact] = &[
    Fact::AcceptDate,
    Fact::ActiveConnections,
    Fact::AverageQueue,
    Fact::BackendConnections,
    Fact::BackendFreeConnections,
    Fact::BackendId,
    Fact::BytesFromClient,
    Fact::BytesToClient,
    Fact::CapturedRequestField,
    Fact::CapturedResponseField,
    Fact::ConnectionSlots,
    Fact::Date,
    Fact::DateMicros,
    Fact::DefaultBackend,
    Fact::DestinationIsLocal,
    Fact::FrontendConnections,
    Fact::FrontendId,
    Fact::Hostname,
    Fact::IsFirstRequest,
    Fact::IsRedispatched,
    Fact::IsStopping,
    Fact::ListenerConnections,
    Fact::ListenerId,
    Fact::ListenerName,
    Fact::ProcessId,
    Fact::ProcessNumber,
    Fact::Processes,
    Fact::Queue,
    Fact::Random,
    Fact::ReceivedProxyHeader,
    Fact::RequestDate,
    Fact::RequestMethod,
    Fact::RequestTarget,
    Fact::RequestVersion,
    Fact::ResponseVersion,
    Fact::Retries,
    Fact::ServerAddress,
    Fact::ServerConnections,
    Fact::ServerFreeConnections,
    Fact::ServerId,
    Fact::ServerIsUp,
    Fact::ServerName,
    Fact::ServerPort,
    Fact::ServerQueue,
    Fact::ServerSourceAddress,
    Fact::ServerSourcePort,
    Fact::ServerWeight,
    Fact::SocketDestination,
    Fact::SocketDestinationPort,
    Fact::SocketSource,
    Fact::SocketSourcePort,
    Fact::SourceIsLocal,
    Fact::TerminationState,
    Fact::Thread,
    Fact::TimeoutClient,
    Fact::TimeoutConnect,
    Fact::TimeoutFrontendTarpit,
    Fact::TimeoutQueue,
    Fact::TimeoutServer,
    Fact::TimeoutTarpit,
    Fact::TimeoutTunnel,
    Fact::TimerConnect,
    Fact::TimerConnection,
    Fact::TimerData,
    Fact::TimerHandshake,
    Fact::TimerIdle,
    Fact::TimerQuery,
    Fact::TimerQueue,
    Fact::TimerRequest,
    Fact::TimerResponse,
    Fact::TimerTotal,
    Fact::TimerUser,
    Fact::TransactionStatus,
    Fact::Uptime,
    Fact::Uuid,
];

/// One section's names, over those of the whole configuration.
pub(super) struct Scope<'s, 'r> {
    pub(super) draft: &'s mut Draft,
    pub(super) reading: &'s mut Reading<'r>,
}

impl Names for Scope<'_, '_> {
    fn variable(&mut self, name: &str) -> VariableId {
        self.reading.variable(name)
    }

    fn place(&self) -> Place {
        self.draft.line.clone()
    }

    fn backend(&self, name: &str) -> Option<ProxyId> {
        self.reading.backends.get(name).copied()
    }

    fn this_proxy(&self) -> ProxyId {
        self.draft.proxy.id
    }

    fn acl(&self, name: &str) -> Option<AclId> {
        self.draft.acls.get(name).copied()
    }

    fn supplies(&self, fact: Fact) -> bool {
        SUPPLIED.contains(&fact)
    }

    fn supplies_field(&self, _: Field) -> bool {
        true
    }

    fn userlist(&self, name: &str) -> Option<Arc<Userlist>> {
        self.reading.userlists.iter().find(|list| list.name == name).cloned()
    }

    fn acl_names(&self) -> Vec<String> {
        match self.reading.may_guess() {
            true => self.draft.acls.keys().cloned().collect(),
            false => Vec::new(),
        }
    }

    fn tell_never(&mut self, fetch: &'static str, reason: &'static str) {
        self.reading.without_value.push((fetch, reason));
    }

    fn anonymous_acl(&mut self, acl: Acl) -> AclId {
        self.draft.add_acl(acl)
    }

    fn time(&mut self, word: &[u8]) -> Result<std::time::Duration, String> {
        value::parse_time(word, value::Unit::Millisecond).map(|time| time.time)
    }

    fn size(&mut self, word: &[u8]) -> Result<u64, String> {
        value::parse_size(word).map(|size| size as u64)
    }

    fn resolve(&mut self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        match self.reading.resolve(host) {
            none if none.is_empty() => Err(std::io::Error::new(std::io::ErrorKind::NotFound, format!("no host has the name '{host}'"))),
            found => Ok(found),
        }
    }

    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.reading.read_file(path)
    }
}

/// The names that a check's expressions may use: those of its section, but no transaction, and variables of the check.
pub(super) struct CheckScope<'s, 'r>(pub(super) Scope<'s, 'r>);

impl Names for CheckScope<'_, '_> {
    fn variable(&mut self, name: &str) -> VariableId {
        self.0.variable(name)
    }

    fn backend(&self, name: &str) -> Option<ProxyId> {
        self.0.backend(name)
    }

    fn this_proxy(&self) -> ProxyId {
        self.0.this_proxy()
    }

    fn acl(&self, _: &str) -> Option<AclId> {
        None
    }

    fn is_in_check(&self) -> bool {
        true
    }

    fn anonymous_acl(&mut self, acl: Acl) -> AclId {
        self.0.anonymous_acl(acl)
    }

    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.0.read_file(path)
    }
}
