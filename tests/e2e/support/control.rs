//! A client of the control socket: one command, its answer. What the answer should be is told by the tests.

use super::{PATIENCE, proxy::Proxy};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Gives a line of commands to the control socket of a proxy with the usual preamble; the whole answer.
#[track_caller]
pub fn ask(proxy: &Proxy, line: &str) -> String {
    try_ask(&proxy.folder().join("control"), line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// The same by the socket's path, where it may fail.
pub fn try_ask(socket: &Path, line: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A field of `show info`.
#[track_caller]
pub fn info(proxy: &Proxy, field: &str) -> String {
    let answer = ask(proxy, "show info");
    let value = answer.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(": "));
    value.unwrap_or_else(|| panic!("{field} is not in {answer}")).to_string()
}
