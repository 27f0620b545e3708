//! Golden files of the configuration language: `tests/config/ok` holds configurations and what they resolve to,
//! `tests/config/bad` configurations and what is printed about them. `BYWAY_BLESS=1` writes the expectations anew.
//! `BYWAY_CORPUS=DIR` adds every `*.cfg` of a folder: no panic, whole or cut anywhere.

use byway::config::{self, Colour, Kind, Outcome, Outside, Severity, Source, Surroundings, TlsBinds};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::{fs, io};

thread_local! {
    /// How often this thread has asked for memory, and for how many bytes.
    static ASKED: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

struct Counting;

// SAFETY: every call is passed on to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set((ASKED.get().0 + 1, ASKED.get().1 + layout.size() as u64));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ASKED.set((ASKED.get().0 + 1, ASKED.get().1 + size as u64));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often a file of the corpus is cut.
const MOST_CUTS: usize = 12_000;

/// A machine whose hosts, users and files are all in the test.
struct Machine;

impl Outside for Machine {
    fn resolve(&self, host: &str) -> Vec<IpAddr> {
        match host {
            "localhost" => vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
            "address" | "app.example" => vec!["192.0.2.10".parse().unwrap()],
            "host" => vec!["192.0.2.1".parse().unwrap()],
            "nmgmt.uibk.ac.at" => vec!["192.0.2.99".parse().unwrap()],
            _ => Vec::new(),
        }
    }
    fn user(&self, name: &str) -> Option<u32> {
        matches!(name, "haproxy" | "nobody").then_some(99)
    }
    fn group(&self, name: &str) -> Option<u32> {
        matches!(name, "haproxy" | "nogroup").then_some(99)
    }
    fn read_file(&self, path: &str) -> io::Result<Vec<u8>> {
        match path {
            "/etc/haproxy/office.lst" => Ok(b"192.0.2.0/24\n198.51.100.7\n".to_vec()),
            "/etc/haproxy/bypass.key" | "/etc/haproxy/open.key" => Ok(b"0123456789abcdef0123456789abcdef".to_vec()),
            "/etc/haproxy/sites.map" => Ok(b"# host backend\napp.example app\n\nold.example 10:12\n".to_vec()),
            "/etc/haproxy/503.http" => Ok(b"HTTP/1.0 503 Sorry\r\nContent-Type: text/plain\r\n\r\nsorry\n".to_vec()),
            "/srv/away.html" => Ok(b"away".to_vec()),
            "/srv/page/index.json" | "/srv/page/css/site.css" => Ok(b"{}".to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
    fn read_folder(&self, path: &str) -> io::Result<Vec<String>> {
        let names = match path {
            "/srv/page" | "/srv/page/" => ["index.json", "css/", ".git/"].as_slice(),
            "/srv/page/css/" => &["site.css"],
            "/srv/empty" | "/srv/empty/" => &[],
            "/srv/none" => return Err(io::ErrorKind::NotFound.into()),
            _ => return Err(io::ErrorKind::NotADirectory.into()),
        };
        Ok(names.iter().map(|name| (*name).to_owned()).collect())
    }
    fn file_mode(&self, path: &str) -> io::Result<u32> {
        Ok(if path.ends_with("open.key") { 0o644 } else { 0o600 })
    }
}

/// The same machine, where every name is known: for files of other hosts.
struct WideMachine;

impl Outside for WideMachine {
    fn resolve(&self, host: &str) -> Vec<IpAddr> {
        if host.ends_with(".invalid") { Vec::new() } else { vec!["192.0.2.10".parse().unwrap()] }
    }
    fn user(&self, _: &str) -> Option<u32> {
        Some(99)
    }
    fn group(&self, _: &str) -> Option<u32> {
        Some(99)
    }
    fn read_file(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == "/nofile" { Err(io::ErrorKind::NotFound.into()) } else { Ok(Vec::new()) }
    }
}

fn read(name: &str, text: &[u8], outside: &dyn Outside, tls_binds: TlsBinds) -> Outcome {
    let environment = HashMap::from([("HOME", "/root"), ("PORT", "8080"), ("EMPTY", "")]);
    let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let surroundings = Surroundings {
        environment: &environment,
        outside,
        hostname: "box",
        maxconn: None,
        proxy_maxconn: None,
        local_peer: None,
        tls_binds,
    };
    config::read(&[Source { name: name.into(), text: text.to_vec() }], &surroundings)
}

fn printed(outcome: &Outcome) -> String {
    let mut out = String::new();
    outcome.diagnostics.iter().for_each(|told| told.render(&mut out, Colour::Plain));
    out
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "cfg"));
    files.sort();
    files
}

fn compare(path: &Path, found: &str) {
    compare_with(&path.with_extension("txt"), found);
}

fn compare_with(expected: &Path, found: &str) {
    if std::env::var_os("BYWAY_BLESS").is_some() {
        fs::write(expected, found).unwrap();
    }
    let wanted = fs::read_to_string(expected).unwrap_or_default();
    assert!(wanted == found, "{} is not what comes of it:\n{found}", expected.display());
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap()
}

fn golden(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let files = files(&folder);
    assert!(!files.is_empty());
    files
}

#[test]
fn good_files_resolve_to_what_is_written_beside_them() {
    for path in golden("ok") {
        let outcome = read(name_of(&path), &fs::read(&path).unwrap(), &Machine, TlsBinds::Refuse);
        let told = printed(&outcome);
        let config = outcome.config.unwrap_or_else(|| panic!("{}:\n{told}", path.display()));
        compare(&path, &format!("{told}{}", config.dump()));
    }
}

#[test]
fn bad_files_are_refused_with_what_is_written_beside_them() {
    for path in golden("bad") {
        let outcome = read(name_of(&path), &fs::read(&path).unwrap(), &Machine, TlsBinds::Refuse);
        assert!(outcome.config.is_none(), "{} is not refused", path.display());
        compare(&path, &printed(&outcome));
    }
}

#[test]
fn no_file_cut_anywhere_makes_the_reader_panic() {
    for path in golden("ok").into_iter().chain(golden("bad")) {
        let text = fs::read(&path).unwrap();
        for end in 0..text.len() {
            read(name_of(&path), &text[..end], &Machine, TlsBinds::Skip);
        }
    }
}

#[test]
fn no_word_missing_doubled_or_foreign_makes_the_reader_panic() {
    let foreign = ["", "\"", "0", "-1", "99999999999999999999", "if", "{", "!", "${", "%[", "a:b", "/", "\\x", "from", "\u{e9}"];
    for path in golden("ok").into_iter().chain(golden("bad")) {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let words: Vec<&str> = line.split(' ').collect();
            for at in 0..words.len() {
                let word = foreign[(index + at) % foreign.len()];
                for changed in [vec![], vec![words[at], words[at]], vec![word]] {
                    let line = [&words[..at], &changed, &words[at + 1..]].concat().join(" ");
                    let text = [&lines[..index], &[line.as_str()], &lines[index + 1..]].concat().join("\n");
                    read(name_of(&path), text.as_bytes(), &Machine, TlsBinds::Refuse);
                }
            }
        }
    }
}

/// A file of many backends with five servers each, and a rule for each of them.
fn many_backends(count: usize) -> Vec<u8> {
    let mut text =
        String::from("defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\nfrontend f\n bind :80\n");
    for index in 0..count {
        text += &format!(" acl h{index} hdr(host) -i host{index}.example\n use_backend b{index} if h{index}\n");
    }
    for index in 0..count {
        text += &format!("backend b{index}\n balance roundrobin\n option httpchk GET /check\n");
        (0..5).for_each(|server| text += &format!(" server s{server} 10.0.0.{server}:80 check inter 2s maxconn 100\n"));
    }
    text.into_bytes()
}

/// The memory that reading these files asks for: how often, and how many bytes.
fn asked_for(text: &[u8]) -> (u64, u64) {
    let before = ASKED.get();
    assert!(read("many.cfg", text, &Machine, TlsBinds::Refuse).config.is_some());
    let (times, bytes) = ASKED.get();
    (times - before.0, bytes - before.1)
}

#[test]
fn work_grows_with_the_number_of_lines_and_no_faster() {
    // What is made once is made before it is counted.
    asked_for(&many_backends(2));
    let (few, many) = (asked_for(&many_backends(200)), asked_for(&many_backends(1600)));
    // Eight times the lines; tables that double as they grow leave some room.
    assert!(many.0 <= few.0 * 8 + few.0 / 8, "{few:?} for 200 backends, {many:?} for 1600: times, bytes");
    assert!(many.1 <= few.1 * 9, "{few:?} for 200 backends, {many:?} for 1600: times, bytes");
    // How many requests for memory a line may cost.
    let lines = many_backends(200).iter().filter(|byte| **byte == b'\n').count() as u64;
    assert!(few.0 <= lines * 16, "{few:?} for {lines} lines");
}

#[test]
fn the_manual_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    compare_with(&path, &byway::config::manual::render_manual());
}

#[test]
fn every_refusal_has_a_line_of_the_file() {
    for path in golden("bad") {
        let outcome = read(name_of(&path), &fs::read(&path).unwrap(), &Machine, TlsBinds::Refuse);
        let alerts = outcome.diagnostics.iter().filter(|told| told.severity == Severity::Alert);
        assert!(alerts.clone().count() > 0 && alerts.clone().all(|told| told.place.is_some()), "{}", path.display());
    }
}

#[test]
fn a_corpus_from_outside_is_read_without_a_panic() {
    let Some(folder) = std::env::var_os("BYWAY_CORPUS") else { return };
    let step: usize = std::env::var("BYWAY_CORPUS_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(1);
    let (mut whole, mut not_yet, mut out_of_scope, mut faulty) = (0, 0, 0, 0);
    for path in files(Path::new(&folder)) {
        let text = fs::read(&path).unwrap();
        // Every byte of what is small; of what is large as many cuts, spread.
        for end in (0..text.len()).step_by(step.max(text.len() / MOST_CUTS).max(1)) {
            read(name_of(&path), &text[..end], &WideMachine, TlsBinds::Skip);
        }
        let outcome = read(name_of(&path), &text, &WideMachine, TlsBinds::Refuse);
        let has = |kind: Kind| outcome.diagnostics.iter().any(|told| told.severity == Severity::Alert && told.kind == kind);
        let verdict = match (has(Kind::Fault), has(Kind::OutOfScope), has(Kind::NotYet)) {
            (true, ..) => (&mut faulty, "faulty"),
            (_, true, _) => (&mut out_of_scope, "out-of-scope"),
            (_, _, true) => (&mut not_yet, "not-yet"),
            _ => (&mut whole, "whole"),
        };
        *verdict.0 += 1;
        println!("{} {}\n{}", verdict.1, name_of(&path), printed(&outcome));
    }
    println!("whole {whole}, not yet {not_yet}, out of scope {out_of_scope}, faulty {faulty}");
}
