//! Running `tcp-request` and `tcp-response` rules over what is there of a connection. A rule whose condition more bytes could still
//! make true or false is waited for, where there is patience left; waiting itself is the session's.

use super::action::{Action, Rule};
use super::apply::Room;
use super::note::{self, Notes};
use super::variables::Overlaid;
use crate::acl::Acl;
use crate::sample::Scene;
use crate::sample::content::Outcome;

/// What the rules come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Accept,
    /// Close the connections without an answer.
    Reject,
    /// Close the server's connection, and go on with what has come of it.
    CloseServer,
    /// Let go of the client without telling it.
    Drop,
    /// A rule is not decided: look again when more has come, from the first rule on.
    Wait,
}

/// Runs rules from the first on until one decides.
pub fn inspect(rules: &[Rule], acls: &[Acl], notes: &mut Notes, scene: &Scene, room: &mut Room) -> Decision {
    for rule in rules {
        notes.variables.settle();
        let world = Overlaid {
            world: scene.world,
            variables: &notes.variables,
            captures: &notes.captures,
            response_captures: &notes.response_captures,
        };
        match rule.decide(acls, &note::seen(scene, notes, &world)) {
            Outcome::Fails => continue,
            Outcome::Undecided => return Decision::Wait,
            Outcome::Holds => {}
        }
        match &rule.action {
            Action::Allow => return Decision::Accept,
            Action::Reject => return Decision::Reject,
            Action::CloseServer => return Decision::CloseServer,
            Action::Drop => return Decision::Drop,
            other => {
                room.text.clear();
                note::apply_note(other, notes, scene, &mut room.text);
            }
        }
    }
    notes.variables.settle();
    Decision::Accept
}

#[cfg(test)]
mod tests {
    use super::super::action::find;
    use super::*;
    use crate::sample::content::{Sender, Syntax};
    use crate::sample::fake::{FakeNames, FakeWorld, scene, words};
    use crate::sample::{Content, Patience};

    /// What rules come to while so much has come of the client, and may still come.
    #[track_caller]
    fn decide(lines: &[&str], bytes: &[u8], patience: Patience, notes: &mut Notes) -> Decision {
        let mut names = FakeNames::default();
        let rules: Vec<Rule> = lines
            .iter()
            .map(|line| {
                let words = words(line);
                Rule::parse(find(&words).expect(line), &words, &mut names).unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
            })
            .collect();
        let world = FakeWorld::default();
        let content = Content::Raw(Sender::Client, bytes, Syntax::PerhapsHttp);
        inspect(&rules, &names.acls, notes, &Scene { content, patience, ..scene(&world) }, &mut Room::default())
    }

    #[track_caller]
    fn check(lines: &[&str], bytes: &str, meanwhile: Decision, at_last: Decision) {
        assert_eq!(decide(lines, bytes.as_bytes(), Patience::Left, &mut Notes::default()), meanwhile, "{lines:?} of {bytes:?}");
        assert_eq!(decide(lines, bytes.as_bytes(), Patience::Over, &mut Notes::default()), at_last, "{lines:?} of {bytes:?} at last");
    }

    #[test]
    fn the_first_rule_that_is_due_decides_and_one_that_is_open_is_waited_for() {
        use Decision::{Accept, CloseServer, Drop, Reject, Wait};
        const LONG: &str = "tcp-request content accept if { req.len ge 4 }";
        const OUT: &str = "tcp-request content reject";
        check(&[], "", Accept, Accept);
        check(&[OUT], "", Reject, Reject);
        check(&["tcp-request content silent-drop if { src 192.0.2.7 }"], "", Drop, Drop);
        check(&["tcp-response content close"], "", CloseServer, CloseServer);
        check(&[LONG, OUT], "ab", Wait, Reject);
        check(&[LONG, OUT], "abcd", Accept, Accept);
        check(&["tcp-request content reject if { src 10.0.0.1 }", LONG], "ab", Wait, Accept);
        check(&["tcp-request content reject if { src 10.0.0.1 } { req.len ge 4 }"], "ab", Accept, Accept);
        check(&["tcp-request content reject if { req.len ge 4 } { src 10.0.0.1 }"], "ab", Wait, Accept);
        check(&["tcp-request content reject if { src 192.0.2.7 } or { req.len ge 4 }"], "ab", Reject, Reject);
        check(&["tcp-request content reject if { req.len ge 4 } or { src 192.0.2.7 }"], "ab", Reject, Reject);
        check(&["tcp-request content reject unless { req.len ge 4 }"], "ab", Wait, Reject);
        check(&["tcp-request content reject if !{ req.payload(0,1) -m str a }"], "", Wait, Reject);
        check(&["tcp-request content reject if !{ req.payload(0,1) -m str a }"], "a", Accept, Accept);
        check(&["tcp-request content accept if WAIT_END", OUT], "ab", Wait, Accept);
        check(&["tcp-request content reject if HTTP"], "GET / HT", Wait, Accept);
        check(&["tcp-request content reject if { req.payload(0,1) -m str b } { wait_end }"], "ab", Accept, Accept);
    }

    #[test]
    fn values_and_addresses_are_kept_and_seen_by_the_rules_behind() {
        let mut notes = Notes { captures: vec![Vec::new()], ..Notes::default() };
        let lines = [
            "tcp-request content set-var(sess.first) req.payload(0,2)",
            "tcp-request content set-src str(10.1.2.3)",
            "tcp-request content set-src-port int(77)",
            "tcp-request content set-dst-port int(99999)",
            "tcp-request content set-dst str(10.1.2.4)",
            "tcp-request content set-log-level silent",
            "tcp-request content capture req.payload(0,0) len 3",
            "tcp-request connection expect-proxy layer4",
            "tcp-request content reject if { var(sess.first) -m str he } { src 10.1.2.3 } { src_port 77 }",
        ];
        assert_eq!(decide(&lines, b"hello", Patience::Over, &mut notes), Decision::Reject);
        assert_eq!(notes.source, "10.1.2.3:77".parse().ok());
        assert_eq!(notes.destination, "10.1.2.4:80".parse().ok());
        assert_eq!((notes.log_level, notes.expects_proxy, &notes.captures[0][..]), (Some(None), true, &b"hel"[..]));
    }
}
