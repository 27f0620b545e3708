//! `set-var` and `set-var-fmt` of `global`: the first value of a switch, by an expression or a format over what is known when the
//! file is read. What is set at run time stands above it.

use super::Reading;
use super::line::Line;
use super::model::{Global, SwitchValue};
use crate::acl::Acl;
use crate::fault::Fault;
use crate::rules::text::Text;
use crate::sample::content::{Content, Patience};
use crate::sample::expression::Expression;
use crate::sample::{AclId, Names, ProxyId, Scene, Value, VariableId, World};
use std::net::IpAddr;

/// `set-var proc.<name> <expression>`
pub(super) fn set_var(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = switch_name(line)?;
    let word = line.expect(2, "an expression behind the name")?;
    line.end(3)?;
    let expression = Expression::parse(word, &mut Bare { reading }).map_err(|fault| Fault { word: 2, ..fault })?;
    let known = Known::of(global, reading);
    let value = match expression.value(&known.scene()) {
        Some(Value::Int(number)) => SwitchValue::Integer(number),
        Some(Value::Bool(holds)) => SwitchValue::Boolean(holds),
        Some(other) => SwitchValue::Text(other.with_text(<[u8]>::to_vec)),
        None => return Err(Fault::new(2, "this has no value while the file is read").hint("str(...), int(...), bool(...), env(...)")),
    };
    put(global, name, value);
    Ok(())
}

/// `set-var-fmt proc.<name> <format>`
pub(super) fn set_var_format(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = switch_name(line)?;
    let word = line.expect(2, "a format behind the name")?;
    line.end(3)?;
    let format = Text::parse(word, &mut Bare { reading }).map_err(|fault| Fault { word: 2, ..fault })?;
    let known = Known::of(global, reading);
    let mut text = Vec::new();
    format.render(&known.scene(), &mut text);
    put(global, name, SwitchValue::Text(text));
    Ok(())
}

fn switch_name(line: &Line) -> Result<String, Fault> {
    let name = line.expect_text(1, "a name and a value: proc.<name> <expression>")?;
    let Some(bare) = name.strip_prefix("proc.") else {
        return Err(
            Fault::new(1, format!("'{name}' does not begin with 'proc.'")).hint("variables of the process alone have a first value")
        );
    };
    let is_name = bare.bytes().all(|byte| matches!(byte, b'_' | b'.' | b'-') || byte.is_ascii_alphanumeric());
    match is_name && bare.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
        true => Ok(bare.to_owned()),
        false => Err(Fault::new(1, format!("'{bare}' is no name of a variable: letters, digits, '_', '-' and '.'"))),
    }
}

fn put(global: &mut Global, name: String, value: SwitchValue) {
    global.switches.retain(|(other, _)| *other != name);
    global.switches.push((name, value));
}

/// What words of `global` may name: switches and files.
struct Bare<'s, 'r> {
    reading: &'s mut Reading<'r>,
}

impl Names for Bare<'_, '_> {
    fn variable(&mut self, name: &str) -> VariableId {
        self.reading.variable(name)
    }
    fn backend(&self, _: &str) -> Option<ProxyId> {
        None
    }
    fn this_proxy(&self) -> ProxyId {
        ProxyId::default()
    }
    fn acl(&self, _: &str) -> Option<AclId> {
        None
    }
    /// Only conditions make one, and there are none here.
    fn anonymous_acl(&mut self, _: Acl) -> AclId {
        AclId(u32::MAX)
    }
    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        self.reading.read_file(path)
    }
    fn resolve(&mut self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(self.reading.resolve(host))
    }
}

/// The values of switches by their ids, as they are at this line.
struct Known {
    values: Vec<Option<Vec<u8>>>,
}

impl Known {
    fn of(global: &Global, reading: &Reading) -> Known {
        let value = |name: &String| {
            let set = global.switches.iter().find(|(other, _)| other == name).map(|(_, value)| value.text().into_owned());
            set.or_else(|| Some(reading.environment.get(name)?.as_bytes().to_vec()))
        };
        Known { values: reading.variables.names.iter().map(value).collect() }
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            request: None,
            response: None,
            source: None,
            destination: None,
            content: Content::Nothing,
            patience: Patience::Over,
            frontend: "",
            backend: None,
            world: self,
            witness: None,
            acls: &[],
            depth: 0,
        }
    }
}

impl World for Known {
    fn variable(&self, name: VariableId) -> Option<&[u8]> {
        self.values.get(name.0 as usize)?.as_deref()
    }
    fn variable_int(&self, name: VariableId) -> Option<i64> {
        self.variable(name).map(crate::sample::value::leading_int)
    }
    fn usable_servers(&self, _: ProxyId) -> u32 {
        0
    }
}
