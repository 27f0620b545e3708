//! When a session has waited long enough, and what then: HAProxy's timeouts (manual, section 4.2 "timeout"). A session has a
//! deadline for each side and one for a whole head; which of them counts follows from what it waits for.

use super::again::Failure;
use super::inspect::Input;
use super::termination::{Cause, Stage};
use super::{ClientSide, Context, ServerSide, Session, Side, assign};
use crate::http::reply::Status;
use crate::state::observed::Sight;
use crate::units::Moment;

impl Session {
    /// What was written to a side has all left, or has not.
    pub fn set_blocked(&mut self, cx: &Context, side: Side, blocked: bool) {
        let running = self.running.clone();
        match side {
            Side::Client => {
                self.client_blocked = blocked;
                match (&self.server, &self.client) {
                    (ServerSide::None, ClientSide::Idle) => self.client_deadline = self.idle_deadline(cx),
                    (ServerSide::Tunnel, _) => self.refresh_tunnel(cx),
                    (ServerSide::Form | ServerSide::Service(_), _) => {
                        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
                    }
                    (ServerSide::Waiting | ServerSide::Aside | ServerSide::Body(_), _) => {
                        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
                        if !blocked {
                            self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
                        }
                    }
                    // What the client still has to take is of an exchange before this one.
                    _ => {}
                }
            }
            Side::Server if matches!(self.server, ServerSide::Tunnel) => {
                self.server_blocked = blocked;
                self.refresh_tunnel(cx);
            }
            Side::Server => {
                self.server_blocked = blocked;
                self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
                if !blocked {
                    self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
                }
            }
        }
    }

    /// The next moment at which something expires.
    pub fn deadline(&self) -> Moment {
        if self.ended {
            return Moment::NEVER;
        }
        let own = match (&self.server, &self.client) {
            (ServerSide::None, ClientSide::Inspected(_)) => self.client_deadline.min(self.inspect_deadline),
            (ServerSide::None, ClientSide::Aside) => self.client_deadline.min(self.aside_deadline(Side::Client)),
            (ServerSide::Aside, _) => self.server_deadline.min(self.aside_deadline(Side::Server)),
            (ServerSide::None, _) => self.client_deadline.min(self.head_deadline),
            (ServerSide::Form | ServerSide::Service(_), _) => self.client_deadline,
            (ServerSide::Waiting | ServerSide::Body(_), _) if self.client_blocked => self.client_deadline,
            (ServerSide::Waiting, ClientSide::Body(_)) if !self.server_blocked => self.client_deadline,
            (ServerSide::Tunnel, _) => self.client_deadline.min(self.server_deadline),
            _ => self.server_deadline,
        };
        own.min(self.response_inspected_until())
    }

    /// When the time for content rules of the server's side is over, while there is a server whose bytes they look at.
    fn response_inspected_until(&self) -> Moment {
        match self.server {
            ServerSide::Waiting | ServerSide::Body(_) | ServerSide::Tunnel => self.response_inspection.unwrap_or(Moment::NEVER),
            _ => Moment::NEVER,
        }
    }

    /// `option http-ignore-probes`: is a client that has sent nothing let go without a word?
    pub(super) fn ignores_probes(&self) -> bool {
        self.requests == 0 && self.front(&self.running).options.ignore_probes
    }

    /// The deadline has come.
    pub fn expire(&mut self, cx: &mut Context) {
        if self.ended || cx.now < self.deadline() {
            return;
        }
        match (&self.server, &self.client) {
            (ServerSide::Aside, _) => self.response_aside_expired(cx),
            _ if self.response_inspected_until() <= cx.now => self.response_inspection_expired(cx),
            (ServerSide::None, ClientSide::Inspected(_)) => self.inspection_expired(cx, Input::Expired),
            (ServerSide::None, ClientSide::Aside) => self.aside_expired(cx),
            (ServerSide::None, ClientSide::Idle) if self.requests > 0 || cx.finishing => self.end_silently(cx),
            (ServerSide::None, ClientSide::Idle) if self.ignores_probes() => self.end_silently(cx),
            (ServerSide::None, _) => {
                self.omit_null_log();
                self.refuse(cx, Status::RequestTimeout408, Cause::ClientTimeout, Stage::Request);
            }
            (ServerSide::Form, _) => self.refuse(cx, Status::RequestTimeout408, Cause::ClientTimeout, Stage::Request),
            (ServerSide::Service(_), _) => self.abort(cx, Cause::ClientTimeout, Stage::Data),
            (ServerSide::Queued, _) => self.queue_expired(cx),
            (ServerSide::Pause, _) => self.pause_expired(cx),
            (ServerSide::Tarpit, _) => self.end_tarpit(cx),
            (ServerSide::Connecting, _) => self.connect_failed(cx, assign::ConnectFault::TimedOut),
            (ServerSide::Waiting, _) if self.client_blocked => self.abort(cx, Cause::ClientTimeout, Stage::Headers),
            (ServerSide::Waiting, ClientSide::Body(_)) if !self.server_blocked => {
                self.refuse(cx, Status::RequestTimeout408, Cause::ClientTimeout, Stage::Data);
            }
            (ServerSide::Waiting, ClientSide::Body(_)) => {
                self.refuse(cx, Status::GatewayTimeout504, Cause::ServerTimeout, Stage::Data);
            }
            (ServerSide::Waiting, _) => self.answer_expired(cx),
            (ServerSide::Body(_), _) if self.client_blocked => self.abort(cx, Cause::ClientTimeout, Stage::Data),
            (ServerSide::Body(_), _) => self.abort(cx, Cause::ServerTimeout, Stage::Data),
            (ServerSide::Tunnel, _) => self.tunnel_expired(cx),
        }
    }

    /// Nothing of an answer in time: the request goes once more, or the client is told.
    fn answer_expired(&mut self, cx: &mut Context) {
        self.observe(cx, Sight::Silent);
        if !self.try_again(cx, Failure::Timeout) {
            self.refuse(cx, Status::GatewayTimeout504, Cause::ServerTimeout, Stage::Headers);
        }
    }
}
