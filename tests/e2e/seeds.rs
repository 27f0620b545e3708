//! The command lines that maintenance switches were first asked for with, word for word, as scripts (`tests/seeds`) that run in
//! namespaces of their own.

use crate::support::proxy::free_port;
use crate::support::stand_in::lacks;
use crate::support::tell_skipped;
use std::process::Command;

#[track_caller]
fn check_script(name: &str) {
    if lacks("variables and environment switches") {
        return;
    }
    let possible =
        |program: &str, arguments: &[&str]| Command::new(program).args(arguments).output().is_ok_and(|ended| ended.status.success());
    if !possible("unshare", &["-Urpfm", "--mount-proc", "true"])
        || !possible("curl", &["--version"])
        || !possible("killall", &["--version"])
    {
        return tell_skipped("namespaces, curl or killall are missing here");
    }
    let script = format!("{}/tests/seeds/{name}.sh", env!("CARGO_MANIFEST_DIR"));
    let ports: Vec<String> = (0..3).map(|_| free_port().to_string()).collect();
    let ended = Command::new(script).arg(env!("CARGO_BIN_EXE_byway")).args(ports).output().expect("a script");
    let said = [ended.stdout, ended.stderr].concat();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn variables_are_set_by_the_command_lines_of_seed_a() {
    check_script("a");
}

#[test]
fn processes_take_over_by_the_command_lines_of_seed_b() {
    check_script("b");
}
