//! What a proxy's lines say about HTTP itself: options that bend how messages are read, passed on and sent again.
//! Each takes effect in `session`; the lines are read by `http_option`.

use super::model::ForwardFor;

/// The settings; a frontend's and a backend's are looked at where each counts.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HttpOptions {
    /// `option accept-unsafe-violations-in-http-request`
    pub accept_unsafe_requests: bool,
    /// `option accept-unsafe-violations-in-http-response`
    pub accept_unsafe_responses: bool,
    /// `option checkcache`
    pub check_cache: bool,
    /// `option http-drop-request-trailers`
    pub drop_request_trailers: bool,
    /// `option http-drop-response-trailers`
    pub drop_response_trailers: bool,
    /// `option http-pretend-keepalive`
    pub pretend_keepalive: bool,
    /// `option idle-close-on-response`
    pub idle_close_on_response: bool,
    /// `option prefer-last-server`
    pub prefer_last_server: bool,
    /// `max-keep-alive-queue`; no limit when absent.
    pub max_keep_alive_queue: Option<u32>,
    /// `option http-restrict-req-hdr-names`
    pub field_names: FieldNames,
    /// `option originalto`
    pub original_to: Option<ForwardFor>,
    /// `retry-on`
    pub retry_on: RetryOn,
}

/// What becomes of requests with field names beyond letters, digits and hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FieldNames {
    /// Nothing.
    #[default]
    Preserve,
    /// Such fields are taken out.
    Delete,
    /// Such requests are refused.
    Reject,
}

/// After what a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOn {
    /// `conn-failure`: there was no connection.
    pub connect: bool,
    /// `empty-response`: the server closed without an answer.
    pub empty: bool,
    /// `junk-response`: what came is no answer.
    pub junk: bool,
    /// `response-timeout`: nothing came in time.
    pub timeout: bool,
    /// Statuses, a bit for each of `RETRIED_CODES`.
    pub codes: u16,
}

/// The statuses that `retry-on` takes.
pub const RETRIED_CODES: [u16; 11] = [401, 403, 404, 408, 425, 429, 500, 501, 502, 503, 504];

impl Default for RetryOn {
    fn default() -> RetryOn {
        RetryOn { connect: true, ..RetryOn::NEVER }
    }
}

impl RetryOn {
    /// `none`
    pub const NEVER: RetryOn = RetryOn { connect: false, empty: false, junk: false, timeout: false, codes: 0 };

    /// The bit of a status; 0 when it is none of `RETRIED_CODES`.
    pub fn bit(code: u16) -> u16 {
        RETRIED_CODES.iter().position(|other| *other == code).map_or(0, |bit| 1 << bit)
    }

    /// Is a request sent again after an answer with this status?
    pub fn covers_code(self, code: u16) -> bool {
        self.codes & RetryOn::bit(code) != 0
    }

    /// Is a request ever sent again after it has reached a server?
    pub fn keeps_requests(self) -> bool {
        self.empty || self.junk || self.timeout || self.codes != 0
    }
}
