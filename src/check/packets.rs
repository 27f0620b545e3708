//! Answers that are packets: the greeting of a MySQL server and what follows a login, the answer to an LDAP bind.
//! What is sent before them stands in `config::check_option`.

use super::conversation::Conversation;
use super::judge::{Judgement, unmet};
use crate::config::check_status::CheckStatus;
use crate::config::model_check::CheckPattern;

/// Judges what came as a packet.
pub(super) fn judge(run: &mut Conversation, pattern: &CheckPattern) -> Judgement {
    match pattern {
        CheckPattern::MysqlHandshake => judge_mysql(run),
        CheckPattern::MysqlResult => judge_mysql(run),
        _ => judge_ldap(run),
    }
}

/// What a packet that is not whole means.
fn partial(run: &Conversation) -> Judgement {
    match run.has_ended {
        true => unmet(CheckStatus::Layer7Invalid, 0, String::new()),
        false => Judgement::Wait,
    }
}

/// Three bytes of length, one of number, then the packet; an error begins with 0xff and its code. What a good server's first packet
/// says of its version is kept.
fn judge_mysql(run: &mut Conversation) -> Judgement {
    let packet = run.input.get(run.offset..).unwrap_or_default();
    let Some([low, middle, high, _number]) = packet.first_chunk::<4>() else { return partial(run) };
    let length = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
    let Some(content) = packet.get(4..4 + length) else { return partial(run) };
    match content {
        [0xff, low, high, text @ ..] => {
            let code = u16::from_le_bytes([*low, *high]);
            unmet(CheckStatus::Layer7Wrong, i64::from(code), String::from_utf8_lossy(text).into_owned())
        }
        [] => unmet(CheckStatus::Layer7Invalid, 0, String::new()),
        [_version, rest @ ..] => {
            if run.offset == 0 {
                let name = rest.split(|byte| *byte == 0).next().unwrap_or_default();
                run.said = String::from_utf8_lossy(name).into_owned();
            }
            run.offset += 4 + length;
            run.number = 0;
            Judgement::Met
        }
    }
}

/// A bindResponse (RFC 4511 section 4.2.2): a sequence with message 1, whose result code is 0.
fn judge_ldap(run: &mut Conversation) -> Judgement {
    const FOREIGN: &str = "Not LDAPv3 protocol";
    let foreign = || unmet(CheckStatus::Layer7Invalid, 0, FOREIGN.to_owned());
    let Some((length, content)) = run.input.get(1..).and_then(ber_length) else { return partial(run) };
    let Some(length) = length else { return foreign() };
    let Some(message) = content.get(..length) else { return partial(run) };
    let Some(response) = message.strip_prefix(b"\x02\x01\x01\x61") else { return foreign() };
    let result = ber_length(response).and_then(|(_, result)| result.strip_prefix(b"\x0a\x01")?.first());
    match result {
        None => foreign(),
        Some(0) => {
            run.number = 0;
            run.said = "Success".to_owned();
            Judgement::Met
        }
        Some(code) => {
            let text = "See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9";
            unmet(CheckStatus::Layer7Wrong, i64::from(*code), text.to_owned())
        }
    }
}

/// A length in BER, and what follows it: one byte, or a count of 2 or 4 bytes and these (`None` for others).
fn ber_length(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if first & 0x80 == 0 {
        return Some((Some(usize::from(*first)), rest));
    }
    let count = usize::from(first & 0x7f);
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    Some((matches!(count, 2 | 4).then_some(length), rest))
}
