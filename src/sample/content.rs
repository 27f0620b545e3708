//! The bytes that expressions may look at: a side's first bytes in `mode tcp`, or what has come of a message's body; and whether
//! more of them may still be waited for. Who waits, and how long, is the session's.

use super::{Argument, Scene, Value};
use crate::http::framing::{Body, BodyLength};
use std::borrow::Cow;

/// Who sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// What raw bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// They are the beginning of a request's head, or nothing yet.
    PerhapsHttp,
    /// They are a whole head, or no request at all: more of them change nothing.
    Settled,
}

/// Bytes at hand.
#[derive(Clone, Copy, Debug, Default)]
pub enum Content<'a> {
    /// None that can be looked at.
    #[default]
    Nothing,
    /// What a side has sent in `mode tcp`, from its first byte.
    Raw(Sender, &'a [u8], Syntax),
    /// What has come of the body of a message whose head is in the scene.
    Body(Sender, BodyLength, &'a [u8]),
}

/// May what is not there yet be waited for (`inspect-delay`)?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patience {
    /// No: what there is decides.
    #[default]
    Over,
    /// More bytes may come.
    Left,
}

/// What a test says while bytes may still come; joined as HAProxy joins the terms of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// No.
    Fails,
    /// More bytes, or the end of the delay, will tell.
    Undecided,
    /// Yes.
    Holds,
}

impl Outcome {
    /// A decided one.
    pub fn of(holds: bool) -> Outcome {
        if holds { Outcome::Holds } else { Outcome::Fails }
    }

    /// Its opposite.
    pub fn negated(self) -> Outcome {
        match self {
            Outcome::Fails => Outcome::Holds,
            Outcome::Undecided => Outcome::Undecided,
            Outcome::Holds => Outcome::Fails,
        }
    }
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Outcome {
        Outcome::of(holds)
    }
}

/// What a fetch that looks at bytes finds.
#[derive(Debug)]
pub enum Peeked<'a> {
    /// It is not there, and never will be.
    Never,
    /// More bytes would tell.
    NotYet,
    /// A value that stays.
    Now(Value<'a>),
    /// A value that more bytes may change.
    SoFar(Value<'a>),
}

/// Takes one value from the bytes at hand.
pub type ReadPeek = for<'a> fn(&'a [Argument], &Scene<'a>) -> Peeked<'a>;

impl<'a> Peeked<'a> {
    /// The value, as it is now.
    pub fn value(self) -> Option<Value<'a>> {
        match self {
            Peeked::Never | Peeked::NotYet => None,
            Peeked::Now(value) | Peeked::SoFar(value) => Some(value),
        }
    }
}

impl<'a> Content<'a> {
    /// The raw bytes of a sender.
    pub fn raw(self, sender: Sender) -> Option<&'a [u8]> {
        match self {
            Content::Raw(from, bytes, _) if from == sender => Some(bytes),
            _ => None,
        }
    }

    /// What has come of a sender's body, without the framing of chunks.
    pub fn body(self, sender: Sender) -> Option<Cow<'a, [u8]>> {
        match self {
            Content::Body(from, BodyLength::Chunked, bytes) if from == sender => {
                let mut data = Vec::new();
                // What is malformed ends the message; what came before it is the body so far.
                let _ = Body::new(BodyLength::Chunked).scan_data(bytes, &mut |piece| data.extend_from_slice(piece));
                Some(Cow::Owned(data))
            }
            Content::Body(from, BodyLength::Empty, _) if from == sender => Some(Cow::Borrowed(&[])),
            Content::Body(from, BodyLength::Exact(length), bytes) if from == sender => {
                let length = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
                Some(Cow::Borrowed(bytes.get(..length).unwrap_or_default()))
            }
            Content::Body(from, BodyLength::UntilClose, bytes) if from == sender => Some(Cow::Borrowed(bytes)),
            _ => None,
        }
    }

    /// Bytes of a sender's body that have come, and those that are announced behind them.
    pub fn size(self, sender: Sender) -> Option<u64> {
        match self {
            Content::Body(from, length, bytes) if from == sender => {
                let (mut body, mut came) = (Body::new(length), 0_u64);
                // What is malformed ends the message, as above.
                let _ = body.scan_data(bytes, &mut |piece| came += piece.len() as u64);
                Some(came.saturating_add(body.announced()))
            }
            _ => None,
        }
    }
}
