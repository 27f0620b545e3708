//! What rules do to a message: the head and the variables are changed in place, and what remains to be done is the verdict.
//! Sending answers, closing connections and writing logs are the session's.

use super::action::{Action, NamePattern, Rule, Service};
use super::note::{self, Notes};
use super::reply::Written;
use super::target;
use super::tcp::BodyWait;
use super::text::replace_elements;
use super::variables::Overlaid;
use crate::acl::Acl;
use crate::http::head::Head;
use crate::sample::Scene;
use crate::sample::text::Case;

/// What the rules of a section leave to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// Answer.
    Answer(Answer),
    /// Let a service of byway's own answer.
    Serve(Service),
    /// Close the connection without an answer.
    Reject,
    /// Let go of the connection without telling the client.
    Drop,
    /// An edit would have left no valid message.
    Malformed,
    /// The body is waited for; the rules behind that one are still to run.
    AwaitBody(Awaited),
}

/// A body that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The index of the rule that says so, among those that were run.
    pub rule: usize,
    /// How long, and how much of it.
    pub wait: BodyWait,
}

/// An answer that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Why.
    pub why: Why,
    /// The status.
    pub code: u16,
    /// What to send.
    pub what: What,
}

/// Why byway answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Why {
    Deny,
    Tarpit,
    Return,
    Redirect,
    Auth,
}

/// What an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The page for its status.
    Page,
    /// The whole message in `Room::message`.
    Message,
    /// The page for its status, with the value of `WWW-Authenticate` (`Proxy-Authenticate` for 407) in `Room::message`.
    Challenge,
}

/// Memory that is used again and again.
#[derive(Debug, Default)]
pub struct Room {
    /// An answer, whole.
    pub message: Vec<u8>,
    pub(super) text: Vec<u8>,
}

/// Applies `http-request` rules. `scene.request` is ignored: rules see `head` as those before have left it.
pub fn apply_request(rules: &[Rule], acls: &[Acl], head: &mut Head, notes: &mut Notes, scene: &Scene, room: &mut Room) -> Verdict {
    apply(rules, acls, Side::Request, head, notes, scene, room)
}

/// Applies `http-response` and `http-after-response` rules to `head`.
pub fn apply_response(rules: &[Rule], acls: &[Acl], head: &mut Head, notes: &mut Notes, scene: &Scene, room: &mut Room) -> Verdict {
    apply(rules, acls, Side::Response, head, notes, scene, room)
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Request,
    Response,
}

fn apply(rules: &[Rule], acls: &[Acl], side: Side, head: &mut Head, notes: &mut Notes, scene: &Scene, room: &mut Room) -> Verdict {
    for (index, rule) in rules.iter().enumerate() {
        notes.variables.settle();
        let world = Overlaid {
            world: scene.world,
            variables: &notes.variables,
            captures: &notes.captures,
            response_captures: &notes.response_captures,
        };
        let (request, response) = match side {
            Side::Request => (Some(&*head), None),
            Side::Response => (scene.request, Some(&*head)),
        };
        let seen = note::seen(&Scene { request, response, acls, ..*scene }, notes, &world);
        if !rule.applies(acls, &seen) {
            continue;
        }
        let Room { message, text } = room;
        text.clear();
        let answer = |why, code, what| Verdict::Answer(Answer { why, code, what });
        let edited = match &rule.action {
            Action::Allow => return Verdict::Continue,
            Action::Deny(reply) => return answer(Why::Deny, reply.code(), written(reply.write(&seen, message, text))),
            Action::Tarpit(reply) => return answer(Why::Tarpit, reply.code(), written(reply.write(&seen, message, text))),
            Action::Return(reply) => return answer(Why::Return, reply.code(), written(reply.write(&seen, message, text))),
            Action::Redirect(redirect) => {
                if redirect.write(request, &seen, message) {
                    return answer(Why::Redirect, redirect.code(), What::Message);
                }
                Ok(())
            }
            Action::Auth(realm) => {
                message.clear();
                match realm {
                    Some(realm) => realm.render(&seen, text),
                    None => text.extend_from_slice(seen.frontend.as_bytes()),
                }
                message.extend_from_slice(b"Basic realm=\"");
                message.extend(text.iter().filter(|byte| **byte != b'"'));
                message.push(b'"');
                let is_for_a_proxy = request.is_some_and(|head| seen.world.credentials_field(head) == "proxy-authorization");
                return answer(Why::Auth, if is_for_a_proxy { 407 } else { 401 }, What::Challenge);
            }
            Action::UseService(service) => return Verdict::Serve(*service),
            Action::Drop => return Verdict::Drop,
            Action::Reject => return Verdict::Reject,
            Action::AddField(name, value) => {
                value.render(&seen, text);
                head.push(name, text);
                Ok(())
            }
            Action::SetField(name, value) => {
                value.render(&seen, text);
                head.remove(name);
                head.push(name.as_bytes(), text);
                target::follow_host(head, name, message)
            }
            Action::DeleteFields(pattern) => {
                delete_fields(pattern, head);
                Ok(())
            }
            Action::ReplaceField(name, search, substitute) => {
                let Some(ready) = substitute.ready(&seen) else { return Verdict::Malformed };
                each_value(head, name, text, |value, text| ready.replacement().expand(search, value, text));
                target::follow_host(head, name, message)
            }
            Action::ReplaceValue(name, search, substitute) => {
                let Some(ready) = substitute.ready(&seen) else { return Verdict::Malformed };
                each_value(head, name, text, |value, text| replace_elements(value, search, ready.replacement(), text));
                target::follow_host(head, name, message)
            }
            Action::SetMethod(method) => {
                method.render(&seen, text);
                target::set_method(head, text, message)
            }
            Action::SetTarget(part, value) => {
                value.render(&seen, text);
                target::set_part(head, *part, text, message)
            }
            Action::ReplaceTarget(part, search, substitute) => {
                let Some(ready) = substitute.ready(&seen) else { return Verdict::Malformed };
                match ready.replacement().expand(search, target::part(head, *part), text) {
                    true => target::set_part(head, *part, text, message),
                    false => Ok(()),
                }
            }
            Action::SetStatus(code, reason) => target::set_status(head, *code, reason.as_deref(), message),
            Action::WaitForBody(wait) => return Verdict::AwaitBody(Awaited { rule: index, wait: *wait }),
            other => {
                let base = Scene { request, response, ..*scene };
                note::apply_note(other, notes, &base, text);
                Ok(())
            }
        };
        if edited.is_err() {
            return Verdict::Malformed;
        }
    }
    notes.variables.settle();
    Verdict::Continue
}

fn written(written: Written) -> What {
    match written {
        Written::Page => What::Page,
        Written::Message => What::Message,
    }
}

/// Gives the fields of a name the values that `replace` puts into the room, where it says that it did.
fn each_value(head: &mut Head, name: &str, text: &mut Vec<u8>, replace: impl Fn(&[u8], &mut Vec<u8>) -> bool) {
    let mut from = 0;
    while let Some(index) = head.find(name, from) {
        if replace(head.value(index), text) {
            head.set_value(index, text);
        }
        from = index + 1;
    }
}

fn delete_fields(pattern: &NamePattern, head: &mut Head) {
    let is_meant = |name: &[u8]| match pattern {
        NamePattern::Exactly(wanted) => name.eq_ignore_ascii_case(wanted.as_bytes()),
        NamePattern::Beginning(part) => name.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part)),
        NamePattern::Ending(part) => {
            name.len().checked_sub(part.len()).and_then(|from| name.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(part))
        }
        NamePattern::Holding(part) => Case::Ignored.find(name, part, 0).is_some(),
        NamePattern::Matching(search) => search.matches(name),
    };
    let mut index = 0;
    while index < head.len() {
        match is_meant(head.name(index)) {
            true => head.remove_at(index),
            false => index += 1,
        }
    }
}
