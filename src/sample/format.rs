//! Formats of logs and header values: `%` variables and `%[expressions]`, with the flags `Q` (quotes), `X` (hexadecimal) and `E` (escapes).
//! What a variable's value is, the log record says; which formats a configuration has, `config`.

use super::expression::{Expression, suggested};
use super::fetch::Fetch;
use super::format_field::{FIELDS, Field, Form};
use super::text::shown;
use super::value::{Value, hexadecimal};
use super::{Names, Scene};
use crate::fault::{Fault, nearest};
use std::io::Write;
use std::net::IpAddr;

/// A format.
#[derive(Debug)]
pub struct Format {
    pieces: Vec<Piece>,
    purpose: Purpose,
}

/// What a format is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A log line: what is missing shows as `-`.
    Log,
    /// A header, a target, a body: what is missing is empty, and control characters of expressions become %HH.
    Text,
    /// A variable's or a backend's name or value: what is missing is empty.
    Value,
}

#[derive(Debug)]
enum Piece {
    Text(Vec<u8>),
    Field(Field, Style),
    Expression(Expression, Style),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Style {
    quotes: Switch,
    hexadecimal: Switch,
    escapes: Switch,
    /// A dash for what is missing.
    dash: Switch,
    /// Control characters as %HH, so that no value can begin another line.
    codes: Switch,
}

impl Style {
    /// What the flags leave for a variable of that form.
    fn of_form(self, form: Form) -> Style {
        match form {
            Form::Plain => Style::default(),
            Form::Text => Style { hexadecimal: Switch::Off, ..self },
            Form::Scalar if self.hexadecimal == Switch::On => Style { escapes: Switch::Off, quotes: Switch::Off, ..self },
            Form::Scalar => Style { escapes: Switch::Off, ..self },
            Form::Quoted => Style { quotes: self.quotes, ..Style::default() },
            Form::List => Style { hexadecimal: Switch::Off, ..self },
            Form::Hexadecimal => Style { hexadecimal: self.hexadecimal, dash: self.dash, ..Style::default() },
        }
    }

    /// What the flags leave for an expression: HAProxy puts quotes around it in logs alone, and never shows it in hexadecimal.
    fn of_expression(self, purpose: Purpose) -> Style {
        let quotes = if purpose == Purpose::Log { self.quotes } else { Switch::Off };
        let codes = if purpose == Purpose::Text { Switch::On } else { Switch::Off };
        Style { quotes, codes, hexadecimal: Switch::Off, ..self }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Switch {
    On,
    #[default]
    Off,
}

/// Gives the values of log variables; a finished or running transaction, or one that `--explain` makes up.
pub trait Record {
    /// The value of a variable; `None` shows as missing.
    fn field(&self, field: Field) -> Option<Value<'_>>;
    /// The items of a variable that is a list; an empty one shows as missing.
    fn list(&self, _field: Field) -> &[Vec<u8>] {
        &[]
    }
}

impl Format {
    /// Reads a format; a fault is about word 0.
    pub fn parse(source: &[u8], purpose: Purpose, names: &mut dyn Names) -> Result<Format, Fault> {
        let mut pieces = Vec::new();
        let mut text = Vec::new();
        let dash = if purpose == Purpose::Log { Switch::On } else { Switch::Off };
        let mut common = Style { dash, ..Style::default() };
        let mut rest = source;
        while let Some((&byte, behind)) = rest.split_first() {
            rest = behind;
            if byte != b'%' {
                let repeated = purpose == Purpose::Log && byte == b' ' && text.last() == Some(&b' ');
                if !repeated {
                    text.push(byte);
                }
                continue;
            }
            if let Some(behind) = rest.strip_prefix(b"%") {
                text.push(b'%');
                rest = behind;
                continue;
            }
            let mut style = common;
            if let Some(flags) = rest.strip_prefix(b"{") {
                let end = flags.iter().position(|byte| *byte == b'}').ok_or_else(|| Fault::new(0, "'%{' is not closed in a format"))?;
                style = parse_flags(&flags[..end], style)?;
                rest = &flags[end + 1..];
            }
            if let Some(inner) = rest.strip_prefix(b"[") {
                let end = expression_end(inner).ok_or_else(|| Fault::new(0, "'%[' is not closed in a format"))?;
                let expression = Expression::parse(crate::http::header::trim(&inner[..end]), names)?;
                push(&mut pieces, &mut text, Piece::Expression(expression, style.of_expression(purpose)));
                rest = &inner[end + 1..];
                continue;
            }
            let length = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(length);
            rest = behind;
            if name == b"o" {
                common = style;
                continue;
            }
            let row = FIELDS.iter().find(|row| row.name.as_bytes() == name).ok_or_else(|| unknown(name))?;
            push(&mut pieces, &mut text, Piece::Field(row.field, style.of_form(row.form)));
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(Format { pieces, purpose })
    }

    /// The text, when the format has no variable in it.
    pub fn constant(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(b""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The fetches that its expressions begin with.
    pub fn fetches(&self) -> impl Iterator<Item = &'static Fetch> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Expression(expression, _) => Some(expression.fetch()),
            _ => None,
        })
    }

    /// The variables of the log that it names.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(field, _) => Some(*field),
            Piece::Text(_) | Piece::Expression(..) => None,
        })
    }

    /// Appends the text for a record and a scene. In a log line, a variable that shows nothing takes one of the spaces around it along.
    pub fn render(&self, record: &dyn Record, scene: &Scene, out: &mut Vec<u8>) {
        let mut behind_space = true;
        for piece in &self.pieces {
            let start = out.len();
            match piece {
                Piece::Text(text) => {
                    let kept = text.strip_prefix(b" ").filter(|_| self.purpose == Purpose::Log && behind_space).unwrap_or(text);
                    out.extend_from_slice(kept);
                    behind_space = text.ends_with(b" ");
                    continue;
                }
                Piece::Field(field @ (Field::RequestFieldList | Field::ResponseFieldList), style) => {
                    for (index, item) in record.list(*field).iter().enumerate() {
                        out.extend_from_slice(if index > 0 { b" " } else { b"" });
                        render_value(Some(&Value::text(item)), *style, out);
                    }
                }
                // Where no fields are captured, there are no braces either.
                Piece::Field(field @ (Field::RequestFields | Field::ResponseFields), style) => {
                    if let Some(value) = record.field(*field) {
                        render_value(Some(&value), *style, out);
                    }
                }
                Piece::Field(field, style) => render_value(record.field(*field).as_ref(), *style, out),
                Piece::Expression(expression, style) => render_value(expression.value(scene).as_ref(), *style, out),
            }
            behind_space &= out.len() == start;
        }
    }
}

fn push(pieces: &mut Vec<Piece>, text: &mut Vec<u8>, piece: Piece) {
    if !text.is_empty() {
        pieces.push(Piece::Text(std::mem::take(text)));
    }
    pieces.push(piece);
}

fn unknown(name: &[u8]) -> Fault {
    if name.is_empty() {
        return Fault::new(0, "a format has a '%' without a variable").hint("write '%%' for a percent sign");
    }
    let name = shown(name);
    suggested(Fault::new(0, format!("unknown variable '%{name}' in a format")), nearest(&name, FIELDS.iter().map(|row| row.name)))
}

/// Reads `+Q,-X` on top of the flags so far.
fn parse_flags(flags: &[u8], mut style: Style) -> Result<Style, Fault> {
    for flag in flags.split(|byte| *byte == b',') {
        let fault = || Fault::new(0, format!("unknown flag '{}' in a format", shown(flag))).hint("flags are +Q, +X, +E and -Q, -X, -E");
        let [sign, letter] = flag else { return Err(fault()) };
        let switch = match sign {
            b'+' => Switch::On,
            b'-' => Switch::Off,
            _ => return Err(fault()),
        };
        match letter {
            b'Q' => style.quotes = switch,
            b'X' => style.hexadecimal = switch,
            b'E' => style.escapes = switch,
            _ => return Err(fault()),
        }
    }
    Ok(style)
}

/// Where the bracket that ends an expression stands: outside of quotes and parentheses.
fn expression_end(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    text.iter().position(|byte| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match (*byte, quote) {
            (b'\\', None | Some(b'"')) => escaped = true,
            (byte, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (byte @ (b'"' | b'\''), None) if depth > 0 => quote = Some(byte),
            (b'(', None) => depth += 1,
            (b')', None) => depth = depth.saturating_sub(1),
            (byte, None) => return byte == b']' && depth == 0,
        }
        false
    })
}

fn render_value(value: Option<&Value>, style: Style, out: &mut Vec<u8>) {
    if style.quotes == Switch::On {
        out.push(b'"');
    }
    match value {
        Some(value) if style.hexadecimal == Switch::On => render_hexadecimal(value, style, out),
        Some(value) => value.with_text(|text| render_text(text, style, out)),
        None => render_text(b"", style, out),
    }
    if style.quotes == Switch::On {
        out.push(b'"');
    }
}

/// Text, escaped as RFC 5424 section 6.3.3 has it where asked for; an empty one shows as missing.
fn render_text(text: &[u8], style: Style, out: &mut Vec<u8>) {
    if text.is_empty() && style.dash == Switch::On && style.quotes == Switch::Off {
        out.push(b'-');
    }
    for byte in text {
        match byte {
            0..=8 | 10..=31 | 127 if style.codes == Switch::On => {
                out.push(b'%');
                out.extend(hexadecimal(&[*byte]));
            }
            b'"' | b'\\' | b']' if style.escapes == Switch::On => out.extend_from_slice(&[b'\\', *byte]),
            byte => out.push(*byte),
        }
    }
}

/// Numbers and IPv4 addresses in hexadecimal; anything else as it is.
fn render_hexadecimal(value: &Value, style: Style, out: &mut Vec<u8>) {
    let written = match value {
        Value::Int(value) => write!(out, "{value:04X}"),
        Value::Address(IpAddr::V4(address)) => write!(out, "{:08X}", u32::from(*address)),
        Value::Address(IpAddr::V6(address)) => write!(out, "{:032X}", u128::from(*address)),
        value => {
            value.with_text(|text| render_text(text, style, out));
            Ok(())
        }
    };
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fake::{FakeNames, FakeWorld, request, scene};

    /// A transaction of which little is known.
    struct Known;

    impl Record for Known {
        fn field(&self, field: Field) -> Option<Value<'_>> {
            match field {
                Field::ClientAddress => Some(Value::Address("127.0.0.1".parse().ok()?)),
                Field::ClientPort => Some(Value::Int(0xc96c)),
                Field::BytesToClient => Some(Value::Int(101)),
                Field::Method => Some(Value::text(b"GET")),
                Field::RequestFields => Some(Value::text(b"{a|b}")),
                Field::Timestamp => Some(Value::Int(255)),
                _ => None,
            }
        }
    }

    fn rendered(format: &str, purpose: Purpose) -> Result<String, Fault> {
        let format = Format::parse(format.as_bytes(), purpose, &mut FakeNames::default())?;
        let head = request("GET /a?x=1 HTTP/1.1\nHost: h\nX-E: a\"b\\c]d");
        let world = FakeWorld::default();
        let mut out = b"before:".to_vec();
        format.render(&Known, &Scene { request: Some(&head), ..scene(&world) }, &mut out);
        Ok(shown(&out).strip_prefix("before:").unwrap_or_default().to_string())
    }

    #[test]
    fn a_format_shows_what_haproxy_shows() {
        let check = |purpose, format: &str, expected: &str| assert_eq!(rendered(format, purpose).as_deref(), Ok(expected), "{format}");
        check(Purpose::Log, "%ci:%cp", "127.0.0.1:51564");
        check(Purpose::Log, "%{+X}ci %{+X}cp %{+X}B %{+X}Ts", "7F000001 C96C 101 00FF");
        check(Purpose::Log, "%{+Q}ci %ci %{+Q}o %ci %{-Q}ci %B %HM", "\"127.0.0.1\" 127.0.0.1 \"127.0.0.1\" 127.0.0.1 101 \"GET\"");
        check(Purpose::Log, "|  two  spaces %% 100%%", "| two spaces % 100%");
        check(Purpose::Text, "a  b %[path]", "a  b /a");
        check(Purpose::Log, "%{+Q}[path] %{+Q}[req.hdr(nope)] %[req.hdr(nope)]|%s", "\"/a\" \"\" -|-");
        check(Purpose::Text, "%{+Q}[path] %{+Q}[req.hdr(nope)] %[req.hdr(nope)]|", "/a  |");
        check(Purpose::Log, "%{+E}[req.hdr(x-e)] %{+Q,+E}[req.hdr(x-e)] %[req.hdr(x-e)]", r#"a\"b\\c\]d "a\"b\\c\]d" a"b\c]d"#);
        check(Purpose::Log, "%{+X}[int(255)] %{+X}[src]", "255 192.0.2.7");
        check(Purpose::Log, "[%[ path ]%[str(a]b)]]", "[/aa]b]");
        check(Purpose::Log, "%HM %hr %hs %B", "GET {a|b} 101");
        check(Purpose::Log, "", "");
    }

    #[test]
    fn a_broken_format_is_refused() {
        let check = |format: &str, part: &str| {
            let fault = rendered(format, Purpose::Log).expect_err(format);
            assert!(fault.message.contains(part), "{format}: {}", fault.message);
        };
        check("%{+Q", "'%{' is not closed");
        check("%{+Z}ci", "unknown flag '+Z'");
        check("%zz", "unknown variable '%zz'");
        check("a % b", "'%' without a variable");
        check("100%", "'%' without a variable");
        check("%[path", "'%[' is not closed");
        check("%[paht]", "unknown fetch 'paht'");
    }

    #[test]
    fn a_format_without_variables_is_constant() {
        let constant = |format: &str| {
            Format::parse(format.as_bytes(), Purpose::Text, &mut FakeNames::default()).map(|format| format.constant().map(<[u8]>::to_vec))
        };
        assert_eq!(constant("a%%b"), Ok(Some(b"a%b".to_vec())));
        assert_eq!(constant(""), Ok(Some(Vec::new())));
        assert_eq!(constant("a%ci"), Ok(None));
        assert!(FIELDS.is_sorted_by(|a, b| a.name < b.name));
    }
}
