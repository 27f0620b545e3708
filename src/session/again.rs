//! `retry-on`: a request that reached its server in vain is sent again, as long as nothing of an answer went to the client and all that
//! was sent is still at hand. Attempts that found no connection are `assign`'s.

use super::{Context, ServerSide, Session};

/// In what way a request was in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server closed without a byte.
    Empty,
    /// What came is no answer, or not a whole one.
    Junk,
    /// `timeout server` has passed.
    Timeout,
    /// An answer with this status.
    Code(u16),
}

impl Session {
    /// Sends the request again, if the backend wants that after such a failure; `false` when it is final.
    pub(super) fn try_again(&mut self, cx: &mut Context, failure: Failure) -> bool {
        let running = self.running.clone();
        let on = self.back(&running).http.retry_on;
        let is_wanted = match failure {
            Failure::Empty => on.empty,
            Failure::Junk => on.junk,
            Failure::Timeout => on.timeout,
            Failure::Code(code) => on.covers_code(code),
        };
        if !is_wanted
            || self.notes.sends_once
            || self.transaction.streamed
            || self.transaction.answered.is_some()
            || self.transaction.retries_left == 0
        {
            return false;
        }
        self.leave_server(cx);
        self.server = ServerSide::None;
        self.connect_again(cx);
        true
    }

    /// Keeps a further piece of the request's body, where it may have to be sent again and is not too long for that.
    pub(super) fn keep_piece(&mut self, piece: &[u8]) {
        let running = self.running.clone();
        let transaction = &mut self.transaction;
        let room = running.config.global.bufsize;
        let backend = transaction.backend.and_then(|id| running.proxy(id));
        let is_kept = backend.is_some_and(|(back, _)| back.http.retry_on.keeps_requests())
            && !transaction.streamed
            && transaction.request.len() + piece.len() <= room;
        match is_kept {
            true => transaction.request.extend_from_slice(piece),
            false => transaction.streamed = true,
        }
    }
}
