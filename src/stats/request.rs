//! What a request for the statistics page asks for: the words behind the page's own address, and the form that its buttons send.
//! Who may ask is left to the session.

use super::listing;
use super::rows::Filter;
use crate::http::uri::percent_decode;
use std::time::Duration;

/// The form in which statistics are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The page.
    Page,
    /// `;csv`, `;typed` or `;json`
    Listing(listing::Form),
    /// `;json-schema`
    Schema,
}

impl Form {
    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Form::Page => "text/html; charset=utf-8",
            Form::Listing(listing::Form::Json) | Form::Schema => "application/json",
            Form::Listing(_) => "text/plain",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// In which form.
    pub form: Form,
    /// `;up`: servers that are down are left out.
    pub only_up: bool,
    /// `;no-maint`: servers in maintenance are left out.
    pub no_maintenance: bool,
    /// `;norefresh`: the browser is not to ask anew.
    pub no_refresh: bool,
    /// `;st=`: what the form that was sent came to.
    pub outcome: Option<Outcome>,
    /// `?scope=`: a part of the names of proxies that are shown.
    pub part: String,
}

/// The longest `?scope=` that is taken, bytes (HAProxy's).
const LONGEST_PART: usize = 20;

impl Wanted {
    /// Reads what stands behind the page's own address. The words may stand in any order, and anything between them.
    pub fn parse(rest: &[u8]) -> Wanted {
        let has = |word: &[u8]| rest.windows(word.len()).any(|part| part == word);
        let after = |word: &[u8]| {
            let at = rest.windows(word.len()).position(|part| part == word)?;
            rest.get(at + word.len()..)
        };
        let forms: [(&[u8], Form); 4] = [
            (b";json-schema", Form::Schema),
            (b";json", Form::Listing(listing::Form::Json)),
            (b";typed", Form::Listing(listing::Form::Typed)),
            (b";csv", Form::Listing(listing::Form::Csv)),
        ];
        let part = after(b"?scope=").or_else(|| after(b"&scope=")).unwrap_or_default();
        let end = part.iter().position(|byte| matches!(byte, b'&' | b';')).unwrap_or(part.len());
        let part = percent_decode(part.get(..end.min(LONGEST_PART)).unwrap_or_default());
        Wanted {
            form: forms.iter().find(|(word, _)| has(word)).map_or(Form::Page, |(_, form)| *form),
            only_up: has(b";up"),
            no_maintenance: has(b";no-maint"),
            no_refresh: has(b";norefresh"),
            outcome: after(b";st=").and_then(|code| Outcome::of(code.get(..4)?)),
            part: String::from_utf8_lossy(&part).into_owned(),
        }
    }

    /// The rows that it asks for, among the proxies of these names (all when there are none).
    pub fn filter(&self, names: Vec<String>) -> Filter {
        Filter { only_up: self.only_up, no_maintenance: self.no_maintenance, part: self.part.clone(), names, ..Filter::all() }
    }

    /// The same for a page with or without `stats refresh`.
    pub fn for_page(self, refresh: Option<Duration>) -> Wanted {
        Wanted { no_refresh: self.no_refresh && refresh.is_some(), ..self }
    }

    /// The words behind the page's address that lead to the same view.
    pub fn render_words(&self) -> String {
        let mut words = String::new();
        if self.only_up {
            words += ";up";
        }
        if self.no_maintenance {
            words += ";no-maint";
        }
        if self.no_refresh {
            words += ";norefresh";
        }
        if !self.part.is_empty() {
            words += "?scope=";
            words += &self.part;
        }
        words
    }
}

/// What a form that was sent came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// There was nothing to do.
    Nothing,
    /// Some of it was done.
    Partly,
    /// The form is not understood, or names what does not exist.
    Invalid,
    /// The form is too long.
    TooLong,
    /// It is not allowed.
    Denied,
}

/// The outcomes with the codes and words that they have.
const OUTCOMES: [(Outcome, &str, &str); 6] = [
    (Outcome::Done, "DONE", "Done."),
    (Outcome::Nothing, "NONE", "Nothing has changed."),
    (Outcome::Partly, "PART", "Done for some of the servers only: the others are not known."),
    (Outcome::Invalid, "ERRP", "Not done: the action, the backend or the servers are not known."),
    (Outcome::TooLong, "EXCD", "Not done: too many servers at once."),
    (Outcome::Denied, "DENY", "Not allowed."),
];

impl Outcome {
    fn of(code: &[u8]) -> Option<Outcome> {
        OUTCOMES.iter().find(|(_, own, _)| own.as_bytes() == code).map(|(outcome, ..)| *outcome)
    }

    /// The code behind `;st=`.
    pub fn code(self) -> &'static str {
        OUTCOMES.iter().find(|(own, ..)| *own == self).map_or("", |(_, code, _)| code)
    }

    /// What the page says.
    pub fn words(self) -> &'static str {
        OUTCOMES.iter().find(|(own, ..)| *own == self).map_or("", |(.., words)| words)
    }
}

/// A form that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// `action`
    pub action: String,
    /// `b`: the backend's name, or `#` and its number.
    pub backend: String,
    /// `s`: the servers' names.
    pub servers: Vec<String>,
}

impl Order {
    /// Reads a form (`application/x-www-form-urlencoded`); `None` when it has fields without a name.
    pub fn parse(body: &[u8]) -> Option<Order> {
        let mut order = Order::default();
        let body = body.trim_ascii();
        if body.is_empty() {
            return Some(order);
        }
        for field in body.split(|byte| *byte == b'&') {
            let cut = field.iter().position(|byte| *byte == b'=').unwrap_or(field.len());
            let plain: Vec<u8> = field.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
            let value = String::from_utf8_lossy(&percent_decode(plain.get(cut + 1..).unwrap_or_default())).into_owned();
            match field.get(..cut)? {
                b"" => return None,
                b"action" => order.action = value,
                b"b" => order.backend = value,
                b"s" => order.servers.push(value),
                _ => {}
            }
        }
        Some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_behind_the_address_say_what_is_wanted() {
        let check = |rest: &str, expected: &str| {
            let wanted = Wanted::parse(rest.as_bytes());
            let form = match wanted.form {
                Form::Page => "page",
                Form::Schema => "schema",
                Form::Listing(listing::Form::Csv) => "csv",
                Form::Listing(listing::Form::Typed) => "typed",
                Form::Listing(listing::Form::Json) => "json",
            };
            let outcome = wanted.outcome.map_or("", Outcome::code);
            let flags: String = [(wanted.only_up, 'u'), (wanted.no_maintenance, 'm'), (wanted.no_refresh, 'n')]
                .into_iter()
                .filter_map(|(is, flag)| is.then_some(flag))
                .collect();
            assert_eq!(format!("{form} {flags} {outcome} {}", wanted.part), expected, "{rest}");
        };
        check("", "page   ");
        check(";csv", "csv   ");
        check("x?;csv;norefresh", "csv n  ");
        check(";json", "json   ");
        check(";json-schema", "schema   ");
        check(";typed;up;no-maint", "typed um  ");
        check(";st=PART;norefresh?scope=b%65", "page n PART be");
        check(";st=WHAT", "page   ");
        check(";st=DO", "page   ");
        check("?scope=be;csv", "csv   be");
        check("?x=1&scope=be&y", "page   be");
        check("?scope=aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "page   aaaaaaaaaaaaaaaaaaaa");
    }

    #[test]
    fn a_form_names_servers_an_action_and_a_backend() {
        let check = |body: &str, expected: Option<(&str, &str, &[&str])>| {
            let order = Order::parse(body.as_bytes());
            let got = order.as_ref().map(|order| {
                let servers: Vec<&str> = order.servers.iter().map(String::as_str).collect();
                (order.action.as_str(), order.backend.as_str(), servers)
            });
            assert_eq!(got, expected.map(|(action, backend, servers)| (action, backend, servers.to_vec())), "{body}");
        };
        check("s=s1&s=s+2&action=maint&b=%237", Some(("maint", "#7", &["s1", "s 2"])));
        check("", Some(("", "", &[])));
        check("action=ready&b=be&x=y&s", Some(("ready", "be", &[""])));
        check("=1", None);
        check("&", None);
    }
}
