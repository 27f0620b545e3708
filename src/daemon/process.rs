//! The process as the system sees it: background, pid file, limits, chroot, user and group, and what its supervisor is
//! told. When each is done is startup's.

use crate::config::model::{Config, Global};
use crate::sys;
use crate::units::Moment;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{ForkResult, Gid, Uid};
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Client connections where neither configuration nor command line says how many, whatever the descriptor limit.
const MOST_CONNECTIONS: u32 = 100_000;
/// Descriptors that are not for connections: polls, logs, signals, control, reload.
const OTHER_DESCRIPTORS: u64 = 100;

/// No supervisor is told more often than this that the process lives.
const SHORTEST_WATCHDOG: Duration = Duration::from_millis(10);

/// The way from a process in the background to the one that waits in front.
pub struct Readiness {
    pipe: File,
}

impl Readiness {
    /// Lets the process in front end with success, and leaves the terminal.
    pub fn announce(mut self) -> io::Result<()> {
        self.pipe.write_all(b"1")?;
        let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
        nix::unistd::dup2_stdin(&null)?;
        nix::unistd::dup2_stdout(&null)?;
        nix::unistd::dup2_stderr(&null)?;
        Ok(())
    }
}

/// Goes to the background. Comes back in the child alone; the parent waits until the child is ready, and exits with 0
/// then, or with 1 when the child has ended before.
pub fn daemonise() -> io::Result<Readiness> {
    let (reader, writer) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    match sys::fork()? {
        ForkResult::Child => {
            drop(reader);
            nix::unistd::setsid()?;
            Ok(Readiness { pipe: File::from(writer) })
        }
        ForkResult::Parent { .. } => {
            drop(writer);
            let ready = File::from(reader).read(&mut [0]).is_ok_and(|count| count == 1);
            std::process::exit(i32::from(!ready))
        }
    }
}

/// Writes this process's id, in a new file.
pub fn write_pidfile(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?;
    writeln!(file, "{}", std::process::id())
}

/// Raises the descriptor limit as far as it is asked for, or may be, and gives what connections it allows when nothing
/// is asked. The warning, if any, says that the limit is too low for `maxconn`.
pub fn fit_descriptors(config: &mut Config) -> io::Result<Option<String>> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let hard_by_itself = config.global.descriptor_limit.map_or(hard, |most| hard.min(u64::from(most)));
    let listeners = config.proxies.iter().map(|proxy| proxy.binds.len() + proxy.servers.len()).sum::<usize>() as u64;
    let others = OTHER_DESCRIPTORS + listeners;
    let asked = config.global.ulimit_n.map(u64::from).or_else(|| Some(u64::from(config.global.maxconn?) * 2 + others));
    let wanted = asked.unwrap_or(hard_by_itself);
    let mut limit = soft;
    if wanted > soft || config.global.ulimit_n.is_some() {
        // Above the hard limit only root may go.
        let raised = setrlimit(Resource::RLIMIT_NOFILE, wanted, wanted.max(hard)).map(|()| wanted);
        let raised = raised.or_else(|_| setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard), hard).map(|()| wanted.min(hard)));
        limit = raised.unwrap_or(soft);
    }
    let missed = config.global.ulimit_n.filter(|asked| limit < u64::from(*asked));
    let missed = missed.map(|asked| format!("'ulimit-n {asked}' cannot be had, the limit of open files stays at {limit}"));
    match config.global.maxconn {
        Some(maxconn) if limit < u64::from(maxconn) * 2 + others => Ok(Some(format!(
            "the limit of open files ({limit}) is too low for maxconn {maxconn}; raise it to {} or more ('ulimit-n', 'ulimit -n')",
            u64::from(maxconn) * 2 + others
        ))),
        Some(_) => Ok(missed),
        None => {
            let connections = limit.min(wanted).saturating_sub(others) / 2;
            config.global.maxconn = Some(u32::try_from(connections).unwrap_or(u32::MAX).clamp(1, MOST_CONNECTIONS));
            Ok(missed)
        }
    }
}

/// Uses no more memory than this (`-m`).
pub fn limit_memory(megabytes: u64) -> io::Result<()> {
    let bytes = megabytes.saturating_mul(1 << 20);
    Ok(setrlimit(Resource::RLIMIT_AS, bytes, bytes)?)
}

/// Would `drop_privileges` fail? Asked while nothing is disturbed yet.
pub fn may_drop_privileges(global: &Global) -> Result<(), String> {
    if let Some(root) = &global.chroot {
        let is_folder = std::fs::metadata(root).and_then(|about| match about.is_dir() {
            true => Ok(()),
            false => Err(io::Error::from(nix::Error::ENOTDIR)),
        });
        is_folder.map_err(|error| format!("cannot chroot to {}: {}", root.display(), super::sockets::describe(&error)))?;
    }
    if nix::unistd::geteuid().is_root() {
        return Ok(());
    }
    let denied = nix::Error::EPERM.desc();
    if let Some(gid) = global.gid.filter(|gid| *gid != nix::unistd::getegid().as_raw()) {
        return Err(format!("cannot set gid {gid}: {denied}"));
    }
    if let Some(uid) = global.uid.filter(|uid| *uid != nix::unistd::geteuid().as_raw()) {
        return Err(format!("cannot set uid {uid}: {denied}"));
    }
    Ok(())
}

/// `chroot`, `group` and `user`, in this order; what cannot be done is an error with its keyword.
pub fn drop_privileges(global: &Global) -> Result<(), String> {
    if let Some(root) = &global.chroot {
        let change = nix::unistd::chroot(root).map_err(io::Error::from).and_then(|()| std::env::set_current_dir("/"));
        change.map_err(|error| format!("cannot chroot to {}: {}", root.display(), super::sockets::describe(&error)))?;
    }
    if let Some(gid) = global.gid.filter(|gid| *gid != nix::unistd::getegid().as_raw()) {
        let groups = nix::unistd::setgroups(&[]);
        let group = groups.and_then(|()| nix::unistd::setgid(Gid::from_raw(gid)));
        group.map_err(|error| format!("cannot set gid {gid}: {}", error.desc()))?;
    }
    if let Some(uid) = global.uid.filter(|uid| *uid != nix::unistd::geteuid().as_raw()) {
        nix::unistd::setuid(Uid::from_raw(uid)).map_err(|error| format!("cannot set uid {uid}: {}", error.desc()))?;
    }
    Ok(())
}

/// Is this the first process of its container? It has the duties of one: orphans are its children.
pub fn is_init() -> bool {
    std::process::id() == 1
}

/// Takes leave of orphans that have ended, so that none stays a zombie. Only the first process of a container has any; a
/// child of its own is left to who started it, and with it what has ended after it, until the next call.
pub fn reap_orphans(is_own: impl Fn(u32) -> bool) {
    use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
    if !is_init() {
        return;
    }
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while let Some(pid) = waitid(Id::All, look).ok().and_then(|status| status.pid()) {
        if is_own(pid.as_raw() as u32) || waitpid(pid, Some(WaitPidFlag::WNOHANG)).is_err() {
            return;
        }
    }
}

/// The way to the supervisor: a datagram to the socket named by NOTIFY_SOCKET (sd_notify of systemd).
#[derive(Debug, Default)]
pub struct Supervisor {
    socket: Option<Socket>,
    /// How often it wants to hear that the process lives (WATCHDOG_USEC, halved as systemd advises).
    watchdog: Option<Duration>,
    next_sign: Moment,
}

impl Supervisor {
    /// Finds the supervisor's socket in the environment; there may be none.
    pub fn find() -> Supervisor {
        let name = std::env::var("NOTIFY_SOCKET").unwrap_or_default();
        let path = match name.strip_prefix('@') {
            Some(abstract_name) => format!("\0{abstract_name}"),
            None if name.starts_with('/') => name,
            None => return Supervisor::default(),
        };
        let open = || -> io::Result<Socket> {
            let socket = Socket::new(Domain::UNIX, Type::DGRAM.nonblocking().cloexec(), None)?;
            // Connected now, while the path can still be reached: a chroot may follow.
            socket.connect(&SockAddr::unix(path)?)?;
            Ok(socket)
        };
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let is_meant = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let watchdog = number("WATCHDOG_USEC").filter(|usec| is_meant && *usec > 0);
        let watchdog = watchdog.map(|usec| Duration::from_micros(usec / 2).max(SHORTEST_WATCHDOG));
        Supervisor { socket: open().ok(), watchdog, next_sign: Moment(0) }
    }

    /// When it is to be shown next that the process lives.
    pub fn next(&self) -> Moment {
        if self.watchdog.is_some() && self.socket.is_some() { self.next_sign } else { Moment::NEVER }
    }

    /// Shows that the process lives, when it is time. It is the loop that calls this, so that a stuck loop is found out.
    pub fn show_life(&mut self, now: Moment) {
        if self.next() <= now {
            self.tell("WATCHDOG=1");
            self.next_sign = now.after(self.watchdog);
        }
    }

    /// Tells it that a reload begins (with the moment that `Type=notify-reload` asks for).
    pub fn tell_reloading(&self) {
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reloading", sys::monotonic_us()));
    }

    /// Tells it: `READY=1`, `RELOADING=1`, `STATUS=...`, one per line.
    pub fn tell(&self, state: &str) {
        if let Some(socket) = &self.socket {
            // A supervisor that does not listen is no reason to stop serving.
            let _ = socket.send_with_flags(state.as_bytes(), nix::libc::MSG_NOSIGNAL);
        }
    }
}
