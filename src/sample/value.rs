//! The value of a sample and its casts between types, as HAProxy's.

use std::borrow::Cow;
use std::net::IpAddr;

/// A value taken from a message or its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `bool`
    Bool(bool),
    /// `sint`
    Int(i64),
    /// `str`
    Str(Cow<'a, [u8]>),
    /// `bin`
    Bin(Cow<'a, [u8]>),
    /// `ipv4`, `ipv6`
    Address(IpAddr),
}
