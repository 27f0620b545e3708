//! One connection as byway's worker sees it: bytes that came and were not taken, bytes that have not left, a peer that takes
//! as much as it likes. Nothing here knows HTTP.

/// How a peer saw its connection end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// After all that was written.
    Whole,
    /// At once.
    Cut,
}

/// What byway is given by one read.
pub enum Filled {
    Bytes(Vec<u8>, bool),
    Lost,
    Nothing,
}

#[derive(Default)]
pub struct Wire {
    /// Sent by the peer, not read yet.
    pub inbound: Vec<u8>,
    /// The peer sends no more.
    pub ended: bool,
    /// The peer has reset the connection.
    pub reset: bool,
    /// What the peer has got.
    pub received: Vec<u8>,
    /// What it was told of the end.
    pub closed: Option<Closed>,
    /// It was told that nothing more comes.
    pub finished: bool,
    /// What the peer takes before it must be waited for.
    pub window: usize,
    kept: Vec<u8>,
    /// The session has seen what was kept, and needs more.
    pub kept_is_seen: bool,
    pending: Vec<u8>,
    finish_when_drained: bool,
}

impl Wire {
    pub fn new(window: usize) -> Wire {
        Wire { window, ..Wire::default() }
    }

    pub fn is_blocked(&self) -> bool {
        !self.pending.is_empty()
    }

    pub fn has_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Is there anything that was not read?
    pub fn is_quiet(&self) -> bool {
        self.inbound.is_empty() && self.kept.is_empty() && !self.ended && !self.reset
    }

    pub fn has_input(&self) -> bool {
        self.ended || self.reset || !self.inbound.is_empty() || (!self.kept_is_seen && !self.kept.is_empty())
    }

    /// One read: what was kept, and `portion` of what has come, up to `most` together.
    pub fn fill(&mut self, most: usize, portion: impl FnOnce(usize) -> usize) -> Filled {
        if self.reset {
            self.inbound.clear();
            return Filled::Lost;
        }
        let unseen = !std::mem::replace(&mut self.kept_is_seen, true) && !self.kept.is_empty();
        let room = most.saturating_sub(self.kept.len()).min(self.inbound.len());
        let count = if room == 0 { 0 } else { portion(room).clamp(1, room) };
        let end = self.ended && self.inbound.is_empty();
        if count == 0 && !unseen && !end {
            return Filled::Nothing;
        }
        let mut bytes = std::mem::take(&mut self.kept);
        bytes.extend(self.inbound.drain(..count));
        Filled::Bytes(bytes, end)
    }

    pub fn keep(&mut self, rest: &[u8], is_seen: bool) {
        self.kept = rest.to_vec();
        self.kept_is_seen = is_seen;
    }

    /// Writes; says whether the connection is broken.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        if self.reset {
            return true;
        }
        self.pending.extend_from_slice(bytes);
        self.drain();
        false
    }

    /// What can leave leaves.
    pub fn drain(&mut self) {
        let count = self.pending.len().min(self.window);
        self.window -= count;
        self.received.extend(self.pending.drain(..count));
        if self.reset {
            self.pending.clear();
        }
        self.finished |= self.finish_when_drained && self.pending.is_empty();
    }

    pub fn finish_writing(&mut self) {
        self.finish_when_drained = true;
        self.drain();
    }

    /// The connection is closed: once all has left, or at once.
    pub fn close(&mut self, how: Closed) {
        if how == Closed::Cut {
            self.pending.clear();
        }
        self.closed = Some(how);
    }

    /// Has the peer seen the end?
    pub fn is_over(&self) -> bool {
        self.reset || (self.closed.is_some() && self.pending.is_empty())
    }
}
