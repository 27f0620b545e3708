//! Connections that are lost, or closed by a client that waits: what becomes of the exchange, and whom the log blames.
//! Ends that belong to the protocol are read where the bytes are, in `request`, `response` and `tunnel`.

use super::inspect::Input;
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, ServerSide, Session};
use crate::http::framing::BodyLength;
use crate::http::reply::Status;

impl Session {
    /// The client's connection is lost (reset, or nothing can be written to it).
    pub fn client_lost(&mut self, cx: &mut Context) {
        if self.ended {
            return;
        }
        let stage = match (&self.server, &self.client) {
            (ServerSide::None, ClientSide::Inspected(_)) => return self.inspection_expired(cx, Input::Lost),
            (ServerSide::None, ClientSide::Aside) => return self.aside_ended(cx),
            (ServerSide::None, _) => return self.client_left_before_request(cx, Action::AbortClient),
            (ServerSide::Queued, _) => Stage::Queue,
            (ServerSide::Pause | ServerSide::Connecting, _) => Stage::Connect,
            (ServerSide::Aside, _) => Stage::Headers,
            (ServerSide::Tarpit, _) => Stage::Tarpit,
            (ServerSide::Form, _) => Stage::Request,
            // HAProxy counts what a reset interrupts among the data, the wait for an answer included.
            (ServerSide::Waiting | ServerSide::Body(_) | ServerSide::Tunnel | ServerSide::Service(_), _) => Stage::Data,
        };
        self.abort(cx, Cause::Client, stage);
    }

    /// The server's connection is lost. As far as its answer goes, it has ended; what was delimited by the end is incomplete.
    pub fn server_lost(&mut self, cx: &mut Context) {
        let is_cut = match &self.server {
            ServerSide::Body(relay) => relay.length == BodyLength::UntilClose,
            ServerSide::Tunnel => true,
            _ => false,
        };
        match is_cut {
            true => self.abort(cx, Cause::Server, Stage::Data),
            false => drop(self.server_bytes(cx, &[], true)),
        }
    }

    /// The client has closed its side while it waits for an answer: with `option abortonclose` that is an abort.
    pub fn client_hung_up(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        if !self.back(&running).options.abort_on_close {
            return;
        }
        match self.server {
            ServerSide::Waiting => self.refuse(cx, Status::BadRequest400, Cause::Client, Stage::Headers),
            ServerSide::Body(_) | ServerSide::Tunnel | ServerSide::Service(_) => {}
            _ => self.client_lost(cx),
        }
    }
}
