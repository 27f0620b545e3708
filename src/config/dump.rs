//! The resolved configuration as text (`--dump`): every section with what it inherited, one setting a line, in a fixed order.
//! It is for people and golden files; expressions are shown by the lines that they were read from.

use super::balancing::HashType;
use super::dump_reach::{outgoing, render_reach};
use super::log_line::{FACILITIES, LEVELS};
use super::model::{
    Address, Bind, Check, Config, ConnectionMode, Cookie, Global, HttpReuse, Level, LogFormat, LogFraming, LogSink, LogTarget, Network,
    Proxy, ProxyKind, Server,
};
use super::model_check::{CheckAction, CheckPattern, CheckPlan, CheckPort, CheckProtocol, CheckSend, CheckStep, CheckText};
use super::resolve::mode_name;
use super::server_state::LoadState;
use crate::sample::userlist::Password;
use crate::sample::{ProxyId, Userlist};
use std::fmt::Write;
use std::time::Duration;

impl Config {
    /// The whole configuration, readable.
    pub fn dump(&self) -> String {
        let mut out = Dump::default();
        out.global(&self.global);
        if !self.variables.is_empty() {
            out.text("switches", self.variables.join(" "));
        }
        for list in &self.userlists {
            out.userlist(list);
        }
        for proxy in &self.proxies {
            out.proxy(proxy, self);
        }
        out.text
    }
}

#[derive(Default)]
pub(super) struct Dump {
    text: String,
}

impl Dump {
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(self.text, "  {}", text.as_ref());
    }

    pub(super) fn text(&mut self, name: &str, value: impl AsRef<str>) {
        let _ = writeln!(self.text, "  {name} {}", value.as_ref());
    }

    pub(super) fn some<T: ToString>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.text(name, value.to_string());
        }
    }

    pub(super) fn flags(&mut self, flags: &[(&str, bool)]) {
        flags.iter().filter(|(_, is_set)| *is_set).for_each(|(name, _)| self.line(name));
    }

    fn global(&mut self, global: &Global) {
        self.text.push_str("global\n");
        self.flags(&[("daemon", global.daemon), ("debug", global.debug), ("quiet", global.quiet)]);
        self.some("maxconn", global.maxconn);
        self.some("nbthread", global.nbthread);
        self.some("pidfile", global.pidfile.as_ref().map(|path| path.display()));
        self.some("variables-file", global.variables_file.as_ref().map(|path| path.display()));
        self.some("uid", global.uid);
        self.some("gid", global.gid);
        self.some("chroot", global.chroot.as_ref().map(|path| path.display()));
        self.some("node", global.node.as_ref());
        self.some("description", global.description.as_ref());
        self.some("ulimit-n", global.ulimit_n);
        self.some("hard-stop-after", global.hard_stop_after.map(time));
        if global.spread_checks > 0 {
            self.text("spread-checks", global.spread_checks.to_string());
        }
        self.some("max-spread-checks", global.max_spread_checks.map(time));
        self.text("tune.bufsize", global.bufsize.to_string());
        self.text("tune.maxrewrite", global.maxrewrite.to_string());
        self.text("tune.http.maxhdr", global.maxhdr.to_string());
        self.limits(global);
        for (name, value) in &global.environment {
            match value {
                Some(value) => self.text("setenv", format!("{name} {value}")),
                None => self.text("unsetenv", name),
            }
        }
        for socket in &global.stats_sockets {
            let level = match socket.level {
                Level::User => "user",
                Level::Operator => "operator",
                Level::Admin => "admin",
            };
            let mut line = format!("{} level {level}", address(&socket.address));
            append(&mut line, "mode", socket.mode.map(|mode| format!("{mode:o}")));
            append(&mut line, "uid", socket.uid);
            append(&mut line, "gid", socket.gid);
            append(&mut line, "expose-fd", socket.expose_listeners.then_some("listeners"));
            self.text("stats socket", line);
        }
        if !global.stats_sockets.is_empty() {
            self.text("stats maxconn", global.stats_maxconn.to_string());
        }
        self.some("stats timeout", global.stats_timeout.map(time));
        self.some("log-tag", global.log_tag.as_ref());
        self.some("log-send-hostname", global.log_hostname.as_ref());
        global.log.iter().for_each(|target| self.text("log", log(target)));
    }

    fn userlist(&mut self, list: &Userlist) {
        let _ = writeln!(self.text, "\nuserlist {}", list.name);
        for user in list.users() {
            let password = match user.password {
                Password::None => "without a password",
                Password::Clear(_) => "with a password in the clear",
                Password::Hashed(_) => "with a hashed password",
            };
            let mut line = format!("{} {password}", String::from_utf8_lossy(&user.name));
            let groups = user.groups.iter().map(|group| String::from_utf8_lossy(group)).collect::<Vec<_>>().join(",");
            append(&mut line, "of", Some(groups).filter(|groups| !groups.is_empty()));
            self.text("user", line);
        }
    }

    fn proxy(&mut self, proxy: &Proxy, config: &Config) {
        let kind = match proxy.kind {
            ProxyKind::Frontend => "frontend",
            ProxyKind::Backend => "backend",
            ProxyKind::Listen => "listen",
        };
        let _ = writeln!(self.text, "\n{kind} {}", proxy.name);
        self.flags(&[("disabled", proxy.disabled)]);
        self.text("mode", mode_name(proxy.mode));
        self.some("id", proxy.numeric_id);
        self.some("description", proxy.description.as_ref());
        if proxy.kind.has_frontend() {
            self.client_side(proxy, config);
        }
        if proxy.kind.has_backend() {
            self.server_side(proxy);
        }
        self.both_sides(proxy);
        if proxy.kind.has_backend() {
            proxy.servers.iter().for_each(|server| self.text("server", render_server(server)));
        }
    }

    fn client_side(&mut self, proxy: &Proxy, config: &Config) {
        proxy.binds.iter().for_each(|bind| self.text("bind", render_bind(bind)));
        self.some("maxconn", proxy.maxconn);
        self.some("backlog", proxy.backlog);
        self.some("monitor-net", proxy.monitor_net.map(network));
        self.some("monitor-uri", proxy.monitor_uri.as_ref().map(|uri| String::from_utf8_lossy(uri)));
        proxy.monitor_fail.iter().for_each(|_| self.line("monitor fail on a condition"));
        let options = &proxy.options;
        self.flags(&[
            ("option logasap", options.log_asap),
            ("option dontlognull", options.dont_log_null),
            ("option http-use-proxy-header", options.use_proxy_header),
            ("option clitcpka", options.client_keepalive_probes),
            ("option dontlog-normal", options.dont_log_normal),
            ("option log-separate-errors", options.log_separate_errors),
            ("option http-ignore-probes", options.ignore_probes),
        ]);
        self.probes("clitcpka", &options.client_probes);
        self.some("rate-limit sessions", proxy.session_rate);
        self.some("grace", proxy.grace.map(time));
        self.some("timeout client", proxy.timeouts.client.map(time));
        self.some("timeout client-fin", proxy.timeouts.client_fin.map(time));
        let name = |id: ProxyId| config.proxies.get(id.0 as usize).map_or("?", |proxy| proxy.name.as_str());
        for rule in &proxy.switching {
            let when = match (&rule.condition, rule.fallback) {
                (None, false) => "",
                (None, true) => ", with fallbacks",
                (Some(_), false) => " on a condition",
                (Some(_), true) => " on a condition, with fallbacks",
            };
            let to = if rule.name.is_some() { "a name by expression" } else { name(rule.backend) };
            self.text("use_backend", format!("{to}{when} (line {})", rule.place.line));
        }
        self.some("default_backend", proxy.default_backend.map(name));
    }

    fn server_side(&mut self, proxy: &Proxy) {
        self.text("balance", proxy.balance.render());
        if proxy.hash_type != HashType::default() {
            self.text("hash-type", proxy.hash_type.render());
        }
        self.some("cookie", proxy.cookie.as_ref().map(cookie));
        self.check(&proxy.check);
        self.text("retries", proxy.retries.to_string());
        if proxy.redispatch != 0 {
            self.text("option redispatch", proxy.redispatch.to_string());
        }
        self.some("fullconn", proxy.fullconn);
        self.some("http-send-name-header", proxy.send_name_header.as_ref());
        for (rules, what) in [(proxy.server_rules.len(), "choice of servers"), (proxy.persistence_rules.len(), "judgement of persistence")]
        {
            if rules > 0 {
                self.line(count(rules, what));
            }
        }
        let options = &proxy.options;
        self.flags(&[
            ("option srvtcpka", options.server_keepalive_probes),
            ("option allbackups", options.all_backups),
            ("option persist", options.persist),
            ("option abortonclose", options.abort_on_close),
            ("option log-health-checks", options.log_health_checks),
            ("option socket-stats", options.socket_stats),
        ]);
        self.probes("srvtcpka", &options.server_probes);
        match proxy.direct.as_deref() {
            Some(direct) if direct.reach.follows_address => self.line("option transparent"),
            Some(direct) => self.text("dispatch", address(&direct.address)),
            None => {}
        }
        self.some("source", proxy.source.as_ref().map(outgoing));
        match proxy.load_state {
            LoadState::None => {}
            LoadState::Global => self.line("load-server-state-from-file global"),
            LoadState::Local => self.line("load-server-state-from-file local"),
        }
        self.some("server-state-file-name", proxy.state_file_name.as_ref().map(|path| path.display()));
        let timeouts = &proxy.timeouts;
        self.some("timeout connect", timeouts.connect.map(time));
        self.some("timeout server", timeouts.server.map(time));
        self.some("timeout server-fin", timeouts.server_fin.map(time));
        self.some("timeout queue", timeouts.queue.map(time));
        self.some("timeout check", timeouts.check.map(time));
        self.some("timeout tunnel", timeouts.tunnel.map(time));
    }

    fn check(&mut self, plan: &CheckPlan) {
        if plan.protocol != CheckProtocol::Connect {
            self.line(plan.protocol_name());
        }
        if let Some(program) = &plan.program {
            self.text("external-check command", &program.command);
            self.text("external-check path", &program.path);
        }
        for step in plan.steps.iter().filter(|step| step.number > 0 || plan.protocol == CheckProtocol::Http) {
            self.some("check step", render_step(step));
        }
        self.flags(&[("http-check disable-on-404", plan.disable_on_404), ("http-check send-state", plan.send_state)]);
    }

    fn both_sides(&mut self, proxy: &Proxy) {
        if let Some(maintenance) = &proxy.maintenance {
            self.maintenance(maintenance);
        }
        match proxy.options.connection_mode {
            ConnectionMode::KeepAlive => {}
            ConnectionMode::ServerClose => self.line("option http-server-close"),
            ConnectionMode::Close => self.line("option httpclose"),
        }
        self.flags(&[("option nolinger", proxy.options.no_linger), ("option independent-streams", proxy.options.independent_streams)]);
        let timeouts = &proxy.timeouts;
        self.some("timeout http-request", timeouts.http_request.map(time));
        self.some("timeout http-keep-alive", timeouts.http_keep_alive.map(time));
        self.some("timeout tarpit", timeouts.tarpit.map(time));
        if let Some(forward_for) = &proxy.forward_for {
            let mut line = String::from_utf8_lossy(&forward_for.header).into_owned();
            append(&mut line, "except", forward_for.except.map(network));
            line.push_str(if forward_for.if_none { " if-none" } else { "" });
            self.text("option forwardfor header", line);
        }
        self.pages(proxy);
        let named = proxy.acls.iter().filter(|acl| !acl.name.is_empty());
        named.for_each(|acl| self.text("acl", format!("{} of {}", acl.name, count(acl.tests.len(), "test"))));
        if !proxy.request_rewrites.is_empty() {
            self.line(count(proxy.request_rewrites.len(), "rewrite of requests"));
        }
        if !proxy.response_rewrites.is_empty() {
            self.line(count(proxy.response_rewrites.len(), "rewrite of responses"));
        }
        let rules = [
            (&proxy.connection_rules, "rule of connections"),
            (&proxy.session_rules, "rule of sessions"),
            (&proxy.content_rules, "rule of contents"),
            (&proxy.response_content_rules, "rule of responses' contents"),
            (&proxy.request_rules, "rule of requests"),
            (&proxy.redirects, "redirect"),
            (&proxy.response_rules, "rule of responses"),
            (&proxy.after_rules, "rule of responses to clients"),
        ];
        for (rules, what) in rules.into_iter().filter(|(rules, _)| !rules.is_empty()) {
            self.line(count(rules.len(), what));
        }
        match proxy.log_format {
            LogFormat::Connect => {}
            LogFormat::Tcp => self.line("option tcplog"),
            LogFormat::Http => self.line("option httplog"),
            LogFormat::Custom => self.line("log-format"),
        }
        self.flags(&[("log-format-sd", proxy.structured_log.is_some())]);
        self.some("log-tag", proxy.log_tag.as_ref());
        proxy.log.iter().for_each(|target| self.text("log", log(target)));
    }
}

impl Dump {
    fn pages(&mut self, proxy: &Proxy) {
        self.http(&proxy.http);
        for (code, _) in &proxy.replies {
            self.text("http-error", format!("{code} made for each request"));
        }
        for (code, page) in proxy.pages.iter().rev() {
            self.text("errorfile", format!("{code} of {}", count(page.len(), "byte")));
        }
        if let Some(page) = &proxy.stats_page {
            self.text("stats uri", String::from_utf8_lossy(&page.uri));
            self.some("stats realm", page.realm.as_ref());
            page.auth.iter().for_each(|(user, _)| self.text("stats auth", user));
            self.some("stats refresh", page.refresh.map(time));
            page.rules.iter().for_each(|rule| self.text("stats http-request", rule.access.to_string()));
            self.some("stats admin", (!page.admin.is_empty()).then_some("if ..."));
            page.scope.iter().for_each(|name| self.text("stats scope", name));
            self.some("stats show-node", page.node.as_ref());
            self.some("stats show-desc", page.description.as_ref());
            self.flags(&[("stats hide-version", page.hide_version), ("stats show-legends", page.show_legends)]);
        }
        let captures = [
            ("cookie", proxy.capture_cookie.as_slice()),
            ("request header", &proxy.capture_request),
            ("response header", &proxy.capture_response),
        ];
        for (what, captures) in captures {
            captures.iter().for_each(|capture| {
                self.text("capture", format!("{what} {} len {}", String::from_utf8_lossy(&capture.name), capture.length));
            });
        }
        match proxy.http_reuse {
            HttpReuse::Safe => {}
            HttpReuse::Never => self.line("http-reuse never"),
            HttpReuse::Aggressive => self.line("http-reuse aggressive"),
            HttpReuse::Always => self.line("http-reuse always"),
        }
        self.some("tcp-request inspect-delay", proxy.inspect_delay.map(time));
        self.some("tcp-response inspect-delay", proxy.response_inspect_delay.map(time));
    }
}

fn count(number: usize, thing: &str) -> String {
    match (number, thing.split_once(' ')) {
        (1, _) => format!("1 {thing}"),
        (_, Some((first, rest))) => format!("{number} {first}s {rest}"),
        (_, None) => format!("{number} {thing}s"),
    }
}

pub(super) fn append<T: ToString>(line: &mut String, name: &str, value: Option<T>) {
    if let Some(value) = value {
        let _ = write!(line, " {name} {}", value.to_string());
    }
}

/// A time as the configuration writes it, in its largest whole unit.
pub(super) fn time(time: Duration) -> String {
    let ms = time.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    match units.iter().find(|(unit, _)| ms > 0 && ms.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", ms / unit),
        None => format!("{ms}ms"),
    }
}

pub(crate) fn address(address: &Address) -> String {
    match address {
        Address::Inet(address) => address.to_string(),
        Address::Unix(path) => format!("unix@{}", path.display()),
        Address::Abstract(name) => format!("abns@{}", String::from_utf8_lossy(name)),
        Address::Inherited(fd) => format!("fd@{fd}"),
    }
}

pub(super) fn network(network: Network) -> String {
    format!("{}/{}", network.address, network.prefix)
}

fn log(target: &LogTarget) -> String {
    let to = match &target.to {
        LogSink::Datagram(to) => address(to),
        LogSink::Stdout => "stdout".into(),
        LogSink::Stderr => "stderr".into(),
    };
    let format = match target.format {
        LogFraming::Rfc3164 => "rfc3164",
        LogFraming::Rfc5424 => "rfc5424",
        LogFraming::Short => "short",
        LogFraming::Raw => "raw",
    };
    let name = |names: &[&'static str], code: u8| names.get(usize::from(code)).copied().unwrap_or("?");
    let (facility, level, least) = (name(&FACILITIES, target.facility), name(&LEVELS, target.level), name(&LEVELS, target.min_level));
    format!("{to} len {} format {format} {facility} {level} {least}", target.length)
}

fn cookie(cookie: &Cookie) -> String {
    let mut line = String::from_utf8_lossy(&cookie.name).into_owned();
    let flags = [
        ("rewrite", cookie.rewrite),
        ("insert", cookie.insert),
        ("prefix", cookie.prefix),
        ("indirect", cookie.indirect),
        ("nocache", cookie.nocache),
        ("postonly", cookie.postonly),
        ("preserve", cookie.preserve),
    ];
    flags.iter().filter(|(_, is_set)| *is_set).for_each(|(name, _)| {
        let _ = write!(line, " {name}");
    });
    if !cookie.attributes.is_empty() {
        let _ = write!(line, " with {:?}", String::from_utf8_lossy(&cookie.attributes));
    }
    line
}

fn render_bind(bind: &Bind) -> String {
    let mut line = address(&bind.address);
    append(&mut line, "name", bind.name.as_ref());
    append(&mut line, "mode", bind.mode.map(|mode| format!("{mode:o}")));
    append(&mut line, "uid", bind.uid);
    append(&mut line, "gid", bind.gid);
    append(&mut line, "maxconn", bind.maxconn);
    append(&mut line, "id", bind.id);
    append(&mut line, "backlog", bind.backlog);
    append(&mut line, "interface", bind.interface.as_ref());
    append(&mut line, "mss", bind.mss);
    append(&mut line, "tcp-ut", bind.tcp_user_timeout.map(time));
    line.push_str(match bind.v6only {
        Some(true) => " v6only",
        Some(false) => " v4v6",
        None => "",
    });
    for (name, is_set) in [("accept-proxy", bind.accept_proxy), ("transparent", bind.transparent), ("defer-accept", bind.defer_accept)] {
        if is_set {
            let _ = write!(line, " {name}");
        }
    }
    line
}

fn render_server(server: &Server) -> String {
    let mut line = format!("{} {}", server.name, address(&server.address));
    append(&mut line, "cookie", server.cookie.as_ref().map(|value| String::from_utf8_lossy(value)));
    if server.reach.follows_address {
        line.push_str(" (the client's address)");
    }
    append(&mut line, "(the client's port) plus", server.reach.port_offset);
    append(&mut line, "maxconn", server.maxconn);
    append(&mut line, "minconn", server.minconn);
    append(&mut line, "maxqueue", server.maxqueue);
    append(&mut line, "weight", (server.weight != 1).then_some(server.weight));
    for (name, is_set) in [
        ("backup", server.backup),
        ("disabled", server.disabled),
        ("send-proxy", server.send_proxy == 1),
        ("send-proxy-v2", server.send_proxy == 2),
    ] {
        if is_set {
            let _ = write!(line, " {name}");
        }
    }
    append(&mut line, "redir", server.redirect.as_ref().map(|prefix| String::from_utf8_lossy(prefix)));
    line.push_str(&render_reach(&server.reach));
    if let Some(check) = &server.check {
        line.push_str(&render_check(check));
    }
    append(&mut line, "follows", server.track.map(|(proxy, index)| format!("server {} of section {}", index + 1, proxy.0 + 1)));
    append(&mut line, "slowstart", server.slowstart.map(time));
    append(
        &mut line,
        "observe",
        server.observe.map(|observe| format!("{:?} {} {:?}", observe.layer, observe.error_limit, observe.on_error)),
    );
    for (words, is_set) in [
        ("on-marked-down shutdown-sessions", server.cuts_sessions_when_down),
        ("on-marked-up shutdown-backup-sessions", server.cuts_backups_when_up),
    ] {
        if is_set {
            let _ = write!(line, " {words}");
        }
    }
    line
}

/// A step in short; `None` for the connection that every check begins with.
fn render_step(step: &CheckStep) -> Option<String> {
    let plain = |text: &CheckText| match text {
        CheckText::Plain(text) => text.escape_ascii().to_string(),
        CheckText::Format(_) => "a format".to_owned(),
    };
    Some(match &step.action {
        CheckAction::Connect(_) if step.number == 0 => return None,
        CheckAction::Connect(connect) => match connect.port {
            Some(CheckPort::Number(port)) => format!("connect to port {port}"),
            Some(CheckPort::Expression(_)) => "connect to a port by expression".to_owned(),
            None => "connect".to_owned(),
        },
        CheckAction::Send(CheckSend::Bytes(bytes)) => format!("send {}", bytes.escape_ascii()),
        CheckAction::Send(CheckSend::Request(request)) => {
            let method = request.method.as_deref().unwrap_or(b"OPTIONS").escape_ascii().to_string();
            let version = request.version.as_deref().unwrap_or(b"HTTP/1.0").escape_ascii().to_string();
            let target = request.target.as_ref().map_or("/".to_owned(), plain);
            let fields: String = request.fields.iter().map(|(name, _)| format!(", {}", name.escape_ascii())).collect();
            let body = request.body.as_ref().map_or(String::new(), |body| format!(", body {}", plain(body)));
            format!("send {method} {target} {version}{fields}{body}")
        }
        CheckAction::Send(CheckSend::TlsHello) => "send a ClientHello".to_owned(),
        CheckAction::Send(CheckSend::Format(_) | CheckSend::Hexadecimal(_)) => "send a format".to_owned(),
        CheckAction::Expect(expect) => {
            let not = if expect.negated { "not " } else { "" };
            match &expect.pattern {
                CheckPattern::Text(text) => format!("expect {not}{}", text.escape_ascii()),
                CheckPattern::Binary(bytes) => format!("expect {not}{}", bytes.escape_ascii()),
                CheckPattern::Status(ranges) => {
                    let ranges: Vec<_> = ranges.iter().map(|range| format!("{}-{}", range.start(), range.end())).collect();
                    format!("expect {not}status {}", ranges.join(","))
                }
                CheckPattern::StatusRegex(_) => format!("expect {not}a status by expression"),
                CheckPattern::Field(_) => format!("expect {not}a field"),
                CheckPattern::Regex(_) | CheckPattern::BinaryRegex(_) => format!("expect {not}a match"),
                CheckPattern::Format(_) | CheckPattern::Hexadecimal(_) => format!("expect {not}a format"),
                CheckPattern::MysqlHandshake | CheckPattern::MysqlResult => "expect a packet".to_owned(),
                CheckPattern::LdapBind => "expect a bind response".to_owned(),
            }
        }
        CheckAction::Set(name, _) => format!("set check.{}", name.escape_ascii()),
        CheckAction::Unset(name) => format!("unset check.{}", name.escape_ascii()),
        CheckAction::Comment => format!("comment {}", step.comment.as_deref().unwrap_or_default()),
    })
}

fn render_check(check: &Check) -> String {
    let mut line = format!(" check inter {} rise {} fall {}", time(check.inter), check.rise, check.fall);
    append(&mut line, "fastinter", check.fastinter.map(time));
    append(&mut line, "downinter", check.downinter.map(time));
    append(&mut line, "PROXY version", (check.send_proxy > 0).then_some(check.send_proxy));
    append(&mut line, "at", check.address.as_ref().map(address));
    line
}
