//! The environment as the configuration sees it: what the process was started with, and what `setenv`, `presetenv`,
//! `unsetenv` and `resetenv` make of it while the file is read. The switches that look into it at run time are `state`'s.

use std::collections::HashMap;

/// Names and values, in force at the line that is being read.
#[derive(Debug, Default)]
pub struct Environment {
    values: HashMap<String, String>,
    changes: Vec<(String, Option<String>)>,
}

impl Environment {
    /// The environment that the process was started with.
    pub fn new(outside: &HashMap<String, String>) -> Environment {
        Environment { values: outside.clone(), changes: Vec::new() }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// `setenv`
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
        self.note(name, Some(value.to_owned()));
    }

    /// `presetenv`
    pub fn preset(&mut self, name: &str, value: &str) {
        if !self.values.contains_key(name) {
            self.set(name, value);
        }
    }

    /// `unsetenv`
    pub fn unset(&mut self, name: &str) {
        self.values.remove(name);
        self.note(name, None);
    }

    /// `resetenv`: all names but these are unset.
    pub fn reset(&mut self, kept: &[&str]) {
        let mut gone: Vec<String> = self.values.keys().filter(|name| !kept.contains(&name.as_str())).cloned().collect();
        gone.sort();
        for name in gone {
            self.unset(&name);
        }
    }

    /// What the configuration changed, each name once, in the order of first change.
    pub fn into_changes(self) -> Vec<(String, Option<String>)> {
        self.changes
    }

    fn note(&mut self, name: &str, value: Option<String>) {
        match self.changes.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.changes.push((name.to_owned(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_keywords_change_it_in_order() {
        let outside = HashMap::from([("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())]);
        let mut environment = Environment::new(&outside);
        environment.preset("A", "no");
        environment.preset("C", "3");
        environment.set("B", "two");
        environment.unset("C");
        assert_eq!((environment.get("A"), environment.get("B"), environment.get("C")), (Some("1"), Some("two"), None));
        environment.reset(&["B"]);
        assert_eq!((environment.get("A"), environment.get("B")), (None, Some("two")));
        let changes = environment.into_changes();
        assert_eq!(changes, [("C".into(), None), ("B".into(), Some("two".into())), ("A".into(), None)]);
    }
}
