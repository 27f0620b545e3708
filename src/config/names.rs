//! What the words of a line may name, as the expression parsers ask for it: switches, backends, ACLs, files.
//! Names of proxies are known before the first line is read, so that a line may name a later section.

use super::Reading;
use super::draft::Draft;
use crate::acl::Acl;
use crate::fault::Place;
use crate::sample::fact::Fact;
use crate::sample::{AclId, Field, Names, ProxyId, Userlist, VariableId};
use std::net::IpAddr;
use std::sync::Arc;

/// The facts about the running proxy that fetches may ask for: those that `state` keeps for them.
pub(super) const SUPPLIED: &[Fact] = &[
    Fact::ActiveConnections,
    Fact::AverageQueue,
    Fact::BackendConnections,
    Fact::BackendFreeConnections,
    Fact::BackendId,
    Fact::CapturedRequestField,
    Fact::CapturedResponseField,
    Fact::Date,
    Fact::FrontendConnections,
    Fact::FrontendId,
    Fact::IsFirstRequest,
    Fact::IsStopping,
    Fact::ProcessId,
    Fact::ProcessNumber,
    Fact::Processes,
    Fact::Queue,
    Fact::ReceivedProxyHeader,
    Fact::RequestMethod,
    Fact::RequestTarget,
    Fact::RequestVersion,
    Fact::ServerConnections,
    Fact::ServerId,
    Fact::ServerIsUp,
    Fact::ServerName,
    Fact::ServerQueue,
    Fact::TransactionStatus,
];

/// The variables of formats that nothing is kept for yet.
const FIELDS_LEFT_OUT: &[Field] = &[
    Field::Hostname,
    Field::DataTime,
    Field::IdleTime,
    Field::QueryTime,
    Field::TotalTime,
    Field::UserTime,
    Field::BytesToServer,
    Field::ServerSourceAddress,
    Field::ServerSourcePort,
    Field::RequestFieldList,
    Field::ResponseFieldList,
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

    fn supplies_field(&self, field: Field) -> bool {
        !FIELDS_LEFT_OUT.contains(&field)
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

    fn anonymous_acl(&mut self, acl: Acl) -> AclId {
        self.draft.add_acl(acl)
    }

    fn resolve(&mut self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        match self.reading.resolve(host) {
            none if none.is_empty() => Err(std::io::Error::new(std::io::ErrorKind::NotFound, format!("no host has the name '{host}'"))),
            found => Ok(found),
        }
    }

    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.reading.surroundings.outside.read_file(path)
    }
}
