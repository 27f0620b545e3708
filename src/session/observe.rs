//! What a session tells of its server beyond its own request: `observe`, and the end of its sessions when the server is out.
//! Counting is `state::observed`'s.

use super::termination::{Cause, Stage};
use super::{Context, ServerSide, Session};
use crate::http::reply::Status;
use crate::state::observed::Sight;

impl Session {
    /// Tells what it saw of its server, where anybody wants to know.
    pub(super) fn observe(&self, cx: &Context, sight: Sight) {
        let running = self.running.clone();
        let line = self.transaction.server.and_then(|index| self.back(&running).servers.get(index));
        let Some((observe, check)) = line.and_then(|line| line.observe.zip(line.check.as_ref())) else { return };
        if let Some(state) = self.server_state(&running).filter(|state| state.is_usable()) {
            cx.state.suspects.note(state, observe, check, sight);
        }
    }

    /// Ends what it has with its server (`on-marked-down`, `on-marked-up`).
    pub fn cut_off(&mut self, cx: &mut Context, cause: Cause) {
        match self.server {
            ServerSide::Waiting => self.refuse(cx, Status::BadGateway502, cause, Stage::Headers),
            ServerSide::Body(_) | ServerSide::Tunnel => self.abort(cx, cause, Stage::Data),
            ServerSide::Connecting | ServerSide::Pause if self.transaction.reserved => {
                self.refuse(cx, Status::Unavailable503, cause, Stage::Connect);
            }
            _ => {}
        }
    }
}
