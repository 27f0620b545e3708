//! Expressions against one request and one response, as tables; the values are those that HAProxy 2.6 gives.

use super::fake::{FakeNames, FakeWorld, request, response, scene};
use super::text::shown;
use super::{Expression, Scene};

const REQUEST: &str = "GET /p/q?x=1&y=&X=3;s=9&e HTTP/1.1
Host: Www.Ex.com:80
X-L: a,, b ,c
X-L: d
Cookie: a=1; b=2; a=3
Cookie: a=4; q=\"x;y\"
X-N: 12x
X-IP: 10.1.2.3, ::1
X-Q: \"a,b\",c
Authorization: Basic dXNlcjpwYXNz";

const RESPONSE: &str = "HTTP/1.1 404 Not Found
Server: x
Set-Cookie: a=1; Path=/
Set-Cookie: b=2; a=9
Vary: x, y";

/// The expression's value as text, in angle brackets; `-` when it has none.
fn value(text: &str, target: &str) -> String {
    let mut names = FakeNames { backends: vec!["web".into()], ..FakeNames::default() };
    let expression = Expression::parse(text.as_bytes(), &mut names).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    let world = FakeWorld { values: vec![Some(b"7".to_vec()); names.variables.len()], servers: 2 };
    let (asked, answered) = (request(&REQUEST.replace("/p/q?x=1&y=&X=3;s=9&e", target)), response(RESPONSE));
    let scene = Scene { request: Some(&asked), response: Some(&answered), backend: Some("web"), ..scene(&world) };
    let value = expression.value(&scene);
    value.map_or("-".to_string(), |value| value.with_text(|text| format!("<{}>", shown(text))))
}

fn check(text: &str, expected: &str) {
    assert_eq!(value(text, "/p/q?x=1&y=&X=3;s=9&e"), expected, "{text}");
}

#[test]
fn fetches_read_the_request() {
    check("method", "<GET>");
    check("req.ver", "<1.1>");
    check("path", "</p/q>");
    check("pathq", "</p/q?x=1&y=&X=3;s=9&e>");
    check("query", "<x=1&y=&X=3;s=9&e>");
    check("base", "<Www.Ex.com:80/p/q>");
    check("baseq", "<Www.Ex.com:80/p/q?x=1&y=&X=3;s=9&e>");
    check("url_ip", "-");
    check("url_param(x)", "<1>");
    check("url_param(X)", "<3>");
    check("url_param(y)", "<>");
    check("url_param(e)", "-");
    check("url_param(nope)", "-");
    check("urlp(s)", "<9>");
    check("urlp_val(s),add(1)", "<10>");
    check("req.hdr_cnt(x-l)", "<5>");
    check("req.hdr(x-l)", "<d>");
    check("req.hdr(x-l,1)", "<a>");
    check("req.hdr(x-l,2)", "<>");
    check("req.hdr(x-l,-2)", "<c>");
    check("req.hdr(x-l,-17)", "-");
    check("req.fhdr(x-l,1)", "<a,, b ,c>");
    check("req.fhdr_cnt(x-l)", "<2>");
    check("req.hdr_val(x-n)", "<12>");
    check("req.hdr_ip(x-ip)", "<::1>");
    check("req.hdr_ip(x-ip,1)", "<10.1.2.3>");
    check("req.hdr(x-q,1)", "<\"a,b\">");
    check("req.hdr_cnt(x-q)", "<2>");
    check("req.hdr_cnt(nope)", "<0>");
    check("req.hdr(nope)", "-");
    check("req.hdr_names(-)", "<Host-X-L-X-L-Cookie-Cookie-X-N-X-IP-X-Q-Authorization>");
    check("req.cook(a)", "<4>");
    check("req.cook_cnt(a)", "<3>");
    check("req.cook_cnt", "<5>");
    check("req.cook_val(b)", "<2>");
    check("req.cook(q)", "<\"x;y\">");
    check("req.cook_names", "<a,b,a,a,q>");
    check("http_auth_user", "<user>");
    check("http_auth_pass", "<pass>");
    check("http_auth_type", "<Basic>");
    check("http_auth_bearer", "-");
}

#[test]
fn fetches_read_the_response() {
    check("status", "<404>");
    check("res.ver", "<1.1>");
    check("res.hdr(vary)", "<y>");
    check("shdr_cnt(vary)", "<2>");
    check("res.cook(a)", "<1>");
    check("res.cook_cnt", "<2>");
    check("res.cook_names(;)", "<a;b>");
    check("scook(b)", "<2>");
    check("res.hdrs,length", "<72>");
}

#[test]
fn fetches_read_the_surroundings() {
    check("src", "<192.0.2.7>");
    check("src_port", "<40000>");
    check("dst", "<198.51.100.1>");
    check("dst_port", "<80>");
    check("fe_name", "<www>");
    check("be_name", "<web>");
    check("nbsrv(web)", "<2>");
    check("env(X)", "<7>");
    check("env_int(X),add(1)", "<8>");
    check("var(proc.x)", "<7>");
    check("var(txn.x,def)", "<def>");
    check("ssl_fc", "<0>");
    check("str(a),concat(-,proc.x,b)", "<a-7b>");
    check("str(7),strcmp(proc.x)", "<0>");
    check("int(5),add(proc.x)", "<12>");
    check("int(5),add(txn.x)", "-");
}

#[test]
fn targets_are_taken_apart() {
    let check = |text: &str, target: &str, expected: &str| assert_eq!(value(text, target), expected, "{text} of {target}");
    check("path", "/a?b?c=1&d", "</a>");
    check("query", "/a?b?c=1&d", "<b?c=1&d>");
    check("url_param(x)", "/?x=&x=2", "<>");
    check("path", "http://www.ex.com:80/abs?q", "</abs>");
    check("url_port", "http://10.0.0.1:81/abs?q", "<81>");
    check("url_port", "http://www.ex.com:80/abs?q", "-");
    check("url_param(b)", "//x?a=??b=1", "<1>");
    check("url32", "/", "<2382150041>");
    check("path", "http://www.ex.com:80", "-");
}

#[test]
fn converters_give_what_haproxy_gives() {
    check("str(abc),length", "<3>");
    check("str(12abc),add(3)", "<15>");
    check("str(),add(3)", "-");
    check("int(7),div(0)", "<9223372036854775807>");
    check("int(7),mod(0)", "<0>");
    check("int(-7),mod(3)", "<-1>");
    check("int(-7),div(2)", "<-3>");
    check("int(5),sub(7)", "<-2>");
    check("int(5),mul(-3)", "<-15>");
    check("int(9223372036854775807),add(1)", "<9223372036854775807>");
    check("int(5),even", "<0>");
    check("int(-5),odd", "<1>");
    check("int(5),neg", "<-5>");
    check("int(3),and(2)", "<2>");
    check("int(3),or(4)", "<7>");
    check("int(3),xor(1)", "<2>");
    check("int(0),bool", "<0>");
    check("int(3),not", "<0>");
    check("str(a.b.c),field(2,.)", "<b>");
    check("str(a.b.c),field(-1,.)", "<c>");
    check("str(a.b.c),field(2,.,2)", "<b.c>");
    check("str(a.b.c),field(5,.)", "-");
    check("str(a..c),field(2,.)", "<>");
    check("str(a.b.c.d),field(-1,.,2)", "<c.d>");
    check("str(a.b.c.d),field(-2,.,0)", "<a.b.c>");
    check("str(a:b.c),field(2,:.)", "<b>");
    check("str(a..c),word(2,.)", "<c>");
    check("str(.a.b.c),word(1,.)", "<a>");
    check("str(a.b.c),word(-1,.)", "<c>");
    check("str(a.b.c.d),word(2,.,2)", "<b.c>");
    check("str(a.b.c.d),word(2,.,0)", "<b.c.d>");
    check("str(a.b.c.d),word(-2,.,2)", "<b.c>");
    check("str(a.b),word(5,.)", "<>");
    check("str(aXbXc),regsub(X,-)", "<a-bXc>");
    check("str(aXbXc),regsub(x,-,gi)", "<a-b-c>");
    check(r"str(ab),regsub('(a)(b)','\2\1\0')", "<baab>");
    check("str(aaa),regsub(b*,-,g)", "<-a-a-a->");
    check("str(abcb),regsub(b*,-,g)", "<-a--c-->");
    check("str(hello),bytes(1,2)", "<el>");
    check("str(hello),bytes(3)", "<lo>");
    check("str(hello),bytes(9)", "<>");
    check("str(hello),hex", "<68656C6C6F>");
    check("int(65536),hex", "<0000000000010000>");
    check("str(ff),hex2i", "<255>");
    check("str(zz),hex2i", "-");
    check("str(hello),base64", "<aGVsbG8=>");
    check("str(aGVsbG8=),b64dec", "<hello>");
    check("str(aGVsbG8),b64dec", "-");
    check("bin(6869),length", "<2>");
    check("str(a%20b+c),url_dec", "<a b+c>");
    check("str(a%20b+c),url_dec(1)", "<a b c>");
    check("str(a+b?c+d),url_dec", "<a+b?c d>");
    check("str(a%2),url_dec", "-");
    check("str(\"a b/ü\"),url_enc", "<a%20b%2F%C3%BC>");
    check("str(10.1.2.3),ipmask(8)", "<10.0.0.0>");
    check("str(10.1.2.3),ipmask(255.0.0.0)", "<10.0.0.0>");
    check("src,ipmask(24,64)", "<192.0.2.0>");
    check("str(2001:db8::1),ipmask(8,32)", "<2001:db8::>");
    check("str(::1),ipmask(8)", "-");
    check("bool(true),iif(yes,no)", "<yes>");
    check("int(0),iif(yes,no)", "<no>");
    check("str(xxaxx),ltrim(x)", "<axx>");
    check("str(xxaxx),rtrim(x)", "<xxa>");
    check("int(1600000000),http_date", "<Sun, 13 Sep 2020 12:26:40 GMT>");
    check("int(1600000000),utime(%Y-%m-%d %H:%M:%S)", "<2020-09-13 12:26:40>");
    check("str(Host:80),host_only", "<host>");
    check("str(host:80),port_only", "<80>");
    check("str([::1]:80),host_only", "<[::1]>");
    check("str([::1]),host_only", "<[::1]>");
    check("str(abc),port_only", "<0>");
    check("src,length", "<9>");
    check("req.hdr(host),field(1,:),lower", "<www.ex.com>");
    check("req.hdr(nope),length", "-");
}

#[test]
fn a_broken_expression_is_refused() {
    let check = |text: &str, expected: &str| {
        let fault = Expression::parse(text.as_bytes(), &mut FakeNames::default()).expect_err(text);
        assert_eq!(format!("{} | {}", fault.message, fault.hint), expected, "{text}");
    };
    check("paht", "unknown fetch 'paht' | did you mean 'path'?");
    check("path,uppr", "unknown converter 'uppr' | did you mean 'upper'?");
    check("path x", "unknown fetch 'path x' | did you mean 'path'?");
    check("req.hdr(a)x", "unexpected 'x' in an expression | a comma begins a converter");
    check("str(abc),word(0,.)", "'word' needs an integer other than 0, not '0' | ");
    check("str(abc),add", "'add' needs an integer or a variable in parentheses | ");
    check("src,length,b64dec,add(1)", "converter 'add' reads sint and cannot be given bin | ");
    check(
        "ssl_c_verify",
        "fetch 'ssl_c_verify' is not available | byway speaks clear text: terminate TLS in front, and let the terminator set a field",
    );
    check("srv_name", "fetch 'srv_name' is known, but not yet done | ");
    check("var(foo.x)", "unknown scope 'foo' of a variable | variables are proc.NAME, sess.NAME, txn.NAME, req.NAME or res.NAME");
    check("int(x)", "'int' needs an integer, not 'x' | ");
}
