//! The `byway` program: reads the command line and calls the room that does what it asks for.

use byway::daemon::options::Errand;
use byway::{cli, daemon, sys};
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
        Errand::Switch(_) | Errand::Reload => return daemon::client::run(&options),
        Errand::Keywords(_) | Errand::Explain => {
            eprintln!("{program}: --explain and --keywords are known, but not yet done");
            return ExitCode::FAILURE;
        }
        Errand::Check | Errand::Dump | Errand::Serve if options.files.is_empty() => {
            eprintln!("{program}: no configuration: name one with -f\n{}", cli::usage(&program));
            return ExitCode::FAILURE;
        }
        Errand::Check | Errand::Dump | Errand::Serve => return daemon::startup::run(options),
    }
    ExitCode::SUCCESS
}
