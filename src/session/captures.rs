//! `capture`: values of messages that are kept for the log line, in the memory of the session.
//! How they are written is `access_log`; values that rules keep are in the same places (`rules::apply`).

use super::{Context, Session};
use crate::config::model::{Capture, Proxy};
use crate::http::head::Head;
use std::cell::OnceCell;

/// What is kept of one exchange. It owns memory once something was kept, and keeps it for the next exchange.
#[derive(Debug, Default)]
pub(super) struct Captured {
    /// A cookie of the request, with its name.
    pub(super) request_cookie: Vec<u8>,
    /// A cookie of the response, likewise.
    pub(super) response_cookie: Vec<u8>,
    /// The unique id, made when it is first asked for.
    pub(super) unique_id: OnceCell<Vec<u8>>,
}

impl Captured {
    /// The exchange is over.
    pub(super) fn clear(&mut self) {
        self.request_cookie.clear();
        self.response_cookie.clear();
        self.unique_id.take();
    }
}

impl Session {
    /// Keeps fields of the request as it came, and makes room for what rules keep.
    pub(super) fn capture_request(&mut self, cx: &Context, front: &Proxy) {
        self.notes.response_captures.resize_with(front.capture_response.len(), Vec::new);
        capture_fields(&cx.desk.request, &front.capture_request, &mut self.notes.captures);
    }

    /// Keeps the cookie of a request that goes on to a server.
    pub(super) fn capture_request_cookie(&mut self, cx: &Context, front: &Proxy) {
        let Some(capture) = &front.capture_cookie else { return };
        let cookies = cx.desk.request.values("cookie").flat_map(|value| value.split(|byte| *byte == b';'));
        keep_cookie(cookies, capture, &mut self.captured.request_cookie);
    }

    /// Keeps fields and a cookie of the response as the server sent it.
    pub(super) fn capture_response(&mut self, cx: &Context, front: &Proxy) {
        capture_fields(&cx.desk.response, &front.capture_response, &mut self.notes.response_captures);
        if let Some(capture) = &front.capture_cookie {
            let cookies = cx.desk.response.values("set-cookie").filter_map(|value| value.split(|byte| *byte == b';').next());
            keep_cookie(cookies, capture, &mut self.captured.response_cookie);
        }
    }
}

impl Session {
    /// What rules have kept in places that other lines have made is cut to their measure.
    pub(super) fn trim_captures(&mut self, front: &Proxy) {
        let pairs = [(&front.capture_request, &mut self.notes.captures), (&front.capture_response, &mut self.notes.response_captures)];
        for (captures, kept) in pairs {
            captures.iter().zip(kept).for_each(|(capture, kept)| kept.truncate(capture.length));
        }
    }
}

/// Keeps the last field of each name.
fn capture_fields(head: &Head, captures: &[Capture], kept: &mut Vec<Vec<u8>>) {
    kept.resize_with(captures.len(), Vec::new);
    for (capture, kept) in captures.iter().zip(kept) {
        kept.clear();
        if let Ok(name) = std::str::from_utf8(&capture.name)
            && let Some(value) = head.values(name).next_back()
        {
            kept.extend_from_slice(value.get(..capture.length).unwrap_or(value));
        }
    }
}

/// Keeps the first cookie whose name begins as the capture's.
fn keep_cookie<'a>(cookies: impl Iterator<Item = &'a [u8]>, capture: &Capture, kept: &mut Vec<u8>) {
    kept.clear();
    let found = cookies.map(crate::http::header::trim).find(|cookie| cookie.starts_with(&capture.name));
    if let Some(cookie) = found {
        kept.extend_from_slice(cookie.get(..capture.length).unwrap_or(cookie));
    }
}
