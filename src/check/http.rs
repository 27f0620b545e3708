//! `option httpchk`: the request goes as written; an answer counts by its status line.
//! Connecting, waiting and what the verdict changes are the daemon's.

/// What an answer means so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The status line is not whole yet.
    More,
    /// 2xx or 3xx.
    Passed {
        /// The status.
        code: u16,
    },
    /// Another status.
    WrongStatus {
        /// The status.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
    /// No HTTP/1.x status line.
    Invalid,
}

/// The longest status line that is waited for, bytes.
const LONGEST_LINE: usize = 1024;

/// Has the server said all that it will?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// More may come.
    Open,
    /// It closed its side.
    Ended,
}

/// Reads the start of an answer.
pub fn scan_answer(bytes: &[u8], stream: Stream) -> Answer {
    const START: &[u8] = b"HTTP/1.";
    let length = bytes.len().min(START.len());
    if bytes.get(..length) != START.get(..length) {
        return Answer::Invalid;
    }
    let line = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => bytes.get(..end).unwrap_or_default(),
        None if stream == Stream::Open && bytes.len() < LONGEST_LINE => return Answer::More,
        None => bytes,
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // HTTP/1.1 SP 200 SP reason (RFC 9112 section 4); the reason may be missing with its space.
    let digits = line.get(9..12).filter(|digits| digits.iter().all(u8::is_ascii_digit));
    let (Some(digits), Some(b' '), true) = (digits, line.get(8), line.get(7).is_some_and(u8::is_ascii_digit)) else {
        return Answer::Invalid;
    };
    if line.get(12).is_some_and(|byte| *byte != b' ') {
        return Answer::Invalid;
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    match code {
        200..=399 => Answer::Passed { code },
        _ => Answer::WrongStatus { code, reason: String::from_utf8_lossy(line.get(13..).unwrap_or_default()).into_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_by_its_status_line() {
        let check = |text: &str, stream, expected| assert_eq!(scan_answer(text.as_bytes(), stream), expected, "{text:?}");
        let wrong = |code, reason: &str| Answer::WrongStatus { code, reason: reason.into() };
        check("HTTP/1.0 200 OK\r\n", Stream::Open, Answer::Passed { code: 200 });
        check("HTTP/1.1 302 Found\n", Stream::Open, Answer::Passed { code: 302 });
        check("HTTP/1.1 204\r\n\r\n", Stream::Open, Answer::Passed { code: 204 });
        check("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n", Stream::Open, wrong(404, "Not Found"));
        check("HTTP/1.1 500\r\n", Stream::Open, wrong(500, ""));
        check("HTTP/1.1 101 x\r\n", Stream::Open, wrong(101, "x"));
        check("", Stream::Open, Answer::More);
        check("HTTP/1.1 2", Stream::Open, Answer::More);
        check("HTTP/1.1 200 O", Stream::Open, Answer::More);
        check("HTTP/1.1 200 O", Stream::Ended, Answer::Passed { code: 200 });
        check("HTTP/1.1 20", Stream::Ended, Answer::Invalid);
        check("", Stream::Ended, Answer::Invalid);
        check("SSH-2.0", Stream::Open, Answer::Invalid);
        check("HTTP/2 200\r\n", Stream::Open, Answer::Invalid);
        check("HTTP/1.1 2000 OK\r\n", Stream::Open, Answer::Invalid);
        check("HTTP/1.1  200 OK\r\n", Stream::Open, Answer::Invalid);
        check(&format!("HTTP/1.1 200 {}", "x".repeat(2000)), Stream::Open, Answer::Passed { code: 200 });
    }
}
