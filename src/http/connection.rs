//! What `Connection` and the version say about a connection's future (RFC 9112 section 9, RFC 9110 section 7.6.1).
//! Which connections byway keeps is the session's decision.

use super::Version;
use super::head::{Head, MOST_FIELDS};
use super::header::elements;

/// Fields that stay even where `Connection` names them: without them the message means another one.
const NEVER_NAMED: [&str; 3] = ["content-length", "transfer-encoding", "host"];
/// Fields of one connection that go whether `Connection` names them or not (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [&str; 4] = ["connection", "keep-alive", "proxy-connection", "te"];

/// May the connection that this message came on carry another one (RFC 9112 section 9.3)?
pub fn is_persistent(head: &Head) -> bool {
    is_persistent_by(head, "connection")
}

/// The same where another field, `proxy-connection`, stands for `Connection`.
pub fn is_persistent_by(head: &Head, field: &str) -> bool {
    let says = |option: &str| head.values(field).flat_map(elements).any(|element| element.eq_ignore_ascii_case(option.as_bytes()));
    !says("close") && (head.version() == Version::Http11 || says("keep-alive"))
}

/// Does the message ask for an upgrade (`Connection: upgrade` and `Upgrade`; RFC 9110 section 7.8)? One in HTTP/1.0 is ignored,
/// and one to HTTP/2, which would carry requests past all rules, is as good as none.
pub fn wants_upgrade(head: &Head) -> bool {
    let is_http2 = |protocol: &[u8]| protocol.eq_ignore_ascii_case(b"h2c") || protocol.eq_ignore_ascii_case(b"h2");
    head.version() == Version::Http11
        && has_option(head, "upgrade")
        && head.values("upgrade").any(|value| !value.is_empty())
        && !head.values("upgrade").flat_map(elements).any(is_http2)
}

/// Does a `Connection` field hold that option (compared without regard to case)?
pub fn has_option(head: &Head, option: &str) -> bool {
    head.values("connection").flat_map(elements).any(|element| element.eq_ignore_ascii_case(option.as_bytes()))
}

/// Does the sender take trailers (`TE: trailers`; RFC 9110 section 10.1.4)? `remove_hop_by_hop` takes `TE` away.
pub fn takes_trailers(head: &Head) -> bool {
    head.values("te").flat_map(elements).any(|element| element.eq_ignore_ascii_case(b"trailers"))
}

/// Removes `Connection`, the fields that it names, `Keep-Alive`, `Proxy-Connection`, `TE` and, unless the upgrade goes on, `Upgrade`.
/// `Content-Length`, `Transfer-Encoding` and `Host` stay even where they are named.
pub fn remove_hop_by_hop(head: &mut Head, keep_upgrade: bool) {
    remove_named(head, keep_upgrade);
    for name in HOP_BY_HOP {
        head.remove(name);
    }
    if !keep_upgrade {
        head.remove("upgrade");
    }
}

/// Removes the fields that `Connection` names (RFC 9110 section 7.6.1).
fn remove_named(head: &mut Head, keep_upgrade: bool) {
    if !head.has("connection") {
        return;
    }
    let is_kept = |name: &[u8]| {
        let is = |other: &&str| name.eq_ignore_ascii_case(other.as_bytes());
        NEVER_NAMED.iter().any(is) || is(&"connection") || (keep_upgrade && is(&"upgrade"))
    };
    let mut named = [false; MOST_FIELDS];
    for option in head.values("connection").flat_map(elements).filter(|option| !is_kept(option)) {
        for (index, is_named) in named.iter_mut().enumerate().take(head.len()) {
            *is_named |= head.name(index).eq_ignore_ascii_case(option);
        }
    }
    for (index, is_named) in named.iter().enumerate().rev() {
        if *is_named {
            head.remove_at(index);
        }
    }
}
