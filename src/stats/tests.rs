//! What the tables promise to those who read them: names, order, and the same text whether it is rendered whole or in pieces.

use super::columns::{COLUMNS, find, render_names};
use super::html::{Page, Setting};
use super::info::LINES;
use super::listing::{Form, Listing};
use super::metrics::METRICS;
use super::prometheus::{Exposition, Scrape};
use super::request::Wanted;
use super::rows::Filter;
use super::{Detail, View};
use crate::config::model::Config;
use crate::config::{self};
use crate::state::variables::Reader;
use crate::state::{Facts, Running, State};
use crate::units::{Moment, WallClock};

/// HAProxy 2.6's columns.
const NAMES: &str = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,\
chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,\
hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,\
comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,\
check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,\
wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,\
used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,ssl_sess,ssl_reused_sess,\
ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,h2_detected_conn_protocol_errors,\
h2_detected_strm_protocol_errors,h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,h2_backend_open_streams,h2_total_connections,\
h2_backend_total_streams,h1_open_connections,h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,h1_bytes_out,\
h1_spliced_bytes_in,h1_spliced_bytes_out,\n";

/// A backend of three servers, whose name is a bad one, and a listen section that listens.
fn configuration() -> Config {
    let text = "defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n\
                backend be\n server s0 192.0.2.1:80\n server s1 192.0.2.1:80\n server s2 192.0.2.1:80\n\
                listen in\n bind 127.0.0.1:80\n option socket-stats\n default_backend be\n";
    let mut config = config::fake::read_text(text).config.unwrap();
    config.proxies[0].name = "be<&\"'>,".to_string();
    config
}

/// Renders with `render` until nothing is left, in pieces of so many bytes.
fn rendered(enough: usize, mut render: impl FnMut(&View, &mut Vec<u8>, usize) -> bool) -> String {
    let state = State::default();
    let running = Running::new(configuration(), &state, 1);
    let (variables, facts) = (Reader::default(), Facts { version: "1.2", node: "here".into(), ..Facts::default() });
    let detail = Detail { legends: true, tally: false };
    let view = View {
        running: &running,
        state: &state,
        variables: &variables,
        facts: &facts,
        now: Moment(5_000),
        wall: WallClock::default(),
        detail,
    };
    let (mut all, mut piece) = (Vec::new(), Vec::new());
    for _ in 0..1_000_000 {
        piece.clear();
        let more = render(&view, &mut piece, enough);
        all.extend_from_slice(&piece);
        if !more {
            return String::from_utf8(all).unwrap();
        }
    }
    panic!("it never ends");
}

fn listing(form: Form, filter: Filter, enough: usize) -> String {
    let mut listing = Listing::new(form, filter, false);
    rendered(enough, |view, out, enough| listing.render(view, out, enough))
}

fn page(enough: usize) -> String {
    let setting = Setting {
        wanted: Wanted::parse(b";st=DONE"),
        address: "/stats".into(),
        shows_version: true,
        node: Some(String::new()),
        description: None,
        refresh_seconds: None,
        is_admin: true,
    };
    let mut page = Page::new(setting, Filter::all());
    rendered(enough, |view, out, enough| page.render(view, out, enough))
}

fn metrics(query: &[u8], enough: usize) -> String {
    let mut metrics = Exposition::new(Scrape::parse(query).unwrap());
    rendered(enough, |view, out, enough| metrics.render(view, out, enough))
}

#[test]
fn columns_are_those_of_haproxy() {
    let mut out = Vec::new();
    render_names(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), NAMES);
    assert_eq!(COLUMNS.len(), 128);
}

#[test]
fn every_metric_has_a_source() {
    for metric in METRICS {
        match metric.of {
            "P" => assert!(LINES.iter().any(|line| line.name == metric.source), "{}", metric.name),
            _ => assert!(find(metric.source).is_some(), "{}", metric.name),
        }
    }
}

#[test]
fn pieces_make_the_same_whole() {
    for enough in [1, 100, 3_000] {
        for form in [Form::Csv, Form::Typed, Form::Json] {
            assert_eq!(listing(form, Filter::all(), enough), listing(form, Filter::all(), usize::MAX));
        }
        assert_eq!(page(enough), page(usize::MAX));
        assert_eq!(metrics(b"", enough), metrics(b"", usize::MAX));
    }
}

#[test]
fn rows_stand_in_the_order_of_the_configuration() {
    let check = |filter: Filter, expected: &[&str]| {
        let text = listing(Form::Csv, filter, usize::MAX);
        let rows: Vec<&str> = text.lines().skip(1).map(|row| row.rsplit_once("\",").map_or(row, |(_, row)| row)).collect();
        let names: Vec<&str> = rows.iter().map(|row| row.strip_prefix("in,").unwrap_or(row).split(',').next().unwrap()).collect();
        assert_eq!(names, expected);
    };
    check(Filter::all(), &["s0", "s1", "s2", "BACKEND", "FRONTEND", "sock-1", "BACKEND"]);
    check(Filter { kinds: Filter::SERVERS, ..Filter::all() }, &["s0", "s1", "s2"]);
    check(Filter { kinds: Filter::FRONTENDS | Filter::LISTENERS, ..Filter::all() }, &["FRONTEND", "sock-1"]);
    check(Filter { proxy: Some(2), ..Filter::all() }, &["s0", "s1", "s2", "BACKEND"]);
    check(Filter { server: Some(2), ..Filter::all() }, &["s1"]);
    check(Filter { part: "i".into(), ..Filter::all() }, &["FRONTEND", "sock-1", "BACKEND"]);
    check(Filter { names: vec!["none".into()], ..Filter::all() }, &[]);
}

#[test]
fn every_csv_line_has_as_many_fields_as_the_first() {
    let text = listing(Form::Csv, Filter { proxy: Some(3), ..Filter::all() }, usize::MAX);
    let counts: Vec<usize> = text.lines().map(|line| line.matches(',').count()).collect();
    assert_eq!(counts, [128; 4]);
}

#[test]
fn typed_lines_number_the_columns_without_the_one_that_parts_them() {
    let text = listing(Form::Typed, Filter { kinds: Filter::BACKENDS, proxy: Some(2), ..Filter::all() }, usize::MAX);
    let has = |line: &str| assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    has("B.2.0.1.svname.1:KNS:str:BACKEND");
    has("B.2.0.19.act.1:MGP:u32:3");
    has("B.2.0.55.lastsess.1:MAP:s32:-1");
    has("B.2.0.103.ssl_sess.1:MCP:u64:0");
    has("B.2.0.126.h1_spliced_bytes_out.1:MCP:u64:0");
}

#[test]
fn names_cannot_become_markup() {
    let text = page(usize::MAX);
    assert!(text.contains("be&lt;&amp;&quot;&#39;&gt;,") && !text.contains("be<"), "{text}");
    assert!(text.ends_with("</html>\n"));
    assert_eq!(text.matches("<section").count(), text.matches("</section>").count());
}

#[test]
fn a_scrape_says_what_it_wants() {
    let check = |query: &str, expected: Option<(&str, bool)>| {
        let scrape = Scrape::parse(query.as_bytes());
        assert_eq!(scrape.as_ref().map(|scrape| (scrape.sections.as_str(), scrape.no_maintenance)), expected, "{query}");
    };
    check("", Some(("PFLBS", false)));
    check("scope=global", Some(("P", false)));
    check("scope=server&scope=backend&no-maint", Some(("SB", true)));
    check("scope=", Some(("", false)));
    check("scope=*&x=y", Some(("PFLBS", false)));
    check("scope=everything", None);
}

#[test]
fn metrics_have_their_opening_lines_once_and_labels_that_hold() {
    let text = metrics(b"scope=server", 200);
    assert_eq!(text.matches("# TYPE haproxy_server_status gauge\n").count(), 1);
    assert!(text.contains("haproxy_server_status{proxy=\"be<&\\\"'>,\",server=\"s1\",state=\"UP\"} 1\n"), "{text}");
    assert!(text.contains("haproxy_server_limit_sessions{proxy=\"be<&\\\"'>,\",server=\"s1\"} NaN\n"));
    assert!(!text.contains("haproxy_backend_") && !text.contains("haproxy_process_"));
}
