//! What fetches read outside of the message: the connection, switches and variables, servers.

use super::Scene;
use super::arguments::Argument;
use super::value::Value;

/// `always_false`, `ssl_fc`
pub fn no<'a>(_: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Bool(false))
}

/// `always_true`
pub fn yes<'a>(_: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Bool(true))
}

/// `fc_http_major`, `bc_http_major`
pub fn one<'a>(_: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Int(1))
}

/// `src`
pub fn source<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.source.map(|address| Value::Address(address.ip()))
}

/// `src_port`
pub fn source_port<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.source.map(|address| Value::Int(i64::from(address.port())))
}

/// `dst`
pub fn destination<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.destination.map(|address| Value::Address(address.ip()))
}

/// `dst_port`
pub fn destination_port<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.destination.map(|address| Value::Int(i64::from(address.port())))
}

/// `env`, `variable`
pub fn variable<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let Some(Argument::Switch(name)) = arguments.first() else { return None };
    scene.world.variable(*name).map(Value::text)
}

/// `env_int`
pub fn variable_int<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let Some(Argument::Switch(name)) = arguments.first() else { return None };
    scene.world.variable_int(*name).map(Value::Int)
}

/// `var`
pub fn scoped_variable<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let value = match arguments.first() {
        Some(Argument::Switch(name)) => scene.world.variable(*name).map(Value::text),
        Some(Argument::Scoped(scope, name)) => scene.world.scoped_variable(*scope, name),
        _ => None,
    };
    value.or_else(|| match arguments.get(1) {
        Some(Argument::Text(default)) => Some(Value::text(default)),
        _ => None,
    })
}

/// `nbsrv`
pub fn usable_servers<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let Some(Argument::Backend(proxy)) = arguments.first() else { return None };
    Some(Value::Int(i64::from(scene.world.usable_servers(*proxy))))
}

/// `fe_name`
pub fn frontend_name<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::text(scene.frontend.as_bytes()))
}

/// `be_name`: the frontend's while none is chosen.
pub fn backend_name<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::text(scene.backend.unwrap_or(scene.frontend).as_bytes()))
}

/// How deep ACLs may name others.
const MOST_DEPTH: u8 = 8;

/// `acl`: whether every ACL named comes to what is asked; nothing when they name one another without end.
pub fn named_acls<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let inner = Scene { depth: scene.depth.checked_add(1).filter(|depth| *depth < MOST_DEPTH)?, ..*scene };
    let holds = |argument: &Argument| match argument {
        Argument::Acl(id, expected) => scene.acls.get(id.0 as usize).is_some_and(|acl| acl.matches(&inner) == *expected),
        _ => true,
    };
    Some(Value::Bool(arguments.iter().all(holds)))
}

/// A fetch that never has a value here.
pub fn never<'a>(_: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    None
}

/// `unique-id`: an id may name variables that rules have set, so that it is made where it is first asked for.
pub fn unique_id<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.world.unique_id(scene)
}
