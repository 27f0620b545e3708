//! Bytes both ways, not looked at: `mode tcp` from the first byte, HTTP after CONNECT or an upgrade. Each side's end is
//! passed on by itself; the session ends when both have.

use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, ServerSide, Session, Side};
use crate::access_log::record;
use crate::config::model::{LogFormat, Mode, Proxy};
use crate::http::reply::Status;
use crate::sample::Scene;
use std::time::Duration;

impl Session {
    /// A client of a `mode tcp` frontend: a backend and a server are chosen before anything is read.
    pub(super) fn open_tunnel(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let front = self.front(&running);
        self.client = ClientSide::Tunnel;
        self.requests = 1;
        self.transaction.complete = Some(cx.now);
        let world = self.surroundings(&running, cx);
        let scene: Scene = self.scene(&running, &world);
        let Some(id) = super::request::choose_backend(front, &running, &scene, &mut cx.desk.line) else {
            return self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Connect);
        };
        self.transaction.backend = Some(id);
        if let Some((back, _)) = running.proxy(id) {
            self.count_backend(cx);
            self.transaction.retries_left = back.retries;
            self.apply_persistence_rules(cx, back);
            self.apply_server_rules(cx, back);
        }
        self.assign(cx);
    }

    /// Is nothing looked at?
    pub(super) fn is_tcp(&self) -> bool {
        self.running.config.proxies.get(self.frontend.0 as usize).is_some_and(|front| front.mode == Mode::Tcp)
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
        self.refresh_tunnel(cx);
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
            cx.log.push(target, super::finish::INFO, &line);
        }
        cx.desk.line = line;
    }
}
