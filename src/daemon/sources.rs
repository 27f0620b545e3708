//! Where the configuration comes from: files and directories of the command line, and what reading asks of the machine.
//! What the text means is `config`'s.

use super::options::Options;
use super::sockets::describe;
use crate::config::{self, Outcome, Outside, Source, Surroundings, TlsBinds};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the configuration is looked for when no `-f` says so, for `-S` and `--reload`.
const DEFAULT_FILES: [&str; 2] = ["/etc/haproxy/haproxy.cfg", "/etc/haproxy.cfg"];

/// The files, by absolute path, so that a reload finds them whatever the current directory has become.
#[derive(Clone, Debug, Default)]
pub struct Files {
    paths: Vec<PathBuf>,
    current: PathBuf,
    /// The line that `-S PATH` stands for.
    master_socket: Option<String>,
}

impl Files {
    /// The files of the command line.
    pub fn of(options: &Options) -> Files {
        let line = |word: &String| format!("global\n    stats socket {} level admin expose-fd listeners\n", word.replace(',', " "));
        Files {
            paths: options.files.clone(),
            current: std::env::current_dir().unwrap_or_default(),
            master_socket: options.master_socket.as_ref().map(line),
        }
    }

    /// The files of the command line, else the default one that exists.
    pub fn of_or_default(options: &Options) -> Files {
        let mut files = Files::of(options);
        if files.paths.is_empty() {
            files.paths.extend(DEFAULT_FILES.iter().map(PathBuf::from).find(|path| path.exists()));
        }
        files
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Reads them all; the error names the file.
    pub fn load(&self) -> Result<Vec<Source>, String> {
        let mut sources = Vec::new();
        for path in &self.paths {
            let place = self.current.join(path);
            let fault = |path: &Path, error: &io::Error| {
                format!("Cannot open configuration file/directory {} : {}", path.display(), describe(error))
            };
            if place.is_dir() {
                let entries = std::fs::read_dir(&place).map_err(|error| fault(path, &error))?;
                let names = entries.flatten().map(|entry| entry.file_name().into_vec()).collect();
                for name in config::order_of_files(names) {
                    let file = path.join(OsStr::from_bytes(&name));
                    sources.push(load_file(&file, &self.current.join(&file)).map_err(|error| fault(&file, &error))?);
                }
            } else {
                sources.push(load_file(path, &place).map_err(|error| fault(path, &error))?);
            }
        }
        sources.extend(self.master_socket.iter().map(|line| Source { name: Arc::from("-S"), text: line.clone().into_bytes() }));
        Ok(sources)
    }
}

fn load_file(shown: &Path, place: &Path) -> io::Result<Source> {
    Ok(Source { name: Arc::from(&*shown.to_string_lossy()), text: std::fs::read(place)? })
}

/// The process's environment, as far as it is text.
pub fn environment() -> HashMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// Reads the files as one configuration. The error is about a file that cannot be read.
pub fn read(files: &Files, options: &Options, environment: &HashMap<String, String>) -> Result<Outcome, String> {
    Ok(read_loaded(&files.load()?, options, environment))
}

/// The same of files that are loaded.
pub fn read_loaded(sources: &[Source], options: &Options, environment: &HashMap<String, String>) -> Outcome {
    let hostname = nix::unistd::gethostname().unwrap_or_default();
    let surroundings = Surroundings {
        environment,
        outside: &Machine,
        hostname: &hostname.to_string_lossy(),
        maxconn: options.maxconn,
        proxy_maxconn: options.proxy_maxconn,
        local_peer: options.local_peer.as_deref(),
        tls_binds: if options.skip_tls_binds { TlsBinds::Skip } else { TlsBinds::Refuse },
    };
    config::read(sources, &surroundings)
}

/// This machine.
struct Machine;

impl Outside for Machine {
    fn resolve(&self, host: &str) -> Vec<IpAddr> {
        let addresses = (host, 0).to_socket_addrs();
        addresses.map(|list| list.map(|address| address.ip()).collect()).unwrap_or_default()
    }

    fn user(&self, name: &str) -> Option<u32> {
        Some(nix::unistd::User::from_name(name).ok()??.uid.as_raw())
    }

    fn group(&self, name: &str) -> Option<u32> {
        Some(nix::unistd::Group::from_name(name).ok()??.gid.as_raw())
    }

    fn read_file(&self, path: &str) -> io::Result<Vec<u8>> {
        // The number of the error tells nobody anything.
        std::fs::read(path).map_err(|error| io::Error::new(error.kind(), describe(&error)))
    }

    fn read_folder(&self, path: &str) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(path)?.flatten();
        let name = |entry: std::fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let slash = if entry.path().is_dir() { "/" } else { "" };
            Some(format!("{name}{slash}"))
        };
        Ok(entries.filter_map(name).collect())
    }

    fn file_mode(&self, path: &str) -> io::Result<u32> {
        Ok(std::fs::metadata(path)?.permissions().mode())
    }
}
