//! `req*` and `rsp*` rules against messages, as tables.

use super::rewrite::{KEYWORDS, Rewrite, Verdict, apply_request, apply_response};
use crate::sample::fake::{FakeNames, FakeWorld, rendered, request, response, scene, words};
use crate::sample::{ProxyId, Scene};

const REQUEST: &str = "GET / HTTP/1.1\nHost: www.example.com\nUser-Agent: Mozilla\nAccept: a\nX-A: 1\nX-A: 2";
const RESPONSE: &str = "HTTP/1.1 302 Found\nServer: x\nLocation: http://h/p\nSet-Cookie: a=1\nSet-Cookie: b=2";

fn parsed(lines: &str, names: &mut FakeNames) -> Vec<Rewrite> {
    names.backends = vec!["web".into(), "static".into()];
    lines.split('\n').map(|line| Rewrite::parse(&words(line), names).unwrap_or_else(|fault| panic!("{line}: {fault:?}"))).collect()
}

fn on_request(lines: &str) -> (Verdict, String) {
    let mut names = FakeNames::default();
    let rules = parsed(lines, &mut names);
    let mut head = request(REQUEST);
    let verdict = apply_request(&rules, &names.acls, &mut head, &scene(&FakeWorld::default()), &mut Vec::new());
    (verdict, rendered(&head))
}

fn on_response(lines: &str) -> (Verdict, String) {
    let mut names = FakeNames::default();
    let rules = parsed(lines, &mut names);
    let (asked, mut head) = (request(REQUEST), response(RESPONSE));
    let world = FakeWorld::default();
    let seen = Scene { request: Some(&asked), ..scene(&world) };
    let verdict = apply_response(&rules, &names.acls, &mut head, &seen, &mut Vec::new());
    (verdict, rendered(&head))
}

#[test]
fn rules_edit_a_request() {
    let check = |lines: &str, from: &str, to: &str| {
        assert!(REQUEST.contains(from), "{from}");
        assert_eq!(on_request(lines), (Verdict::Continue, REQUEST.replacen(from, to, 1).trim_end().to_string()), "{lines}");
    };
    check("reqirep ^(GET\\_/)(\\_.*) \\1/webmail.html\\2", "GET / ", "GET //webmail.html ");
    check("cliexp ^GET HEAD\\_/x\\_HTTP/1.0", "GET / HTTP/1.1", "HEAD /x HTTP/1.0");
    check("reqrep ^host: Host:\\_x", "", "");
    check("reqirep ^Host: Host:\\_x", "Host: www.example.com", "Host: x");
    check("reqirep ^Host:(.*) Host:\\1\\~X-B:\\_b", "Host: www.example.com", "Host: www.example.com\nX-B: b");
    check("reqrep ^X-A:\\_(.) X-B:\\_\\1", "X-A: 1\nX-A: 2", "X-B: 1\nX-B: 2");
    check("reqidel ^x-a:", "\nX-A: 1\nX-A: 2", "");
    check("reqdel .", "\nHost: www.example.com\nUser-Agent: Mozilla\nAccept: a\nX-A: 1\nX-A: 2", "");
    check("reqadd X-B:\\_b", "X-A: 2", "X-A: 2\nX-B: b");
    check("reqadd X-A:\\_3\nreqidel ^x-a:", "X-A: 1\nX-A: 2", "X-A: 3");
    check("reqrep ^X-A:\\_1 X-A:\\_9 if { hdr(host) www.example.com }", "X-A: 1", "X-A: 9");
    check("reqrep ^X-A:\\_1 X-A:\\_9 unless { hdr(host) www.example.com }", "", "");
    check(
        "reqirep ^Host: Host:\\_x\nreqrep ^X-A:\\_1 X-A:\\_9 if { hdr(host) x }",
        "Host: www.example.com\nUser-Agent: Mozilla\nAccept: a\nX-A: 1",
        "Host: x\nUser-Agent: Mozilla\nAccept: a\nX-A: 9",
    );
    check("reqipass ^User-Agent", "", "");
}

#[test]
fn rules_judge_a_request() {
    let check = |lines: &str, expected| assert_eq!(on_request(lines).0, expected, "{lines}");
    check("reqideny ^user-agent:.*mozilla", Verdict::Deny);
    check("reqdeny ^user-agent:", Verdict::Continue);
    check("reqdeny ^GET\\_/", Verdict::Deny);
    check("reqitarpit ^host:", Verdict::Tarpit);
    check("reqallow ^Host:\\_www\nreqdeny .", Verdict::Continue);
    check("reqiallow ^host:\\_ftp\nreqdeny .", Verdict::Deny);
    check("reqtarpit .\nreqdeny .", Verdict::Tarpit);
    check("reqipass ^User-Agent:.*Mozilla\nreqideny ^User-Agent:", Verdict::Deny);
    check("reqdeny . if FALSE", Verdict::Continue);
    check("reqsetbe ^Host:\\_www static\nreqisetbe . web", Verdict::UseBackend(ProxyId(1)));
    check("reqisetbe ^host:\\_ftp static", Verdict::Continue);
    check("reqsetbe . static\nreqdeny ^Accept:", Verdict::Deny);
    check("reqrep ^GET nonsense", Verdict::Malformed);
    check("reqrep ^Host: nonsense", Verdict::Malformed);
}

#[test]
fn an_allowed_request_is_still_edited() {
    let (verdict, head) = on_request("reqallow .\nreqdel ^X-A\nreqdeny .\nreqadd X-B:\\_b");
    assert_eq!(verdict, Verdict::Continue);
    assert!(head.ends_with("Accept: a\nX-B: b"), "{head}");
}

#[test]
fn rules_edit_a_response() {
    let check = |lines: &str, from: &str, to: &str| {
        assert!(RESPONSE.contains(from), "{from}");
        assert_eq!(on_response(lines), (Verdict::Continue, RESPONSE.replacen(from, to, 1)), "{lines}");
    };
    check("rspirep ^(Location:\\_)(http:[/]*)(.*) \\1https://\\3", "http://h/p", "https://h/p");
    check("rsprep ^location: x:\\_y", "", "");
    check("srvexp ^HTTP/1.1\\_302(.*) HTTP/1.0\\_301\\1", "HTTP/1.1 302", "HTTP/1.0 301");
    check("rspirep ^(set-cookie:.*) \\1;\\_Secure", "a=1\nSet-Cookie: b=2", "a=1; Secure\nSet-Cookie: b=2; Secure");
    check("rspidel ^server:", "Server: x\n", "");
    check("rspdel ^HTTP", "", "");
    check("rspadd X-B:\\_b if { path / }", "b=2", "b=2\nX-B: b");
    check("rspadd X-B:\\_b if { status 200 }", "", "");
}

#[test]
fn rules_judge_a_response() {
    let check = |lines: &str, expected| assert_eq!(on_response(lines).0, expected, "{lines}");
    check("rspideny ^set-cookie:", Verdict::Deny);
    check("rspdeny ^set-cookie:", Verdict::Continue);
    check("rspdeny ^HTTP/1..\\_5", Verdict::Continue);
    check("rsprep ^HTTP x", Verdict::Malformed);
}

#[test]
fn a_broken_rule_is_refused_at_its_word() {
    let check = |line: &str, word: usize, part: &str| {
        let fault = Rewrite::parse(&words(line), &mut FakeNames::default()).expect_err(line);
        assert_eq!(fault.word, word, "{line}: {fault:?}");
        assert!(fault.message.contains(part), "{line}: {fault:?}");
    };
    check("reqirpe a b", 0, "unknown rule");
    check("reqrep", 1, "needs a replacement");
    check("reqrep a", 2, "needs a replacement");
    check("reqdel", 1, "needs a regular expression");
    check("reqrep (a b", 1, "does not compile");
    check("reqrep a b\\", 2, "lone backslash");
    check("reqrep a b fi x", 3, "expected 'if'");
    check("reqrep a b if x", 4, "no ACL named");
    check("reqadd nonsense", 1, "no field line");
    check("reqsetbe a web", 2, "no backend named");
}

#[test]
fn a_rule_without_effect_is_warned_about() {
    let rule = Rewrite::parse(&words("reqipass ^a if { env(X) gt 0 }"), &mut FakeNames::default()).expect("a rule");
    assert_eq!(rule.warnings().iter().map(|fault| fault.word).collect::<Vec<_>>(), [5, 0]);
}

#[test]
fn every_rule_seen_in_the_field_compiles_or_says_why() {
    for (search, refused) in [
        (r"^([^ :]*) /{{$svc.Name}}[/]?(.*)", None),
        (r"^([^ \t]*[ \t])(/embedded_sagecell\.js[ \t].*)", None),
        (r"^Location:\s*http://.*?\.example.com(/.*)$", None),
        (r"Expires\=Thu\, 01\-Jan\-1970 00\:00\:10 GMT", None),
        (r"^[^: ]* .*(\.|%2e)(\.|%2e)(%2f|%5c|/|\\)", None),
        (r"^((?:(?!; [Ss]ecure\b).)*)$", Some("(?!")),
    ] {
        let line = [b"reqdel".to_vec(), search.as_bytes().to_vec()];
        let fault = Rewrite::parse(&line, &mut FakeNames::default()).err();
        assert_eq!(fault.is_some(), refused.is_some(), "{search}: {fault:?}");
        assert!(fault.is_none_or(|fault| fault.message.contains(refused.unwrap_or_default())));
    }
    assert!(KEYWORDS.is_sorted_by_key(|row| row.name));
}
