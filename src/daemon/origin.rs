//! A small web server to try things with (`--origin PORT [NAME]`): it answers on 127.0.0.1 with its name and the path that
//! it was asked for. A tool beside the proxy, which uses none of it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

/// The longest body that is read over, bytes.
const LONGEST_BODY: u64 = 1 << 30;

/// What an origin answers with.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: &'static str,
    location: Option<String>,
    body: String,
}

/// Serves until the process is ended.
pub fn run(port: u16, name: Option<&str>) -> ExitCode {
    match serve(port, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: --origin {port}: {error}", crate::sys::program_name());
            ExitCode::FAILURE
        }
    }
}

fn serve(port: u16, name: Option<&str>) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let port = listener.local_addr()?.port();
    let name: Arc<str> = name.map_or_else(|| format!("origin {port}"), str::to_string).into();
    println!("{name} listens on 127.0.0.1:{port}");
    for stream in listener.incoming() {
        // One that is gone already needs no answer.
        let Ok(stream) = stream else { continue };
        let name = name.clone();
        std::thread::spawn(move || converse(stream, &name));
    }
    Ok(())
}

/// One connection, kept alive for as long as the client wants.
fn converse(stream: TcpStream, name: &str) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut start = String::new();
        if reader.read_line(&mut start)? == 0 {
            return Ok(());
        }
        let (mut host, mut length, mut close) = (String::new(), 0, start.contains("HTTP/1.0"));
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let Some((field, value)) = line.trim_end().split_once(':') else { break };
            match field.to_ascii_lowercase().as_str() {
                "host" => host = value.trim().to_string(),
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "connection" => {
                    close = value.trim().eq_ignore_ascii_case("close") || (close && !value.trim().eq_ignore_ascii_case("keep-alive"))
                }
                _ => {}
            }
        }
        io::copy(&mut (&mut reader).take(u64::min(length, LONGEST_BODY)), &mut io::sink())?;
        let mut words = start.split_whitespace();
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let answer = answer(name, target, &host);
        let location = answer.location.map_or(String::new(), |to| format!("Location: {to}\r\n"));
        let connection = if close { "close" } else { "keep-alive" };
        let mut text = format!(
            "HTTP/1.1 {}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: {connection}\r\n{location}\r\n",
            answer.status,
            answer.body.len()
        );
        if method != "HEAD" {
            text += &answer.body;
        }
        writer.write_all(text.as_bytes())?;
        if close {
            return Ok(());
        }
    }
}

/// What is answered for a path.
fn answer(name: &str, target: &str, host: &str) -> Answer {
    let path = target.split('?').next().unwrap_or_default();
    let page = |title: &str| format!("<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{name}</p></body></html>\n");
    match path {
        "/redirect" => Answer { status: "302 Found", location: Some(format!("http://{host}/elsewhere")), body: page("Elsewhere") },
        "/webmail.html" | "//webmail.html" => Answer { status: "200 OK", location: None, body: page("We are back soon") },
        "/missing" => Answer { status: "404 Not Found", location: None, body: page("Not here") },
        _ => {
            let shown: String = path.chars().filter(|c| !matches!(c, '<' | '>' | '&' | '"')).collect();
            Answer { status: "200 OK", location: None, body: page(&format!("{name}: {shown}")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_answers_with_its_name_and_the_path() {
        let check = |target: &str, status: &str, location: Option<&str>, part: &str| {
            let answer = answer("web1", target, "example.org");
            assert_eq!((answer.status, answer.location.as_deref()), (status, location));
            assert!(answer.body.contains(part), "{}", answer.body);
        };
        check("/", "200 OK", None, "web1: /");
        check("/haproxy.check", "200 OK", None, "web1: /haproxy.check");
        check("/redirect?a", "302 Found", Some("http://example.org/elsewhere"), "web1");
        check("//webmail.html", "200 OK", None, "We are back soon");
        check("/<script>", "200 OK", None, "web1: /script");
    }
}
