//! Maps and files of patterns, through HAProxy 2.6 and through byway: which key of several wins, defaults, how the files are read,
//! and that a reload reads them again.

use crate::beside::{Case, case, compare_cases};
use crate::support::client::get;
use crate::support::proxy::{Folder, PREAMBLE, Proxy, free_port};
use crate::support::wait_until;
use nix::sys::signal::Signal;
use std::sync::Arc;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const GET: &str = "GET /a/b.c/shop?q HTTP/1.1\r\nHost: www.shop.example\r\nConnection: close\r\n\r\n";

const FILES: &[(&str, &str)] = &[
    ("texts", "# no\r\n # key\r\n/a one\r\n \t/a/b\ttwo  words \r\n\r\n/a again\n/A upper\nempty\nempty2  \n/long/er longer\n/long long"),
    ("ends", ".example last\nshop.example never\n.org org\n"),
    ("words", "b.c/shop first\na second\nshop third\n/x/ fourth\nwww fifth\nshop.example sixth\n"),
    ("parts", "shop S\nwww W\nb.c B\n"),
    ("regexes", "^/(.*)/shop$ <\\1> [\\0]\n^/ rest\n^www\\.(.*)$ host=\\1\n"),
    ("numbers", "10:20 teens\n15 fifteen\n:5 few\n1000: many\n"),
    ("nets", "10.0.0.0/8 wide\n10.1.0.0/16 narrow\n10.1.0.0/16 again\n::1 six\n192.0.2.1 one\n2001:db8::/32 doc\n127.0.0.1 here\n"),
    ("ints", "a 1\nb -2\n/p 3\n"),
    ("addresses", "a 10.0.0.1\nb 2001:db8::2\n"),
    ("empty", ""),
    ("paths", "# /a/b.c/shop\r\n\r\n   /a\r\n/x y\n/trailing \n"),
];

/// A case of one expression after the other.
const fn maps(name: &'static str, lines: &'static str) -> Case {
    case(name, lines, GET, OK).with_files(FILES)
}

const MAPS: &[Case] = &[
    maps(
        "whole texts",
        "http-request set-header X-1 %[str(/a),map(@DIR@/texts)]\nhttp-request set-header X-2 %[str(/A),map_str(@DIR@/texts,no)]\n\
         http-request set-header X-3 %[str(/x),map_str(@DIR@/texts)]\nhttp-request set-header X-4 %[str(/x),map_str(@DIR@/texts,no)]\n\
         http-request set-header X-5 %[str(empty),map_str(@DIR@/texts,no)]\nhttp-request set-header X-6 %[str(\\#),map_str(@DIR@/texts,no)]\n\
         http-request set-header X-7 %[str(/a/b),map_str(@DIR@/texts,no)]\nhttp-request set-header X-8 %[str(empty2),map_str(@DIR@/texts,no)]\n\
         http-request set-header X-9 %[str(/long),map_str(@DIR@/texts,no)]",
    ),
    maps(
        "beginnings and ends",
        "http-request set-header X-1 %[str(/a/b),map_beg(@DIR@/texts)]\nhttp-request set-header X-2 %[str(/a/c),map_beg(@DIR@/texts)]\n\
         http-request set-header X-3 %[str(/long/erx),map_beg(@DIR@/texts)]\nhttp-request set-header X-4 %[str(x),map_beg(@DIR@/texts,no)]\n\
         http-request set-header X-5 %[hdr(host),map_end(@DIR@/ends)]\nhttp-request set-header X-6 %[str(a.org),map_end(@DIR@/ends)]\n\
         http-request set-header X-7 %[str(org),map_end(@DIR@/ends,no)]",
    ),
    maps(
        "words and parts",
        "http-request set-header X-1 %[path,map_dir(@DIR@/words)]\nhttp-request set-header X-2 %[str(/shop/a),map_dir(@DIR@/words)]\n\
         http-request set-header X-3 %[hdr(host),map_dom(@DIR@/words)]\nhttp-request set-header X-4 %[str(x),map_dir(@DIR@/words,no)]\n\
         http-request set-header X-5 %[hdr(host),map_sub(@DIR@/parts)]\nhttp-request set-header X-6 %[str(awww),map_sub(@DIR@/parts)]\n\
         http-request set-header X-7 %[str(ashopper),map_dir(@DIR@/words,no)]",
    ),
    maps(
        "regular expressions",
        "http-request set-header X-1 %[path,map_reg(@DIR@/regexes)]\nhttp-request set-header X-2 %[path,map_regm(@DIR@/regexes)]\n\
         http-request set-header X-3 %[str(/b),map_regm(@DIR@/regexes)]\nhttp-request set-header X-4 %[hdr(host),map_regm(@DIR@/regexes)]\n\
         http-request set-header X-5 %[str(b),map_regm(@DIR@/regexes,\\1)]",
    ),
    maps(
        "integers",
        "http-request set-header X-1 %[int(15),map_int(@DIR@/numbers)]\nhttp-request set-header X-2 %[int(-15),map_int(@DIR@/numbers)]\n\
         http-request set-header X-3 %[int(7),map_int(@DIR@/numbers)]\nhttp-request set-header X-4 %[int(7),map_int(@DIR@/numbers,no)]\n\
         http-request set-header X-5 %[int(99999),map_int(@DIR@/numbers,no)]\nhttp-request set-header X-6 %[str(12x),map_int(@DIR@/numbers,no)]\n\
         http-request set-header X-7 %[str(x),map_int(@DIR@/numbers,no)]",
    ),
    maps(
        "addresses",
        "http-request set-header X-1 %[str(10.1.2.3),map_ip(@DIR@/nets)]\nhttp-request set-header X-2 %[str(10.2.2.3),map_ip(@DIR@/nets)]\n\
         http-request set-header X-3 %[src,map_ip(@DIR@/nets)]\nhttp-request set-header X-4 %[str(x),map_ip(@DIR@/nets,no)]\n\
         http-request set-header X-5 %[str(192.0.2.2),map_ip(@DIR@/nets,no)]\nhttp-request set-header X-6 %[str(::ffff:10.1.2.3),map_ip(@DIR@/nets)]\n\
         http-request set-header X-7 %[str(2002:0a01:0203::1),map_ip(@DIR@/nets,no)]\n\
         http-request set-header X-8 %[str(::10.1.2.3),map_ip(@DIR@/nets,no)]\n\
         http-request set-header X-9 %[str(2001:db8:1::),map_ip(@DIR@/nets,no)]\nhttp-request set-header X-0 %[str(::1),map_ip(@DIR@/nets,no)]",
    ),
    maps(
        "values of other types",
        "http-request set-header X-1 %[str(b),map_str_int(@DIR@/ints),add(1)]\nhttp-request set-header X-2 %[str(/p/x),map_beg_int(@DIR@/ints,7)]\n\
         http-request set-header X-3 %[str(x),map_beg_int(@DIR@/ints,7),add(1)]\n\
         http-request set-header X-4 %[str(a),map_str_ip(@DIR@/addresses)]\n\
         http-request set-header X-5 %[str(b),map_str_ip(@DIR@/addresses)]\n\
         http-request set-header X-6 %[str(x),map_str_ip(@DIR@/addresses,10.0.0.9)]",
    ),
    maps(
        "a map in a test",
        "http-request set-header X-1 yes if { str(b),map_str_int(@DIR@/ints) lt 0 }\n\
         http-request set-header X-2 yes if { str(a),map_str_int(@DIR@/ints) lt 0 }\n\
         http-request set-header X-3 yes if { path,map_beg(@DIR@/texts) -m found }\n\
         http-request set-header X-4 yes if { hdr(host),map(@DIR@/texts) -m found }",
    ),
    maps(
        "an empty map",
        "http-request set-header X-1 %[path,map(@DIR@/empty,no)]\nhttp-request set-header X-2 %[path,map_beg(@DIR@/empty)]",
    ),
];

const PATTERNS: &[Case] = &[
    maps(
        "files of patterns",
        "http-request set-header X-1 yes if { path_beg -f @DIR@/paths }\nhttp-request set-header X-2 yes if { path -f @DIR@/paths }\n\
         http-request set-header X-3 yes if { str(/x\\ y) -m str -f @DIR@/paths }\nhttp-request set-header X-4 yes if { str(/x) -m str -f @DIR@/paths }\n\
         http-request set-header X-5 yes if { str(/trailing) -m str -f @DIR@/paths }",
    ),
    maps(
        "several files and words",
        "http-request set-header X-1 yes if { hdr(host) -f @DIR@/empty -f @DIR@/paths www.shop.example }\n\
         http-request set-header X-2 yes if { hdr(host) -i -f @DIR@/paths -- WWW.shop.example }\n\
         http-request set-header X-3 yes if { hdr(host) -f @DIR@/empty }\nhttp-request set-header X-4 yes if !{ hdr(host) -f @DIR@/empty }\n\
         http-request set-header X-5 yes if { path_dir -i -f @DIR@/empty SHOP }",
    ),
    maps(
        "maps as patterns",
        "http-request set-header X-1 yes if { str(10.1.2.3) -m ip -M -f @DIR@/nets }\n\
         http-request set-header X-2 yes if { path_beg -M -f @DIR@/texts }\n\
         http-request set-header X-3 yes if { path_beg -i -M -f @DIR@/texts -u 7 }\n\
         http-request set-header X-4 yes if { src -n -M -f @DIR@/nets }\n\
         http-request set-header X-5 yes if { hdr(host) -m end -M -f @DIR@/ends }",
    ),
];

#[test]
fn the_key_that_wins_is_haproxys() {
    compare_cases(MAPS.iter());
}

#[test]
fn files_of_patterns_are_read_as_by_haproxy() {
    compare_cases(PATTERNS.iter());
}

#[test]
fn a_reload_reads_maps_again() {
    let (port, folder) = (free_port(), Arc::new(Folder::new()));
    folder.write("sites", "/a one\n");
    let proxy = Proxy::start_with(
        folder.clone(),
        &format!(
            "{PREAMBLE}frontend f\n  bind 127.0.0.1:{port}\n  \
             http-request return status 200 content-type text/plain lf-string \"%[path,map_beg(@DIR@/sites,none)]\"\n"
        ),
        |_| (),
    );
    assert_eq!(get(port, "/a").text(), "one");
    folder.write("sites", "/a two\n/b three\n");
    assert_eq!(get(port, "/b").text(), "none");
    proxy.signal(Signal::SIGUSR2);
    wait_until("the new map is in force", || get(port, "/a").text() == "two");
    wait_until("every worker has it", || (0..8).all(|_| get(port, "/b").text() == "three"));
    folder.write("sites", "");
    std::fs::remove_file(folder.path().join("sites")).expect("the map is removed");
    proxy.signal(Signal::SIGUSR2);
    wait_until("the fault is told", || proxy.said().contains("cannot read the map"));
    assert_eq!(get(port, "/b").text(), "three", "a map that is gone leaves the old configuration in force");
}
