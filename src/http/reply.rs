//! The answers that byway gives itself: HAProxy's error pages, to the byte.

/// A status that byway answers with by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Ok200,
    BadRequest400,
    Forbidden403,
    RequestTimeout408,
    InternalError500,
    BadGateway502,
    Unavailable503,
    GatewayTimeout504,
}

impl Status {
    /// The code.
    pub fn code(self) -> u16 {
        unimplemented!()
    }
    /// The whole answer (HAProxy 2.6's bytes, field names in the case of 2.0's table, `Connection: close` included).
    pub fn page(self) -> &'static [u8] {
        unimplemented!()
    }
}
