//! The program under test as a process of its own: started with a configuration, signalled, watched
//! through /proc, and ended by its pid. What it serves is left to clients and origins.

use super::stand_in::{program, translate};
use super::wait_until;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What most configurations begin with; `@DIR@` is the test's own folder.
pub const PREAMBLE: &str = "global\n  stats socket @DIR@/control level admin\n  nbthread 2\n\
    defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n";

/// A port of 127.0.0.1 on which nothing listens, given to no other test of this run; below the range from which the kernel takes
/// ports for outgoing connections.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 22_000;
    let start = std::process::id().wrapping_mul(331);
    for _ in 0..COUNT {
        let port = FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst)) % COUNT;
        let port = u16::try_from(port).expect("below 65536");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

/// A folder of its own for a test, removed with it.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A new empty folder.
    pub fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("byway-e2e-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Folder { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file, `@DIR@` in it replaced by the folder's path; its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path.join(name);
        let text = translate(text).replace("@DIR@", &self.path.to_string_lossy());
        std::fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// How a run ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// The exit status.
    pub status: ExitStatus,
    /// What it wrote to stderr and stdout.
    pub said: String,
}

/// Runs the program with arguments until it ends by itself.
#[track_caller]
pub fn run(arguments: &[&OsStr]) -> Ended {
    let mut process = Process::spawn(Command::new(program()).args(arguments));
    let status = process.wait_exit();
    Ended { status, said: process.said() }
}

/// A running child, with what it writes.
struct Process {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Process {
    #[track_caller]
    fn spawn(command: &mut Command) -> Process {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        let said = Arc::new(Mutex::new(Vec::new()));
        let keep = |pipe: Box<dyn Read + Send>| {
            let said = Arc::clone(&said);
            std::thread::spawn(move || keep_all(pipe, &said))
        };
        let readers = vec![keep(Box::new(child.stdout.take().expect("a pipe"))), keep(Box::new(child.stderr.take().expect("a pipe")))];
        Process { child, said, readers }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().expect("no panic while held")).into_owned()
    }

    #[track_caller]
    fn wait_exit(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until(&format!("process {} ended; it said:\n{}", self.child.id(), self.said()), || {
            status = self.child.try_wait().expect("a child");
            status.is_some()
        });
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        status.expect("it ended")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- process {} said:\n{}---", self.child.id(), self.said());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep_all(mut pipe: impl Read, said: &Mutex<Vec<u8>>) {
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut piece) {
        said.lock().expect("no panic while held").extend_from_slice(piece.get(..count).unwrap_or_default());
    }
}

/// The proxy, serving.
pub struct Proxy {
    process: Process,
    folder: Arc<Folder>,
    config: PathBuf,
    ports: Vec<u16>,
}

impl Proxy {
    /// Starts it with a configuration (`PREAMBLE` before it, where it does not begin with `global`) and waits until it listens.
    #[track_caller]
    pub fn start(config: &str) -> Proxy {
        Proxy::start_with(Arc::new(Folder::new()), config, |_| ())
    }

    /// The same in a given folder, with the command changed as needed.
    #[track_caller]
    pub fn start_with(folder: Arc<Folder>, config: &str, change: impl FnOnce(&mut Command)) -> Proxy {
        Proxy::start_program(&program(), folder, config, change)
    }

    /// The same with another program.
    #[track_caller]
    pub fn start_program(program: &OsStr, folder: Arc<Folder>, config: &str, change: impl FnOnce(&mut Command)) -> Proxy {
        let text = with_preamble(config);
        let config = folder.write("haproxy.cfg", &text);
        let mut command = Command::new(program);
        command.arg("-f").arg(&config).env_remove("E2E_SWITCH");
        change(&mut command);
        let process = Process::spawn(&mut command);
        let mut proxy = Proxy { process, folder, config, ports: bound_ports(&text) };
        proxy.wait_listening();
        proxy
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }

    /// The test's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration's file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// What it wrote so far.
    pub fn said(&self) -> String {
        self.process.said()
    }

    /// Writes another configuration into the same file.
    pub fn rewrite_config(&mut self, config: &str) {
        let text = with_preamble(config);
        self.folder.write("haproxy.cfg", &text);
        self.ports = bound_ports(&text);
    }

    /// Sends a signal.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        // It listens a moment before it takes signals; until then they would end it.
        let caught = |status: &str| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
            Some(u64::from_str_radix(mask.trim(), 16).ok()? >> (signal as u32 - 1) & 1 == 1)
        };
        if signal != Signal::SIGKILL {
            let status = || std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
            wait_until("it took signals", || caught(&status()) != Some(false));
        }
        kill(Pid::from_raw(self.pid() as i32), signal).expect("a running process");
    }

    /// Waits until the process ends.
    #[track_caller]
    pub fn wait_exit(&mut self) -> ExitStatus {
        self.process.wait_exit()
    }

    /// Is it still running?
    pub fn is_running(&mut self) -> bool {
        self.process.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// Waits until it listens on every port that the configuration binds.
    #[track_caller]
    pub fn wait_listening(&mut self) {
        wait_until(&format!("the proxy listened on {:?}", self.ports), || {
            let ended = self.process.child.try_wait().expect("a child");
            assert!(ended.is_none(), "the proxy ended ({ended:?}) instead of serving");
            let sockets = self.sockets();
            self.ports.iter().all(|port| listeners(*port).iter().any(|inode| sockets.contains(inode)))
        });
    }

    /// Runs the program as a client of the running one: `-f CONFIG` and more arguments.
    #[track_caller]
    pub fn command(&self, arguments: &[&str]) -> Ended {
        let mut all: Vec<&OsStr> = vec![OsStr::new("-f"), self.config.as_os_str()];
        all.extend(arguments.iter().map(OsStr::new));
        run(&all)
    }

    /// Threads of the process.
    pub fn threads(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/task", self.pid())).map_or(0, Iterator::count)
    }

    /// Open descriptors of the process.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid())).map_or(0, Iterator::count)
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
    }

    /// Inodes of the sockets that it holds.
    pub fn sockets(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(format!("/proc/{}/fd", self.pid())) else { return Vec::new() };
        let targets = entries.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
        let inode = |target: PathBuf| Some(target.to_string_lossy().strip_prefix("socket:[")?.strip_suffix(']')?.to_string());
        targets.filter_map(inode).collect()
    }
}

/// Inodes of the sockets that listen on a TCP port.
pub fn listeners(port: u16) -> Vec<String> {
    let Ok(table) = std::fs::File::open("/proc/net/tcp") else { return Vec::new() };
    let ending = format!(":{port:04X}");
    // Those that listen come first; behind them may be tens of thousands that do not.
    let words = |line: String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let rows = BufReader::new(table).lines().skip(1).map_while(Result::ok).map(words);
    let listening = rows.take_while(|words| words.get(3).is_some_and(|state| state == "0A"));
    listening.filter(|words| words[1].ends_with(&ending)).filter_map(|words| words.get(9).cloned()).collect()
}

fn with_preamble(config: &str) -> String {
    if config.trim_start().starts_with("global") { config.to_string() } else { format!("{PREAMBLE}{config}") }
}

/// Ports of the `bind` lines.
fn bound_ports(text: &str) -> Vec<u16> {
    let addresses = text.lines().filter_map(|line| line.trim().strip_prefix("bind ")).filter_map(|line| line.split(' ').next());
    addresses.flat_map(|list| list.split(',')).filter_map(|address| address.rsplit(':').next()?.parse().ok()).collect()
}
