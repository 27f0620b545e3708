//! Messages as the peers of the simulation write and read them, apart from byway's own parser: enough HTTP to tell whether
//! what arrives is what was sent. A body is its id over and over, so that no byte of another one passes unnoticed.

/// The first `length` bytes of a body of that id.
pub fn body(id: &str, length: usize) -> Vec<u8> {
    id.bytes().chain(*b"/").cycle().take(length).collect()
}

/// In chunks of these sizes, by turns.
pub fn chunked(body: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut rest, mut turn) = (body, 0);
    while !rest.is_empty() {
        let size = sizes[turn % sizes.len()].clamp(1, rest.len());
        out.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        out.extend_from_slice(&rest[..size]);
        out.extend_from_slice(b"\r\n");
        (rest, turn) = (&rest[size..], turn + 1);
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// A head: its first line and its fields.
pub struct Head {
    pub line: String,
    pub fields: Vec<(String, String)>,
    pub length: usize,
}

impl Head {
    /// The head that these bytes begin with, when it is whole.
    pub fn read(bytes: &[u8]) -> Option<Head> {
        let length = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&bytes[..length - 4]).expect("a head in ASCII");
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_string();
        let fields = lines.map(|line| line.split_once(": ").unwrap_or_else(|| panic!("a field: {line:?}")));
        Some(Head { line, fields: fields.map(|(name, value)| (name.to_lowercase(), value.to_string())).collect(), length })
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub fn status(&self) -> u16 {
        self.line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("a status line: {:?}", self.line))
    }
}

/// A body as it is read.
pub struct Read {
    /// The content so far.
    pub content: Vec<u8>,
    /// Bytes of input used.
    pub used: usize,
    /// It is all there.
    pub is_whole: bool,
}

/// Reads a body by what its head says; `until_close` when it says nothing.
pub fn read_body(head: &Head, bytes: &[u8], has_none: bool, until_close: bool) -> Read {
    if has_none {
        return Read { content: Vec::new(), used: 0, is_whole: true };
    }
    if head.field("transfer-encoding") == Some("chunked") {
        return read_chunks(bytes);
    }
    let length = match head.field("content-length") {
        Some(length) => length.parse().unwrap_or_else(|_| panic!("a length: {length:?}")),
        None if until_close => return Read { content: bytes.to_vec(), used: bytes.len(), is_whole: false },
        None => 0,
    };
    let used = bytes.len().min(length);
    Read { content: bytes[..used].to_vec(), used, is_whole: used == length }
}

fn read_chunks(bytes: &[u8]) -> Read {
    let mut read = Read { content: Vec::new(), used: 0, is_whole: false };
    loop {
        let rest = &bytes[read.used..];
        let Some(end) = rest.windows(2).position(|end| end == b"\r\n") else { break };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.unwrap_or_else(|| panic!("a chunk: {:?}", String::from_utf8_lossy(rest)));
        let data = end + 2;
        if rest.len() < data + size + 2 {
            read.content.extend_from_slice(&rest[data.min(rest.len())..rest.len().min(data + size)]);
            break;
        }
        assert_eq!(&rest[data + size..data + size + 2], b"\r\n", "the end of a chunk");
        read.content.extend_from_slice(&rest[data..data + size]);
        read.used += data + size + 2;
        if size == 0 {
            read.is_whole = true;
            break;
        }
    }
    read
}
