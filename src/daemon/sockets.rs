//! The listening sockets of the process: opened once per address, kept over reloads, taken over from a predecessor.
//! Nothing is left behind when one of several cannot be opened. Accepting is the workers' and the control socket's.

use crate::config::address::render_address;
use crate::config::model::{Address, Bind, Config, Level, Place};
use crate::sample::ProxyId;
use crate::sys;
use crate::worker::listener::Listening;
use crate::worker::log_sink::abstract_address;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::mem::ManuallyDrop;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Connections that wait to be accepted, where the configuration says nothing.
const BACKLOG: u32 = 4096;
/// How long a client that sends nothing is not accepted with `defer-accept` (HAProxy's).
const DEFERRED_SECONDS: i32 = 60;
/// Permission bits of a control socket's file where the line says nothing.
const CONTROL_MODE: u32 = 0o600;

/// A socket that listens, by the address that its line gives.
#[derive(Clone, Debug)]
pub struct Open {
    /// The address as the configuration has it.
    pub address: Address,
    /// The socket.
    pub socket: Arc<Socket>,
}

impl Open {
    /// The interface that it is bound to.
    fn interface(&self) -> Option<Vec<u8>> {
        match self.address {
            Address::Inet(_) => self.socket.device().ok().flatten(),
            _ => None,
        }
    }
}

impl Permissions {
    fn apply(self, path: &Path) -> io::Result<()> {
        if self.uid.is_some() || self.gid.is_some() {
            std::os::unix::fs::chown(path, self.uid, self.gid)?;
        }
        self.mode.map_or(Ok(()), |mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)))
    }
}

impl Wish<'_> {
    fn permissions(&self) -> Permissions {
        Permissions { mode: self.mode, uid: self.uid, gid: self.gid }
    }

    fn interface(&self) -> Option<Vec<u8>> {
        self.bind.and_then(|bind| bind.interface.as_ref()).map(|name| name.clone().into_bytes())
    }
}

/// A control socket that listens.
#[derive(Clone, Debug)]
pub struct ControlListener {
    /// The socket.
    pub socket: Arc<Socket>,
    /// What connections to it may do.
    pub level: Level,
    /// May they take the listening sockets (`expose-fd listeners`)?
    pub exposes_listeners: bool,
}

/// Why a socket could not be opened.
#[derive(Debug)]
pub struct BindFault {
    /// The line that asks for it.
    pub place: Place,
    /// What went wrong, in HAProxy's words.
    pub message: String,
}

impl std::fmt::Display for BindFault {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(out, "{}:{} : {}", self.place.file, self.place.line, self.message)
    }
}

/// Every socket that a configuration listens on.
#[derive(Debug, Default)]
pub struct Sockets {
    /// What is to be done with files of unix sockets when the configuration is taken up.
    unpublished: Vec<Unpublished>,
    /// All of them, by address.
    pub open: Vec<Open>,
    /// Those of frontends.
    pub listening: Vec<Listening>,
    /// Those of the control plane.
    pub control: Vec<ControlListener>,
}

/// What a line says of a socket.
struct Wish<'a> {
    address: &'a Address,
    v6only: Option<bool>,
    mode: Option<u32>,
    uid: Option<u32>,
    gid: Option<u32>,
    backlog: u32,
    /// What else a `bind` line says.
    bind: Option<&'a Bind>,
    place: &'a Place,
}

/// What is still to be done with the file of a unix socket.
#[derive(Debug)]
enum Unpublished {
    /// It gets its own name.
    New(Provisional),
    /// It is in use already, and gets the permissions that its line has now.
    Known(PathBuf, Permissions),
}

/// Who may connect to a unix socket, as far as its line says.
#[derive(Clone, Copy, Debug)]
struct Permissions {
    mode: Option<u32>,
    uid: Option<u32>,
    gid: Option<u32>,
}

/// A unix socket under its provisional name.
#[derive(Debug)]
struct Provisional {
    name: PathBuf,
    path: PathBuf,
}

impl Drop for Provisional {
    fn drop(&mut self) {
        // Gone already when it got its own name.
        let _ = std::fs::remove_file(&self.name);
    }
}

impl Sockets {
    /// Opens what the configuration listens on. A socket of `known` with the same address is used on; each at most once.
    /// Unix sockets are found under their names only once they are published; until then whoever listens there is undisturbed.
    pub fn open(config: &Config, known: &[Open]) -> Result<Sockets, Vec<BindFault>> {
        let mut opening = Opening { known: known.to_vec(), unpublished: Vec::new(), faults: Vec::new(), open: Vec::new() };
        let mut sockets = Sockets::default();
        for line in &config.global.stats_sockets {
            let mode = line.mode.or(Some(CONTROL_MODE));
            let (address, place) = (&line.address, &line.place);
            let wish = Wish { address, v6only: None, mode, uid: line.uid, gid: line.gid, backlog: BACKLOG, bind: None, place };
            if let Some(socket) = opening.take_or_bind(&wish) {
                sockets.control.push(ControlListener { socket, level: line.level, exposes_listeners: line.expose_listeners });
            }
        }
        for (index, proxy) in config.proxies.iter().enumerate().filter(|(_, proxy)| !proxy.disabled) {
            for bind in &proxy.binds {
                let backlog = bind.backlog.or(proxy.backlog).or(proxy.maxconn).unwrap_or(BACKLOG);
                if let Some(socket) = opening.take_or_bind(&wish_of(bind, backlog)) {
                    sockets.listening.push(Listening { socket, frontend: ProxyId(index as u32), bind: bind.clone() });
                }
            }
        }
        if !opening.faults.is_empty() {
            return Err(opening.faults);
        }
        sockets.unpublished = opening.unpublished;
        sockets.open = opening.open;
        Ok(sockets)
    }

    /// Gives the files of unix sockets their names and permissions, once nothing else can fail.
    pub fn publish(&mut self) {
        for file in self.unpublished.drain(..) {
            match file {
                // It was just made in the same directory; a rename there fails only when somebody else took it away.
                Unpublished::New(provisional) => drop(std::fs::rename(&provisional.name, &provisional.path)),
                // The file may be gone, or another's by now: the socket serves whoever is connected.
                Unpublished::Known(path, permissions) => drop(permissions.apply(&path)),
            }
        }
    }

    /// The files of unix sockets that `next` does not listen on any more.
    pub fn files_not_in(&self, next: &Sockets) -> Vec<PathBuf> {
        let gone = |open: &&Open| next.open.iter().all(|other| other.address != open.address);
        let file = |open: &Open| match &open.address {
            Address::Unix(path) => Some(path.clone()),
            _ => None,
        };
        self.open.iter().filter(gone).filter_map(file).collect()
    }
}

fn wish_of(bind: &Bind, backlog: u32) -> Wish<'_> {
    let Bind { address, v6only, mode, uid, gid, place, .. } = bind;
    Wish { address, v6only: *v6only, mode: *mode, uid: *uid, gid: *gid, backlog, bind: Some(bind), place }
}

struct Opening {
    known: Vec<Open>,
    unpublished: Vec<Unpublished>,
    faults: Vec<BindFault>,
    open: Vec<Open>,
}

impl Opening {
    fn take_or_bind(&mut self, wish: &Wish) -> Option<Arc<Socket>> {
        let known = self.known.iter().position(|open| open.address == *wish.address && open.interface() == wish.interface());
        let socket = match known {
            Some(index) => {
                if let Address::Unix(path) = wish.address {
                    self.unpublished.push(Unpublished::Known(path.clone(), wish.permissions()));
                }
                self.known.swap_remove(index).socket
            }
            None => match self.bind(wish) {
                Ok(socket) => Arc::new(socket),
                Err(error) => {
                    let error = describe(&error);
                    let message = format!("cannot bind socket ({error}) for [{}]", render_address(wish.address));
                    self.faults.push(BindFault { place: wish.place.clone(), message });
                    return None;
                }
            },
        };
        self.open.push(Open { address: wish.address.clone(), socket: socket.clone() });
        Some(socket)
    }

    fn bind(&mut self, wish: &Wish) -> io::Result<Socket> {
        let backlog = i32::try_from(wish.backlog).unwrap_or(i32::MAX);
        let stream = Type::STREAM.nonblocking().cloexec();
        match wish.address {
            Address::Inet(address) => bind_inet(*address, wish, backlog),
            Address::Unix(path) => {
                let (socket, provisional) = bind_unix(path, wish)?;
                socket.listen(backlog)?;
                self.unpublished.push(Unpublished::New(provisional));
                Ok(socket)
            }
            Address::Abstract(name) => {
                let socket = Socket::new(Domain::UNIX, stream, None)?;
                socket.bind(&abstract_address(name)?)?;
                socket.listen(backlog)?;
                Ok(socket)
            }
            Address::Inherited(number) => {
                let socket = duplicate_inherited(*number)?;
                // It listens already, or it begins to now; its own backlog is as good.
                socket.listen(backlog)?;
                Ok(socket)
            }
        }
    }
}

fn bind_inet(address: SocketAddr, wish: &Wish, backlog: i32) -> io::Result<Socket> {
    let kind = Type::STREAM.nonblocking().cloexec();
    let socket = Socket::new(Domain::for_address(address), kind, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    // As HAProxy has it, so that a successor can bind beside its predecessor.
    socket.set_reuse_port(true)?;
    if let (true, Some(v6only)) = (address.is_ipv6(), wish.v6only) {
        socket.set_only_v6(v6only)?;
    }
    if let Some(bind) = wish.bind {
        settle(&socket, bind, address.is_ipv6())?;
    }
    socket.bind(&SockAddr::from(address))?;
    // Before the first client can come: accepted sockets inherit it.
    socket.set_tcp_nodelay(true)?;
    socket.listen(backlog)?;
    Ok(socket)
}

/// What a `bind` line says of the socket, and of those that it accepts.
fn settle(socket: &Socket, bind: &Bind, is_v6: bool) -> io::Result<()> {
    if let Some(interface) = &bind.interface {
        socket.bind_device(Some(interface.as_bytes()))?;
    }
    if let Some(bytes) = bind.mss {
        socket.set_tcp_mss(bytes)?;
    }
    if let Some(time) = bind.tcp_user_timeout {
        socket.set_tcp_user_timeout(Some(time))?;
    }
    if bind.defer_accept {
        sys::defer_accept(socket.as_fd(), DEFERRED_SECONDS)?;
    }
    match (bind.transparent, is_v6) {
        (false, _) => Ok(()),
        (true, false) => socket.set_ip_transparent_v4(true),
        (true, true) => socket.set_ip_transparent_v6(true),
    }
}

/// Binds under a provisional name, so that the path goes over from one process to the next without a gap.
fn bind_unix(path: &Path, wish: &Wish) -> io::Result<(Socket, Provisional)> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let provisional = Provisional { name: PathBuf::from(name), path: path.to_owned() };
    match std::fs::remove_file(&provisional.name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM.nonblocking().cloexec(), None)?;
    socket.bind(&SockAddr::unix(&provisional.name)?)?;
    // Nobody can connect before `listen`, so the permissions are in force from the start.
    wish.permissions().apply(&provisional.name)?;
    Ok((socket, provisional))
}

/// A duplicate of a descriptor that came from the parent; the original stays open under its number for the next reload.
fn duplicate_inherited(number: RawFd) -> io::Result<Socket> {
    let original = ManuallyDrop::new(Socket::from(sys::adopt(number)?));
    let socket = original.try_clone()?;
    socket.r#type()?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// An error in the system's words, without Rust's number behind it.
pub fn describe(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => nix::errno::Errno::from_raw(code).desc().to_string(),
        None => error.to_string(),
    }
}

/// The descriptor of an open socket, for a poll or a message to a successor.
pub fn descriptor(open: &Open) -> RawFd {
    open.socket.as_raw_fd()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::{Proxy, StatsSocket};

    fn bind(address: Address) -> Bind {
        let place = Place { file: "t.cfg".into(), line: 7 };
        Bind { place, ..Bind::at(address) }
    }

    fn config(addresses: Vec<Address>) -> Config {
        let binds = addresses.into_iter().map(bind).collect();
        Config { proxies: vec![Proxy { binds, ..Proxy::default() }], ..Config::default() }
    }

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("byway-sockets-{name}-{}", std::process::id()))
    }

    fn published(config: &Config, known: &[Open]) -> Sockets {
        let mut sockets = Sockets::open(config, known).unwrap();
        sockets.publish();
        sockets
    }

    #[test]
    fn a_socket_takes_no_name_before_it_is_published() {
        let file = path("unpublished");
        let other = std::os::unix::net::UnixListener::bind(&file).unwrap();
        drop(Sockets::open(&config(vec![Address::Unix(file.clone())]), &[]).unwrap());
        other.set_nonblocking(true).unwrap();
        let _client = std::os::unix::net::UnixStream::connect(&file).unwrap();
        assert!(other.accept().is_ok(), "whoever listened there still does");
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_port_in_use_is_told_with_its_line_and_nothing_is_left() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let file = path("left");
        let faults = Sockets::open(&config(vec![Address::Unix(file.clone()), Address::Inet(address)]), &[]).unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("t.cfg:7 : cannot bind socket (Address already in use) for [{address}]")]);
        assert!(!file.exists());
        let named = |entry: &std::fs::DirEntry| entry.path().to_string_lossy().starts_with(&*file.to_string_lossy());
        assert_eq!(std::fs::read_dir(std::env::temp_dir()).unwrap().flatten().filter(named).count(), 0);
    }

    #[test]
    fn a_reload_uses_the_sockets_it_has_and_opens_only_new_ones() {
        let (a, b) = (path("a"), path("b"));
        let first = published(&config(vec![Address::Unix(a.clone())]), &[]);
        let second = published(&config(vec![Address::Unix(b.clone()), Address::Unix(a.clone())]), &first.open);
        assert!(Arc::ptr_eq(&second.listening[1].socket, &first.listening[0].socket));
        assert!(a.exists() && b.exists());
        let third = Sockets::open(&config(vec![Address::Unix(b.clone())]), &second.open).unwrap();
        assert_eq!(second.files_not_in(&third), std::slice::from_ref(&a));
        assert_eq!(third.files_not_in(&Sockets::default()), std::slice::from_ref(&b));
        [a, b].iter().for_each(|file| drop(std::fs::remove_file(file)));
    }

    #[test]
    fn control_sockets_are_their_owners_alone() {
        let file = path("control");
        let line = StatsSocket {
            address: Address::Unix(file.clone()),
            mode: None,
            uid: None,
            gid: None,
            level: Level::Admin,
            expose_listeners: false,
            place: Place::default(),
        };
        let mut config = Config::default();
        config.global.stats_sockets.push(line);
        let sockets = published(&config, &[]);
        let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(), sockets.control.len()), (0o600, 1));
        config.global.stats_sockets[0].mode = Some(0o660);
        published(&config, &sockets.open);
        assert_eq!(mode(), 0o660, "a socket that is kept has the permissions that its line has now");
        sockets.files_not_in(&Sockets::default()).iter().for_each(|file| drop(std::fs::remove_file(file)));
    }
}
