//! What an advance leaves behind: bytes for either side, and what the worker is to do.

use super::Side;
use crate::rules::note::Marks;
use crate::sample::ProxyId;
use crate::state::queue::Grant;
use std::ops::Range;
use std::sync::Arc;

/// A run of input no longer than this is copied behind the bytes before it, so that one plain write takes both.
const COPY_BELOW: usize = 8 * 1024;

/// Bytes for one side: what was written for it, then a run of the other side's input.
#[derive(Debug, Default)]
pub struct Outbound {
    /// What was written for it.
    pub bytes: Vec<u8>,
    /// What follows, as a range of the input of this advance.
    pub passed: Range<usize>,
    /// What follows that, and belongs to many.
    pub shared: Option<Arc<[u8]>>,
}

impl Outbound {
    /// Passes a run of the input on.
    pub fn pass(&mut self, input: &[u8], range: Range<usize>) {
        let Some(run) = input.get(range.clone()) else { return };
        if self.bytes.is_empty() || run.len() > COPY_BELOW {
            self.passed = range;
        } else {
            self.bytes.extend_from_slice(run);
        }
    }

    /// Puts bytes that belong to many last.
    pub fn share(&mut self, bytes: &Arc<[u8]>) {
        if self.passed.is_empty() && bytes.len() <= COPY_BELOW {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.shared = Some(bytes.clone());
        }
    }

    /// Is there nothing to write?
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.passed.is_empty() && self.shared.is_none()
    }

    /// Forgets what was written, and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.passed = 0..0;
        self.shared = None;
    }
}

/// What the worker is to do, after it has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Get a connection to a server: an idle one if that is allowed and there is one, else a new one. The session is
    /// told by `connected` or `connect_failed`.
    Connect {
        /// The backend, in the session's configuration.
        backend: ProxyId,
        /// The server's index there.
        server: usize,
        /// May it be an idle one?
        reuse: Reuse,
    },
    /// Stop connecting.
    CancelConnect,
    /// The server's connection is whole and idle: keep it for another request.
    KeepServer {
        /// The number of the server at its address, in `Live::destinations`.
        destination: usize,
    },
    /// Tell this side, once all has been written, that nothing more will come.
    FinishWriting {
        /// The side that is told.
        to: Side,
    },
    /// What this side has sent and the session did not take is to be given to it again, without more having come.
    ReadAgain {
        /// The side.
        side: Side,
    },
    /// Close the server's connection.
    CloseServer,
    /// Close the client's connection once all has been written; what it still sends is read and thrown away for a while,
    /// so that no reset overtakes the answer.
    CloseClient,
    /// Close the client's connection now, whatever was not written.
    AbortClient,
    /// Let go of the client's connection so that the client does not learn of it.
    DropClient,
}

/// Which connections may carry a request (`http-reuse safe`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Only a new one.
    Never,
    /// An idle one.
    Idle,
    /// An idle one, looked at first: the request cannot be sent twice.
    Checked,
}

/// All that one advance leaves behind.
#[derive(Debug, Default)]
pub struct Output {
    /// For the client.
    pub to_client: Outbound,
    /// For the server.
    pub to_server: Outbound,
    /// What the client's packets are given, those of `to_client` among them.
    pub marks: Marks,
    /// What to do, in order.
    pub actions: Vec<Action>,
    /// Slots that were given to sessions that waited: tell their workers.
    pub grants: Vec<Grant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_joins_the_bytes_before_it_and_a_long_one_is_passed() {
        let input = vec![b'x'; COPY_BELOW + 1];
        let mut out = Outbound { bytes: b"head".to_vec(), ..Outbound::default() };
        out.pass(&input, 0..2);
        assert_eq!((out.bytes.as_slice(), out.passed.clone()), (&b"headxx"[..], 0..0));
        out.pass(&input, 0..input.len());
        assert_eq!((out.bytes.len(), out.passed.clone()), (6, 0..input.len()));
        out.clear();
        assert!(out.is_empty());
        out.pass(&input, 3..5);
        assert_eq!((out.bytes.len(), out.passed.clone()), (0, 3..5));
        out.pass(&input, 3..input.len() + 1);
        assert_eq!(out.passed, 3..5, "a range past the input is nothing");
    }
}
