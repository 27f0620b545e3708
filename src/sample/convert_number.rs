//! Converters of numbers, booleans and addresses.

use super::Scene;
use super::arguments::Argument;
use super::date::Date;
use super::value::{Type, Value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The integer that an argument gives, or the variable that it names.
fn operand(arguments: &[Argument], scene: &Scene) -> Option<i64> {
    match arguments.first()? {
        Argument::Int(value) => Some(*value),
        Argument::Switch(name) => Value::text(scene.world.variable(*name)?).to_int(),
        Argument::Scoped(scope, name) => scene.world.scoped_variable(*scope, name)?.to_int(),
        _ => None,
    }
}

fn computed<'a>(value: Value<'a>, arguments: &[Argument], scene: &Scene, compute: fn(i64, i64) -> i64) -> Option<Value<'a>> {
    Some(Value::Int(compute(value.to_int()?, operand(arguments, scene)?)))
}

/// The integer that may stand in an argument.
fn optional(arguments: &[Argument], index: usize) -> Option<i64> {
    match arguments.get(index) {
        Some(Argument::Int(value)) => Some(*value),
        _ => None,
    }
}

/// `add`
pub fn add<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, i64::saturating_add)
}

/// `sub`
pub fn sub<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, i64::saturating_sub)
}

/// `mul`
pub fn mul<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, i64::saturating_mul)
}

/// `div`
pub fn div<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, |a, b| if b == 0 { i64::MAX } else { a.saturating_div(b) })
}

/// `mod`
pub fn modulo<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, |a, b| a.checked_rem(b).unwrap_or(0))
}

/// `and`
pub fn and<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, |a, b| a & b)
}

/// `or`
pub fn or<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, |a, b| a | b)
}

/// `xor`
pub fn xor<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    computed(value, arguments, scene, |a, b| a ^ b)
}

/// `neg`
pub fn neg<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.to_int().map(|value| Value::Int(value.saturating_neg()))
}

/// `even`
pub fn even<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.to_int().map(|value| Value::Bool(value % 2 == 0))
}

/// `odd`
pub fn odd<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.to_int().map(|value| Value::Bool(value % 2 != 0))
}

/// `bool`
pub fn boolean<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.cast(Type::Bool)
}

/// `not`
pub fn not<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.to_bool().map(|value| Value::Bool(!value))
}

/// `iif`
pub fn iif<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    match arguments.get(usize::from(!value.to_bool()?)) {
        Some(Argument::Text(text)) => Some(Value::text(text)),
        _ => None,
    }
}

/// `ipmask`
pub fn ipmask<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Address(match value.to_address()? {
        IpAddr::V4(address) => {
            let bits = optional(arguments, 0).and_then(|bits| u32::try_from(bits).ok()).filter(|bits| *bits <= 32)?;
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask))
        }
        IpAddr::V6(address) => {
            let bits = optional(arguments, 1).and_then(|bits| u32::try_from(bits).ok()).filter(|bits| *bits <= 128)?;
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
        }
    }))
}

/// `http_date`
pub fn http_date<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let seconds = value.to_int()?.checked_add(optional(arguments, 0).unwrap_or(0))?;
    let mut out = Vec::new();
    Date::of(seconds)?.render(b"%a, %d %b %Y %H:%M:%S GMT", &mut out);
    Some(Value::built(out))
}

/// `utime`
pub fn utime<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let Some(Argument::Text(format)) = arguments.first() else { return None };
    let seconds = value.to_int()?.checked_add(optional(arguments, 1).unwrap_or(0))?;
    let mut out = Vec::new();
    Date::of(seconds)?.render(format, &mut out);
    Some(Value::built(out))
}
