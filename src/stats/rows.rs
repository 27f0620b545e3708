//! The rows of statistics: of each proxy its frontend, its listeners, its servers and its backend, in the order of the
//! configuration. Which of them are shown is a filter's; what is told of each is `columns`'.

use super::View;
use super::standing;
use crate::config::model::{Bind, Proxy, Server};
use crate::state::running::Live;
use crate::state::{ListenerState, ServerState};

/// One row.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// What it is rendered from.
    pub view: &'a View<'a>,
    /// The proxy that it belongs to.
    pub proxy: &'a Proxy,
    /// The same, alive.
    pub live: &'a Live,
    /// What it is.
    pub what: What<'a>,
}

/// What a row is.
#[derive(Clone, Copy)]
pub enum What<'a> {
    /// The proxy's frontend side.
    Frontend,
    /// A listener of it, by its place.
    Listener(usize, &'a Bind, &'a ListenerState),
    /// A server of it.
    Server(&'a Server, &'a ServerState),
    /// The proxy's backend side.
    Backend,
}

impl Row<'_> {
    /// The letter that typed lines begin with.
    pub fn letter(&self) -> char {
        match self.what {
            What::Frontend => 'F',
            What::Listener(..) => 'L',
            What::Server(..) => 'S',
            What::Backend => 'B',
        }
    }

    /// Its kind as the JSON form names it.
    pub fn object(&self) -> &'static str {
        match self.what {
            What::Frontend => "Frontend",
            What::Listener(..) => "Listener",
            What::Server(..) => "Server",
            What::Backend => "Backend",
        }
    }

    /// Its number in its proxy: 0 for the proxy's sides.
    pub fn number(&self) -> u32 {
        match self.what {
            What::Frontend | What::Backend => 0,
            What::Listener(index, ..) => {
                let own = self.proxy.binds.get(index).and_then(|bind| bind.id);
                own.unwrap_or(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1))
            }
            What::Server(server, _) => server.id,
        }
    }

    /// Its bit in a filter of kinds.
    fn bit(&self) -> u8 {
        match self.what {
            What::Frontend => Filter::FRONTENDS,
            What::Backend => Filter::BACKENDS,
            What::Server(..) => Filter::SERVERS,
            What::Listener(..) => Filter::LISTENERS,
        }
    }
}

/// The number of a proxy: its own, else its place, from 2 on: in HAProxy 2.6 the control socket has 1.
pub fn proxy_number(proxy: &Proxy) -> u32 {
    proxy.numeric_id.unwrap_or(proxy.id.0.saturating_add(2))
}

/// Which rows are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Bits of kinds.
    pub kinds: u8,
    /// The one proxy, by number.
    pub proxy: Option<u32>,
    /// The one server, by number.
    pub server: Option<u32>,
    /// Servers that are down are left out (`up`).
    pub only_up: bool,
    /// Servers in maintenance are left out (`no-maint`).
    pub no_maintenance: bool,
    /// A part of the names of proxies that are shown (`?scope=`).
    pub part: String,
    /// The proxies that are shown (`stats scope`); all when there are none.
    pub names: Vec<String>,
}

impl Filter {
    /// `show stat <iid> 1`
    pub const FRONTENDS: u8 = 1;
    /// `show stat <iid> 2`
    pub const BACKENDS: u8 = 2;
    /// `show stat <iid> 4`
    pub const SERVERS: u8 = 4;
    /// `show stat <iid> 8`
    pub const LISTENERS: u8 = 8;

    /// Everything.
    pub fn all() -> Filter {
        Filter { kinds: u8::MAX, proxy: None, server: None, only_up: false, no_maintenance: false, part: String::new(), names: Vec::new() }
    }

    fn shows_proxy(&self, proxy: &Proxy) -> bool {
        !proxy.disabled
            && self.proxy.is_none_or(|number| number == proxy_number(proxy))
            && proxy.name.contains(&self.part)
            && (self.names.is_empty() || self.names.contains(&proxy.name))
    }

    fn shows(&self, row: &Row) -> bool {
        if row.bit() & self.kinds == 0 || self.server.is_some_and(|number| number != row.number()) {
            return false;
        }
        match row.what {
            What::Server(_, state) => {
                let in_maintenance = state.is_in_maintenance();
                !(self.no_maintenance && in_maintenance || self.only_up && (in_maintenance || !standing::is_running(state)))
            }
            _ => true,
        }
    }
}

/// A place among the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    proxy: usize,
    /// 0 is the frontend, then come listeners, servers, and the backend.
    step: usize,
}

impl Place {
    /// The next row that the filter shows.
    pub fn next<'a>(&mut self, view: &'a View<'a>, filter: &Filter) -> Option<Row<'a>> {
        loop {
            let proxy = view.running.config.proxies.get(self.proxy)?;
            let live = view.running.proxy(proxy.id).map(|(_, live)| live).filter(|_| filter.shows_proxy(proxy));
            let Some(live) = live else {
                *self = Place { proxy: self.proxy + 1, step: 0 };
                continue;
            };
            match self.advance(proxy, live) {
                None => *self = Place { proxy: self.proxy + 1, step: 0 },
                Some(None) => {}
                Some(Some(what)) => {
                    let row = Row { view, proxy, live, what };
                    if filter.shows(&row) {
                        return Some(row);
                    }
                }
            }
        }
    }

    /// The row at this step, if there is one, and on to the next step; nothing behind the last.
    fn advance<'a>(&mut self, proxy: &'a Proxy, live: &'a Live) -> Option<Option<What<'a>>> {
        let step = self.step;
        self.step += 1;
        let Some(listener) = step.checked_sub(1) else {
            return Some(proxy.kind.has_frontend().then_some(What::Frontend));
        };
        if let (Some(bind), Some(state)) = (proxy.binds.get(listener), live.listeners.get(listener)) {
            return Some(Some(What::Listener(listener, bind, state)));
        }
        let server = listener - live.listeners.len().min(listener);
        if let (Some(server), Some(state)) = (proxy.servers.get(server), live.servers.get(server)) {
            return Some(Some(What::Server(server, state)));
        }
        (server == proxy.servers.len()).then(|| proxy.kind.has_backend().then_some(What::Backend))
    }
}
