//! Which form of an answer a client would rather have, by its `Accept` fields (RFC 9110 section 12.5.1).
//! What is answered in each form is the caller's.

use super::head::Head;
use super::header::{elements, trim};

/// A form that an answer comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `text/html`, for people.
    Html,
    /// `application/json`, for programs.
    Json,
    /// `text/plain`, for terminals.
    Text,
}

/// The forms, the one that is given when the client has no preference first.
pub const FORMS: [Form; 3] = [Form::Html, Form::Json, Form::Text];

/// How closely a media range names a type: none, by `*/*`, by `text/*`, by a suffix (`+json`), by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    #[default]
    None,
    Any,
    Kind,
    Suffix,
    Name,
}

/// Types that are as good as a form's own.
struct Types {
    kind: &'static str,
    names: &'static [&'static str],
    suffix: &'static str,
}

impl Form {
    fn types(self) -> Types {
        match self {
            Form::Html => Types { kind: "text", names: &["text/html", "application/xhtml+xml"], suffix: "" },
            Form::Json => Types { kind: "application", names: &["application/json"], suffix: "+json" },
            Form::Text => Types { kind: "text", names: &["text/plain"], suffix: "" },
        }
    }

    fn closeness(self, range: &[u8]) -> Closeness {
        let types = self.types();
        let is = |text: &[u8], other: &str| text.eq_ignore_ascii_case(other.as_bytes());
        let Some(slash) = range.iter().position(|byte| *byte == b'/') else { return Closeness::None };
        let (kind, name) = (range.get(..slash).unwrap_or_default(), range.get(slash + 1..).unwrap_or_default());
        let tail = name.len().checked_sub(types.suffix.len()).and_then(|from| name.get(from..)).unwrap_or_default();
        match () {
            () if range == b"*/*" => Closeness::Any,
            () if types.names.iter().any(|own| is(range, own)) => Closeness::Name,
            () if !types.suffix.is_empty() && is(kind, types.kind) && is(tail, types.suffix) => Closeness::Suffix,
            () if is(kind, types.kind) && name == b"*" => Closeness::Kind,
            () => Closeness::None,
        }
    }
}

/// The form with the greatest weight. Of equal ones that which is named most closely counts, then the order of `FORMS`;
/// a client that takes none of them gets the first, which section 12.5.1 allows.
pub fn preferred_form(head: &Head) -> Form {
    let (mut best, mut greatest) = (FORMS[0], (0, Closeness::None));
    for form in FORMS {
        let wanted = wish(head, form);
        if wanted.0 > 0 && wanted > greatest {
            (best, greatest) = (form, wanted);
        }
    }
    best
}

/// The weight, in thousandths, of the range that names the form most closely, and how closely it does.
fn wish(head: &Head, form: Form) -> (u16, Closeness) {
    let mut found = (0, Closeness::None);
    for element in head.values("accept").flat_map(elements) {
        let mut parts = element.split(|byte| *byte == b';').map(trim);
        let closeness = form.closeness(parts.next().unwrap_or_default());
        if closeness > found.1 {
            found = (parts.find_map(parse_weight).unwrap_or(1000), closeness);
        }
    }
    found
}

/// `q=0.5` in thousandths (section 12.4.2); one that is malformed counts for nothing.
fn parse_weight(parameter: &[u8]) -> Option<u16> {
    let (name, value) = parameter.split_at_checked(2)?;
    if !name.eq_ignore_ascii_case(b"q=") {
        return None;
    }
    let digits = match value {
        b"1" => return Some(1000),
        [b'1', b'.', zeros @ ..] if zeros.len() <= 3 && zeros.iter().all(|digit| *digit == b'0') => return Some(1000),
        b"0" => b"",
        [b'0', b'.', digits @ ..] if digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit) => digits,
        _ => return Some(0),
    };
    let digit = |index: usize| digits.get(index).map_or(0, |digit| u16::from(digit - b'0'));
    Some(digit(0) * 100 + digit(1) * 10 + digit(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::Limits;

    fn check(accept: &str, expected: Form) {
        let mut head = Head::default();
        let fields = if accept.is_empty() { String::new() } else { format!("Accept: {accept}\r\n") };
        let text = format!("GET / HTTP/1.1\r\n{fields}\r\n");
        head.parse_request(text.as_bytes(), &Limits { bytes: 4096, fields: 10 }).unwrap();
        assert_eq!(preferred_form(&head), expected, "{accept:?}");
    }

    #[test]
    fn browsers_get_html_programs_json_and_who_does_not_care_html() {
        check("", Form::Html);
        check("*/*", Form::Html);
        check("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", Form::Html);
        check("application/json", Form::Json);
        check("application/json, text/plain, */*", Form::Json);
        check("application/json, text/javascript, */*; q=0.01", Form::Json);
        check("application/vnd.github+json", Form::Json);
        check("Application/Problem+JSON", Form::Json);
        check("text/plain", Form::Text);
        check("application/*", Form::Json);
        check("text/*", Form::Html);
        check("image/png", Form::Html);
    }

    #[test]
    fn weights_decide_and_the_closest_range_gives_the_weight() {
        check("text/html;q=0.5, application/json", Form::Json);
        check("text/html;q=0.5, application/json;q=0.500", Form::Html);
        check("text/html;q=0, */*", Form::Json);
        check("text/*, text/html;q=0.1", Form::Text);
        check("*/*;q=0.1, application/json;q=0.05", Form::Html);
        check("text/html;level=1;q=0.3, text/plain;q=0.4", Form::Text);
        check("application/json;q=0.9 , text/html;q=0.8", Form::Json);
        check("application/json;Q=1.000, text/html;q=0.999", Form::Json);
    }

    #[test]
    fn what_is_malformed_counts_for_nothing() {
        for accept in
            ["application/json;q=2", "application/json;q=", "application/json;q=0.1234", "application/json;q=x", "json", "/", ";", ",,"]
        {
            check(accept, Form::Html);
        }
    }
}
