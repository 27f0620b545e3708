//! What the process is asked to do, as the command line says it. The words and their meaning are `cli`'s.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What the command line asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What to do.
    pub errand: Errand,
    /// `-f` and what follows `--`, in order.
    pub files: Vec<PathBuf>,
    /// `-q`
    pub quiet: bool,
    /// `-V`
    pub verbose: bool,
    /// `-dD`: tell diagnostics too.
    pub tell_diagnostics: bool,
    /// `-dW`: a warning is as bad as a fault.
    pub zero_warning: bool,
    /// `-dK`: list the keywords first.
    pub list_keywords: bool,
    /// `-d`, `-db`: how the process runs.
    pub ground: Ground,
    /// `-W` or `-Ws`
    pub supervised: Supervised,
    /// `-p`
    pub pidfile: Option<PathBuf>,
    /// `-C`
    pub directory: Option<PathBuf>,
    /// `-n`
    pub maxconn: Option<u32>,
    /// `-N`
    pub proxy_maxconn: Option<u32>,
    /// `-m`, megabytes
    pub memory_megabytes: Option<u64>,
    /// `-L`
    pub local_peer: Option<String>,
    /// `-x`
    pub take_listeners_from: Option<PathBuf>,
    /// `-sf` or `-st`
    pub predecessors: Vec<i32>,
    /// What the predecessors are to do.
    pub farewell: Farewell,
    /// `-S` with a path: HAProxy's master socket, one more control socket here.
    pub master_socket: Option<String>,
    /// `-s NAME=VALUE`, in order.
    pub switches: Vec<(String, String)>,
    /// `--socket`
    pub socket: Option<PathBuf>,
    /// `--skip-tls-binds`
    pub skip_tls_binds: bool,
    /// What `--explain` is given.
    pub scene: Scene,
}

/// The scene of `--explain`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The request's file; standard input when there is none.
    pub request: Option<PathBuf>,
    /// `--response`
    pub response: Option<PathBuf>,
    /// `--src`
    pub source: Option<SocketAddr>,
    /// `--dst`
    pub destination: Option<SocketAddr>,
    /// `--frontend`
    pub frontend: Option<String>,
    /// `--server`: names, and how they are.
    pub servers: Vec<(String, Condition)>,
}

/// How a server is, in a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Its checks succeed, whatever the configuration says.
    Up,
    /// Its checks fail.
    Down,
    /// It is held out.
    Maintenance,
    /// It is up, and refuses connections.
    Refuses,
}

/// What the program is called for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Errand {
    /// Serve.
    #[default]
    Serve,
    /// `-c`
    Check,
    /// `-cc`: tell by the exit status whether this condition holds.
    Condition(String),
    /// `-v`
    Version,
    /// `-vq` and its like: the version alone.
    BareVersion,
    /// `-vv`
    Build,
    /// `--help`, `-h`
    Help,
    /// `-S` of a running process
    Switch(SwitchErrand),
    /// `--reload`
    Reload,
    /// `--dump`
    Dump,
    /// `--explain`
    Explain,
    /// `--keywords [NAME]`
    Keywords(Option<String>),
    /// `--bypass-link PROXY [TTL]`
    BypassLink(Vec<String>),
    /// `--origin PORT [NAME]`
    Origin(u16, Option<String>),
}

/// What `-S` is to do in a running process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchErrand {
    /// `-S NAME=VALUE`, and `,expire=...` behind it
    Set(String, String, Option<String>),
    /// `-S NAME=`
    Unset(String),
    /// `-S NAME`
    Print(String),
    /// `-S`
    List,
}

/// Where the process runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    /// As the configuration says; in front when it says nothing.
    #[default]
    Configured,
    /// `-D`
    Background,
    /// `-d` and `-db`, which stand above `-D`.
    Foreground,
}

/// Who looks after the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Supervised {
    /// Nobody that it needs to know of.
    #[default]
    No,
    /// `-W`
    Master,
    /// `-Ws`: systemd
    Systemd,
}

/// How a predecessor is sent off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Farewell {
    /// `-sf`
    #[default]
    Finish,
    /// `-st`
    Terminate,
}
