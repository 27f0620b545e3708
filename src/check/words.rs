//! What log lines say about a step where a check stopped, in HAProxy's words; and the bytes of a ClientHello.
//! Whether a step failed is `judge`'s.

use crate::config::model_check::{CheckAction, CheckExpect, CheckPattern, CheckPort, CheckStep};
use crate::sample::value::hexadecimal;

/// ` at step 2 of tcp-check (expect string '+PONG')`
pub(super) fn place(step: &CheckStep) -> String {
    if step.number == 0 {
        return " at initial connection step of tcp-check".to_owned();
    }
    let what = match &step.action {
        CheckAction::Connect(connect) => match connect.port {
            Some(CheckPort::Number(port)) => format!(" (connect port {port})"),
            _ => " (connect)".to_owned(),
        },
        CheckAction::Send(_) => " (send)".to_owned(),
        CheckAction::Expect(expect) => match &expect.pattern {
            CheckPattern::Text(text) => format!(" (expect string '{}')", String::from_utf8_lossy(text)),
            CheckPattern::Binary(bytes) => format!(" (expect binary '{}')", String::from_utf8_lossy(&hexadecimal(bytes))),
            CheckPattern::Regex(_) => " (expect regex)".to_owned(),
            CheckPattern::BinaryRegex(_) => " (expect binary regex)".to_owned(),
            CheckPattern::Format(_) => " (expect log-format string)".to_owned(),
            CheckPattern::Hexadecimal(_) => " (expect log-format binary)".to_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let comment = step.comment.as_ref().map_or(String::new(), |comment| format!(" comment: '{comment}'"));
    format!(" at step {} of tcp-check{what}{comment}", step.number)
}

/// ` comment: the hello`
pub(super) fn comment(step: &CheckStep) -> String {
    step.comment.as_ref().map_or(String::new(), |comment| format!(" comment: {comment}"))
}

/// `TCPCHK did not match content '+PONG' at step 2`
pub(super) fn mismatch(step: &CheckStep, expect: &CheckExpect) -> String {
    let begin = if expect.negated { "TCPCHK matched unwanted content" } else { "TCPCHK did not match content" };
    let what = match &expect.pattern {
        CheckPattern::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
        CheckPattern::Binary(_) => "(binary)".to_owned(),
        CheckPattern::Regex(_) => "(regex)".to_owned(),
        CheckPattern::BinaryRegex(_) => "(binary regex)".to_owned(),
        CheckPattern::Format(_) => "(log-format string)".to_owned(),
        _ => "(log-format binary)".to_owned(),
    };
    format!("{begin} {what} at step {}", step.number)
}

/// An SSLv3 ClientHello (RFC 6101 section 5.6.1.2) with the ciphers of its time, as HAProxy sends it.
pub(super) fn tls_hello(seconds: i64) -> Vec<u8> {
    const RANDOM: &[u8] = b"HAPROXYSSLCHK\nHAPROXYSSLCHK\n";
    let ciphers: Vec<u8> = (1..=0x1b).chain(0x2f..=0x3a).flat_map(|cipher: u8| [0, cipher]).collect();
    let clock = (seconds as u32).to_be_bytes();
    // Version 3.0, the clock and 28 bytes, no session, the ciphers, no compression.
    let hello = [&[3, 0][..], &clock, RANDOM, &[0, 0, ciphers.len() as u8], &ciphers, &[1, 0]].concat();
    let handshake = [&[1, 0, 0, hello.len() as u8][..], &hello].concat();
    [&[0x16, 3, 0, 0, handshake.len() as u8][..], &handshake].concat()
}
