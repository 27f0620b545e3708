//! A text of a rule: fixed, or a format that is rendered for each message, and what a search of a rule is replaced with.

use crate::fault::Fault;
use crate::sample::format::{Format, Purpose, Record};
use crate::sample::format_field::{FIELDS, Field};
use crate::sample::regex::Regex;
use crate::sample::replacement::Replacement;
use crate::sample::{Names, Scene, Value, World};

/// A text.
#[derive(Debug)]
pub enum Text {
    /// It is the same for every message.
    Fixed(Vec<u8>),
    /// It is rendered.
    Format(Format),
}

impl Text {
    /// Reads a format for a message; a fault is about word 0.
    pub fn parse(word: &[u8], names: &mut dyn Names) -> Result<Text, Fault> {
        Text::parse_for(Purpose::Text, word, names)
    }

    /// Reads a format for something else.
    pub fn parse_for(purpose: Purpose, word: &[u8], names: &mut dyn Names) -> Result<Text, Fault> {
        let format = Format::parse(word, purpose, names)?;
        check_fields(&format, names)?;
        Ok(match format.constant() {
            Some(text) => Text::Fixed(text.to_vec()),
            None => Text::Format(format),
        })
    }

    /// Appends the text.
    pub fn render(&self, scene: &Scene, out: &mut Vec<u8>) {
        match self {
            Text::Fixed(text) => out.extend_from_slice(text),
            Text::Format(format) => format.render(&OfWorld(scene.world), scene, out),
        }
    }
}

/// Refuses a format with a variable that nobody would fill.
pub fn check_fields(format: &Format, names: &dyn Names) -> Result<(), Fault> {
    let Some(field) = format.fields().find(|field| !names.supplies_field(*field)) else { return Ok(()) };
    let name = FIELDS.iter().find(|row| row.field == field).map_or("", |row| row.name);
    Err(Fault::new(0, format!("variable '%{name}' is known, but not yet done")))
}

/// The variables of the log as the world has them now.
pub struct OfWorld<'a>(pub &'a dyn World);

impl Record for OfWorld<'_> {
    fn field(&self, field: Field) -> Option<Value<'_>> {
        self.0.log_field(field)
    }

    fn list(&self, field: Field) -> &[Vec<u8>] {
        self.0.log_list(field)
    }
}

/// What takes the place of a matching text: a format first, then a replacement string.
#[derive(Debug)]
pub enum Substitute {
    /// Read once.
    Fixed(Replacement),
    /// Rendered, and read as a replacement string each time.
    Format(Format),
}

impl Substitute {
    /// Reads it; a fault is about word 0.
    pub fn parse(word: &[u8], names: &mut dyn Names) -> Result<Substitute, Fault> {
        match Text::parse(word, names)? {
            Text::Fixed(text) => Replacement::parse(&text).map(Substitute::Fixed),
            Text::Format(format) => Ok(Substitute::Format(format)),
        }
    }

    /// The replacement for this message; nothing when what was rendered is no replacement.
    pub fn ready(&self, scene: &Scene) -> Option<Ready<'_>> {
        match self {
            Substitute::Fixed(replacement) => Some(Ready::Fixed(replacement)),
            Substitute::Format(format) => {
                let mut text = Vec::new();
                format.render(&OfWorld(scene.world), scene, &mut text);
                Replacement::parse(&text).ok().map(Ready::Made)
            }
        }
    }
}

/// A replacement for one message.
pub enum Ready<'a> {
    /// The same as for every message.
    Fixed(&'a Replacement),
    /// Made for this one.
    Made(Replacement),
}

impl Ready<'_> {
    /// The replacement.
    pub fn replacement(&self) -> &Replacement {
        match self {
            Ready::Fixed(replacement) => replacement,
            Ready::Made(replacement) => replacement,
        }
    }
}

/// Replaces every element of a list of values, parted by commas outside of quotes, that the expression matches. Says whether any did.
pub fn replace_elements(value: &[u8], search: &Regex, replacement: &Replacement, out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut found = false;
    let mut element_text = Vec::new();
    let mut rest = value;
    loop {
        let end = element_end(rest);
        let (element, behind) = rest.split_at(end);
        let (start, trimmed) = trimmed(element);
        if replacement.expand(search, trimmed, &mut element_text) {
            // HAProxy writes a replaced element without the blanks around it.
            out.extend_from_slice(&element_text);
            found = true;
        } else {
            let kept = if found { element.get(start.saturating_sub(1)..).unwrap_or(element) } else { element };
            out.extend_from_slice(kept);
        }
        match behind.split_first() {
            Some((comma, behind)) => {
                out.push(*comma);
                rest = behind;
            }
            None => return found,
        }
    }
}

/// Where the first comma outside of quotes stands, or the end.
fn element_end(text: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    let comma = text.iter().position(|byte| {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return true,
            _ => {}
        }
        false
    });
    comma.unwrap_or(text.len())
}

/// The element without blanks around it, and how many stand before it.
fn trimmed(element: &[u8]) -> (usize, &[u8]) {
    let start = element.iter().position(|byte| !crate::http::header::is_blank(*byte)).unwrap_or(element.len());
    (start, crate::http::header::trim(element))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::text::Case;

    #[test]
    fn elements_of_a_list_are_replaced_one_by_one() {
        let check = |value: &str, search: &str, with: &str, expected: Option<&str>| {
            let search = Regex::parse(search.as_bytes(), Case::Matters).expect("a regex");
            let with = Replacement::parse(with.as_bytes()).expect("a replacement");
            let mut out = Vec::new();
            let found = replace_elements(value.as_bytes(), &search, &with, &mut out);
            assert_eq!(found.then(|| String::from_utf8_lossy(&out).into_owned()).as_deref(), expected, "{value}");
        };
        check("a, b,c", ".", "y", Some("y,y,y"));
        check("ab , \"a,q\",a", "^a", "c", Some("c, \"a,q\",c"));
        check("a=1, b=2", "^b=(.)", "c=\\1", Some("a=1,c=2"));
        check("a, b", "^c", "x", None);
    }
}
