//! Reads the sources and holds what the compiler cannot: the layers of the map in src/lib.rs, names that belong to few rooms, opening
//! lines, lengths, and words that have no place. Each rule is a function from a source to complaints, tried below on made-up sources too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names that belong to few places: the path, where it may stand (rooms or files of src), and why.
const BELONGS: &[(&str, &[&str], &str)] = &[
    ("mio", &["worker", "daemon"], "readiness is the business of worker and daemon"),
    ("signal_hook", &["worker", "daemon"], "signals are the business of daemon"),
    ("TcpListener", &["worker", "daemon", "origin"], "sockets live in worker and daemon"),
    ("TcpStream", &["worker", "daemon", "origin"], "sockets live in worker and daemon"),
    ("UdpSocket", &["worker", "daemon"], "sockets live in worker and daemon"),
    ("UnixDatagram", &["worker", "daemon"], "sockets live in worker and daemon"),
    ("UnixListener", &["worker", "daemon"], "sockets live in worker and daemon"),
    ("UnixStream", &["worker", "daemon", "cli"], "sockets live in worker and daemon; cli speaks to the control socket"),
    ("Instant::now", &["worker", "daemon"], "the time is taken once per turn and passed down"),
    ("SystemTime::now", &["worker", "daemon"], "the time is taken once per turn and passed down"),
    ("httparse", &["http/reading.rs"], "heads are parsed in one place"),
    ("unsafe", &["sys.rs"], "unsafe code is kept in one file"),
];

/// What no source may hold.
const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore"];

/// What may not stand where bytes of a peer are looked at, tests aside.
const PANICS: &[&str] = &[".unwrap()", ".expect(", "panic!", "unreachable!"];

/// The rooms where bytes of a peer are looked at.
const PEER_ROOMS: &[&str] = &["http", "session", "sample", "acl", "rules", "worker"];

/// Places of one machine, which no file names.
const STRANGE: &[&str] = &["/work/", "/root/"];

/// Lines a source may have.
const MOST_LINES: usize = 550;

/// Sources that may be longer, being tables.
const TABLES: &[&str] = &["http/conformance.rs"];

// ---- the rules ----

/// A place in a source, and what is wrong there.
type Complaint = String;

/// The rank of each module in the map of src/lib.rs, the lowest layer first.
fn read_layers(map: &str) -> BTreeMap<String, usize> {
    let picture = map.split("```").nth(1).unwrap_or_default();
    let rows =
        picture.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim).filter(|line| !line.is_empty() && *line != "text");
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split("  ").map(str::trim).filter(|word| is_name(word)).collect()).collect();
    let ranked = rows.iter().rev().enumerate();
    ranked.flat_map(|(rank, row)| row.iter().map(move |name| (name.to_string(), rank))).collect()
}

/// Uses of modules that stand above the one at `path`, and modules that the map does not show.
fn check_layers(path: &str, source: &str, layers: &BTreeMap<String, usize>) -> Vec<Complaint> {
    let module = module_of(path);
    if module == "lib" || module == "main" {
        return Vec::new();
    }
    let Some(own) = layers.get(module) else { return vec![format!("{path}: '{module}' is not on the map in src/lib.rs")] };
    let code = without_tests(&code_only(source));
    let used = crate_paths(&code).into_iter();
    let wrong = used.filter_map(|(line, name)| match layers.get(&name) {
        Some(rank) if rank > own => Some(format!("{path}:{line}: '{module}' stands below '{name}' and may not use it")),
        _ => None,
    });
    wrong.collect()
}

/// Names that stand where they do not belong.
fn check_belongings(path: &str, source: &str) -> Vec<Complaint> {
    let code = without_tests(&code_only(source));
    let stranger = |(name, homes, why): &(&str, &[&str], &str)| {
        let at_home = homes.iter().any(|home| *home == module_of(path) || *home == path);
        if at_home { Vec::new() } else { each_line_with(path, &code, name, &format!("'{name}' does not belong here: {why}")) }
    };
    BELONGS.iter().flat_map(stranger).collect()
}

/// A source must open with what it is.
fn check_opening(path: &str, source: &str) -> Vec<Complaint> {
    let opens = source.trim_start().starts_with("//! ");
    if opens { Vec::new() } else { vec![format!("{path}: does not open with a `//!` line that says what it is")] }
}

/// A source must be short enough to be read.
fn check_length(path: &str, source: &str) -> Vec<Complaint> {
    let lines = source.lines().count();
    let fits = lines <= MOST_LINES || TABLES.contains(&path);
    if fits { Vec::new() } else { vec![format!("{path}: {lines} lines, and {MOST_LINES} are the most")] }
}

/// Nothing may be left to be done.
fn check_finished(path: &str, source: &str) -> Vec<Complaint> {
    let code = code_only(source);
    UNFINISHED.iter().flat_map(|word| each_line_with(path, &code, word, &format!("'{word}' was left here"))).collect()
}

/// Nothing that a peer sends may end in a panic.
fn check_panics(path: &str, source: &str) -> Vec<Complaint> {
    if !PEER_ROOMS.contains(&module_of(path)) {
        return Vec::new();
    }
    let code = without_tests(&code_only(source));
    PANICS.iter().flat_map(|word| each_line_with(path, &code, word, &format!("'{word}' where bytes of a peer are looked at"))).collect()
}

/// Places of one machine, in comments and texts too.
fn check_words(path: &str, text: &str) -> Vec<Complaint> {
    STRANGE.iter().flat_map(|word| each_line_with(path, text, word, &format!("'{word}' has no place here"))).collect()
}

/// Every dependency must be named in the documents, which tell why it is there.
fn check_dependencies(manifest: &str, documents: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut section = "";
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if matches!(section, "[dependencies]" | "[dev-dependencies]") && !line.starts_with('#') {
            let Some((name, _)) = line.split_once('=') else { continue };
            let name = name.trim().trim_end_matches(".workspace").trim_matches('"');
            if !documents.contains(&format!("`{name}`")) {
                complaints.push(format!("Cargo.toml: neither README.md nor ARCHITECTURE.md names '{name}'"));
            }
        }
    }
    complaints
}

// ---- reading Rust, as far as the rules need it ----

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The top-level module of a path below src: `http` of `http/head.rs`, `cli` of `cli.rs`.
fn module_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The source with comments, strings and characters blanked out, line by line as it was.
fn code_only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match token_end(bytes, at) {
            Some(end) => end.min(bytes.len()),
            None => {
                at += 1;
                continue;
            }
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where a comment or literal that begins here ends.
fn token_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let find = |needle: &[u8], from: usize| {
        rest.get(from..)?.windows(needle.len()).position(|window| window == needle).map(|found| at + from + found + needle.len())
    };
    let begins_word = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        return Some(find(b"\n", 0).map_or(bytes.len(), |end| end - 1));
    }
    if rest.starts_with(b"/*") {
        return Some(find(b"*/", 2).unwrap_or(bytes.len()));
    }
    if rest.starts_with(b"\"") {
        return Some(quoted_end(bytes, at + 1));
    }
    let raw = rest.strip_prefix(b"b").unwrap_or(rest);
    if begins_word && raw.starts_with(b"r") {
        let hashes = raw[1..].iter().take_while(|byte| **byte == b'#').count();
        if raw.get(1 + hashes) == Some(&b'"') {
            let closing = [&b"\""[..], &vec![b'#'; hashes]].concat();
            return Some(find(&closing, rest.len() - raw.len() + hashes + 2).unwrap_or(bytes.len()));
        }
    }
    match rest {
        [b'\'', b'\\', _, more @ ..] => more.iter().position(|byte| *byte == b'\'').map(|found| at + 3 + found + 1),
        [b'\'', _, b'\'', ..] => Some(at + 3),
        _ => None,
    }
}

fn quoted_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Code without the items that are compiled for tests alone; lines keep their numbers.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        let (before, item) = rest.split_at(at);
        out.push_str(before);
        let (item, after) = item.split_at(item_end(item));
        out.extend(item.chars().filter(|letter| *letter == '\n'));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where an item ends: behind its closing brace, or its semicolon.
fn item_end(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Modules named behind `crate::`, also in `crate::{a, b::c}`, each with its line.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group_names(group),
            None => vec![first_name(rest)],
        };
        found.extend(names.into_iter().filter(|name| !name.is_empty()).map(|name| (line, name)));
    }
    found
}

fn first_name(text: &str) -> String {
    text.trim_start().chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}

/// First names of the members of a group, up to its closing brace.
fn group_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut member) = (0_usize, Vec::new(), String::new());
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut member)),
            _ => {}
        }
        member.push(letter);
    }
    names.push(member);
    names.iter().map(|member| first_name(member.trim_start_matches(','))).collect()
}

/// Paths of the sources that a source declares as modules for tests alone: `#[cfg(test)] mod tests;`.
fn declared_for_tests(path: &str, source: &str) -> Vec<String> {
    let code = code_only(source);
    let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
    let room = if matches!(file, "mod.rs" | "lib.rs" | "main.rs") { String::new() } else { file.trim_end_matches(".rs").to_string() };
    let declared = code.split("#[cfg(test)]").skip(1).filter_map(|item| {
        let declaration = item.split(['{', ';']).next()?;
        let name = declaration.trim().rsplit_once("mod ")?.1;
        item.get(declaration.len()..)?.starts_with(';').then(|| name.trim().to_string())
    });
    let join =
        |name: String| [folder, &room, &format!("{name}.rs")].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
    declared.map(join).collect()
}

/// A complaint for each line that holds the word by itself.
fn each_line_with(path: &str, text: &str, word: &str, complaint: &str) -> Vec<Complaint> {
    let lines = text.lines().enumerate().filter(|(_, line)| holds_word(line, word));
    lines.map(|(index, _)| format!("{path}:{}: {complaint}", index + 1)).collect()
}

/// Does the line hold the word, with no letter, digit or underscore against either end that is one itself?
fn holds_word(line: &str, word: &str) -> bool {
    let part_of_name = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    line.match_indices(word).any(|(at, _)| {
        let joined_before = part_of_name(word.chars().next()) && part_of_name(line[..at].chars().next_back());
        let joined_behind = part_of_name(word.chars().next_back()) && part_of_name(line[at + word.len()..].chars().next());
        !joined_before && !joined_behind
    })
}

// ---- the rules, held over the repository ----

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Text files below a folder, named from that folder, without what is built or not ours.
fn files(folder: &Path) -> Vec<(String, String)> {
    const SKIPPED: &[&str] = &["target", ".git", "Cargo.lock"];
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()));
        for entry in entries.flatten().filter(|entry| !SKIPPED.iter().any(|name| entry.file_name() == *name)) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    files(&root().join("src")).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

/// Sources that are part of the program: without those that are declared for tests alone, and what is below those.
fn program_sources() -> Vec<(String, String)> {
    let all = sources();
    let tests: Vec<String> = all.iter().flat_map(|(path, source)| declared_for_tests(path, source)).collect();
    let is_for_tests = |path: &str| tests.iter().any(|test| path == test || path.starts_with(&test.replace(".rs", "/")));
    all.into_iter().filter(|(path, _)| !is_for_tests(path)).collect()
}

fn tests() -> Vec<(String, String)> {
    files(&root().join("tests")).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

#[track_caller]
fn hold(files: Vec<(String, String)>, rule: impl Fn(&str, &str) -> Vec<Complaint>) {
    assert!(!files.is_empty());
    let complaints: Vec<Complaint> = files.iter().flat_map(|(path, text)| rule(path, text)).collect();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_module_uses_only_what_stands_below_it() {
    let map = std::fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let layers = read_layers(&map);
    assert!(layers.len() > 8, "{layers:?}");
    hold(program_sources(), |path, source| check_layers(path, source, &layers));
}

#[test]
fn names_stand_only_where_they_belong() {
    hold(program_sources(), check_belongings);
}

#[test]
fn every_source_says_what_it_is() {
    hold(sources(), check_opening);
    hold(tests(), check_opening);
}

#[test]
fn every_source_is_short_enough_to_be_read() {
    hold(sources(), check_length);
    hold(tests(), check_length);
    let sources = sources();
    for table in TABLES {
        assert!(sources.iter().any(|(path, _)| path == table), "{table} is listed as a table and is none of the sources");
    }
}

#[test]
fn nothing_is_left_to_be_done() {
    hold(sources(), check_finished);
    hold(tests(), check_finished);
}

#[test]
fn no_byte_of_a_peer_can_end_in_a_panic() {
    hold(program_sources(), check_panics);
}

#[test]
fn the_words_are_of_this_project() {
    let own = |path: &str, text: &str| if path == "tests/tidy.rs" { Vec::new() } else { check_words(path, text) };
    hold(files(&root()), own);
}

#[test]
fn every_dependency_is_named_in_the_documents() {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).unwrap_or_default();
    let documents = [read("README.md"), read("ARCHITECTURE.md")].concat();
    let complaints = check_dependencies(&read("Cargo.toml"), &documents);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

// ---- the rules, seen to fail ----

/// How many complaints a rule has about a source.
#[track_caller]
fn check(rule: impl Fn(&str, &str) -> Vec<Complaint>, path: &str, source: &str, expected: usize) {
    let complaints = rule(path, source);
    assert_eq!(complaints.len(), expected, "{path}: {source:?} gave {complaints:?}");
}

const MAP: &str = "//! Map.\n//!\n//! ```text\n//! main  cli\n//! worker      data plane, one thread\n//! config                text -> Config\n//! http  units           only bytes\n//! ```\n";

#[test]
fn the_map_is_read_from_its_picture() {
    let layers = read_layers(MAP);
    let expected = [("cli", 3), ("config", 1), ("http", 0), ("main", 3), ("units", 0), ("worker", 2)];
    assert_eq!(layers, expected.iter().map(|(name, rank)| (name.to_string(), *rank)).collect());
}

#[test]
fn a_use_of_a_higher_layer_is_found() {
    let rule = |path: &str, source: &str| check_layers(path, source, &read_layers(MAP));
    check(rule, "http/head.rs", "use crate::units::Time;", 0);
    check(rule, "http/head.rs", "use crate::http::framing;", 0);
    check(rule, "http/head.rs", "use crate::config::Config;", 1);
    check(rule, "http/head.rs", "fn f() { crate::config::read() }", 1);
    check(rule, "http/head.rs", "use crate::{units, config::{a, b}, worker};", 2);
    check(rule, "http/head.rs", "pub(crate) fn f() {}\n// crate::config\nconst A: &str = \"crate::config\";", 0);
    check(rule, "http/head.rs", "#[cfg(test)]\nmod tests {\n  use crate::config::Config;\n}\n", 0);
    check(rule, "http/head.rs", "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::config::Config;", 1);
    check(rule, "worker/mod.rs", "use crate::config::Config;", 0);
    check(rule, "units.rs", "use crate::worker::Worker;", 1);
    check(rule, "stray.rs", "", 1);
    check(rule, "lib.rs", "pub mod stray;", 0);
}

#[test]
fn a_name_out_of_its_place_is_found() {
    check(check_belongings, "session/mod.rs", "use mio::Poll;", 1);
    check(check_belongings, "worker/mod.rs", "use mio::Poll; use std::net::TcpStream; let now = Instant::now();", 0);
    check(check_belongings, "session/mod.rs", "use std::net::{IpAddr, SocketAddr}; let premium = 1; fn f(now: Instant) {}", 0);
    check(check_belongings, "session/mod.rs", "let now = Instant::now();", 1);
    check(check_belongings, "state/mod.rs", "let now = std::time::SystemTime::now();", 1);
    check(check_belongings, "http/reading.rs", "httparse::parse_headers()", 0);
    check(check_belongings, "http/framing.rs", "httparse::parse_headers()", 1);
    check(check_belongings, "sys.rs", "unsafe { f() }", 0);
    check(check_belongings, "worker/mod.rs", "unsafe { f() }", 1);
    check(check_belongings, "lib.rs", "#![deny(unsafe_code)] // unsafe is elsewhere", 0);
    check(check_belongings, "session/mod.rs", "#[cfg(test)]\nmod tests { fn f() { Instant::now(); } }", 0);
}

#[test]
fn a_source_without_an_opening_is_found() {
    check(check_opening, "a.rs", "//! What it is.\n", 0);
    check(check_opening, "a.rs", "use std::io;\n//! Late.\n", 1);
    check(check_opening, "a.rs", "// A comment.\n", 1);
    check(check_opening, "a.rs", "", 1);
}

#[test]
fn a_source_that_is_too_long_is_found() {
    check(check_length, "a.rs", &"x\n".repeat(MOST_LINES), 0);
    check(check_length, "a.rs", &"x\n".repeat(MOST_LINES + 1), 1);
}

#[test]
fn unfinished_work_is_found() {
    check(check_finished, "a.rs", "fn f() { todo!() }\nfn g() { unimplemented!() }\nfn h() { dbg!(1) }", 3);
    check(check_finished, "a.rs", "#[test]\n#[ignore]\nfn f() {}", 1);
    check(check_finished, "a.rs", "#[ignore = \"slow\"]\nfn f() {}", 1);
    check(check_finished, "a.rs", "// todo! later\nconst A: &str = \"todo!\";", 0);
}

#[test]
fn a_panic_on_the_request_path_is_found() {
    for room in PEER_ROOMS {
        check(check_panics, &format!("{room}/mod.rs"), "fn f() { x.unwrap(); y.expect(\"z\"); panic!() }", 3);
    }
    check(check_panics, "daemon/mod.rs", "fn f() { x.unwrap() }", 0);
    check(check_panics, "http/head.rs", "fn f() { x.unwrap_or(0); x.unwrap_or_default(); y.expected(); }", 0);
    check(check_panics, "http/head.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n fn g() { x.unwrap() }\n}\n", 0);
    check(check_panics, "http/head.rs", "#[cfg(test)]\nuse a::b;\nfn f() { x.unwrap() }", 1);
}

#[test]
fn a_place_of_one_machine_is_found() {
    check(check_words, "README.md", "run it from /work/ please", 1);
    check(check_words, "http/head.rs", "// see /root/notes", 1);
    check(check_words, "README.md", "maintenance work/day", 0);
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let rule = |_: &str, manifest: &str| check_dependencies(manifest, "`mio` waits for readiness.");
    check(rule, "Cargo.toml", "[dependencies]\nmio = \"1\"\n", 0);
    check(
        rule,
        "Cargo.toml",
        "[package]\nname = \"byway\"\n[dependencies]\nmio = \"1\"\nregex = { version = \"1\" }\n[profile.release]\nlto = \"fat\"\n",
        1,
    );
    check(rule, "Cargo.toml", "[dev-dependencies]\nwiremock = \"1\"\n", 1);
}

#[test]
fn sources_for_tests_alone_are_known_by_their_declaration() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("http/mod.rs", "#[cfg(test)]\nmod tests;\npub mod head;", &["http/tests.rs"]),
        ("lib.rs", "#[cfg(test)]\npub(crate) mod fake;", &["fake.rs"]),
        ("http/head.rs", "#[cfg(test)]\nmod tests;", &["http/head/tests.rs"]),
        ("cli.rs", "#[cfg(test)]\nmod tests;", &["cli/tests.rs"]),
        ("http/head.rs", "#[cfg(test)]\nmod tests {\n  use super::*;\n}\nmod more;", &[]),
        ("http/head.rs", "mod tests; // #[cfg(test)] mod other;", &[]),
    ];
    for (path, source, expected) in cases {
        assert_eq!(declared_for_tests(path, source), expected, "{path}: {source:?}");
    }
}

#[test]
fn literals_and_comments_are_no_code() {
    let cases = [
        ("a \"b\" c", "a     c"),
        ("a // b", "a     "),
        ("a /* b */ c", "a         c"),
        ("r#\"a\"b\"# c", "         c"),
        ("'\"' c 'x", "    c 'x"),
        ("'\\'' c", "     c"),
        ("b\"\\\"\" c", "b     c"),
        ("var\"x\"", "var   "),
        ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
    ];
    for (source, expected) in cases {
        assert_eq!(code_only(source), expected, "{source:?}");
    }
}
