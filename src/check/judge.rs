//! Does what came meet an expectation? Met, unmet with a verdict, or not to be said before more has come.
//! Which step is next, `conversation` knows; packets of other protocols are `packets`'.

use super::conversation::{Conversation, Verdict};
use super::{http, packets, words};
use crate::config::check_status::CheckStatus;
use crate::config::model_check::{
    CheckExpect, CheckField, CheckMatch, CheckNote, CheckNumber, CheckPattern, CheckProtocol, CheckStep, CheckText, CheckWay,
};
use crate::http::head::Head;
use crate::http::header::trim;
use crate::sample::World;
use crate::sample::text::Case;
use crate::sample::value::{from_hexadecimal, hexadecimal, leading_int};

/// What an answer is so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// More must come first.
    Wait,
    /// As expected.
    Met,
    /// Not as expected.
    Unmet(Verdict),
}

impl Conversation {
    pub(super) fn judge(&mut self, step: &CheckStep, expect: &CheckExpect, world: &dyn World) -> Judgement {
        match (&expect.pattern, self.plan.protocol) {
            (CheckPattern::MysqlHandshake | CheckPattern::MysqlResult | CheckPattern::LdapBind, _) => packets::judge(self, &expect.pattern),
            (_, CheckProtocol::Http) => self.judge_http(step, expect, world),
            _ => self.judge_bytes(step, expect, world),
        }
    }

    fn judge_bytes(&mut self, step: &CheckStep, expect: &CheckExpect, world: &dyn World) -> Judgement {
        if self.has_ended && self.input.is_empty() {
            let text = format!("TCPCHK got an empty response at step {}{}", step.number, words::comment(step));
            return unmet(expect.error.unwrap_or(CheckStatus::Layer7Invalid), 0, text);
        }
        let least = match &expect.pattern {
            CheckPattern::Text(bytes) | CheckPattern::Binary(bytes) => bytes.len(),
            _ => 1,
        };
        if !self.has_ended && self.input.len() < least.max(expect.min_bytes.unwrap_or(0)) {
            return Judgement::Wait;
        }
        let matched = self.matches(&self.input, &expect.pattern, world);
        if !matched && !self.has_ended && expect.min_bytes.is_none() {
            return Judgement::Wait;
        }
        if matched != expect.negated {
            self.number = 0;
            return Judgement::Met;
        }
        let usual = match self.plan.protocol {
            CheckProtocol::Tcp => words::mismatch(step, expect),
            _ => String::new(),
        };
        let text = self.note(&expect.on_error, &usual, None, world) + &words::comment(step);
        unmet(expect.error.unwrap_or(CheckStatus::Layer7Invalid), self.number_of(expect, None, world), text)
    }

    /// Is the pattern in these bytes?
    fn matches(&self, bytes: &[u8], pattern: &CheckPattern, world: &dyn World) -> bool {
        let holds = |part: &[u8]| Case::Matters.find(bytes, part, 0).is_some();
        match pattern {
            CheckPattern::Text(part) | CheckPattern::Binary(part) => holds(part),
            CheckPattern::Regex(regex) => regex.matches(bytes),
            CheckPattern::BinaryRegex(regex) => regex.matches(&hexadecimal(bytes)),
            CheckPattern::Format(format) => holds(&self.render_format(format, None, world)),
            CheckPattern::Hexadecimal(format) => {
                from_hexadecimal(&self.render_format(format, None, world)).is_some_and(|part| holds(&part))
            }
            _ => false,
        }
    }

    fn judge_http(&mut self, step: &CheckStep, expect: &CheckExpect, world: &dyn World) -> Judgement {
        let answer = http::Answer::read(&self.input, self.has_ended);
        let head = match (&answer.head, answer.is_malformed) {
            (Some(head), false) => head,
            (None, false) if !self.has_ended => return Judgement::Wait,
            _ => return unmet(CheckStatus::Layer7Invalid, 0, String::new()),
        };
        self.number = i64::from(head.code());
        if self.stops_softly() {
            return Judgement::Met;
        }
        let reason = || String::from_utf8_lossy(head.reason()).into_owned();
        let (matched, status, usual) = match &expect.pattern {
            CheckPattern::Status(ranges) => (ranges.iter().any(|range| range.contains(&head.code())), CheckStatus::Layer7Wrong, reason()),
            CheckPattern::StatusRegex(regex) => (regex.matches(head.code().to_string().as_bytes()), CheckStatus::Layer7Wrong, reason()),
            CheckPattern::Field(field) => (self.has_field(head, field, world), CheckStatus::Layer7Wrong, reason()),
            pattern => {
                if answer.body.is_empty() {
                    if !answer.is_whole {
                        return Judgement::Wait;
                    }
                    let text = "HTTP content check could not find a response body";
                    let text = self.note(&expect.on_error, text, Some(head), world) + &words::comment(step);
                    return unmet(CheckStatus::Layer7Invalid, self.number, text);
                }
                let matched = self.matches(&answer.body, pattern, world);
                let has_enough = expect.min_bytes.is_some_and(|least| answer.body.len() >= least);
                if !answer.is_whole && !has_enough && (!matched || expect.min_bytes.is_some()) {
                    return Judgement::Wait;
                }
                let text = if expect.negated { "HTTP check matched unwanted content" } else { "HTTP content check did not match" };
                (matched, CheckStatus::Layer7Invalid, text.to_owned())
            }
        };
        if matched != expect.negated {
            return Judgement::Met;
        }
        let text = self.note(&expect.on_error, &usual, Some(head), world) + &words::comment(step);
        unmet(expect.error.unwrap_or(status), self.number_of(expect, Some(head), world), text)
    }

    fn has_field(&self, head: &Head, field: &CheckField, world: &dyn World) -> bool {
        let name = self.text(&field.name, world);
        let value = field.value.as_ref().map(|value| (value, self.text(value, world)));
        (0..head.len()).filter(|index| compare(&field.name, Case::Ignored, head.name(*index), &name)).any(|index| {
            let Some((way, text)) = &value else { return true };
            let line = head.value(index);
            match field.whole {
                true => compare(way, Case::Matters, line, text),
                false => line.split(|byte| *byte == b',').any(|part| compare(way, Case::Matters, trim(part), text)),
            }
        })
    }

    fn text(&self, wanted: &CheckMatch, world: &dyn World) -> Vec<u8> {
        match &wanted.text {
            CheckText::Plain(text) => text.clone(),
            CheckText::Format(format) => self.render_format(format, None, world),
        }
    }

    /// What is told about an answer.
    pub(super) fn note(&self, note: &CheckNote, usual: &str, head: Option<&Head>, world: &dyn World) -> String {
        let input = |from: usize| self.input.get(from..).unwrap_or_default();
        let text = match note {
            CheckNote::Usual => return usual.to_owned(),
            CheckNote::Words(words) => return (*words).to_owned(),
            CheckNote::Format(format) => self.render_format(format, head, world),
            CheckNote::Line(from) => trim(input(*from).split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default()).to_vec(),
            CheckNote::Text(from) => input(*from).split(|byte| *byte == 0).next().unwrap_or_default().to_vec(),
        };
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The number that goes with an outcome.
    pub(super) fn number_of(&self, expect: &CheckExpect, head: Option<&Head>, world: &dyn World) -> i64 {
        match &expect.number {
            CheckNumber::Usual => self.number,
            CheckNumber::Expression(expression) => self.with_scene(head, world, |scene| expression.value(scene)?.to_int()).unwrap_or(0),
            CheckNumber::Digits => leading_int(self.input.get(..3).unwrap_or_default()),
        }
    }
}

pub(super) fn unmet(status: CheckStatus, number: i64, text: String) -> Judgement {
    Judgement::Unmet(Verdict { status, number, text })
}

fn compare(wanted: &CheckMatch, case: Case, text: &[u8], with: &[u8]) -> bool {
    match wanted.way {
        CheckWay::Equal => case.equal(text, with),
        CheckWay::Begins => case.begins(text, with),
        CheckWay::Ends => text.len().checked_sub(with.len()).is_some_and(|from| case.equal(text.get(from..).unwrap_or_default(), with)),
        CheckWay::Contains => case.find(text, with, 0).is_some(),
        CheckWay::Regex => wanted.regex.as_ref().is_some_and(|regex| regex.matches(text)),
    }
}
