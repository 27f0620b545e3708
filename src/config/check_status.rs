//! What a check can come to, with HAProxy's short and long names: they stand in statistics, in log lines, and behind
//! `error-status` and its kin. What a result does to a server's health is `state::health`'s.

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CheckStatus {
    /// Nothing is known.
    Unknown,
    /// No check has ended yet.
    #[default]
    Initializing,
    /// `observe` found too many errors in traffic.
    Observed,
    /// The socket failed.
    SocketError,
    /// Connected.
    Layer4Passed,
    /// No connection in time.
    Layer4Timeout,
    /// Refused, or cannot be reached.
    Layer4Problem,
    /// The lower protocol is well.
    Layer6Passed,
    /// No answer of the lower protocol in time.
    Layer6Timeout,
    /// The lower protocol answered something else.
    Layer6Invalid,
    /// No answer in time.
    Layer7Timeout,
    /// An answer that is none.
    Layer7Invalid,
    /// The answer is good.
    Layer7Passed,
    /// The answer is good enough for clients that are bound to the server.
    Layer7Conditional,
    /// The answer says that something is wrong.
    Layer7Wrong,
    /// The program ended with another status than 0.
    ProgramFailed,
    /// The program did not end in time.
    ProgramTimeout,
    /// The program ended with the status 0.
    ProgramPassed,
}

/// What an outcome counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Neither.
    None,
    /// A failure.
    Failed,
    /// A success, but no new clients (`http-check disable-on-404`).
    Conditional,
    /// A success.
    Passed,
}

/// An outcome's names.
struct Row {
    status: CheckStatus,
    number: u8,
    code: &'static str,
    text: &'static str,
    outcome: Outcome,
}

const fn row(status: CheckStatus, number: u8, code: &'static str, text: &'static str, outcome: Outcome) -> Row {
    Row { status, number, code, text, outcome }
}

/// In the order of the enum.
const ROWS: &[Row] = &[
    row(CheckStatus::Unknown, 0, "UNK", "Unknown", Outcome::None),
    row(CheckStatus::Initializing, 1, "INI", "Initializing", Outcome::None),
    row(CheckStatus::Observed, 4, "HANA", "Health analyze", Outcome::Failed),
    row(CheckStatus::SocketError, 5, "SOCKERR", "Socket error", Outcome::Failed),
    row(CheckStatus::Layer4Passed, 6, "L4OK", "Layer4 check passed", Outcome::Passed),
    row(CheckStatus::Layer4Timeout, 7, "L4TOUT", "Layer4 timeout", Outcome::Failed),
    row(CheckStatus::Layer4Problem, 8, "L4CON", "Layer4 connection problem", Outcome::Failed),
    row(CheckStatus::Layer6Passed, 9, "L6OK", "Layer6 check passed", Outcome::Passed),
    row(CheckStatus::Layer6Timeout, 10, "L6TOUT", "Layer6 timeout", Outcome::Failed),
    row(CheckStatus::Layer6Invalid, 11, "L6RSP", "Layer6 invalid response", Outcome::Failed),
    row(CheckStatus::Layer7Timeout, 12, "L7TOUT", "Layer7 timeout", Outcome::Failed),
    row(CheckStatus::Layer7Invalid, 13, "L7RSP", "Layer7 invalid response", Outcome::Failed),
    row(CheckStatus::Layer7Passed, 15, "L7OK", "Layer7 check passed", Outcome::Passed),
    row(CheckStatus::Layer7Conditional, 16, "L7OKC", "Layer7 check conditionally passed", Outcome::Conditional),
    row(CheckStatus::Layer7Wrong, 17, "L7STS", "Layer7 wrong status", Outcome::Failed),
    row(CheckStatus::ProgramFailed, 18, "PROCERR", "External check error", Outcome::Failed),
    row(CheckStatus::ProgramTimeout, 19, "PROCTOUT", "External check timeout", Outcome::Failed),
    row(CheckStatus::ProgramPassed, 20, "PROCOK", "External check passed", Outcome::Passed),
];

impl CheckStatus {
    fn row(self) -> &'static Row {
        ROWS.get(self as usize).unwrap_or(&ROWS[0])
    }

    /// The short name: `L7OK`.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// The long name: `Layer7 check passed`.
    pub fn text(self) -> &'static str {
        self.row().text
    }

    /// HAProxy's number for it, in `show servers state`.
    pub fn number(self) -> u8 {
        self.row().number
    }

    /// What it counts as.
    pub fn outcome(self) -> Outcome {
        self.row().outcome
    }

    /// Does a number (an HTTP status, a program's exit status) belong to it?
    pub fn has_number(self) -> bool {
        self.number() >= CheckStatus::Layer7Passed.number()
    }

    /// The outcome with a short name, among those that a line may name.
    pub fn parse(code: &[u8]) -> Option<CheckStatus> {
        ROWS.iter().find(|row| row.code.as_bytes() == code).map(|row| row.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (index, row) in ROWS.iter().enumerate() {
            assert_eq!(row.status as usize, index);
            assert_eq!(CheckStatus::parse(row.code.as_bytes()), Some(row.status));
        }
        assert_eq!(CheckStatus::parse(b"l7ok"), None);
    }
}
