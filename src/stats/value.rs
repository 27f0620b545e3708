//! A value of statistics, and what kind of thing it is: the letters of HAProxy's typed output (management guide, section 9.2).

use std::borrow::Cow;
use std::io::Write;

/// What a column has for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing: the column means nothing for such a row.
    None,
    /// `u32`
    Small(u64),
    /// `u64`
    Large(u64),
    /// `s32`
    Signed(i64),
    /// `str`
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Text(text.into())
    }

    /// Nothing, or what there is.
    pub fn or_none(value: Option<Value<'a>>) -> Value<'a> {
        value.unwrap_or(Value::None)
    }

    /// Is there nothing?
    pub fn is_none(&self) -> bool {
        *self == Value::None
    }

    /// A number as one that may be negative.
    pub fn number(&self) -> Option<i128> {
        match self {
            Value::Small(number) | Value::Large(number) => Some(i128::from(*number)),
            Value::Signed(number) => Some(i128::from(*number)),
            Value::None | Value::Text(_) => None,
        }
    }

    /// The name of its type.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "",
            Value::Small(_) => "u32",
            Value::Large(_) => "u64",
            Value::Signed(_) => "s32",
            Value::Text(_) => "str",
        }
    }

    /// Writes it as it is.
    pub fn render(&self, out: &mut Vec<u8>) {
        match self {
            Value::None => {}
            Value::Text(text) => out.extend_from_slice(text.as_bytes()),
            Value::Small(number) | Value::Large(number) => render_number(*number, out),
            // Writing to a vector does not fail.
            Value::Signed(number) => drop(write!(out, "{number}")),
        }
    }

    /// Writes it as a field of a CSV line (RFC 4180).
    pub fn render_csv(&self, out: &mut Vec<u8>) {
        match self {
            Value::Text(text) if text.contains([',', '"', '\n', '\r']) => {
                out.push(b'"');
                for byte in text.bytes() {
                    out.extend_from_slice(if byte == b'"' { b"\"\"" } else { std::slice::from_ref(&byte) });
                }
                out.push(b'"');
            }
            value => value.render(out),
        }
    }

    /// Writes it as a JSON value (RFC 8259).
    pub fn render_json(&self, out: &mut Vec<u8>) {
        match self {
            Value::Text(text) => {
                out.push(b'"');
                render_json_text(text, out);
                out.push(b'"');
            }
            Value::None => out.extend_from_slice(b"null"),
            value => value.render(out),
        }
    }
}

/// Writes a number in decimal; there are very many of them.
pub fn render_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut left = number;
    let mut at = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        at -= 1;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

fn render_json_text(text: &str, out: &mut Vec<u8>) {
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            // Writing to a vector does not fail.
            control if control < ' ' => drop(write!(out, "\\u{:04x}", u32::from(control))),
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// The three letters before a typed value: origin, nature, scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tags(pub &'static str);

impl Tags {
    /// The three in words, as the JSON form has them.
    pub fn names(self) -> [&'static str; 3] {
        let mut letters = self.0.chars();
        let mut next = || letters.next().unwrap_or(' ');
        let origin = match next() {
            'M' => "Metric",
            'S' => "Status",
            'K' => "Key",
            'C' => "Config",
            _ => "Product",
        };
        let nature = match next() {
            'A' => "Age",
            'a' => "Avg",
            'C' => "Counter",
            'D' => "Duration",
            'G' => "Gauge",
            'L' => "Limit",
            'M' => "Max",
            'm' => "Min",
            'N' => "Name",
            'R' => "Rate",
            _ => "Output",
        };
        let scope = match next() {
            'C' => "Cluster",
            'S' => "Service",
            _ => "Process",
        };
        [origin, nature, scope]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &Value, csv: &str, json: &str) {
        let mut out = Vec::new();
        value.render_csv(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), csv);
        out.clear();
        value.render_json(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), json);
    }

    #[test]
    fn values_are_written_as_each_form_has_them() {
        check(&Value::None, "", "null");
        check(&Value::Small(0), "0", "0");
        check(&Value::Large(u64::MAX), "18446744073709551615", "18446744073709551615");
        check(&Value::Signed(-1), "-1", "-1");
        check(&Value::text("UP 1/3"), "UP 1/3", "\"UP 1/3\"");
        check(&Value::text("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"", "\"a,\\\"b\\\"\\n\"");
        check(&Value::text("\u{1}\\"), "\u{1}\\", "\"\\u0001\\\\\"");
    }

    #[test]
    fn letters_have_names() {
        assert_eq!(Tags("MaP").names(), ["Metric", "Avg", "Process"]);
        assert_eq!(Tags("KNS").names(), ["Key", "Name", "Service"]);
        assert_eq!(Tags("CLP").names(), ["Config", "Limit", "Process"]);
    }
}
