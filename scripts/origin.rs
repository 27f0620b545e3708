//! The origin behind the proxies of `scripts/bench`: one thread per connection, one fixed answer, nothing but std.
//! `scripts/bench` compiles it by itself: `origin PORT BYTES [chunked]`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Of a chunked answer, each but the last.
const CHUNK: usize = 8192;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| words.get(index).and_then(|word| word.parse::<usize>().ok());
    let (Some(port), Some(length)) = (number(0), number(1)) else {
        eprintln!("usage: origin PORT BYTES [chunked]");
        std::process::exit(1);
    };
    let answer: Arc<[u8]> = if words.get(2).is_some_and(|word| word == "chunked") { chunked(length) } else { counted(length) }.into();
    let listener = TcpListener::bind(("127.0.0.1", port as u16)).expect("the port is free");
    for stream in listener.incoming().flatten() {
        let answer = answer.clone();
        let _ = std::thread::Builder::new().stack_size(64 * 1024).spawn(move || serve(stream, &answer));
    }
}

fn counted(length: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + length, b'x');
    answer
}

fn chunked(length: usize) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut left = length;
    while left > 0 {
        let size = left.min(CHUNK);
        answer.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        answer.resize(answer.len() + size, b'x');
        answer.extend_from_slice(b"\r\n");
        left -= size;
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

/// Answers request after request; none of them has a body.
fn serve(mut stream: TcpStream, answer: &[u8]) {
    let _ = stream.set_nodelay(true);
    let (mut bytes, mut length) = ([0; 8192], 0);
    loop {
        let Some(room) = bytes.get_mut(length..).filter(|room| !room.is_empty()) else { return };
        match stream.read(room) {
            Ok(count) if count > 0 => length += count,
            _ => return,
        }
        while let Some(end) = bytes[..length].windows(4).position(|four| four == b"\r\n\r\n") {
            let head = bytes[..end].to_ascii_lowercase();
            let closes = head.windows(17).any(|part| part == b"connection: close");
            if stream.write_all(answer).is_err() || closes {
                return;
            }
            bytes.copy_within(end + 4..length, 0);
            length -= end + 4;
        }
    }
}
