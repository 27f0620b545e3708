//! One run of a check by a program (`option external-check`): its arguments, its environment, its exit status.
//! When it runs and what comes of it is `checker`'s.

use super::probe::Limits;
use crate::check::Verdict;
use crate::config::check_status::CheckStatus;
use crate::config::model::{Address, Mode, Proxy, Server};
use crate::config::model_check::CheckProgram;
use crate::stats::rows::proxy_number;
use crate::units::Moment;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};

/// What stands in arguments where there is no address or no port.
const NOT_USED: &str = "NOT_USED";
/// The exit status of a program that could not be started, as HAProxy's child has it.
const NOT_STARTED: i64 = 255;

/// A program that runs. It is ended at the latest with this.
#[derive(Debug)]
pub(super) struct Program {
    child: io::Result<Child>,
    pub(super) began: Moment,
    pub(super) deadline: Moment,
}

/// An address and a port as the program is told of them; the port is empty where there is none.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    address: String,
    port: String,
}

impl Told {
    fn of(address: &Address) -> Option<Told> {
        match address {
            Address::Inet(address) => Some(Told { address: address.ip().to_string(), port: address.port().to_string() }),
            Address::Unix(path) => Some(Told { address: path.display().to_string(), port: String::new() }),
            Address::Abstract(_) | Address::Inherited(_) => None,
        }
    }
}

/// The program's arguments and environment, for a server with so many connections.
fn describe(proxy: &Proxy, server: &Server, current: usize) -> ([String; 4], [(&'static str, String); 12]) {
    let proxy_told = proxy.binds.iter().find_map(|bind| Told::of(&bind.address));
    let server_told = Told::of(&server.address);
    let argument = |text: Option<&String>| text.filter(|text| !text.is_empty()).map_or(NOT_USED.to_owned(), String::clone);
    let value = |text: Option<&String>| text.cloned().unwrap_or_default();
    let (proxy_address, proxy_port) = (proxy_told.as_ref().map(|told| &told.address), proxy_told.as_ref().map(|told| &told.port));
    let (server_address, server_port) = (server_told.as_ref().map(|told| &told.address), server_told.as_ref().map(|told| &told.port));
    let protocol = if proxy.mode == Mode::Http { "h1" } else { "tcp" };
    (
        [argument(proxy_address), argument(proxy_port), argument(server_address), argument(server_port)],
        [
            ("HAPROXY_PROXY_ADDR", value(proxy_address)),
            ("HAPROXY_PROXY_ID", proxy_number(proxy).to_string()),
            ("HAPROXY_PROXY_NAME", proxy.name.clone()),
            ("HAPROXY_PROXY_PORT", value(proxy_port)),
            ("HAPROXY_SERVER_ADDR", value(server_address)),
            ("HAPROXY_SERVER_CURCONN", current.to_string()),
            ("HAPROXY_SERVER_ID", server.id.to_string()),
            ("HAPROXY_SERVER_MAXCONN", server.maxconn.unwrap_or_default().to_string()),
            ("HAPROXY_SERVER_NAME", server.name.clone()),
            ("HAPROXY_SERVER_PORT", value(server_port)),
            ("HAPROXY_SERVER_PROTO", protocol.to_owned()),
            ("HAPROXY_SERVER_SSL", "0".to_owned()),
        ],
    )
}

impl Program {
    /// Starts it. With `timeout check` it has the time of a connection, else the interval between checks, as in HAProxy.
    pub(super) fn start(program: &CheckProgram, proxy: &Proxy, server: &Server, current: usize, limits: &Limits, now: Moment) -> Program {
        let (arguments, environment) = describe(proxy, server, current);
        let mut command = Command::new(&program.command);
        command.args(arguments).env_clear().env("PATH", &program.path).envs(environment).stdin(Stdio::null());
        let limit = if limits.answer.is_some() { limits.connect } else { limits.whole };
        Program { child: command.spawn(), began: now, deadline: now.after(Some(limit)) }
    }

    /// Its verdict, once it has ended.
    pub(super) fn advance(&mut self) -> Option<Verdict> {
        match &mut self.child {
            Ok(child) => match child.try_wait() {
                Ok(None) => None,
                Ok(Some(status)) => Some(judge(status)),
                Err(error) => Some(verdict(CheckStatus::SocketError, 0, super::sockets::describe(&error))),
            },
            Err(error) => Some(verdict(CheckStatus::ProgramFailed, NOT_STARTED, super::sockets::describe(error))),
        }
    }

    /// The verdict when the deadline has passed.
    pub(super) fn timed_out(&self) -> Verdict {
        verdict(CheckStatus::ProgramTimeout, 0, String::new())
    }

    /// Is this the process's id?
    pub(super) fn is(&self, pid: u32) -> bool {
        self.child.as_ref().is_ok_and(|child| child.id() == pid)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended is only taken leave of.
        if let Ok(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Ended by a signal it has the status -1, as in HAProxy.
fn judge(status: ExitStatus) -> Verdict {
    let outcome = if status.success() { CheckStatus::ProgramPassed } else { CheckStatus::ProgramFailed };
    verdict(outcome, status.code().map_or(-1, i64::from), String::new())
}

fn verdict(status: CheckStatus, number: i64, text: String) -> Verdict {
    Verdict { status, number, text }
}
