//! Converters of numbers, booleans and addresses.

use super::Scene;
use super::arguments::Argument;
use super::date::{Date, Zone, parse_http_date};
use super::value::{Type, Value, render_int};
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

/// `ipmask`: masks for IPv4 and IPv6; an address of a kind that has no mask has no value.
pub fn ipmask<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Address(match (value.to_address()?, arguments) {
        (IpAddr::V4(address), [Argument::Address(IpAddr::V4(mask)), ..]) => {
            IpAddr::V4(Ipv4Addr::from(u32::from(address) & u32::from(*mask)))
        }
        (IpAddr::V6(address), [_, Argument::Address(IpAddr::V6(mask))]) => {
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & u128::from(*mask)))
        }
        _ => return None,
    }))
}

/// In which unit a moment is given.
#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
}

impl Unit {
    fn per_second(self) -> i64 {
        match self {
            Unit::Seconds => 1,
            Unit::Milliseconds => 1000,
            Unit::Microseconds => 1_000_000,
        }
    }
}

/// The moment as a date, moved by an offset in its own unit.
fn date(value: &Value, offset: i64, unit: Unit, zone: Zone) -> Option<Date> {
    let (number, scale) = (value.to_int()?.checked_add(offset)?, unit.per_second());
    let nanos = number.rem_euclid(scale) * (1_000_000_000 / scale);
    Some(Date::in_zone(number.div_euclid(scale), u32::try_from(nanos).ok()?, zone))
}

fn formatted<'a>(value: &Value, arguments: &[Argument], unit: Unit, zone: Zone) -> Option<Value<'a>> {
    let Some(Argument::Text(format)) = arguments.first() else { return None };
    let mut out = Vec::new();
    date(value, optional(arguments, 1).unwrap_or(0), unit, zone)?.render(format, &mut out);
    Some(Value::built(out))
}

/// `http_date`
pub fn http_date<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let unit = match arguments.get(1) {
        Some(Argument::Text(unit)) if unit == b"ms" => Unit::Milliseconds,
        Some(Argument::Text(unit)) if unit == b"us" => Unit::Microseconds,
        _ => Unit::Seconds,
    };
    let moment = value.to_int()?.checked_add(optional(arguments, 0).unwrap_or(0))?;
    let mut out = Vec::new();
    date(&Value::Int(moment), 0, unit, Zone::Gmt)?.render(b"%a, %d %b %Y %H:%M:%S", &mut out);
    if unit.per_second() > 1 {
        // HAProxy writes the fraction as a plain number.
        out.push(b'.');
        render_int(moment.rem_euclid(unit.per_second()), &mut out);
    }
    out.extend_from_slice(b" GMT");
    Some(Value::built(out))
}

/// `date`: of an HTTP date.
pub fn http_date_seconds<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.with_text(|text| parse_http_date(std::str::from_utf8(text).ok()?)).map(Value::Int)
}

/// `utime`
pub fn utime<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    formatted(&value, arguments, Unit::Seconds, Zone::Gmt)
}

/// `ms_utime`
pub fn ms_utime<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    formatted(&value, arguments, Unit::Milliseconds, Zone::Gmt)
}

/// `us_utime`
pub fn us_utime<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    formatted(&value, arguments, Unit::Microseconds, Zone::Gmt)
}

/// `ltime`
pub fn ltime<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    formatted(&value, arguments, Unit::Seconds, Zone::Local(scene.world.utc_offset_seconds()))
}

/// `ms_ltime`
pub fn ms_ltime<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    formatted(&value, arguments, Unit::Milliseconds, Zone::Local(scene.world.utc_offset_seconds()))
}

/// `us_ltime`
pub fn us_ltime<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    formatted(&value, arguments, Unit::Microseconds, Zone::Local(scene.world.utc_offset_seconds()))
}

/// `cpl`
pub fn cpl<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.to_int().map(|value| Value::Int(!value))
}
