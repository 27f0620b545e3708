//! The environment as the configuration sees it: what the process was started with, and what `setenv`, `presetenv`,
//! `unsetenv` and `resetenv` make of it while the file is read. The switches that look into it at run time are `state`'s.

use std::collections::HashMap;
use std::sync::Arc;

/// Names that stand for the place of the line itself.
pub(super) const PLACES: [&str; 3] = [".FILE", ".LINE", ".SECTION"];

/// Names and values, in force at the line that is being read.
#[derive(Debug, Default)]
pub struct Environment {
    values: HashMap<String, String>,
    changes: Vec<(String, Option<String>)>,
    file: Option<Arc<str>>,
    line: u32,
    section: Vec<u8>,
}

impl Environment {
    /// From here on a line of a file is read.
    pub(super) fn stand_at(&mut self, file: &Arc<str>, line: u32) {
        if self.file.as_ref().is_none_or(|known| !Arc::ptr_eq(known, file)) {
            self.file = Some(file.clone());
        }
        self.line = line;
    }

    /// From here on lines are those of a section: a proxy's name, or the section's keyword.
    pub(super) fn begin_section(&mut self, name: Vec<u8>) {
        self.section = name;
    }

    /// The value of a name that stands for the place of the line.
    pub(super) fn here(&self, name: &str) -> Option<String> {
        match name {
            ".FILE" => Some(self.file.as_deref().unwrap_or_default().to_owned()),
            ".LINE" => Some(self.line.to_string()),
            ".SECTION" => Some(String::from_utf8_lossy(&self.section).into_owned()),
            _ => None,
        }
    }

    /// The environment that the process was started with.
    pub fn new(outside: &HashMap<String, String>) -> Environment {
        Environment { values: outside.clone(), ..Environment::default() }
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

/// The names and values of an `env-file`: lines of `NAME=VALUE` as in `/etc/default`, `export` before them or not, the
/// value in quotes or not, `#` before comments. The error is `:LINE: what is wrong`.
pub fn parse_environment_file(text: &[u8]) -> Result<Vec<(String, String)>, String> {
    let text = str::from_utf8(text).map_err(|_| " is no text".to_owned())?;
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = |message: &str| format!(":{} : {message}", index + 1);
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let (name, value) = line.split_once('=').ok_or_else(|| fault("NAME=VALUE is expected"))?;
        let is_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
        if !is_name || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            return Err(fault(&format!("'{name}' is no name of a variable")));
        }
        values.push((name.to_owned(), unquoted(value.trim()).ok_or_else(|| fault("a quote is not closed"))?));
    }
    Ok(values)
}

/// A value without its quotes: nothing has a meaning within single ones, a backslash within double ones and outside.
fn unquoted(value: &str) -> Option<String> {
    let mut text = String::new();
    let mut quote = None;
    let mut chars = value.chars();
    let mut is_after_space = false;
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('#', None) if is_after_space => return Some(text.trim_end().to_owned()),
            ('\'', None) | ('"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => text.extend(chars.next()),
            (c, _) => text.push(c),
        }
        is_after_space = c.is_whitespace();
    }
    quote.is_none().then_some(text)
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

    #[test]
    fn a_file_of_variables_is_read_as_a_shell_would() {
        let check = |text: &str, expected: Result<&[(&str, &str)], &str>| {
            let got = parse_environment_file(text.as_bytes());
            let got = got.as_ref().map(|list| list.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
            assert_eq!(got.as_deref().map_err(|message| message.as_str()), expected, "{text}");
        };
        check("# a comment\n\nA=1\n export B=two \nC=\n", Ok(&[("A", "1"), ("B", "two"), ("C", "")]));
        check("A=\"x y\"z\nB='a \\ # b'\nC=a\\ b # c\nD=a#b", Ok(&[("A", "x yz"), ("B", "a \\ # b"), ("C", "a b"), ("D", "a#b")]));
        check("A=\"a\\\"b\"", Ok(&[("A", "a\"b")]));
        check("A=1\nB", Err(":2 : NAME=VALUE is expected"));
        check("1A=1", Err(":1 : '1A' is no name of a variable"));
        check("A B=1", Err(":1 : 'A B' is no name of a variable"));
        check("A='x", Err(":1 : a quote is not closed"));
    }
}
