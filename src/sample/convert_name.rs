//! Converters of names that messages give: of backends, frontends and servers.

use super::Scene;
use super::arguments::Argument;
use super::fact::Fact;
use super::text::shown;
use super::value::Value;

/// `nbsrv`: nothing when there is no such backend.
pub fn usable_servers<'a>(value: Value<'a>, _: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let backend = value.with_text(|name| scene.world.backend_named(name))?;
    Some(Value::Int(i64::from(scene.world.usable_servers(backend))))
}

/// `fe_exists`
pub fn frontend_exists<'a>(value: Value<'a>, _: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Bool(value.with_text(|name| scene.world.is_frontend(name))))
}

/// What is known of the server that the text names; of the backend in force where it names none.
fn of_server(value: &Value, scene: &Scene, fact: Fact) -> Option<i64> {
    let server = value.with_text(|name| {
        let slash = name.iter().position(|byte| *byte == b'/');
        let (backend, server) = match slash {
            Some(slash) => (name.get(..slash)?, name.get(slash + 1..)?),
            None => (scene.backend?.as_bytes(), name),
        };
        Some(Argument::Server(scene.world.backend_named(backend)?, shown(server).into_owned()))
    })?;
    scene.world.fact(fact, std::slice::from_ref(&server))?.to_int()
}

/// `srv_is_up`
pub fn server_is_up<'a>(value: Value<'a>, _: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    of_server(&value, scene, Fact::ServerIsUp).map(|up| Value::Bool(up != 0))
}

/// `srv_queue`
pub fn server_queue<'a>(value: Value<'a>, _: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    of_server(&value, scene, Fact::ServerQueue).map(Value::Int)
}
