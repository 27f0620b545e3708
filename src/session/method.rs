//! What byway must remember of a request's method: how its answer is framed, and whether it may be sent twice.

/// What byway must remember of a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Method {
    Head,
    Connect,
    /// Others that may be repeated (RFC 9110 section 9.2.2).
    #[default]
    Idempotent,
    Post,
    Other,
}

impl Method {
    pub(super) fn of(name: &[u8]) -> Method {
        match name {
            b"GET" | b"PUT" | b"DELETE" | b"OPTIONS" | b"TRACE" => Method::Idempotent,
            b"HEAD" => Method::Head,
            b"CONNECT" => Method::Connect,
            b"POST" => Method::Post,
            _ => Method::Other,
        }
    }

    pub(super) fn may_be_repeated(self) -> bool {
        matches!(self, Method::Idempotent | Method::Head)
    }

    pub(super) fn name(self) -> &'static [u8] {
        match self {
            Method::Head => b"HEAD",
            Method::Connect => b"CONNECT",
            Method::Idempotent => b"GET",
            Method::Post => b"POST",
            Method::Other => b"OTHER",
        }
    }
}
