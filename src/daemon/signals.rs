//! Signals as rows: which ones are taken, and what each asks for. Each arrives as a byte on a socket of its own, which
//! the loop polls; what is then done is the loop's.

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use nix::libc::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
use nix::sys::signal::{SigSet, Signal};
use std::io::{self, Read};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Log the state as a stand-alone HAProxy does, and reload.
    DumpAndReload,
    /// Read the configuration again.
    Reload,
    /// Accept no more, finish, and end.
    Finish,
    /// End at once, by this signal.
    Quit(i32),
    /// Stop accepting for a while.
    Pause,
    /// Accept again.
    Resume,
    /// Log the state.
    Dump,
    /// A child has ended.
    Reap,
}

static SIGNALS: [(i32, Wish); 9] = [
    (SIGHUP, Wish::DumpAndReload),
    (SIGUSR2, Wish::Reload),
    (SIGUSR1, Wish::Finish),
    (SIGTERM, Wish::Quit(SIGTERM)),
    (SIGINT, Wish::Quit(SIGINT)),
    (SIGTTOU, Wish::Pause),
    (SIGTTIN, Wish::Resume),
    (SIGQUIT, Wish::Dump),
    (SIGCHLD, Wish::Reap),
];

/// Those that are no end, but would be one by the system's own action.
const HELD_BACK: [Signal; 5] = [Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGTTOU, Signal::SIGTTIN];

/// Lets signals wait until they are taken: a script that sees the process listen, or its pid file, may send one at once. To be
/// called before there is another thread.
pub fn hold_back() {
    // A set of valid signals is always accepted.
    let _ = SigSet::from_iter(HELD_BACK).thread_block();
}

/// Those that waited come now.
pub fn let_through() {
    let _ = SigSet::from_iter(HELD_BACK).thread_unblock();
}

/// Tokens that signals need.
pub const TOKENS: usize = SIGNALS.len();

/// The signals of the process.
pub struct Signals {
    streams: Vec<(UnixStream, Wish)>,
    first_token: usize,
}

impl Signals {
    /// Takes all signals; their sockets have the tokens from `first_token` on.
    pub fn register(first_token: usize, registry: &Registry) -> io::Result<Signals> {
        let mut streams = Vec::new();
        for (index, (signal, wish)) in SIGNALS.iter().enumerate() {
            let (reader, writer) = std::os::unix::net::UnixStream::pair()?;
            reader.set_nonblocking(true)?;
            writer.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(*signal, writer)?;
            let mut reader = UnixStream::from_std(reader);
            registry.register(&mut reader, Token(first_token + index), Interest::READABLE)?;
            streams.push((reader, *wish));
        }
        Ok(Signals { streams, first_token })
    }

    /// What the signal of this token asks for, if it came; several of one kind count once.
    pub fn take(&mut self, token: Token) -> Option<Wish> {
        let (stream, wish) = self.streams.get_mut(token.0.checked_sub(self.first_token)?)?;
        let mut bytes = [0; 64];
        let mut came = false;
        while stream.read(&mut bytes).is_ok_and(|count| count > 0) {
            came = true;
        }
        came.then_some(*wish)
    }
}
