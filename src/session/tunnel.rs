//! Bytes both ways, not looked at: `mode tcp` from the first byte, HTTP after CONNECT or an upgrade. Each side's end is
//! passed on by itself; the session ends when both have.

use super::aside::Step;
use super::inspect::Input;
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, ServerSide, Session, Side};
use crate::access_log::record;
use crate::config::model::{LogFormat, Mode, Proxy};
use std::time::Duration;

/// How long rules leave a client for bytes that come with its connection.
const FIRST_LOOK: Duration = Duration::from_millis(1);

impl Session {
    /// A client of a `mode tcp` frontend: content rules look at its first bytes, where there are any; then a server is chosen.
    pub(super) fn open_tunnel(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let front = self.front(&running);
        self.transaction.complete = Some(cx.now);
        self.client = ClientSide::Inspected(Step::FrontContent);
        self.client_deadline = cx.now.after(front.timeouts.client);
        self.notes.captures.resize_with(front.capture_request.len(), Vec::new);
        match front.content_rules.is_empty() {
            true => self.inspect_client(cx, &[], Input::Open),
            false => self.inspect_deadline = cx.now.after(Some(FIRST_LOOK)),
        }
    }

    /// Does it want to see at once what came with the connection?
    pub fn looks_first(&self) -> bool {
        self.requests == 0 && matches!(self.client, ClientSide::Inspected(_))
    }

    /// The first bytes of such a client.
    pub(super) fn first_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let running = self.running.clone();
        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        self.inspect_client(cx, bytes, if end { Input::Ended } else { Input::Open });
        match self.client {
            _ if self.ended => bytes.len(),
            // It has turned out to speak HTTP.
            ClientSide::Idle => self.request_head(cx, bytes, end),
            _ => 0,
        }
    }

    /// Is nothing looked at?
    pub(super) fn is_tcp(&self) -> bool {
        !self.upgraded && self.running.config.proxies.get(self.frontend.0 as usize).is_some_and(|front| front.mode == Mode::Tcp)
    }

    /// Both sides are open.
    pub(super) fn begin_tunnel(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        self.client = ClientSide::Tunnel;
        self.server = ServerSide::Tunnel;
        self.refresh_tunnel(cx);
        if self.is_tcp() && self.front(&running).options.log_asap {
            self.write_log(cx);
        }
    }

    /// Bytes go to the other side as they are, and so does the end.
    pub(super) fn relay_tunnel(&mut self, cx: &mut Context, side: Side, bytes: &[u8], end: bool) -> usize {
        match side {
            Side::Client => {
                cx.out.to_server.pass(bytes, 0..bytes.len());
                self.transaction.bytes_from_client += bytes.len() as u64;
            }
            Side::Server => {
                cx.out.to_client.pass(bytes, 0..bytes.len());
                self.transaction.bytes_to_client += bytes.len() as u64;
            }
        }
        if end {
            match side {
                Side::Client => self.client_finished = true,
                Side::Server => self.server_finished = true,
            }
            match self.client_finished && self.server_finished {
                true => {
                    self.complete(cx, Action::CloseServer, Action::CloseClient);
                    return bytes.len();
                }
                false => cx.out.actions.push(Action::FinishWriting { to: side.other() }),
            }
        }
        self.refresh_tunnel_from(cx, side);
        bytes.len()
    }

    /// Nobody has sent anything for too long.
    pub(super) fn tunnel_expired(&mut self, cx: &mut Context) {
        let cause = if self.client_deadline <= self.server_deadline { Cause::ClientTimeout } else { Cause::ServerTimeout };
        self.abort(cx, cause, Stage::Data);
    }

    /// What moves in either direction keeps both sides alive: `timeout tunnel`, else each side's own; and when one side has
    /// finished, `client-fin` and `server-fin`.
    pub(super) fn refresh_tunnel(&mut self, cx: &Context) {
        let running = self.running.clone();
        let (front, back) = (self.front(&running).timeouts, self.back(&running).timeouts);
        let half_closed = self.client_finished || self.server_finished;
        let limit = |fin: Option<Duration>, plain: Option<Duration>| match half_closed {
            true => fin.or(back.tunnel).or(plain),
            false => back.tunnel.or(plain),
        };
        self.client_deadline = cx.now.after(limit(front.client_fin, front.client));
        self.server_deadline = cx.now.after(limit(back.server_fin, back.server));
    }

    /// Something came from a side: with `option independent-streams` the other side's time goes on.
    fn refresh_tunnel_from(&mut self, cx: &Context, side: Side) {
        let running = self.running.clone();
        let other = match side {
            Side::Client => &self.back(&running).options,
            Side::Server => &self.front(&running).options,
        };
        let (client, server) = (self.client_deadline, self.server_deadline);
        self.refresh_tunnel(cx);
        match side {
            Side::Client if other.independent_streams => self.server_deadline = server,
            Side::Server if other.independent_streams => self.client_deadline = client,
            _ => {}
        }
    }

    /// HAProxy's line for frontends that ask for no format: one at the start of each connection.
    pub(super) fn log_connect(&mut self, cx: &mut Context, front: &Proxy) {
        let (Some(source), Some(destination)) = (self.source, self.destination) else { return };
        if front.log.is_empty() || front.log_format != LogFormat::Connect {
            return;
        }
        let mode = if front.mode == Mode::Http { "HTTP" } else { "TCP" };
        let mut line = std::mem::take(&mut cx.desk.line);
        line.clear();
        record::render_connect(source, destination, &front.name, mode, &mut line);
        for target in &front.log {
            cx.log.push(target, super::finish::INFO, &line, b"");
        }
        cx.desk.line = line;
    }
}
