//! Files of patterns (`-f`) and of maps: a pattern a line, or a key and its value.
//! What the patterns mean is their method's.

/// The patterns of a file with their lines, from 1. Blanks in front are passed over, those behind belong to the pattern; a line ends with
/// its first CR or LF; empty lines and those that begin with `#` are passed over.
pub fn scan_patterns(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let patterns = lines.filter(|(_, line)| !line.starts_with(b"#")).map(|(number, line)| {
        let line = line.split(|byte| *byte == b'\r').next().unwrap_or_default();
        (number, without_leading_blanks(line))
    });
    patterns.filter(|(_, line)| !line.is_empty())
}

/// The keys of a map with their values and lines. A key ends with the first blank; blanks on either side of a value are no part of it.
pub fn scan_map(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8], &[u8])> {
    scan_patterns(bytes).map(|(number, line)| {
        let end = line.iter().position(is_blank).unwrap_or(line.len());
        let (key, value) = line.split_at(end);
        let value = without_leading_blanks(value);
        let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(0, |last| last + 1);
        (number, key, value.get(..end).unwrap_or_default())
    })
}

fn without_leading_blanks(line: &[u8]) -> &[u8] {
    line.get(line.iter().take_while(|byte| is_blank(byte)).count()..).unwrap_or_default()
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("a text")
    }

    #[test]
    fn patterns_stand_one_a_line() {
        let check = |file: &str, expected: &[(u32, &str)]| {
            let found: Vec<(u32, &str)> = scan_patterns(file.as_bytes()).map(|(line, pattern)| (line, text(pattern))).collect();
            assert_eq!(found, expected, "{file:?}");
        };
        check("", &[]);
        check("/a", &[(1, "/a")]);
        check("# no\r\n \t/a\r\n\r\n\n  \t \n/b \n", &[(2, "/a"), (6, "/b ")]);
        check(" # yes\na # b\na\rb\n", &[(1, "# yes"), (2, "a # b"), (3, "a")]);
    }

    #[test]
    fn a_map_has_keys_and_values() {
        let check = |file: &str, expected: &[(u32, &str, &str)]| {
            let found = scan_map(file.as_bytes()).map(|(line, key, value)| (line, text(key), text(value)));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{file:?}");
        };
        check("#k v\n\n k \t v w \t\r\nkey\nkey  \n", &[(3, "k", "v w"), (4, "key", ""), (5, "key", "")]);
    }
}
