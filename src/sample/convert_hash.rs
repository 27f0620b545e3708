//! Converters of bytes to numbers and bytes that stand for them: checksums and hashes. The functions are in `hash`.

use super::Scene;
use super::arguments::Argument;
use super::hash::{self, Hash32};
use super::value::Value;
use std::borrow::Cow;

/// The hash, mixed where the argument is an odd number (HAProxy looks at the lowest bit).
fn hashed<'a>(value: &Value<'a>, arguments: &[Argument], hash: Hash32) -> Option<Value<'a>> {
    let plain = value.with_bytes(hash);
    let mixed = matches!(arguments.first(), Some(Argument::Int(mix)) if mix & 1 == 1);
    Some(Value::Int(i64::from(if mixed { hash::avalanche(plain) } else { plain })))
}

fn seed(arguments: &[Argument]) -> i64 {
    match arguments.first() {
        Some(Argument::Int(seed)) => *seed,
        _ => 0,
    }
}

/// `crc32`
pub fn crc32<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    hashed(&value, arguments, hash::crc32)
}

/// `crc32c`
pub fn crc32c<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    hashed(&value, arguments, hash::crc32c)
}

/// `djb2`
pub fn djb2<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    hashed(&value, arguments, hash::djb2)
}

/// `sdbm`
pub fn sdbm<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    hashed(&value, arguments, hash::sdbm)
}

/// `wt6`
pub fn wt6<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    hashed(&value, arguments, hash::wt6)
}

/// `xxh32`
pub fn xxh32<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Int(i64::from(value.with_bytes(|bytes| hash::xxh32(bytes, seed(arguments) as u32)))))
}

/// `xxh64`: the upper half of the numbers shows as negative ones.
pub fn xxh64<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Int(value.with_bytes(|bytes| hash::xxh64(bytes, seed(arguments) as u64)) as i64))
}

/// `sha1`
pub fn sha1<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Bin(Cow::Owned(value.with_bytes(hash::sha1).to_vec())))
}
