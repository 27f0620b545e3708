//! ACLs and conditions against requests, as tables.

use super::{Acl, Condition};
use crate::fault::Fault;
use crate::http::head::Head;
use crate::sample::Scene;
use crate::sample::fake::{FakeNames, FakeWorld, request, scene, words};

fn names() -> FakeNames {
    let many: Vec<String> = (0..1000).map(|n| format!("10.{}.{}.0/24", n / 256, n % 256)).collect();
    FakeNames {
        backends: vec!["web".into(), "maint".into()],
        files: [
            ("nets".to_string(), many.join("\n").into_bytes()),
            ("paths".to_string(), b"# comment\r\n  /a\r\n\n/b \n".to_vec()),
            ("map".to_string(), b"/k value\n/l\tvalue\n".to_vec()),
        ]
        .into(),
        ..FakeNames::default()
    }
}

fn example() -> Head {
    request(
        "GET /img/logo.PNG?v=2&w=a/b HTTP/1.1\nHost: www.Example.com:8080\nAccept: text/html, image/png\nX-IP: 10.1.2.3, x\nContent-Length: 5",
    )
}

/// Does an ACL of these words hold for the example, with the switch set and two servers up?
fn holds(line: &str, switch: Option<&str>) -> bool {
    let mut names = names();
    let acl = Acl::parse(&words(line), &mut names).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
    let world = FakeWorld { values: vec![switch.map(|value| value.as_bytes().to_vec()); names.variables.len()], servers: 2 };
    let head = example();
    acl.matches(&Scene { request: Some(&head), ..scene(&world) })
}

#[test]
fn an_acl_matches_by_its_method() {
    let check = |line: &str, expected| assert_eq!(holds(&format!("a {line}"), None), expected, "{line}");
    check("path /img/logo.PNG", true);
    check("path /img/logo.png", false);
    check("path -i /x /img/logo.png", true);
    check("path_beg /img /css", true);
    check("path_beg /css /img/logo.PNG/x", false);
    check("path_beg -i /IMG", true);
    check("path_end .png", false);
    check("path_end -i .gif .png", true);
    check("path_sub logo", true);
    check("path_sub -i LOGO", true);
    check("path_dir img", true);
    check("path_dir /img/", true);
    check("path_dir im", false);
    check("path_dir img/logo.PNG", true);
    check("path_dir logo.PNG img/logo", true);
    check("path_dir mg/logo.PNG img/logo.PN", false);
    check("url_dir PNG?v=2&w=a/b", false);
    check("url_dir img/logo.PNG?v=2&w=a", true);
    check("url_dir a/b", false);
    check("url_dir b", true);
    check("path_reg ^/img/[a-z]+", true);
    check("path_reg -i \\.(gif|png)$", true);
    check("path_reg \\.(gif|png)$", false);
    check("path_len 13", true);
    check("path_len gt 13", false);
    check("path -m len lt 14", true);
    check("path -m found", true);
    check("hdr(host) -m found", true);
    check("hdr(cookie) -m found", false);
    check("hdr(host) www.Example.com:8080", true);
    check("hdr_dom(host) example.com", false);
    check("hdr_dom(host) -i example.com", true);
    check("hdr_dom(host) -i ample.com", false);
    check("hdr_beg(Host) www.", true);
    check("hdr(accept) image/png", true);
    check("hdr(accept,1) image/png", false);
    check("hdr(accept,-1) image/png", true);
    check("hdr(accept,3) -m found", false);
    check("hdr_cnt(accept) 2", true);
    check("hdr_cnt(accept) eq 2", true);
    check("hdr_val(content-length) ge 5 lt 0", true);
    check("hdr_val(content-length) 6:", false);
    check("hdr_val(content-length) :5", true);
    check("hdr_val(content-length) 1:4 6:9", false);
    check("hdr_ip(x-ip) 10.0.0.0/8", true);
    check("hdr_ip(x-ip) 10.0.0.0/255.255.0.0", false);
    check("path,lower -m end .png", true);
    check("path,upper -m beg /IMG/", true);
    check("path -m bin 2f", false);
    check("method -m bin 474554", true);
    check("method POST GET", true);
    check("url /img/logo.PNG?v=2&w=a/b", true);
    check("src 192.0.2.0/24", true);
    check("src 192.0.2.8 192.0.2.6", false);
    check("src ::ffff:192.0.2.0/120", true);
    check("src 192.0.2.9/24", true);
    check("src localhost", false);
    check("dst 198.51.100.1", true);
    check("dst_port 80", true);
    check("dst_port 81:90", false);
    check("ssl_fc", false);
    check("always_true", true);
    check("always_false", false);
    check("nbsrv(maint) gt 1", true);
    check("nbsrv(maint) lt 2", false);
    check("nbsrv eq 2", true);
    check("src -f nets", false);
    check("hdr_ip(x-ip) -f nets", true);
    check("path -f paths", false);
    check("path_beg -i -f paths -- /IMG", true);
    check("path_beg -M -f map /i", true);
    check("path -m beg -- -x", false);
    check("url -m reg -i ^/IMG.*\\?v", true);
}

#[test]
fn a_switch_is_tested_by_its_value() {
    let check = |line: &str, value: Option<&str>, expected| assert_eq!(holds(line, value), expected, "{line} with {value:?}");
    check("m env_int(HAPROXY_MAINT) gt 0", Some("1"), true);
    check("m env_int(HAPROXY_MAINT) gt 0", Some("0"), false);
    check("m env_int(HAPROXY_MAINT) gt 0", Some("on"), false);
    check("m env_int(HAPROXY_MAINT) gt 0", None, false);
    check("m env_int(N) lt 0", Some("-3"), true);
    check("m env(N) -m int gt 0", Some("1abc"), true);
    check("m env(N) on", Some("on"), true);
    check("m env(N) on", None, false);
    check("variable maintenance_mode true", Some("true"), true);
    check("variable maintenance_mode true", Some("false"), false);
    check("variable maintenance_mode true", None, false);
    check("m variable(maintenance_mode) true", Some("true"), true);
    check("m var(proc.maint) -m bool", Some("1"), true);
    check("m var(proc.maint) -m bool", Some("true"), true);
    check("m var(proc.maint) -m bool", Some("0"), false);
    check("m var(proc.maint,1) -m bool", None, true);
    check("m var(txn.maint) -m found", Some("1"), false);
}

#[test]
fn the_name_of_a_variable_becomes_the_acls_name() {
    let check = |line: &str, expected: &str| {
        let acl = Acl::parse(&words(line), &mut names()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
        assert_eq!(acl.name, expected, "{line}");
    };
    check("variable maintenance_mode true", "maintenance_mode");
    check("variable path_beg /x", "variable");
    check("variable path /x", "variable");
    check("variable env_int(X) 1", "variable");
    check("maint variable(x) y", "maint");
}

fn shown(fault: &Fault) -> String {
    format!("{}: {} | {}", fault.word, fault.message, fault.hint)
}

#[test]
fn what_is_wrong_with_an_acl_is_said_with_a_way_out() {
    let check = |line: &str, expected: &str| {
        let fault = Acl::parse(&words(line), &mut names()).expect_err(line);
        assert_eq!(shown(&fault), expected, "{line}");
    };
    check("", "0: an ACL needs a name | ");
    check("a", "1: ACL 'a' needs a criterion | ");
    check("a path_bge /x", "1: unknown fetch 'path_bge' | did you mean 'path_beg'?");
    check("a pth /x", "1: unknown fetch 'pth' | did you mean 'path'?");
    check("variable maintenance_mode true false", "1: unknown fetch 'maintenance_mode' | ");
    check("a! path /x", "0: 'a!' cannot be an ACL's name | names are made of letters, digits, '-', '_', '.' and ':'");
    check("a path -m bge /x", "3: unknown match method 'bge' | did you mean 'beg'?");
    check("a path -m", "3: flag '-m' needs a match method behind it | ");
    check("a path -x /x", "2: unknown flag '-x' | write '--' before a pattern that begins with '-'");
    check("a path,lowr /x", "1: unknown converter 'lowr' | did you mean 'lower'?");
    check("a path(x) /x", "1: 'path' takes no arguments | ");
    check("a nbsrv(wbe) 1", "1: no backend named 'wbe' | ");
    check("a env x", "1: 'env' needs a name in parentheses | ");
    check("a env(X x", "1: parenthesis is not closed | add a ')' behind the arguments");
    check("a dst_port http", "2: 'http' is no integer | patterns are integers or ranges like 1:5");
    check("a dst_port gt", "3: 'gt' needs an integer behind it | ");
    check("a src 10.0.0.0/33", "2: '33' is no mask | patterns are addresses or networks like 10.0.0.0/8");
    check("a src -n here", "3: 'here' is no address | patterns are addresses or networks like 10.0.0.0/8");
    check(
        "a path_reg (?=x)",
        "2: regular expression uses look-ahead '(?=', which is not supported | expressions run in linear time: write it without, or with a second rule or ACL",
    );
    check("a bin(61) -m bool", "1: match method 'bool' cannot be used on bin | ");
    check("a var(proc.x) 1", "1: 'var(proc.x)' needs a match method | name one with -m, for example -m str");
    check("a path -f none", "3: cannot read 'none': entity not found | ");
}

#[test]
fn traps_are_warned_about() {
    let check = |line: &str, expected: &[&str]| {
        let acl = Acl::parse(&words(line), &mut names()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
        assert_eq!(acl.warnings().map(shown).collect::<Vec<_>>(), expected, "{line}");
    };
    check("m env(X) gt 0", &["2: 'gt 0' compares text with the two words 'gt' and '0', not numbers | env_int(X) compares numbers"]);
    check("m hdr(x-n) ge 10", &["2: 'ge 10' compares text with the two words 'ge' and '10', not numbers | add -m int to compare numbers"]);
    check(
        "m hdr(x-n) -m str ge 10",
        &["4: 'ge 10' compares text with the two words 'ge' and '10', not numbers | add -m int to compare numbers"],
    );
    check("m ssl_fc 1", &["2: patterns behind 'ssl_fc' are not looked at | the value alone decides"]);
    check("m path", &["2: 'path' has no pattern and never matches | add one, or -m found"]);
    check("m env(X) gt", &[]);
    check("m env_int(X) gt 0", &[]);
    check("m path -f paths", &[]);
}

#[test]
fn a_condition_joins_acls() {
    let check = |line: &str, expected| {
        let mut names = names();
        for acl in ["yes always_true", "no always_false", "img path_beg /img", "or2 path_beg /css"] {
            names.acls.push(Acl::parse(&words(acl), &mut FakeNames::default()).expect(acl));
        }
        let condition = Condition::parse(&words(line), &mut names).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
        let world = FakeWorld::default();
        let head = example();
        assert_eq!(condition.holds(&names.acls, &Scene { request: Some(&head), ..scene(&world) }), expected, "{line}");
    };
    check("if yes", true);
    check("if no", false);
    check("unless no", true);
    check("if yes no", false);
    check("if yes no or img", true);
    check("if no || yes img", true);
    check("if no OR no", false);
    check("if !no", true);
    check("if ! no", true);
    check("if !!no", false);
    check("if ! !no", false);
    check("if img !or2", true);
    check("if { path_beg /img }", true);
    check("if !{ path_beg /img }", false);
    check("if ! { path_beg /css } img", true);
    check("if { path_beg /css } or { path_end .PNG }", true);
    check("unless img or no", false);
    check("if METH_GET HTTP_1.1 HTTP_URL_SLASH HTTP_CONTENT HTTP", true);
    check("if METH_POST or LOCALHOST or HTTP_1.0 or HTTP_URL_ABS or HTTP_URL_STAR or FALSE", false);
    check("if TRUE", true);
}

#[test]
fn what_is_wrong_with_a_condition_is_said() {
    let check = |line: &str, expected: &str| {
        let mut names = names();
        names.acls.push(Acl::parse(&words("internal src 10.0.0.0/8"), &mut FakeNames::default()).expect("an ACL"));
        let fault = Condition::parse(&words(line), &mut names).expect_err(line);
        assert_eq!(shown(&fault), expected, "{line}");
    };
    check("when x", "0: expected 'if' or 'unless', not 'when' | ");
    check("if", "1: an ACL is missing at the end of the condition | ");
    check("if internl", "1: no ACL named 'internl' | did you mean 'internal'?");
    check("if TURE", "1: no ACL named 'TURE' | did you mean 'TRUE'?");
    check("if internal or", "3: an ACL is missing at the end of the condition | ");
    check("if or internal", "1: an ACL is missing before 'or' | ");
    check("if internal !", "3: an ACL is missing at the end of the condition | ");
    check("if { path_beg /x", "1: '{' is not closed | a '}' must stand alone behind the last pattern");
    check("if internal { pth /x }", "3: unknown fetch 'pth' | did you mean 'path'?");
    check("if { }", "2: an ACL needs a criterion | ");
}

#[test]
fn what_no_message_can_change_is_known() {
    let check = |line: &str, expected| {
        let mut names = names();
        let condition = Condition::parse(&words(line), &mut names).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
        assert_eq!(condition.is_always_true(&names.acls), expected, "{line}");
    };
    check("if TRUE", true);
    check("unless FALSE", true);
    check("if !FALSE", true);
    check("if { path /x } or TRUE", true);
    check("if { path /x } TRUE", false);
    check("unless { path /x } FALSE", true);
    check("if !{ ssl_fc }", true);
    check("unless { path /x }", false);
    check("if FALSE", false);
}

#[test]
fn every_predefined_acl_can_be_built() {
    for row in super::predefined::PREDEFINED {
        let acl = super::predefined::parse_predefined(row.name.as_bytes(), &mut names()).expect(row.name);
        assert!(acl.is_ok(), "{}: {acl:?}", row.name);
    }
}
