//! From the command line to a process that serves: each step in order, every fault told with exit status 1, and nothing
//! started, replaced or left behind before all of them are passed.

use super::changes::Lines;
use super::checker::Checker;
use super::commands::Verdict;
use super::control::Control;
use super::handover::{self, Estate, Handover, Predecessor};
use super::health;
use super::notice::level;
use super::notice::{Notices, Stderr};
use super::options::{Errand, Ground, Options, Supervised};
use super::outside::Outside;
use super::process::{self, Readiness, Supervisor};
use super::signals::{self, Signals};
use super::sockets::{Open, Sockets, describe};
use super::sources::{self, Files};
use super::staff::Staff;
use super::variables_file::VariablesFile;
use super::{Daemon, End, Phase, expose, machine, switches, thread_count, tokens};
use crate::config::model::Config;
use crate::config::{self, Severity};
use crate::state::Running;
use crate::state::variables::Source;
use crate::worker::Worker;
use crate::worker::clock::Clock;
use mio::{Poll, Token, Waker};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// A step that failed: what is told.
type Fault = String;

/// A valid file without a listener, for `-c`.
const NO_LISTENER: u8 = 2;

/// A configuration that stands, and what it was read from.
struct Reading {
    config: Config,
    sources: Vec<config::Source>,
    is_warned: bool,
}

/// `-c`, `--dump`, and what comes before serving: reads the configuration and tells what is wrong with it.
fn read(options: &Options, files: &Files, notices: &Notices) -> Result<Reading, Fault> {
    let sources = files.load()?;
    let outcome = sources::read_loaded(&sources, options, &sources::environment());
    notices.tell(&outcome.diagnostics, if options.tell_diagnostics { Severity::Diagnostic } else { Severity::Notice });
    let config = outcome.config.ok_or_else(|| "config : Fatal errors found in configuration.".to_string())?;
    let is_warned = outcome.diagnostics.iter().any(|told| told.severity == Severity::Warning);
    if is_warned && options.zero_warning {
        return Err("config : Some warnings were found and 'zero-warning' is set. Aborting.".into());
    }
    Ok(Reading { config, sources, is_warned })
}

/// Does what the command line asks for with a configuration: check, print, or serve. Gives the exit status.
pub fn run(options: Options) -> ExitCode {
    let stderr = match (options.quiet, &options.errand) {
        (false, _) => Stderr::Heard,
        (true, Errand::Check) => Stderr::Gone,
        (true, _) => Stderr::Quiet,
    };
    let notices = Notices::new(Clock::start(), stderr);
    if let Some(directory) = &options.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        notices.say(Severity::Alert, &format!("Could not change to directory {} : {error}", directory.display()));
        return ExitCode::FAILURE;
    }
    let files = Files::of(&options);
    let done = match options.errand {
        Errand::Check => check(&options, &files, &notices),
        Errand::Explain => super::explaining::run(&options, &files, &notices),
        Errand::Dump => read(&options, &files, &notices).map(|reading| {
            print!("{}", reading.config.dump());
            ExitCode::SUCCESS
        }),
        _ => return serve(options, files, notices),
    };
    done.unwrap_or_else(|fault| {
        notices.say(Severity::Alert, &fault);
        ExitCode::FAILURE
    })
}

fn check(options: &Options, files: &Files, notices: &Notices) -> Result<ExitCode, Fault> {
    // The process ends here: taking a large configuration apart piece by piece would be for nothing.
    let reading = std::mem::ManuallyDrop::new(read(options, files, notices)?);
    if reading.is_warned && !options.quiet {
        println!("Warnings were found.");
    }
    let listens = reading.config.proxies.iter().any(|proxy| !proxy.disabled && !proxy.binds.is_empty());
    if !listens {
        if !options.quiet {
            println!("Configuration file has no error but will not start (no listener) => exit({NO_LISTENER}).");
        }
        return Ok(ExitCode::from(NO_LISTENER));
    }
    if !options.quiet {
        println!("Configuration file is valid");
    }
    Ok(ExitCode::SUCCESS)
}

/// What is ready before anything is started.
struct Prepared {
    config: Config,
    lines: Lines,
    sockets: Sockets,
    variables_file: Option<VariablesFile>,
    workers: Vec<Worker>,
    estate: Estate,
    predecessors: Vec<Predecessor>,
}

fn serve(options: Options, files: Files, notices: Notices) -> ExitCode {
    signals::hold_back();
    let end = prepare(&options, &files, &notices).and_then(|prepared| start(options, files, prepared, notices)).and_then(|mut daemon| {
        let end = daemon.run().map_err(|error| format!("the loop has failed: {error}"))?;
        Ok((end, daemon.options.supervised))
    });
    match end {
        Ok((End::Finished, _)) => ExitCode::SUCCESS,
        Ok((End::Signal(signal), supervised)) => end_by(signal, supervised),
        Err(fault) => {
            Notices::new(Clock::start(), Stderr::Quiet).say(Severity::Alert, &fault);
            ExitCode::FAILURE
        }
    }
}

/// Ends as HAProxy does: by the signal itself, or as its master with the status that supervisors expect.
fn end_by(signal: i32, supervised: Supervised) -> ExitCode {
    if supervised != Supervised::No {
        return if signal == nix::libc::SIGINT { ExitCode::from(130) } else { ExitCode::SUCCESS };
    }
    if process::is_init() {
        // The system keeps signals without an action of their own from the first process: it tells by its status.
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(1));
    }
    // It comes back only when the signal's own action is none, which is not so for SIGTERM and SIGINT.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    ExitCode::FAILURE
}

/// Everything that can fail without a trace.
fn prepare(options: &Options, files: &Files, notices: &Notices) -> Result<Prepared, Fault> {
    let Reading { mut config, sources, .. } = read(options, files, notices)?;
    if let Some(warning) = process::fit_descriptors(&mut config).map_err(|error| format!("the limit of open files: {error}"))? {
        if config.global.strict_limits {
            return Err(format!("{warning} ('strict-limits')"));
        }
        notices.say(Severity::Warning, &warning);
    }
    process::may_drop_privileges(&config.global)?;
    let variables_file = VariablesFile::find(&config.global, pidfile(options, &config).as_deref())?;
    let workers = Staff::recruit(thread_count(&config)).map_err(|error| format!("cannot start workers: {error}"))?;
    let mut estate = Estate::default();
    let predecessors: Vec<_> = options.predecessors.iter().map(|pid| handover::take_over(*pid, &mut estate)).collect();
    let complaints = predecessors.iter().filter_map(Predecessor::complaint);
    complaints.for_each(|complaint| notices.say(Severity::Warning, &complaint));
    if let Some(path) = options.take_listeners_from.as_deref().filter(|path| *path != Path::new("/dev/null")) {
        let taken = expose::ask(path);
        let taken =
            taken.map_err(|error| format!("Failed to get the sockets from the old process ({}: {})!", path.display(), describe(&error)))?;
        let known = |open: &Open| estate.open.iter().any(|other| other.address == open.address);
        let new: Vec<Open> = taken.into_iter().filter(|open| !known(open)).collect();
        estate.open.extend(new);
    }
    let mut sockets = Sockets::open(&config, &estate.open).map_err(|faults| {
        faults.iter().for_each(|fault| notices.tell_fault(fault));
        "Some listeners could not be started! Exiting.".to_string()
    })?;
    if sockets.listening.is_empty() {
        return Err("No enabled listener found (check for 'bind' directives) ! Exiting.".into());
    }
    sockets.publish();
    Ok(Prepared { config, lines: Lines::of(&sources), sockets, variables_file, workers, estate, predecessors })
}

/// Goes to the background if it is asked to, starts the workers, and sends the predecessors off.
fn start(mut options: Options, files: Files, prepared: Prepared, mut notices: Notices) -> Result<Daemon, Fault> {
    let Prepared { config, lines, sockets, mut variables_file, workers, estate, predecessors } = prepared;
    let io_fault = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    let supervisor = if options.supervised == Supervised::Systemd { Supervisor::find() } else { Supervisor::default() };
    let is_background = match options.ground {
        Ground::Background => true,
        Ground::Foreground => false,
        Ground::Configured => config.global.daemon && !config.global.debug && options.supervised == Supervised::No,
    };
    if config.global.master_worker && options.supervised == Supervised::No {
        options.supervised = Supervised::Master;
    }
    let readiness = is_background.then(process::daemonise).transpose().map_err(io_fault("cannot go to the background"))?;
    notices.configure(&config.global);
    if config.global.quiet && !options.verbose {
        notices.hush();
    }
    if let Some(megabytes) = options.memory_megabytes {
        process::limit_memory(megabytes).map_err(io_fault("cannot limit memory"))?;
    }
    let poll = Poll::new().map_err(io_fault("cannot poll"))?;
    let worker_ended = Arc::new(Waker::new(poll.registry(), Token(tokens::WORKER_ENDED)).map_err(io_fault("cannot wake"))?);
    let signals = Signals::register(tokens::SIGNALS, poll.registry()).map_err(io_fault("cannot take signals"))?;
    signals::let_through();
    let handover = Handover::open(poll.registry());
    let outside = Outside::open(&config.global).map_err(io_fault("cannot keep a way out of the chroot"))?;
    // All that could fail is passed: the files of a predecessor are this process's from here on.
    if let Some(path) = pidfile(&options, &config) {
        process::write_pidfile(&path).map_err(|error| format!("cannot create pidfile {} : {error}", path.display()))?;
    }
    // HAProxy's own processes can only be signalled, and while this one may still signal them; its sockets listen already.
    for predecessor in predecessors.iter().filter(|predecessor| !predecessor.is_linked()) {
        predecessor.send_off(options.farewell);
    }
    process::drop_privileges(&config.global)?;

    let environment = sources::environment();
    let state = Arc::new(machine::state());
    let now = notices.clock().wall();
    switches::take_configuration(&state.variables, &config.global, &environment, now);
    switches::take_command_line(&state.variables, &options.switches, now);
    variables_file = variables_file.filter(|file| file.is_asked_for() || file.is_writable());
    let kept = variables_file.as_mut().map(|file| file.read(now));
    if let Some((_, Some(refused))) = &kept {
        notices.say(Severity::Warning, refused);
        notices.log(&config.global, level::WARNING, refused);
    }
    // What a predecessor says is newer than what it has written.
    let known = if predecessors.iter().any(Predecessor::is_linked) { estate.variables } else { kept.unwrap_or_default().0 };
    state.variables.replace_all(Source::RunTime, known);
    let mut daemon = Daemon {
        running: Arc::new(Running::new(config, &state, 1)),
        clock: notices.clock(),
        control: Control::new(tokens::CONTROL_LISTENERS, tokens::CONTROL_CONNECTIONS),
        checker: Checker::new(tokens::CHECKS),
        verdict: Verdict::default(),
        phase: Phase::Serving,
        inboxes: Arc::default(),
        staff: Staff::default(),
        lines,
        is_paused: false,
        worker_ended,
        notices,
        options,
        files,
        outside,
        environment,
        poll,
        state,
        sockets,
        signals,
        handover,
        maintenance: Default::default(),
        supervisor,
        variables_file,
    };
    daemon.start_workers(workers).map_err(io_fault("cannot start workers"))?;
    // From here on this process serves. The control sockets come last, so that a switch is set here or there, not lost.
    let told = predecessors.iter().filter(|predecessor| predecessor.is_linked());
    let told: Vec<_> = told.filter_map(|predecessor| predecessor.send_off(daemon.options.farewell)).flatten().collect();
    if predecessors.iter().any(Predecessor::is_linked) {
        daemon.state.variables.replace_all(Source::RunTime, told);
        if let Err(fault) = daemon.keep_switches() {
            daemon.notices.say(Severity::Warning, &fault);
        }
    }
    let (running, registry) = (daemon.running.clone(), daemon.poll.registry());
    health::follow_all(&running);
    daemon.checker.adopt(&running, daemon.clock.now(), registry);
    let control = daemon.control.adopt(&daemon.sockets.control, &running.config.global, registry);
    control.map_err(io_fault("cannot poll a control socket"))?;
    // Those that ended before anybody listened.
    process::reap_orphans(|pid| daemon.checker.runs(pid));
    daemon.supervisor.tell("READY=1\nSTATUS=Ready");
    announce(readiness, &mut daemon.notices).map_err(io_fault("cannot leave the terminal"))?;
    Ok(daemon)
}

fn pidfile(options: &Options, config: &Config) -> Option<PathBuf> {
    options.pidfile.clone().or_else(|| config.global.pidfile.clone())
}

fn announce(readiness: Option<Readiness>, notices: &mut Notices) -> io::Result<()> {
    let Some(readiness) = readiness else { return Ok(()) };
    notices.leave_stderr();
    readiness.announce()
}
