//! The switches: named values that ACLs read. A value comes from the strongest of four sources; readers hold a snapshot
//! and look at one atomic number per request to see whether there is a newer one, so reading takes no lock and is never torn.

use super::lock;
use crate::units::WallClock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Where a value comes from, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The process's environment.
    Environment = 0,
    /// `setenv` and its kin in the configuration.
    Configuration = 1,
    /// `-s NAME=VALUE`.
    CommandLine = 2,
    /// `-S NAME=VALUE` or the control socket.
    RunTime = 3,
}

const SOURCES: [Source; 4] = [Source::Environment, Source::Configuration, Source::CommandLine, Source::RunTime];

impl Source {
    /// The source in words, as listings show it.
    pub fn name(self) -> &'static str {
        match self {
            Source::Environment => "environment",
            Source::Configuration => "configuration",
            Source::CommandLine => "command line",
            Source::RunTime => "run time",
        }
    }
}

/// What a value was set as; rules read the text of each all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// `str(...)`, and everything that is set without a type.
    #[default]
    Text,
    /// `int(...)` and `sint(...)`.
    Integer,
    /// `bool(...)`: 0 or 1.
    Boolean,
}

impl Kind {
    /// The type as HAProxy's `get var` names it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "str",
            Kind::Integer => "sint",
            Kind::Boolean => "bool",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        [Kind::Text, Kind::Integer, Kind::Boolean].into_iter().find(|kind| kind.name() == name)
    }
}

/// A value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As it was written.
    pub text: Vec<u8>,
    /// The integer that it begins with, as `atoi` would have it.
    pub int: Option<i64>,
    /// Where it comes from.
    pub source: Source,
    /// What it was set as.
    pub kind: Kind,
    /// When it was set.
    pub since: WallClock,
    /// When it is taken back by itself.
    pub until: Option<WallClock>,
}

impl Value {
    /// A text without an end, set at this time.
    pub fn new(source: Source, text: &[u8], since: WallClock) -> Value {
        Value { text: text.to_vec(), int: leading_int(text), source, kind: Kind::Text, since, until: None }
    }
}

/// A value that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The switch.
    pub name: String,
    /// What it was.
    pub before: Arc<Value>,
    /// What is in force instead.
    pub after: Option<Arc<Value>>,
}

/// Every value at one time, by number.
pub type Snapshot = Vec<Option<Arc<Value>>>;

/// All switches of the process.
#[derive(Debug, Default)]
pub struct Variables {
    version: AtomicUsize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
    sources: Vec<[Option<Arc<Value>>; 4]>,
    snapshot: Arc<Snapshot>,
}

/// One thread's view of the switches.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    seen: usize,
    snapshot: Arc<Snapshot>,
}

impl Variables {
    /// The number of a name, made when it is new; it never changes.
    pub fn number(&self, name: &str) -> usize {
        lock(&self.table).number(name)
    }

    /// Sets a name's value in one source (`None` unsets it there), and gives the value that was in force before.
    /// Every thread's next request sees it.
    pub fn set(&self, source: Source, name: &str, value: Option<&[u8]>) -> Option<Arc<Value>> {
        self.put(source, name, value.map(|text| Value::new(source, text, WallClock::default())))
    }

    /// The same with all that is to be known of the value.
    pub fn put(&self, source: Source, name: &str, value: Option<Value>) -> Option<Arc<Value>> {
        let mut table = lock(&self.table);
        let before = table.set(source, name, value);
        self.publish(&mut table);
        before
    }

    /// Puts other values in place of all that a source had, at once. What stays as it was keeps its age.
    pub fn replace_all(&self, source: Source, values: Vec<(String, Value)>) {
        let mut table = lock(&self.table);
        let slots = table.sources.iter_mut().map(|slots| slots.get_mut(source as usize).and_then(Option::take));
        let before: Vec<_> = slots.collect();
        for (name, mut value) in values {
            let known = table.numbers.get(&name).and_then(|number| before.get(*number)?.as_ref());
            if let Some(known) = known.filter(|known| known.text == value.text && value.until.is_none()) {
                value.since = known.since;
            }
            table.set(source, &name, Some(value));
        }
        self.publish(&mut table);
    }

    /// The values that were set at run time, in order of name, whatever is in force.
    pub fn run_time(&self) -> Vec<(String, Arc<Value>)> {
        let table = lock(&self.table);
        let values = table.names.iter().zip(&table.sources);
        let mut list: Vec<_> = values.filter_map(|(name, slots)| Some((name.clone(), slots.last()?.clone()?))).collect();
        list.sort_by(|a, b| a.0.cmp(&b.0));
        list
    }

    /// When the next value comes to its end.
    pub fn next_expiry(&self) -> Option<WallClock> {
        lock(&self.table).sources.iter().filter_map(|slots| slots.last()?.as_ref()?.until).min()
    }

    /// Takes back the values whose time is over.
    pub fn expire(&self, now: WallClock) -> Vec<Expired> {
        let mut table = lock(&self.table);
        let mut over = Vec::new();
        for (name, slots) in table.names.iter().zip(&table.sources) {
            let run_time = slots.last().and_then(Option::as_ref);
            if let Some(value) = run_time.filter(|value| value.until.is_some_and(|until| until <= now)) {
                over.push((name.clone(), value.clone()));
            }
        }
        if over.is_empty() {
            return Vec::new();
        }
        for (name, _) in &over {
            table.set(Source::RunTime, name, None);
        }
        self.publish(&mut table);
        let after = |name: &str| table.snapshot.get(*table.numbers.get(name)?).cloned().flatten();
        over.into_iter().map(|(name, before)| Expired { after: after(&name), name, before }).collect()
    }

    /// The value in force.
    pub fn get(&self, name: &str) -> Option<Arc<Value>> {
        let table = lock(&self.table);
        let number = *table.numbers.get(name)?;
        table.snapshot.get(number).cloned().flatten()
    }

    /// All names that have a value, in order of name.
    pub fn list(&self) -> Vec<(String, Arc<Value>)> {
        let table = lock(&self.table);
        let values = table.names.iter().zip(table.snapshot.iter());
        let mut list: Vec<_> = values.filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
        list.sort_by(|a, b| a.0.cmp(&b.0));
        list
    }

    fn publish(&self, table: &mut Table) {
        table.snapshot = Arc::new(table.sources.iter().map(|slots| slots.iter().rev().find_map(Clone::clone)).collect());
        self.version.fetch_add(1, Ordering::Release);
    }
}

impl Table {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.numbers.insert(name.to_string(), number);
        self.names.push(name.to_string());
        self.sources.push([const { None }; SOURCES.len()]);
        number
    }

    fn set(&mut self, source: Source, name: &str, value: Option<Value>) -> Option<Arc<Value>> {
        let number = self.number(name);
        if let Some(slot) = self.sources.get_mut(number).and_then(|slots| slots.get_mut(source as usize)) {
            *slot = value.map(Arc::new);
        }
        self.snapshot.get(number).cloned().flatten()
    }
}

impl Reader {
    /// Takes up what was set since the last look: one atomic read when nothing was.
    #[inline]
    pub fn refresh(&mut self, variables: &Variables) {
        let version = variables.version.load(Ordering::Acquire);
        if version != self.seen {
            self.snapshot = lock(&variables.table).snapshot.clone();
            self.seen = version;
        }
    }

    /// The value of a number.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&Value> {
        self.snapshot.get(number)?.as_deref()
    }
}

/// The integer that a text begins with: spaces, a sign, digits; 0 where there is none, as HAProxy's cast has it.
fn leading_int(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let size = digits.iter().take_while(|b| b.is_ascii_digit()).fold(0i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')));
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_source_is_in_force() {
        let variables = Variables::default();
        let mut reader = Reader::default();
        let number = variables.number("M");
        let mut check = |source, value: Option<&str>, expected: Option<&str>| {
            variables.set(source, "M", value.map(str::as_bytes));
            reader.refresh(&variables);
            let got = reader.get(number).map(|v| String::from_utf8_lossy(&v.text).into_owned());
            assert_eq!(got.as_deref(), expected);
        };
        check(Source::Environment, Some("0"), Some("0"));
        check(Source::RunTime, Some("3"), Some("3"));
        check(Source::CommandLine, Some("2"), Some("3"));
        check(Source::Configuration, Some("1"), Some("3"));
        check(Source::RunTime, None, Some("2"));
        check(Source::CommandLine, None, Some("1"));
        check(Source::Configuration, None, Some("0"));
        check(Source::Environment, None, None);
    }

    #[test]
    fn a_reader_sees_a_change_at_its_next_look_and_not_before() {
        let variables = Variables::default();
        let mut reader = Reader::default();
        variables.set(Source::RunTime, "a", Some(b"1"));
        assert!(reader.get(variables.number("a")).is_none());
        reader.refresh(&variables);
        assert_eq!(reader.get(variables.number("a")).and_then(|v| v.int), Some(1));
    }

    #[test]
    fn a_source_is_replaced_whole() {
        let variables = Variables::default();
        variables.set(Source::Configuration, "a", Some(b"1"));
        variables.set(Source::RunTime, "b", Some(b"2"));
        let third = Value::new(Source::Configuration, b"3", WallClock::default());
        variables.replace_all(Source::Configuration, vec![("c".into(), third)]);
        let names: Vec<_> = variables.list().into_iter().map(|(name, value)| (name, value.source.name())).collect();
        assert_eq!(names, [("b".to_string(), "run time"), ("c".to_string(), "configuration")]);
    }

    #[test]
    fn a_value_comes_to_its_end_and_the_next_source_is_in_force() {
        let at = |seconds| WallClock { seconds, millis: 0 };
        let variables = Variables::default();
        let mut reader = Reader::default();
        variables.set(Source::Environment, "a", Some(b"0"));
        let short = Value { until: Some(at(10)), ..Value::new(Source::RunTime, b"1", at(0)) };
        variables.put(Source::RunTime, "a", Some(short));
        variables.put(Source::RunTime, "b", Some(Value { until: Some(at(20)), ..Value::new(Source::RunTime, b"2", at(0)) }));
        variables.put(Source::RunTime, "c", Some(Value::new(Source::RunTime, b"3", at(0))));
        assert_eq!((variables.next_expiry(), variables.expire(at(9)).len()), (Some(at(10)), 0));
        let over = variables.expire(at(10));
        let told: Vec<_> = over.iter().map(|over| (over.name.as_str(), over.before.int, over.after.as_ref().and_then(|v| v.int))).collect();
        assert_eq!(told, [("a", Some(1), Some(0))]);
        reader.refresh(&variables);
        assert_eq!(reader.get(variables.number("a")).and_then(|v| v.int), Some(0));
        assert_eq!(variables.run_time().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(variables.expire(at(99)).len(), 1);
        assert_eq!(variables.next_expiry(), None);
    }

    #[test]
    fn what_stays_as_it_was_keeps_its_age() {
        let at = |seconds| WallClock { seconds, millis: 0 };
        let variables = Variables::default();
        let take = |text: &[u8], seconds| {
            variables.replace_all(Source::Configuration, vec![("a".into(), Value::new(Source::Configuration, text, at(seconds)))]);
            variables.get("a").map(|value| value.since.seconds)
        };
        assert_eq!((take(b"1", 1), take(b"1", 2), take(b"2", 3)), (Some(1), Some(1), Some(3)));
    }

    #[test]
    fn integers_are_read_as_the_leading_digits() {
        let check = |text: &str, expected| assert_eq!(leading_int(text.as_bytes()), Some(expected), "{text:?}");
        check("1", 1);
        check(" -12x", -12);
        check("+7", 7);
        check("", 0);
        check("abc", 0);
        check("1abc", 1);
        check("99999999999999999999", i64::MAX);
    }
}
