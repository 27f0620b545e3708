//! Cookies in `Cookie` and `Set-Cookie` fields, read and cut out as HAProxy does (its `cookie` keyword; RFC 6265 section 4).
//! Which server a value means is the session's.

use super::head::Head;

/// Where a request's cookie lies: index of the field, and the value's range within the field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the `Cookie` field.
    pub field: usize,
    /// Range of `NAME=VALUE` within the field's value.
    pub pair: std::ops::Range<usize>,
    /// Range of the value within the field's value.
    pub value: std::ops::Range<usize>,
}

/// The first cookie of that name (case-sensitive; separators `;` and `,`; attributes that begin with `$` passed over).
pub fn find_request_cookie(_head: &Head, _name: &[u8]) -> Option<Found> {
    unimplemented!()
}

/// Cuts a cookie out of its field, with its separator; a field that held nothing else is removed.
pub fn remove_request_cookie(_head: &mut Head, _found: &Found) {
    unimplemented!()
}

/// The first `Set-Cookie` field that sets that name, likewise.
pub fn find_response_cookie(_head: &Head, _name: &[u8]) -> Option<Found> {
    unimplemented!()
}

/// Would a shared cache store this answer to a GET (the status codes and Cache-Control/Pragma that HAProxy looks at)? Then `nocache` speaks up.
pub fn is_cacheable(_head: &Head) -> bool {
    unimplemented!()
}
