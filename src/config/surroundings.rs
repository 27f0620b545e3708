//! What reading a configuration needs from outside: the environment, names of hosts, users and groups, other files, and
//! what the command line says. Whoever opens sockets and files gives them; tests give their own.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;

/// What is asked of the machine while a configuration is read.
pub trait Outside {
    /// The addresses of a host, in the order in which they are to be tried; none when it is unknown.
    fn resolve(&self, host: &str) -> Vec<IpAddr>;
    /// The number of a user.
    fn user(&self, name: &str) -> Option<u32>;
    /// The number of a group.
    fn group(&self, name: &str) -> Option<u32>;
    /// The content of a file that the configuration names.
    fn read_file(&self, path: &str) -> io::Result<Vec<u8>>;
    /// The names in a folder, those of folders with a slash behind them; an error where there is none.
    fn read_folder(&self, _path: &str) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::NotADirectory.into())
    }
    /// The permission bits of a file.
    fn file_mode(&self, path: &str) -> io::Result<u32> {
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("the permissions of '{path}' are not known here")))
    }
}

/// What becomes of a `bind ... ssl` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TlsBinds {
    /// It is refused.
    #[default]
    Refuse,
    /// `--skip-tls-binds`: it is left out with a warning, and the rest serves.
    Skip,
}

/// All that reading needs besides the files.
pub struct Surroundings<'a> {
    /// The process's environment.
    pub environment: &'a HashMap<String, String>,
    /// The machine.
    pub outside: &'a dyn Outside,
    /// The machine's name, for `log-send-hostname`.
    pub hostname: &'a str,
    /// `-n`: stands above the global `maxconn`.
    pub maxconn: Option<u32>,
    /// `-N`: `maxconn` of frontends that say nothing.
    pub proxy_maxconn: Option<u32>,
    /// `-L`: the name that this process goes by among its peers.
    pub local_peer: Option<&'a str>,
    /// What becomes of TLS listeners.
    pub tls_binds: TlsBinds,
}

/// The files of a directory that belong to a configuration, in the order in which HAProxy reads them: names that end in
/// `.cfg` and do not begin with a dot, by their bytes.
pub fn order_of_files(mut names: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    names.retain(|name| name.ends_with(b".cfg") && !name.starts_with(b"."));
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_directory_are_read_by_the_bytes_of_their_names() {
        let names = ["b.cfg", "a.cfg", ".hidden.cfg", "B.cfg", "10.cfg", "9.cfg", "x.cfg~", "readme", ".cfg"];
        let ordered = order_of_files(names.iter().map(|name| name.as_bytes().to_vec()).collect());
        assert_eq!(ordered, ["10.cfg", "9.cfg", "B.cfg", "a.cfg", "b.cfg"].map(|name| name.as_bytes().to_vec()));
    }
}
