//! The syntax of one field line (RFC 9110 section 5, RFC 9112 section 5): tokens, values and comma-separated lists.
//! Where lines lie in a head is `head`; what single fields mean is `framing`, `connection` and `cookie`.

use std::ops::Range;

/// A byte of a token (RFC 9110 section 5.6.2): field names, methods, codings.
pub fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// A token: one such byte or more.
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().copied().all(is_token_byte)
}

/// A byte that may stand in a field's value (RFC 9110 section 5.5): visible, obs-text, space or tab.
pub fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Optional white space (RFC 9110 section 5.6.3).
pub fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The text without optional white space around it.
pub fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_blank(*byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_blank(*byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// Name and value of a field line without CRLF, as ranges; `None` for a line that is none (RFC 9112 section 5).
pub fn parse_line(line: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, rest) = line.split_at_checked(colon)?;
    let text = rest.get(1..)?;
    if !is_token(name) || !text.iter().copied().all(is_value_byte) {
        return None;
    }
    let start = colon + 1 + text.iter().position(|byte| !is_blank(*byte)).unwrap_or(text.len());
    Some((0..colon, start..start + trim(text).len()))
}

/// The elements of a comma-separated list, trimmed; empty ones are passed over (RFC 9110 section 5.6.1.2).
pub fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(trim).filter(|element| !element.is_empty())
}

/// Writes a number at the end of `digits`; the digits, all of them where there is room for 20.
pub fn write_number(number: u64, digits: &mut [u8]) -> &[u8] {
    let (mut rest, mut from) = (number, digits.len());
    for (at, place) in digits.iter_mut().enumerate().rev() {
        *place = b'0' + (rest % 10) as u8;
        from = at;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    digits.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, &str)>) {
        let found = parse_line(line.as_bytes());
        assert_eq!(found.map(|(name, value)| (&line[name], &line[value])), expected, "{line:?}");
    }

    #[test]
    fn a_line_is_a_token_a_colon_and_a_value() {
        check("Host: a", Some(("Host", "a")));
        check("Host:a", Some(("Host", "a")));
        check("X:\t a b \t", Some(("X", "a b")));
        check("X:", Some(("X", "")));
        check("X: \t ", Some(("X", "")));
        check("X: a:b", Some(("X", "a:b")));
        check("X: é", Some(("X", "é")));
        check("!#$%&'*+-.^_`|~09azAZ: x", Some(("!#$%&'*+-.^_`|~09azAZ", "x")));
        check("", None);
        check(":", None);
        check(": a", None);
        check("Host", None);
        check("Host : a", None);
        check(" Host: a", None);
        check("Ho st: a", None);
        check("Hé: a", None);
        check("X: a\0b", None);
        check("X: a\rb", None);
        check("X: a\nb", None);
        check("X: a\x7f", None);
        check("X(: a", None);
    }

    #[test]
    fn a_list_yields_its_elements_without_empty_ones() {
        for (value, expected) in
            [("a", vec!["a"]), ("a,b", vec!["a", "b"]), (" a ,\tb ", vec!["a", "b"]), (",, a,,", vec!["a"]), ("", vec![]), (" , ", vec![])]
        {
            let found: Vec<&[u8]> = elements(value.as_bytes()).collect();
            assert_eq!(found, expected.iter().map(|text| text.as_bytes()).collect::<Vec<_>>(), "{value:?}");
        }
    }
}
