//! How a session ended, as two letters for the log, and two more for its cookie: HAProxy's termination state.
//! The rows are the manual's (section 8.5); who sets them is the session.

/// Who ended it, or which limit (first letter).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// `-`: the normal end.
    #[default]
    Normal,
    /// `C`: the client aborted.
    Client,
    /// `S`: the server aborted or refused.
    Server,
    /// `P`: byway refused (a rule, an invalid message).
    Proxy,
    /// `R`: a resource was exhausted.
    Resource,
    /// `I`: a fault of byway itself.
    Internal,
    /// `L`: byway answered by itself.
    Local,
    /// `D`: byway killed it because the server went down.
    Down,
    /// `U`: a server came up, and the sessions of backups were ended.
    Up,
    /// `K`: an administrator killed it.
    Killed,
    /// `c`: the client was too slow.
    ClientTimeout,
    /// `s`: the server was too slow.
    ServerTimeout,
}

/// What it was doing then (second letter).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// `-`: the normal end.
    #[default]
    End,
    /// `R`: waiting for the request.
    Request,
    /// `Q`: waiting in a queue.
    Queue,
    /// `C`: connecting to the server.
    Connect,
    /// `H`: waiting for the response's head.
    Headers,
    /// `D`: moving data.
    Data,
    /// `L`: sending the last data to the client.
    Last,
    /// `T`: held by a tarpit.
    Tarpit,
    /// `M`: answered because of maintenance; byway's own letter.
    Maintenance,
}

/// What the client's cookie was worth (third letter).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestCookie {
    /// `-`: the backend has no `cookie`.
    #[default]
    Unused,
    /// `N`: none came.
    None,
    /// `I`: it names no server.
    Invalid,
    /// `D`: its server is down.
    Down,
    /// `V`: its server got the request.
    Valid,
    /// `U`: it came and was not looked at, because a rule had decided.
    Skipped,
}

/// What became of the server's cookie (fourth letter).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseCookie {
    /// `-`: the backend has no `cookie`.
    #[default]
    Unused,
    /// `N`: none came, none was set.
    None,
    /// `P`: one came and went on as it was.
    Passed,
    /// `I`: byway set one.
    Inserted,
    /// `R`: one came and was rewritten.
    Rewritten,
    /// `D`: one came and was taken out.
    Deleted,
}

/// The four letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Termination {
    /// First letter.
    pub cause: Cause,
    /// Second letter.
    pub stage: Stage,
    /// Third letter.
    pub request_cookie: RequestCookie,
    /// Fourth letter.
    pub response_cookie: ResponseCookie,
}

impl Termination {
    /// The letters as the log has them.
    pub fn letters(self) -> [u8; 4] {
        let cause = match self.cause {
            Cause::Normal => b'-',
            Cause::Client => b'C',
            Cause::Server => b'S',
            Cause::Proxy => b'P',
            Cause::Resource => b'R',
            Cause::Internal => b'I',
            Cause::Local => b'L',
            Cause::Down => b'D',
            Cause::Killed => b'K',
            Cause::Up => b'U',
            Cause::ClientTimeout => b'c',
            Cause::ServerTimeout => b's',
        };
        let stage = match self.stage {
            Stage::End => b'-',
            Stage::Request => b'R',
            Stage::Queue => b'Q',
            Stage::Connect => b'C',
            Stage::Headers => b'H',
            Stage::Data => b'D',
            Stage::Last => b'L',
            Stage::Tarpit => b'T',
            Stage::Maintenance => b'M',
        };
        let request_cookie = match self.request_cookie {
            RequestCookie::Unused => b'-',
            RequestCookie::None => b'N',
            RequestCookie::Invalid => b'I',
            RequestCookie::Down => b'D',
            RequestCookie::Valid => b'V',
            RequestCookie::Skipped => b'U',
        };
        let response_cookie = match self.response_cookie {
            ResponseCookie::Unused => b'-',
            ResponseCookie::None => b'N',
            ResponseCookie::Passed => b'P',
            ResponseCookie::Inserted => b'I',
            ResponseCookie::Rewritten => b'R',
            ResponseCookie::Deleted => b'D',
        };
        [cause, stage, request_cookie, response_cookie]
    }

    /// The first cause counts; what follows from it does not.
    pub fn blame(&mut self, cause: Cause, stage: Stage) {
        if self.cause == Cause::Normal {
            self.cause = cause;
            self.stage = stage;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_counts() {
        let mut termination = Termination::default();
        assert_eq!(&termination.letters(), b"----");
        termination.blame(Cause::ServerTimeout, Stage::Headers);
        termination.blame(Cause::Client, Stage::Data);
        termination.request_cookie = RequestCookie::Valid;
        termination.response_cookie = ResponseCookie::Inserted;
        assert_eq!(&termination.letters(), b"sHVI");
    }
}
