//! The `req*` and `rsp*` rules of HAProxy 1.x and 2.0: a regex over the start line and then each field line, the whole line replaced.

use crate::acl::Acl;
use crate::fault::Fault;
use crate::http::head::Head;
use crate::sample::{Names, Scene};

/// One `req*` or `rsp*` rule.
#[derive(Debug)]
pub struct Rewrite {}

/// What the rules of a section leave to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// 403 to a client (`PR`), 502 for a response (`PH`).
    Deny,
    /// Hold, then 500 (`PT`).
    Tarpit,
    /// A start line or field that a replacement left is no valid one: 400 or 502.
    Malformed,
}

impl Rewrite {
    /// Reads a rule; the first word is the keyword (`reqirep`, `rspadd`, `cliexp` ...).
    pub fn parse(_words: &[Vec<u8>], _names: &mut dyn Names) -> Result<Rewrite, Fault> {
        unimplemented!()
    }
}

/// Applies the rules to a request. `scene.request` is ignored: conditions see `head` as the rules before have left it.
pub fn apply_request(_rules: &[Rewrite], _acls: &[Acl], _head: &mut Head, _scene: &Scene) -> Verdict {
    unimplemented!()
}

/// Applies the rules to a response, likewise; `scene.request` is what conditions see of the request.
pub fn apply_response(_rules: &[Rewrite], _acls: &[Acl], _head: &mut Head, _scene: &Scene) -> Verdict {
    unimplemented!()
}
