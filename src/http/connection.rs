//! What `Connection` and the version say about a connection's future (RFC 9112 section 9, RFC 9110 section 7.6.1).
//! Which connections byway keeps is the session's decision.

use super::head::Head;

/// May the connection that this message came on carry another one (RFC 9112 section 9.3)?
pub fn is_persistent(_head: &Head) -> bool {
    unimplemented!()
}

/// Does the message ask for an upgrade (`Connection: upgrade` and `Upgrade`; RFC 9110 section 7.8)?
pub fn wants_upgrade(_head: &Head) -> bool {
    unimplemented!()
}

/// Removes `Connection`, the fields that it names, `Keep-Alive`, `Proxy-Connection` and, unless the upgrade goes on, `Upgrade`.
pub fn remove_hop_by_hop(_head: &mut Head, _keep_upgrade: bool) {
    unimplemented!()
}
