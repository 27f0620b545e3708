//! The `byway` program: reads the command line and calls the room that does what it asks for.

use byway::config::{self, environment::Environment, manual};
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
    if options.list_keywords {
        let listed = keywords(&program, None);
        if options.errand == Errand::Serve && options.files.is_empty() {
            return listed;
        }
    }
    match &options.errand {
        Errand::Condition(text) => return condition(text),
        Errand::BareVersion => println!("{}", env!("CARGO_PKG_VERSION")),
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

/// `-cc`: 0 when the condition holds, 1 when it does not, 2 when it is at fault.
fn condition(text: &str) -> ExitCode {
    match config::evaluate_condition(text, &Environment::new(&daemon::sources::environment())) {
        Ok(holds) => ExitCode::from(u8::from(!holds)),
        Err(fault) => {
            eprintln!("[ALERT] Failed to evaluate condition '{text}': {}", fault.message);
            if !fault.hint.is_empty() {
                eprintln!("      {}", fault.hint);
            }
            ExitCode::from(2)
        }
    }
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
