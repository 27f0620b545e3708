//! What is told to whoever wrote the file: a place, the line itself, a caret, and what to do.
//! Nothing is decided here: the keyword tables say what is wrong, `read` whether the configuration stands.

use super::model::Place;
use std::fmt::Write;
use std::ops::Range;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `.diag`: told with `-dD` alone.
    Diagnostic,
    /// Worth knowing.
    Notice,
    /// Something is left out, or will surprise; the configuration stands.
    Warning,
    /// The configuration is refused.
    Alert,
}

/// Why something is told, so that a reader of many files can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The text is wrong.
    Fault,
    /// The text is right, and asks for what byway knows but does not do yet.
    NotYet,
    /// The text asks for what byway will not do.
    OutOfScope,
    /// A keyword without effect here was left out.
    Ignored,
    /// The text does something else than it seems to, or more than it says.
    Advice,
}

/// Are escape sequences for colours wanted?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Plain,
    /// A terminal that shows colours.
    Ansi,
}

/// One thing told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Why it is told.
    pub kind: Kind,
    /// Where; `None` when it is about the configuration as a whole.
    pub place: Option<Place>,
    /// The columns of the line that are meant, bytes from 0; empty when no word of it is.
    pub columns: Range<usize>,
    /// The line itself.
    pub text: Vec<u8>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// A line that is longer is shown from shortly before the columns that are meant.
const SHOWN_COLUMNS: usize = 140;
/// How much of a long line is shown before the columns that are meant.
const LEADING_COLUMNS: usize = 40;

impl Diagnostic {
    /// Writes it as HAProxy's scripts expect it, with the line and a caret below:
    ///
    /// ```text
    /// [ALERT] haproxy.cfg:12 : unknown keyword 'blance' in section 'backend web'
    ///    12 |     blance roundrobin
    ///       |     ^^^^^^ did you mean 'balance'?
    /// ```
    pub fn render(&self, out: &mut String, colour: Colour) {
        let (label, paint) = match self.severity {
            Severity::Alert => ("[ALERT]", "\x1b[1;31m"),
            Severity::Warning => ("[WARNING]", "\x1b[1;33m"),
            Severity::Notice => ("[NOTICE]", "\x1b[1;36m"),
            Severity::Diagnostic => ("[DIAG]", "\x1b[1;34m"),
        };
        let (paint, end) = match colour {
            Colour::Ansi => (paint, "\x1b[0m"),
            Colour::Plain => ("", ""),
        };
        let _ = write!(out, "{paint}{label}{end} ");
        if let Some(place) = &self.place {
            let _ = write!(out, "{}:{} : ", place.file, place.line);
        }
        let _ = writeln!(out, "{}", self.message);
        match &self.place {
            Some(place) => self.render_line(out, place.line, paint, end),
            None if !self.hint.is_empty() => {
                let _ = writeln!(out, "      {}", self.hint);
            }
            None => {}
        }
    }

    fn render_line(&self, out: &mut String, line: u32, paint: &str, end: &str) {
        let (lead, shown, tail) = self.window();
        let text = |range: Range<usize>| printable(self.text.get(range).unwrap_or_default());
        let whole = format!("{line:>5} | {lead}{}{tail}", text(shown.clone()));
        let _ = writeln!(out, "{}", whole.trim_end());
        let start = self.columns.start.clamp(shown.start, shown.end);
        let stop = self.columns.end.clamp(start, shown.end);
        if self.columns.is_empty() && self.hint.is_empty() {
            return;
        }
        let blank = |c: char| if c == '\t' { '\t' } else { ' ' };
        let before: String = lead.chars().map(|_| ' ').chain(text(shown.start..start).chars().map(blank)).collect();
        let carets = match self.columns.is_empty() {
            true => String::new(),
            false => "^".repeat(text(start..stop).chars().count().max(1)),
        };
        let _ = write!(out, "      | {before}{paint}{carets}{end}");
        let space = if carets.is_empty() || self.hint.is_empty() { "" } else { " " };
        let _ = writeln!(out, "{space}{}", self.hint);
    }

    /// The part of the line that is shown, and what stands for the rest.
    fn window(&self) -> (&'static str, Range<usize>, &'static str) {
        let length = self.text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1);
        let length = length.max(self.columns.end.min(self.text.len()));
        if length <= SHOWN_COLUMNS {
            return ("", 0..length, "");
        }
        let start = self.columns.start.saturating_sub(LEADING_COLUMNS).min(length - SHOWN_COLUMNS);
        let stop = start + SHOWN_COLUMNS;
        (if start > 0 { "..." } else { "" }, start..stop, if stop < length { "..." } else { "" })
    }
}

/// Text for a terminal: what is no character or would move the cursor becomes `?`.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() && c != '\t' { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Diagnostic {
        Diagnostic {
            severity: Severity::Alert,
            kind: Kind::Fault,
            place: Some(Place { file: "haproxy.cfg".into(), line: 12 }),
            columns: 4..10,
            text: b"    blance roundrobin".to_vec(),
            message: "unknown keyword 'blance' in section 'backend web'".into(),
            hint: "did you mean 'balance'?".into(),
        }
    }

    #[track_caller]
    fn check(diagnostic: &Diagnostic, expected: &str) {
        let mut out = String::new();
        diagnostic.render(&mut out, Colour::Plain);
        assert_eq!(out, expected);
    }

    #[test]
    fn a_fault_shows_its_line_a_caret_and_what_to_do() {
        check(
            &sample(),
            "[ALERT] haproxy.cfg:12 : unknown keyword 'blance' in section 'backend web'\n   \
             12 |     blance roundrobin\n      |     ^^^^^^ did you mean 'balance'?\n",
        );
    }

    #[test]
    fn tabs_stay_tabs_so_that_the_caret_stands_below_its_word() {
        let diagnostic = Diagnostic { text: b"\tblance\t\xff\x07".to_vec(), columns: 1..7, hint: String::new(), ..sample() };
        check(
            &diagnostic,
            "[ALERT] haproxy.cfg:12 : unknown keyword 'blance' in section 'backend web'\n   12 | \tblance\t\u{fffd}?\n      | \t^^^^^^\n",
        );
    }

    #[test]
    fn a_long_line_is_shown_around_the_words_that_are_meant() {
        let mut text = vec![b'x'; 500];
        text[300..303].copy_from_slice(b"bad");
        let mut out = String::new();
        Diagnostic { text, columns: 300..303, ..sample() }.render(&mut out, Colour::Plain);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[1].find("bad"), lines[2].find("^^^"));
        assert!(lines[1].len() < 160 && lines[1].ends_with("..."));
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let mut out = String::new();
        sample().render(&mut out, Colour::Ansi);
        assert!(out.starts_with("\x1b[1;31m[ALERT]\x1b[0m haproxy.cfg:12"));
    }

    #[test]
    fn what_is_about_the_whole_has_no_line() {
        let diagnostic = Diagnostic { place: None, text: Vec::new(), columns: 0..0, hint: "add a bind line".into(), ..sample() };
        check(&diagnostic, "[ALERT] unknown keyword 'blance' in section 'backend web'\n      add a bind line\n");
    }
}
