//! The `byway` program: reads the command line and calls the room that does what it asks for.

use byway::config::manual;
use byway::daemon::options::Errand;
use byway::{cli, daemon, sys};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    env_logger::Builder::from_default_env().target(env_logger::Target::Stderr).init();
    let program = sys::program_name();
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.is_empty() {
        eprint!("{}", cli::usage(&program));
        return ExitCode::FAILURE;
    }
    let options = match cli::parse(&words) {
        Ok(options) => options,
        Err(fault) => {
            eprintln!("{program}: {fault}\n'{program} --help' lists the flags");
            return ExitCode::FAILURE;
        }
    };
    match &options.errand {
        Errand::Version => println!("byway version {}", env!("CARGO_PKG_VERSION")),
        Errand::Build => print!("{}", cli::build()),
        Errand::Help => print!("{}", cli::usage(&program)),
        Errand::Origin(port, name) => return daemon::origin::run(*port, name.as_deref()),
        Errand::BypassLink(words) => return daemon::maintenance::print_link(&options, words),
        Errand::Switch(_) | Errand::Reload => return daemon::client::run(&options),
        Errand::Keywords(name) => return keywords(&program, name.as_deref()),
        Errand::Check | Errand::Dump | Errand::Explain | Errand::Serve if options.files.is_empty() => {
            eprintln!("{program}: no configuration: name one with -f\n{}", cli::usage(&program));
            return ExitCode::FAILURE;
        }
        Errand::Check | Errand::Dump | Errand::Explain | Errand::Serve => return daemon::startup::run(options),
    }
    ExitCode::SUCCESS
}

/// `--keywords [NAME]`: 1 when no keyword has that name.
fn keywords(program: &str, name: Option<&str>) -> ExitCode {
    let list = manual::render_keywords(name);
    if list.is_empty() {
        eprintln!("{program}: no keyword is called '{}'; '{program} --keywords' lists them all", name.unwrap_or_default());
        return ExitCode::FAILURE;
    }
    // A reader that has seen enough (`| head`) is no fault.
    let _ = std::io::stdout().write_all(list.as_bytes());
    ExitCode::SUCCESS
}
