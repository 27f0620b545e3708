//! Where the switches get their values from at start and reload: the environment, the configuration, the command line.
//! What is set at run time comes by `commands`; what a value means is up to the configuration that reads it.

use crate::config::model::{Global, SwitchValue};
use crate::state::Variables;
use crate::state::variables::{Kind, Source, Value};
use crate::units::WallClock;
use std::collections::HashMap;

/// Takes the values of the environment and of the configuration, in place of what it said before.
pub fn take_configuration(variables: &Variables, global: &Global, environment: &HashMap<String, String>, now: WallClock) {
    let changed = |name: &str| global.environment.iter().any(|(other, _)| other == name);
    // A name that the configuration sets or unsets is its own from then on.
    let outside = environment.iter().filter(|(name, _)| !changed(name));
    let value = |source, name: &str, text: &str| (name.to_string(), Value::new(source, text.as_bytes(), now));
    let outside = outside.map(|(name, text)| value(Source::Environment, name, text));
    variables.replace_all(Source::Environment, outside.collect());
    let set = global.environment.iter().filter_map(|(name, text)| Some(value(Source::Configuration, name, text.as_ref()?)));
    let first = global.switches.iter().map(|(name, value)| (name.clone(), first_value(value, now)));
    variables.replace_all(Source::Configuration, set.chain(first).collect());
}

/// A value that `set-var` gives.
fn first_value(value: &SwitchValue, now: WallClock) -> Value {
    let kind = match value {
        SwitchValue::Text(_) => Kind::Text,
        SwitchValue::Integer(_) => Kind::Integer,
        SwitchValue::Boolean(_) => Kind::Boolean,
    };
    Value { kind, ..Value::new(Source::Configuration, &value.text(), now) }
}

/// Takes the values of `-s`.
pub fn take_command_line(variables: &Variables, switches: &[(String, String)], now: WallClock) {
    for (name, value) in switches {
        variables.put(Source::CommandLine, bare_name(name), Some(Value::new(Source::CommandLine, value.as_bytes(), now)));
    }
}

/// Is this a name that a switch can have: letters, digits, `_`, `-` and dots, beginning with a letter or `_`?
pub fn is_switch_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic())
        && bytes.all(|byte| matches!(byte, b'_' | b'.' | b'-') || byte.is_ascii_alphanumeric())
}

/// `proc.NAME` and `NAME` are the same switch.
pub fn bare_name(name: &str) -> &str {
    name.strip_prefix("proc.").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_its_own_and_a_reload_forgets_what_the_configuration_said() {
        let (variables, now) = (Variables::default(), WallClock::default());
        let environment = HashMap::from([("A".to_string(), "env".to_string()), ("B".to_string(), "env".to_string())]);
        let value = |name: &str| variables.get(name).map(|value| String::from_utf8_lossy(&value.text).into_owned());
        let first = Global { environment: vec![("A".into(), None), ("C".into(), Some("cfg".into()))], ..Global::default() };
        take_configuration(&variables, &first, &environment, now);
        take_command_line(&variables, &[("proc.D".into(), "cmd".into())], now);
        assert_eq!((value("A"), value("B").as_deref(), value("C").as_deref()), (None, Some("env"), Some("cfg")));
        take_configuration(&variables, &Global::default(), &environment, now);
        assert_eq!((value("A").as_deref(), value("C"), value("D").as_deref()), (Some("env"), None, Some("cmd")));
    }
}
