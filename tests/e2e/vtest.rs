//! HAProxy's own test driver in front of byway: every case of `tests/vtc` is run by VTest (Debian has it as `varnishtest`),
//! which finds the program under test by the name `haproxy`.

use crate::support::proxy::Folder;
use crate::support::stand_in::{is_standing_in, program};
use crate::support::{show, tell_skipped};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const DRIVER: &str = "varnishtest";
/// The time that the driver gives a case, in seconds.
const LIMIT_S: &str = "30";
/// Cases that HAProxy itself answers otherwise: its master has commands of its own.
const OF_BYWAY: [&str; 1] = ["master-cli.vtc"];

/// Is the driver there? Where it must be, its absence is a failure.
fn has_driver() -> bool {
    let found = Command::new(DRIVER).arg("-h").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match found {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("BYWAY_DEMAND_PEERS").is_none(), "{DRIVER} is missing: install the package varnish");
            tell_skipped(&format!("{DRIVER} is not installed (package varnish)"));
            false
        }
        _ => true,
    }
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vtc");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).expect("cases").flatten().map(|entry| entry.path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "vtc"));
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn the_driver_of_haproxys_own_tests_drives_byway() {
    if !has_driver() {
        return;
    }
    let folder = Folder::new();
    let program = std::fs::canonicalize(program()).expect("the program under test");
    std::os::unix::fs::symlink(program, folder.path().join("haproxy")).expect("a link");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    for case in cases() {
        if is_standing_in() && OF_BYWAY.iter().any(|name| case.ends_with(name)) {
            continue;
        }
        let mut command = Command::new(DRIVER);
        command.args(["-t", LIMIT_S]).arg(&case).env("PATH", &path).env("TMPDIR", folder.path()).stdin(Stdio::null());
        let ended = command.output().expect("the driver");
        assert!(ended.status.success(), "{}: {}\n{}", case.display(), ended.status, show(&[ended.stdout, ended.stderr].concat()));
    }
}
