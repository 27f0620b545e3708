//! The statistics page: a card for each section with its rows, readable on a phone, in plain HTML without a script. It remembers
//! where it is, so that it can be rendered in pieces; how it looks is `style`.

use super::View;
use super::backend_columns::side;
use super::columns;
use super::info::{in_maintenance, render_uptime, title};
use super::request::{Outcome, Wanted};
use super::rows::{Filter, Place, Row, What, proxy_number};
use super::standing;
use super::style::STYLE;
use super::value::{Value, render_number};
use crate::config::model::{Mode, Proxy};
use crate::sample::ProxyId;
use std::sync::atomic::Ordering::Relaxed;

/// What a page shows, beside the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What was asked for.
    pub wanted: Wanted,
    /// `stats uri`: the page's own address.
    pub address: String,
    /// `stats hide-version` is not set.
    pub shows_version: bool,
    /// `stats show-node`
    pub node: Option<String>,
    /// `stats show-desc`
    pub description: Option<String>,
    /// `stats refresh`, in seconds.
    pub refresh_seconds: Option<u64>,
    /// `stats admin` allows this client to change servers.
    pub is_admin: bool,
}

/// A page under way.
#[derive(Clone, Debug)]
pub struct Page {
    setting: Setting,
    filter: Filter,
    place: Place,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head,
    Between,
    In(ProxyId),
    Done,
}

/// What an administrator can do to servers: the word in the form, and what the page calls it.
pub const ACTIONS: [(&str, &str); 4] =
    [("ready", "Set ready"), ("maint", "Set in maintenance"), ("hrunn", "Health: force up"), ("hdown", "Health: force down")];

impl Page {
    /// A page with the rows that the filter shows.
    pub fn new(setting: Setting, filter: Filter) -> Page {
        Page { setting, filter, place: Place::default(), stage: Stage::Head }
    }

    /// Writes more of it, until there are at least so many bytes; says whether more is left.
    pub fn render(&mut self, view: &View, out: &mut Vec<u8>, enough: usize) -> bool {
        if self.stage == Stage::Head {
            self.render_head(view, out);
            self.stage = Stage::Between;
        }
        while self.stage != Stage::Done && out.len() < enough {
            let row = self.place.next(view, &self.filter);
            if let (Stage::In(open), other) = (self.stage, row.as_ref().map(|row| row.proxy.id))
                && Some(open) != other
            {
                self.close_section(view, open, out);
            }
            let Some(row) = row else {
                out.extend_from_slice(b"<footer>Now / most / limit. Times and counters are since the start, or since they were cleared.</footer></main></body></html>\n");
                self.stage = Stage::Done;
                break;
            };
            if self.stage != Stage::In(row.proxy.id) {
                self.open_section(&row, out);
            }
            render_row(&row, self.takes_orders(row.proxy), out);
        }
        self.stage != Stage::Done
    }

    fn takes_orders(&self, proxy: &Proxy) -> bool {
        self.setting.is_admin && !proxy.servers.is_empty()
    }

    fn render_head(&self, view: &View, out: &mut Vec<u8>) {
        let setting = &self.setting;
        let mut html = Html(out);
        let node = setting.node.as_deref().filter(|node| !node.is_empty()).unwrap_or(&view.facts.node);
        html.raw("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        html.raw("<title>Statistics Report for byway");
        if setting.node.is_some() {
            html.raw(" on ").text(node);
        }
        html.raw("</title><link rel=\"icon\" href=\"data:,\"><style>").raw(STYLE).raw("</style></head><body><header><h1>byway");
        if setting.shows_version {
            html.raw(" <small>").text(view.facts.version).raw("</small>");
        }
        if setting.node.is_some() {
            html.raw(" <small>on ").text(node).raw("</small>");
        }
        html.raw("</h1>");
        if let Some(description) = &setting.description {
            html.raw("<p>").text(description).raw("</p>");
        }
        self.render_notes(view, &mut html);
        html.raw("<ul class=\"facts\">");
        let state = view.state;
        let count = |counter: &std::sync::atomic::AtomicUsize| counter.load(Relaxed).to_string();
        let facts = [
            ("uptime", render_uptime(view.now.0 / 1000)),
            ("process", std::process::id().to_string()),
            ("connections", count(&state.connections)),
            ("connections per second", state.counters.connection_rate.get(view.now).to_string()),
            ("requests", count(&state.requests_total)),
            ("bits per second out", scaled(state.bytes_out_rate.get(view.now).saturating_mul(8))),
            ("bytes out", scaled(state.counters.bytes_out.get())),
        ];
        for (name, fact) in &facts {
            html.raw("<li><b>").text(fact).raw("</b>").raw(name).raw("</li>");
        }
        html.raw("</ul>");
        self.render_links(&mut html);
        html.raw("</header><main>");
    }

    /// What must not be overlooked.
    fn render_notes(&self, view: &View, html: &mut Html) {
        let list = in_maintenance(view);
        if !list.is_empty() {
            html.raw("<p class=\"note maint\"><b>In maintenance:</b> ").text(&list.join(", ")).raw("</p>");
        }
        if view.facts.is_stopping {
            html.raw("<p class=\"note bad\">The process is finishing.</p>");
        }
        if let Some(outcome) = self.setting.wanted.outcome {
            let class = if matches!(outcome, Outcome::Done | Outcome::Nothing) { "note" } else { "note bad" };
            html.raw("<p class=\"").raw(class).raw("\" role=\"status\">").raw(outcome.words()).raw("</p>");
        }
    }

    fn render_links(&self, html: &mut Html) {
        let (wanted, address) = (&self.setting.wanted, &self.setting.address);
        html.raw("<nav>");
        let mut link = |name: &str, words: &str, is_on: bool| {
            html.raw(if is_on { "<a class=\"on\" href=\"" } else { "<a href=\"" })
                .text(address)
                .text(words)
                .raw("\">")
                .raw(name)
                .raw("</a>");
        };
        link("Refresh now", &wanted.render_words(), false);
        let flipped = Wanted { only_up: !wanted.only_up, ..wanted.clone() };
        link("Hide what is down", &flipped.render_words(), wanted.only_up);
        let flipped = Wanted { no_maintenance: !wanted.no_maintenance, ..wanted.clone() };
        link("Hide maintenance", &flipped.render_words(), wanted.no_maintenance);
        if let Some(seconds) = self.setting.refresh_seconds {
            let flipped = Wanted { no_refresh: !wanted.no_refresh, ..wanted.clone() };
            link(&format!("Refresh every {seconds} s"), &flipped.render_words(), !wanted.no_refresh);
        }
        link("CSV", ";csv;norefresh", false);
        link("JSON", ";json;norefresh", false);
        // A form that is sent by GET replaces the query of its address: the page's own, if it has one, goes along as fields.
        let (path, query) = address.split_once('?').map_or((address.as_str(), None), |(path, query)| (path, Some(query)));
        html.raw("<form method=\"get\" action=\"").text(path).raw("\">");
        if let Some(query) = query {
            let (name, value) = query.split_once('=').unwrap_or((query, ""));
            html.raw("<input type=\"hidden\" name=\"").text(name).raw("\" value=\"").text(value).raw("\">");
        }
        html.raw("<input type=\"search\" name=\"scope\" maxlength=\"20\" placeholder=\"Section\" aria-label=\"Section\" value=\"");
        html.text(&wanted.part).raw("\"><button>Show</button></form></nav>");
    }

    fn open_section(&mut self, row: &Row, out: &mut Vec<u8>) {
        let (proxy, mut html) = (row.proxy, Html(out));
        html.raw("<section id=\"").text(&proxy.name).raw("\"><h2>").text(&proxy.name);
        html.raw("<small>").raw(title(proxy).split(' ').next().unwrap_or_default()).raw(" · ");
        html.raw(match proxy.mode {
            Mode::Http => "http",
            Mode::Tcp => "tcp",
            Mode::Health => "health",
        });
        if row.view.detail.legends {
            html.raw(" · ").raw(&format!("id {}", proxy_number(proxy)));
            if proxy.kind.has_backend() && !proxy.servers.is_empty() {
                html.raw(" · ").raw(proxy.balance.name());
            }
            if let Some(cookie) = &proxy.cookie {
                html.raw(" · cookie ").text(&String::from_utf8_lossy(&cookie.name));
            }
        }
        html.raw("</small>");
        if let Some(description) = &proxy.description {
            html.raw("<small>").text(description).raw("</small>");
        }
        if standing::maintenance(row.view, proxy).is_some() {
            html.raw("<span class=\"chip maint\">in maintenance</span>");
        }
        html.raw("</h2>");
        if self.takes_orders(proxy) {
            html.raw("<form method=\"post\" action=\"").text(&self.setting.address);
            html.text(&self.setting.wanted.render_words()).raw("\">");
        }
        html.raw("<div class=\"wide\"><table><thead><tr><th>Name<th>Status<th>Queue<th>Per second<th>Sessions<th>In all<th>Last<th>Bytes in<th>Bytes out<th>4xx · 5xx<th>Denied<th>Errors<th>Retries<th>Servers<th>Checks<th>Down</thead><tbody>");
        self.stage = Stage::In(proxy.id);
    }

    fn close_section(&mut self, view: &View, open: ProxyId, out: &mut Vec<u8>) {
        let mut html = Html(out);
        html.raw("</tbody></table></div>");
        self.stage = Stage::Between;
        let Some((proxy, _)) = view.running.proxy(open) else { return };
        if self.takes_orders(proxy) {
            html.raw(
                "<div class=\"act\"><label>With the servers that are ticked <select name=\"action\"><option value=\"\">do nothing</option>",
            );
            for (word, name) in ACTIONS {
                html.raw("<option value=\"").raw(word).raw("\">").raw(name).raw("</option>");
            }
            html.raw("</select></label><input type=\"hidden\" name=\"b\" value=\"#").raw(&proxy_number(proxy).to_string());
            html.raw("\"><button>Apply</button></div></form>");
        }
        html.raw("</section>");
    }
}

/// HTML being written.
struct Html<'a>(&'a mut Vec<u8>);

impl Html<'_> {
    /// As it is.
    fn raw(&mut self, html: &str) -> &mut Self {
        self.0.extend_from_slice(html.as_bytes());
        self
    }

    /// As text, also within a quoted attribute.
    fn text(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            match byte {
                b'<' => self.0.extend_from_slice(b"&lt;"),
                b'>' => self.0.extend_from_slice(b"&gt;"),
                b'&' => self.0.extend_from_slice(b"&amp;"),
                b'"' => self.0.extend_from_slice(b"&quot;"),
                b'\'' => self.0.extend_from_slice(b"&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        render_number(number, self.0);
        self
    }

    /// A cell of numbers, with what each is behind the others; a phone leaves out one of zeros.
    fn cell(&mut self, numbers: &[Option<u64>]) -> &mut Self {
        let zero = numbers.iter().all(|number| number.unwrap_or(0) == 0);
        if numbers.iter().all(Option::is_none) {
            return self.raw("<td>");
        }
        self.raw(if zero { "<td class=\"zero\">" } else { "<td>" });
        for (index, number) in numbers.iter().enumerate() {
            match (index, number) {
                (0, Some(number)) => self.number(*number),
                (0, None) => self.raw("–"),
                (_, Some(number)) => self.raw(" <i>/ ").number(*number).raw("</i>"),
                (_, None) => self,
            };
        }
        self
    }
}

fn render_row(row: &Row, has_box: bool, out: &mut Vec<u8>) {
    let value = |name: &str| columns::find(name).map_or(Value::None, |column| (column.value)(row));
    let number = |name: &str| value(name).number().and_then(|number| u64::try_from(number).ok());
    let Value::Text(status) = value("status") else { return };
    let mut html = Html(out);
    html.raw("<tr class=\"").raw(state_class(&status));
    html.raw(if matches!(row.what, What::Server(..) | What::Listener(..)) { "\"><td>" } else { " side\"><td>" });
    match row.what {
        What::Frontend => html.raw("Frontend"),
        What::Backend => html.raw("Backend"),
        What::Listener(_, _, state) => html.text(&state.name),
        What::Server(server, _) if has_box => html
            .raw("<label><input type=\"checkbox\" name=\"s\" value=\"")
            .text(&server.name)
            .raw("\"> ")
            .text(&server.name)
            .raw("</label>"),
        What::Server(server, _) => html.text(&server.name),
    };
    if let Value::Text(address) = value("addr") {
        html.raw("<small>").text(&address);
        if let Value::Text(cookie) = value("cookie") {
            html.raw(" · ").text(&cookie);
        }
        html.raw("</small>");
    }
    html.raw("<td><span class=\"chip\">").text(&status).raw("</span>");
    if let Some(seconds) = number("lastchg") {
        html.raw("<small>for ").raw(&lasting(seconds)).raw("</small>");
    }
    let limit = |name: &str| number(name).filter(|limit| *limit > 0);
    html.cell(&[number("qcur"), number("qmax"), number("qlimit")]);
    html.cell(&[number("rate"), number("rate_max"), limit("rate_lim")]);
    html.cell(&[number("scur"), number("smax"), limit("slim")]);
    html.cell(&[number("stot"), number("req_tot").filter(|_| matches!(row.what, What::Frontend))]);
    match side(row).idle_seconds(row.view.now) {
        Some(seconds) if !matches!(row.what, What::Frontend | What::Listener(..)) => html.raw("<td>").raw(&lasting(seconds)),
        _ => html.raw("<td>"),
    };
    for name in ["bin", "bout"] {
        let bytes = number(name).unwrap_or_default();
        html.raw(if bytes == 0 { "<td class=\"zero\">" } else { "<td>" }).raw(&scaled(bytes));
    }
    html.cell(&[number("hrsp_4xx"), number("hrsp_5xx")]);
    html.cell(&[number("dreq").or(Some(0)), number("dresp")]);
    let errors: Vec<Option<u64>> = ["ereq", "econ", "eresp"].into_iter().map(number).filter(Option::is_some).collect();
    html.cell(&errors);
    html.cell(&[number("wretr"), number("wredis")]);
    match row.what {
        What::Server(server, _) => {
            html.raw("<td>").raw(if server.backup { "backup" } else { "active" }).raw(" <i>× ").number(u64::from(server.weight)).raw("</i>")
        }
        What::Backend => html.cell(&[number("act"), number("bck")]),
        _ => html.raw("<td>"),
    };
    html.raw("<td>");
    if let Value::Text(check) = value("check_status") {
        html.text(&check);
        number("check_code").map(|code| html.raw(" ").number(code).raw(""));
        number("check_duration").map(|time_ms| html.raw(" <i>").number(time_ms).raw(" ms</i>").raw(""));
    }
    if let (Some(failed), Some(downs)) = (number("chkfail"), number("chkdown")) {
        html.raw("<small>").number(failed).raw(" failed, ").number(downs).raw(" down</small>");
    }
    match number("downtime") {
        Some(0) => html.raw("<td class=\"zero\">0 s"),
        Some(seconds) => html.raw("<td>").raw(&lasting(seconds)),
        None => html.raw("<td>"),
    };
    html.raw("</tr>\n");
}

/// The class of a row by its status.
fn state_class(status: &str) -> &'static str {
    let mut words = status.split(' ');
    match (words.next().unwrap_or_default(), words.next()) {
        ("UP", Some(part)) if !part.starts_with('(') => "warn",
        ("UP" | "OPEN", _) => "up",
        ("DOWN", Some(part)) if !part.starts_with('(') => "warn",
        ("DOWN" | "STOP", _) => "down",
        ("MAINT", _) => "maint",
        ("FULL" | "NOLB" | "DRAIN", _) => "warn",
        _ => "none",
    }
}

/// A time in its two largest units.
fn lasting(seconds: u64) -> String {
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, s) => format!("{m} m {s} s"),
        (0, h, m, _) => format!("{h} h {m} m"),
        (d, h, ..) => format!("{d} d {h} h"),
    }
}

/// A number with a unit of thousands.
fn scaled(number: u64) -> String {
    let (mut whole, mut tenth, mut unit) = (number, 0, "");
    for next in [" k", " M", " G", " T", " P"] {
        if whole < 1000 {
            break;
        }
        (tenth, whole, unit) = (whole % 1000 / 100, whole / 1000, next);
    }
    if unit.is_empty() || whole >= 100 { format!("{whole}{unit}") } else { format!("{whole}.{tenth}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short() {
        let check = |number: u64, expected: &str| assert_eq!(scaled(number), expected);
        check(0, "0");
        check(999, "999");
        check(1500, "1.5 k");
        check(123_456, "123 k");
        check(u64::MAX, "18446 P");
        let check = |seconds: u64, expected: &str| assert_eq!(lasting(seconds), expected);
        check(5, "5 s");
        check(65, "1 m 5 s");
        check(3_700, "1 h 1 m");
        check(90_000, "1 d 1 h");
    }

    #[test]
    fn colours_follow_the_status() {
        let check = |status: &str, expected: &str| assert_eq!(state_class(status), expected, "{status}");
        check("UP", "up");
        check("UP (1/2)", "up");
        check("UP 1/3", "warn");
        check("DOWN 1/2", "warn");
        check("DOWN (0/2)", "down");
        check("MAINT", "maint");
        check("no check", "none");
        check("OPEN", "up");
    }

    #[test]
    fn text_cannot_become_markup() {
        let mut out = Vec::new();
        Html(&mut out).text("<a href='x'>&\"");
        assert_eq!(String::from_utf8_lossy(&out), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }
}
