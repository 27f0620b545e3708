//! The few system calls that have no safe wrapper: the only file with `unsafe`, each use with its reason.
//! What is done with the sockets, processes and times is left to `worker` and `daemon`.
#![allow(unsafe_code)]

use nix::libc;
use nix::unistd::ForkResult;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Seconds that local time is ahead of UTC at this moment (seconds since 1970); 0 when the system cannot say.
/// It changes with daylight saving: ask again now and then.
pub fn utc_offset_seconds(at_seconds: i64) -> i32 {
    let time: libc::time_t = at_seconds;
    let mut local = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to live values of the right types; `tm` is plain data for which all zeroes is a value.
    unsafe {
        if libc::localtime_r(&time, local.as_mut_ptr()).is_null() {
            return 0;
        }
        i32::try_from(local.assume_init().tm_gmtoff).unwrap_or(0)
    }
}

/// Takes over a descriptor by number, as `fd@N` names it. An error when it is not open.
pub fn adopt(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: F_GETFD reads a flag of a number and touches no memory.
    if number < 0 || unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: it was just seen to be open, and the caller says by `fd@N` (or by having received it) that it is ours.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Splits the process in two. Only while there is one thread: the child goes on with this one alone.
pub fn fork() -> io::Result<ForkResult> {
    // SAFETY: called from startup before any thread is made, so no lock can be held by a thread that the child lacks.
    Ok(unsafe { nix::unistd::fork() }?)
}

/// Clients of a listening socket are accepted when they have sent something, or after so many seconds (TCP_DEFER_ACCEPT).
pub fn defer_accept(socket: BorrowedFd, seconds: i32) -> io::Result<()> {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer is to a live c_int, and the length is that of one.
    let done =
        unsafe { libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, (&raw const seconds).cast(), length) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The system's monotonic clock in microseconds, as sd_notify's MONOTONIC_USEC has it.
pub fn monotonic_us() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec, which the call fills; when it fails the zeroes stay.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    (time.tv_sec as u64).saturating_mul(1_000_000).saturating_add(time.tv_nsec as u64 / 1000)
}

/// Would a small write go out without waiting? (At least PIPE_BUF bytes, for a pipe.)
pub fn is_writable(socket: BorrowedFd) -> bool {
    let mut entry = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    // SAFETY: one live entry, and its number of entries is 1; a timeout of 0 returns at once.
    unsafe { libc::poll(&mut entry, 1, 0) == 1 && entry.revents & libc::POLLOUT != 0 }
}

/// The name that the program was called by, without its directory: `byway`, or `haproxy` through a link of that name.
pub fn program_name() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    let name = std::path::Path::new(&called).file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| env!("CARGO_PKG_NAME").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn a_closed_descriptor_is_not_adopted() {
        assert!(adopt(-1).is_err());
        assert!(adopt(1_000_000).is_err());
    }

    #[test]
    fn a_full_pipe_is_not_writable() {
        let (reader, writer) = nix::unistd::pipe().unwrap();
        assert!(is_writable(writer.as_fd()));
        while is_writable(writer.as_fd()) {
            nix::unistd::write(&writer, &[0; 4096]).unwrap();
        }
        drop(reader);
    }

    #[test]
    fn the_offset_is_less_than_a_day() {
        assert!(utc_offset_seconds(1_700_000_000).abs() < 86_400);
    }
}
