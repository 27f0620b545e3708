//! What the words of a line may name, as the expression parsers ask for it: switches, backends, ACLs, files.
//! Names of proxies are known before the first line is read, so that a line may name a later section.

use super::Reading;
use super::proxy::Draft;
use crate::acl::Acl;
use crate::sample::{AclId, Names, ProxyId, VariableId};

/// One section's names, over those of the whole configuration.
pub(super) struct Scope<'s, 'r> {
    pub(super) draft: &'s mut Draft,
    pub(super) reading: &'s mut Reading<'r>,
}

impl Names for Scope<'_, '_> {
    fn variable(&mut self, name: &str) -> VariableId {
        self.reading.variable(name)
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

    fn acl_names(&self) -> Vec<String> {
        match self.reading.may_guess() {
            true => self.draft.acls.keys().cloned().collect(),
            false => Vec::new(),
        }
    }

    fn anonymous_acl(&mut self, acl: Acl) -> AclId {
        self.draft.add_acl(acl)
    }

    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.reading.surroundings.outside.read_file(path)
    }
}
