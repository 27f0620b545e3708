//! Variables of a session: what `set-var` set in the scopes `sess`, `txn`, `req` and `res`, and the switches (`proc`) that it changed.
//! When a scope ends is the session's to say.

use crate::http::head::Head;
use crate::sample::arguments::Argument;
use crate::sample::value::leading_int;
use crate::sample::{Fact, Field, ProxyId, Scene, Scope, Value, VariableId, World};
use std::borrow::Cow;
use std::cell::RefCell;

/// Variables that one session may have at once; more are not set.
const MOST_VARIABLES: usize = 256;

/// The store. While nothing is set, it owns no memory.
#[derive(Debug, Default)]
pub struct Variables {
    values: Vec<(Scope, Vec<u8>, Value<'static>)>,
    switches: Vec<(VariableId, Option<Vec<u8>>)>,
    told: usize,
    /// What converters have set while an expression was read, until `settle`.
    kept: RefCell<Vec<(Place, Option<Value<'static>>)>>,
}

/// What `set-var` sets.
#[derive(Clone, Debug)]
pub enum Place {
    /// A variable of the session.
    Scoped(Scope, Vec<u8>),
    /// `proc.NAME`: a switch.
    Switch(VariableId),
}

impl Variables {
    /// Keeps what a converter sets or unsets.
    pub fn keep(&self, variable: &Argument, value: Option<&Value>) {
        let place = match variable {
            Argument::Switch(id) => Place::Switch(*id),
            Argument::Scoped(scope, name) => Place::Scoped(*scope, name.clone()),
            _ => return,
        };
        let mut kept = self.kept.borrow_mut();
        if kept.len() < MOST_VARIABLES {
            kept.push((place, value.cloned().map(owned)));
        }
    }

    /// Sets what converters have set.
    pub fn settle(&mut self) {
        if !self.kept.get_mut().is_empty() {
            for (place, value) in std::mem::take(self.kept.get_mut()) {
                self.set(&place, value);
            }
        }
    }

    /// The value of a variable.
    pub fn get(&self, scope: Scope, name: &[u8]) -> Option<Value<'_>> {
        let kept = self.kept.borrow();
        let is_meant = |place: &Place| matches!(place, Place::Scoped(own, known) if *own == scope && known == name);
        if let Some((_, value)) = kept.iter().rev().find(|(place, _)| is_meant(place)) {
            return value.clone();
        }
        let found = self.values.iter().find(|(own, known, _)| *own == scope && known == name);
        found.map(|(_, _, value)| match value {
            Value::Str(text) => Value::text(text),
            Value::Bin(bytes) => Value::Bin(Cow::Borrowed(bytes)),
            scalar => scalar.clone(),
        })
    }

    /// Sets a variable, or unsets it.
    pub fn set(&mut self, place: &Place, value: Option<Value>) {
        match place {
            Place::Scoped(scope, name) => {
                self.values.retain(|(own, known, _)| !(own == scope && known == name));
                if let Some(value) = value
                    && self.values.len() < MOST_VARIABLES
                {
                    self.values.push((*scope, name.clone(), owned(value)));
                }
            }
            Place::Switch(id) => self.switches.push((*id, value.map(|value| value.with_text(<[u8]>::to_vec)))),
        }
    }

    /// A scope ends.
    pub fn forget(&mut self, scope: Scope) {
        if !self.values.is_empty() {
            self.values.retain(|(own, ..)| *own != scope);
        }
    }

    /// The transaction ends: only the session's own variables stay.
    pub fn end_transaction(&mut self) {
        self.values.retain(|(own, ..)| *own == Scope::Session);
        self.switches.clear();
        self.told = 0;
    }

    /// The switches that were changed since the last call.
    pub fn take_switches(&mut self) -> &[(VariableId, Option<Vec<u8>>)] {
        let from = std::mem::replace(&mut self.told, self.switches.len());
        self.switches.get(from..).unwrap_or_default()
    }

    fn switch(&self, id: VariableId) -> Option<Option<&[u8]>> {
        self.switches.iter().rev().find(|(own, _)| *own == id).map(|(_, text)| text.as_deref())
    }
}

/// The value with memory of its own.
pub fn owned(value: Value) -> Value<'static> {
    match value {
        Value::Bool(value) => Value::Bool(value),
        Value::Int(value) => Value::Int(value),
        Value::Address(address) => Value::Address(address),
        Value::Str(text) => Value::built(text.into_owned()),
        Value::Bin(bytes) => Value::Bin(Cow::Owned(bytes.into_owned())),
    }
}

/// The value of a slot in which something was captured.
pub fn captured(values: &[Vec<u8>], slot: i64) -> Option<Value<'_>> {
    values.get(usize::try_from(slot).ok()?).filter(|value| !value.is_empty()).map(|value| Value::text(value))
}

/// The world with a session's variables over it.
pub struct Overlaid<'a> {
    /// What lies below.
    pub world: &'a dyn World,
    /// The variables.
    pub variables: &'a Variables,
    /// Values of the request that were captured, by slot.
    pub captures: &'a [Vec<u8>],
    /// Likewise of the response.
    pub response_captures: &'a [Vec<u8>],
}

impl World for Overlaid<'_> {
    fn variable(&self, name: VariableId) -> Option<&[u8]> {
        match self.variables.switch(name) {
            Some(changed) => changed,
            None => self.world.variable(name),
        }
    }

    fn variable_int(&self, name: VariableId) -> Option<i64> {
        match self.variables.switch(name) {
            Some(changed) => {
                let text = changed?;
                let digits = text.strip_prefix(b"-").unwrap_or(text);
                digits.first().is_some_and(u8::is_ascii_digit).then(|| leading_int(text))
            }
            None => self.world.variable_int(name),
        }
    }

    fn usable_servers(&self, backend: ProxyId) -> u32 {
        self.world.usable_servers(backend)
    }

    fn scoped_variable(&self, scope: Scope, name: &[u8]) -> Option<Value<'_>> {
        self.variables.get(scope, name)
    }

    fn fact<'a>(&'a self, fact: Fact, arguments: &'a [Argument]) -> Option<Value<'a>> {
        match (fact, arguments.first()) {
            (Fact::CapturedRequestField, Some(Argument::Int(slot))) => captured(self.captures, *slot),
            (Fact::CapturedResponseField, Some(Argument::Int(slot))) => captured(self.response_captures, *slot),
            _ => self.world.fact(fact, arguments),
        }
    }

    fn keep(&self, variable: &Argument, value: Option<&Value>) {
        self.variables.keep(variable, value);
    }

    fn utc_offset_seconds(&self) -> i32 {
        self.world.utc_offset_seconds()
    }

    fn backend_named(&self, name: &[u8]) -> Option<ProxyId> {
        self.world.backend_named(name)
    }

    fn is_frontend(&self, name: &[u8]) -> bool {
        self.world.is_frontend(name)
    }

    fn log_list(&self, field: Field) -> &[Vec<u8>] {
        self.world.log_list(field)
    }

    fn unique_id<'a>(&'a self, scene: &Scene) -> Option<Value<'a>> {
        self.world.unique_id(scene)
    }

    fn credentials_field(&self, request: &Head) -> &'static str {
        self.world.credentials_field(request)
    }

    fn log_field(&self, field: Field) -> Option<Value<'_>> {
        self.world.log_field(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fake::FakeWorld;

    #[test]
    fn a_variable_lives_as_long_as_its_scope() {
        let mut variables = Variables::default();
        for scope in [Scope::Session, Scope::Transaction, Scope::Request, Scope::Response] {
            variables.set(&Place::Scoped(scope, b"a".to_vec()), Some(Value::Int(1)));
        }
        variables.forget(Scope::Request);
        let known = |variables: &Variables| {
            [Scope::Session, Scope::Transaction, Scope::Request, Scope::Response].map(|scope| variables.get(scope, b"a").is_some())
        };
        assert_eq!(known(&variables), [true, true, false, true]);
        variables.end_transaction();
        assert_eq!(known(&variables), [true, false, false, false]);
        variables.set(&Place::Scoped(Scope::Session, b"a".to_vec()), None);
        assert_eq!(known(&variables), [false; 4]);
    }

    #[test]
    fn a_switch_that_was_set_is_seen_at_once_and_told_once() {
        let world = FakeWorld { values: vec![Some(b"7".to_vec())], servers: 0 };
        let mut variables = Variables::default();
        let id = VariableId(0);
        variables.set(&Place::Switch(id), Some(Value::text(b"12x")));
        assert_eq!(variables.take_switches().len(), 1);
        assert!(variables.take_switches().is_empty());
        let over = Overlaid { world: &world, variables: &variables, captures: &[], response_captures: &[] };
        assert_eq!((over.variable(id), over.variable_int(id)), (Some(&b"12x"[..]), Some(12)));
        variables.set(&Place::Switch(id), None);
        assert_eq!(Overlaid { world: &world, variables: &variables, captures: &[], response_captures: &[] }.variable(id), None);
        variables.end_transaction();
        assert_eq!(Overlaid { world: &world, variables: &variables, captures: &[], response_captures: &[] }.variable_int(id), Some(7));
    }
}
