//! Chunked transfer coding (RFC 9112 section 7.1): finds where chunks end without copying them.
//! Chunk lines and trailer are checked byte by byte and pass as they came; what a body of chunks belongs to is `framing`'s.

use super::framing::FramingError;
use super::header::{is_blank, is_token_byte, is_value_byte};

/// The longest chunk line (size and extensions), in bytes (RFC 9112 section 7.1.1 asks for a limit).
const MOST_LINE_BYTES: usize = 4096;
/// The longest trailer, all its lines together, in bytes.
const MOST_TRAILER_BYTES: usize = 8192;
/// Names that no trailer may carry, since they frame or route the message (RFC 9110 section 6.5.1).
const FORBIDDEN_TRAILERS: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"host"];
/// The longest of those names.
const MOST_FORBIDDEN_BYTES: usize = b"transfer-encoding".len();

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// The first digit of a size.
    #[default]
    Size,
    /// Behind a digit of a size.
    Digits,
    /// White space in front of the `;` of an extension.
    BeforeExtension,
    /// The first byte of an extension's name, white space before it included.
    ExtensionStart,
    ExtensionName,
    /// White space behind an extension's name.
    BehindName,
    /// The first byte of an extension's value, white space before it included.
    ValueStart,
    ValueToken,
    ValueQuoted,
    /// Behind a backslash in a quoted value.
    ValueEscaped,
    /// Behind a quoted value.
    BehindValue,
    /// The LF of a chunk line.
    LineEnd,
    Data,
    /// The CR behind a chunk's data.
    DataCr,
    /// The LF behind a chunk's data.
    DataLf,
    /// The first byte of a trailer line, or the CR of the last line.
    TrailerStart,
    TrailerName,
    TrailerValue,
    /// The LF of a trailer line.
    TrailerLf,
    /// The last LF.
    LastLf,
    Complete,
}

/// The state of a chunked body between two pieces of it.
#[derive(Clone, Debug, Default)]
pub struct Chunks {
    place: Place,
    /// The size being read, or what is left of the chunk's data.
    left: u64,
    /// Bytes of the chunk line, or of the trailer, so far.
    line_bytes: usize,
    /// The start of a trailer field's name, and how long the name is.
    name: [u8; MOST_FORBIDDEN_BYTES],
    name_bytes: usize,
    /// The trailer has begun; and where in what was scanned last.
    has_trailer: bool,
    trailer_from: Option<usize>,
}

impl Chunks {
    /// How many of these bytes belong to the body; its content is handed to `data` in pieces. Takes nothing once complete.
    pub fn scan(&mut self, input: &[u8], data: &mut impl FnMut(&[u8])) -> Result<usize, FramingError> {
        let mut rest = input;
        self.trailer_from = self.has_trailer.then_some(0);
        while let Some((byte, behind)) = rest.split_first() {
            if self.place == Place::Complete {
                break;
            }
            if self.place == Place::Data {
                let length = usize::try_from(self.left).map_or(rest.len(), |left| left.min(rest.len()));
                let (content, behind) = rest.split_at(length);
                data(content);
                self.left -= length as u64;
                if self.left == 0 {
                    self.place = Place::DataCr;
                }
                rest = behind;
                continue;
            }
            self.place = self.step(*byte)?;
            rest = behind;
            if self.place == Place::TrailerStart && self.line_bytes == 0 && !std::mem::replace(&mut self.has_trailer, true) {
                self.trailer_from = Some(input.len() - rest.len());
            }
        }
        Ok(input.len() - rest.len())
    }

    /// Where the trailer (its last line included) began in what was scanned last.
    pub fn trailer_from(&self) -> Option<usize> {
        self.trailer_from
    }

    /// Bytes that are left of the chunk whose data has begun.
    pub fn left_of_chunk(&self) -> u64 {
        if self.place == Place::Data { self.left } else { 0 }
    }

    /// Has the last line passed?
    pub fn is_complete(&self) -> bool {
        self.place == Place::Complete
    }

    /// Takes one byte outside of data.
    fn step(&mut self, byte: u8) -> Result<Place, FramingError> {
        self.count()?;
        match (self.place, byte) {
            (Place::Size | Place::Digits, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.add_digit(byte),
            (Place::Size, _) => Err(FramingError("a chunk without a size (section 7.1)")),
            (Place::DataCr, b'\r') => Ok(Place::DataLf),
            (Place::DataLf, b'\n') => {
                self.line_bytes = 0;
                Ok(Place::Size)
            }
            (Place::DataCr | Place::DataLf, _) => Err(FramingError("a chunk longer than its size (section 7.1)")),
            (Place::LineEnd, b'\n') => Ok(self.begin_data()),
            (Place::LineEnd, _) => Err(FramingError("a bare CR in a chunk line (section 2.2)")),
            (Place::TrailerStart | Place::TrailerName | Place::TrailerValue | Place::TrailerLf | Place::LastLf, _) => {
                self.step_trailer(byte)
            }
            (place, byte) => step_extension(place, byte),
        }
    }

    /// Chunk lines and trailers are bounded.
    fn count(&mut self) -> Result<(), FramingError> {
        self.line_bytes += 1;
        let (most, error) = match self.place {
            Place::TrailerStart | Place::TrailerName | Place::TrailerValue | Place::TrailerLf | Place::LastLf => {
                (MOST_TRAILER_BYTES, FramingError("a trailer past its limit (section 7.1.2)"))
            }
            _ => (MOST_LINE_BYTES, FramingError("a chunk line past its limit (section 7.1.1)")),
        };
        if self.line_bytes > most { Err(error) } else { Ok(()) }
    }

    fn add_digit(&mut self, byte: u8) -> Result<Place, FramingError> {
        let digit = char::from(byte).to_digit(16).unwrap_or_default();
        let size = self.left.checked_mul(16).and_then(|size| size.checked_add(u64::from(digit)));
        self.left = size.ok_or(FramingError("a chunk size past 64 bits (section 7.1)"))?;
        Ok(Place::Digits)
    }

    fn begin_data(&mut self) -> Place {
        self.line_bytes = 0;
        self.name_bytes = 0;
        if self.left == 0 { Place::TrailerStart } else { Place::Data }
    }

    /// A trailer line is a field line (section 7.1.2), and is not folded (section 5.2).
    fn step_trailer(&mut self, byte: u8) -> Result<Place, FramingError> {
        match (self.place, byte) {
            (Place::TrailerStart, b'\r') => Ok(Place::LastLf),
            (Place::LastLf, b'\n') => Ok(Place::Complete),
            (Place::TrailerStart | Place::TrailerName, _) if is_token_byte(byte) => {
                if let Some(place) = self.name.get_mut(self.name_bytes) {
                    *place = byte.to_ascii_lowercase();
                }
                self.name_bytes += 1;
                Ok(Place::TrailerName)
            }
            (Place::TrailerName, b':') if FORBIDDEN_TRAILERS.iter().any(|name| self.name.get(..self.name_bytes) == Some(name)) => {
                Err(FramingError("a framing field in a trailer (RFC 9110 section 6.5.1)"))
            }
            (Place::TrailerName, b':') => Ok(Place::TrailerValue),
            (Place::TrailerValue, b'\r') => Ok(Place::TrailerLf),
            (Place::TrailerValue, _) if is_value_byte(byte) => Ok(Place::TrailerValue),
            (Place::TrailerLf, b'\n') => {
                self.name_bytes = 0;
                Ok(Place::TrailerStart)
            }
            _ => Err(FramingError("a malformed trailer (section 7.1.2)")),
        }
    }
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ) CRLF` (section 7.1.1)
fn step_extension(place: Place, byte: u8) -> Result<Place, FramingError> {
    let next = match (place, byte) {
        (
            Place::Digits | Place::ExtensionName | Place::BehindName | Place::ValueToken | Place::BehindValue | Place::BeforeExtension,
            b';',
        ) => Place::ExtensionStart,
        (Place::Digits | Place::ExtensionName | Place::ValueToken | Place::BehindValue, b'\r') => Place::LineEnd,
        (Place::Digits | Place::BeforeExtension | Place::ValueToken | Place::BehindValue, _) if is_blank(byte) => Place::BeforeExtension,
        (Place::ExtensionStart | Place::ValueStart, _) if is_blank(byte) => place,
        (Place::ExtensionName | Place::BehindName, _) if is_blank(byte) => Place::BehindName,
        (Place::ExtensionName | Place::BehindName, b'=') => Place::ValueStart,
        (Place::ExtensionStart | Place::ExtensionName, _) if is_token_byte(byte) => Place::ExtensionName,
        (Place::ValueStart | Place::ValueToken, _) if is_token_byte(byte) => Place::ValueToken,
        (Place::ValueStart, b'"') => Place::ValueQuoted,
        (Place::ValueQuoted, b'"') => Place::BehindValue,
        (Place::ValueQuoted, b'\\') => Place::ValueEscaped,
        (Place::ValueQuoted | Place::ValueEscaped, _) if is_value_byte(byte) => Place::ValueQuoted,
        _ => return Err(FramingError("a malformed chunk line (section 7.1.1)")),
    };
    Ok(next)
}
