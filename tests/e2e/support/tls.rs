//! A real stunnel in front of the proxy with a certificate made for the occasion, and openssl's client. byway itself speaks no TLS.

use super::proxy::{Folder, free_port, listeners};
use super::{PATIENCE, wait_until};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

/// A TLS terminator.
pub struct Stunnel {
    /// Where it accepts TLS on 127.0.0.1.
    pub port: u16,
    folder: Folder,
    child: Child,
}

/// Are the programs there? When `BYWAY_DEMAND_PEERS` is set they must be.
pub fn is_installed() -> bool {
    let there = |program: &str, argument: &str| {
        Command::new(program).arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    let installed = there("stunnel", "-version") && there("openssl", "version");
    let demanded = std::env::var_os("BYWAY_DEMAND_PEERS").is_some();
    assert!(installed || !demanded, "BYWAY_DEMAND_PEERS is set, and stunnel or openssl is missing");
    if !installed {
        crate::support::tell_skipped("stunnel or openssl is not installed");
    }
    installed
}

impl Stunnel {
    /// Terminates TLS and connects to a port of 127.0.0.1.
    #[track_caller]
    pub fn start(target: u16) -> Stunnel {
        let folder = Folder::new();
        let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("openssl");
        assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let text = format!(
            "foreground = yes\npid =\nsyslog = no\ndebug = 4\n[webmail]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{target}\ncert = {}\nkey = {}\n",
            certificate.display(),
            key.display()
        );
        let config = folder.write("stunnel.conf", &text);
        let child =
            Command::new("stunnel").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("stunnel");
        let stunnel = Stunnel { port, folder, child };
        wait_until("stunnel listened", || !listeners(port).is_empty());
        stunnel
    }

    /// Sends bytes over TLS, the certificate verified, and reads until the other side closes.
    #[track_caller]
    pub fn ask(&self, bytes: &[u8]) -> Vec<u8> {
        let mut client = Command::new("openssl")
            .args(["s_client", "-quiet", "-verify_return_error", "-connect", &format!("127.0.0.1:{}", self.port), "-CAfile"])
            .arg(self.folder.path().join("certificate.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("openssl");
        let mut input = client.stdin.take().expect("a pipe");
        input.write_all(bytes).expect("openssl takes the request");
        let mut output = client.stdout.take().expect("a pipe");
        let (done, read) = mpsc::channel();
        std::thread::spawn(move || {
            let mut answer = Vec::new();
            let _ = output.read_to_end(&mut answer);
            let _ = done.send(answer);
        });
        let answer = read.recv_timeout(PATIENCE);
        drop(input);
        let _ = client.kill();
        let mut said = String::new();
        let _ = client.stderr.take().expect("a pipe").read_to_string(&mut said);
        let _ = client.wait();
        answer.unwrap_or_else(|_| panic!("the TLS connection was not closed; openssl said:\n{said}"))
    }
}

impl Drop for Stunnel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends bytes over TLS to a port of 127.0.0.1, asking for a server by its name, and reads until the other side closes.
#[track_caller]
pub fn ask_by_name(port: u16, name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(["s_client", "-quiet", "-connect", &format!("127.0.0.1:{port}"), "-servername", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(bytes).expect("an open pipe");
    let (told, answer) = mpsc::channel();
    let mut output = child.stdout.take().expect("a pipe");
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = output.read_to_end(&mut bytes);
        told.send(bytes)
    });
    let bytes = answer.recv_timeout(PATIENCE);
    let _ = child.kill();
    let _ = child.wait();
    bytes.expect("openssl read to the end in time")
}
