//! Single turns that a script cannot tell: blocked sides, slots that come late, reloads, the end of the process.

use super::stage::{C, ClientEnds, Cut, Hang, Refuse, S, ServerEnds, Stage, Step, Wait, configuration, running};
use crate::sample::ProxyId;
use crate::session::{Session, Side};
use crate::state::queue::SessionKey;
use crate::units::Moment;
use std::sync::atomic::Ordering::Relaxed;

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn stage(front: &str, back: &str) -> Stage {
    Stage::new(&configuration(front, back))
}

impl Stage {
    fn block(&mut self, side: Side, blocked: bool) {
        self.with(|session, cx| session.set_blocked(cx, side, blocked));
    }

    /// Milliseconds until something expires.
    fn patience(&self) -> u64 {
        self.session.deadline().since_ms(self.now)
    }
}

#[test]
fn a_server_that_was_blocked_when_it_answered_does_not_block_the_next_request() {
    let mut stage = stage("", "");
    stage.play(&[C(GET)], Cut::Whole);
    stage.block(Side::Server, true);
    stage.play(&[S(OK), C(GET), S(OK)], Cut::Whole);
    assert_eq!(stage.outcome.to_client.matches("200 OK").count(), 2);
}

#[test]
fn a_connection_that_closed_while_blocked_does_not_block_the_one_after_it() {
    let mut stage = stage("", "");
    let put = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc";
    stage.play(&[C(GET), S(OK), C(GET), S(OK), C(put)], Cut::Whole);
    stage.block(Side::Server, true);
    stage.play(&[ServerEnds], Cut::Whole);
    assert!(stage.session.wants(Side::Client), "the rest of the body is wanted for the new connection");
}

#[test]
fn a_client_that_drains_changes_no_deadline_of_its_next_request() {
    let check = |script: &[Step], front: &str, back: &str, expected: u64, case: &str| {
        let mut stage = stage(front, &format!("option http-server-close\n{back}"));
        stage.play(&[C(GET), S(OK)], Cut::Whole);
        stage.block(Side::Client, true);
        stage.play(script, Cut::Whole);
        assert_eq!(stage.patience(), expected, "{case}");
        stage.block(Side::Client, false);
        assert_eq!(stage.patience(), expected, "{case}, once the client has drained");
    };
    check(&[Hang, C(POST)], "", "", 5000, "connecting");
    check(&[Refuse, C(POST)], "", "retries 1", 1000, "pausing");
    check(&[C(POST)], "timeout tarpit 3s\nreqitarpit ^POST", "", 3000, "in the tarpit");
}

#[test]
fn a_client_that_takes_its_answer_slowly_is_not_idle_yet() {
    let mut stage = stage("timeout http-keep-alive 2s", "");
    stage.play(&[C(GET), S(OK)], Cut::Whole);
    stage.block(Side::Client, true);
    assert_eq!(stage.patience(), 50000, "timeout client");
    stage.block(Side::Client, false);
    assert_eq!(stage.patience(), 2000);
}

#[test]
fn a_client_that_takes_nothing_is_to_blame_and_not_the_server_that_is_not_read() {
    let mut stage = stage("timeout client 60s", "");
    stage.play(&[C(GET), S(OK)], Cut::Whole);
    stage.block(Side::Client, true);
    stage.play(&[C(GET), S(OK), Wait(60000)], Cut::Whole);
    assert!(stage.log.0[1].contains(" cH-- "), "{:?}", stage.log.0);
}

#[test]
fn a_client_that_drains_in_time_still_has_the_keep_alive_time() {
    let mut stage = stage("timeout http-keep-alive 2s", "");
    stage.play(&[C(GET), S(OK)], Cut::Whole);
    stage.block(Side::Client, true);
    stage.block(Side::Client, false);
    assert_eq!(stage.patience(), 2000);
}

#[test]
fn a_blocked_client_is_not_read_for_and_ends_by_its_own_timeout() {
    let mut stage = stage("", "");
    stage.play(&[C(GET), S("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")], Cut::Whole);
    stage.block(Side::Client, true);
    assert!(!stage.session.wants(Side::Server));
    assert_eq!(stage.patience(), 50000, "timeout client");
    stage.play(&[Wait(50000)], Cut::Whole);
    assert!(stage.outcome.log.contains(" cD-- "), "{}", stage.outcome.log);
    stage.check_balance("blocked");
}

#[test]
fn a_client_that_only_asks_takes_each_answer_of_byway_itself_before_it_is_asked_again() {
    let check = |front: &str| {
        let mut stage = stage(front, "");
        stage.play(&[C(GET)], Cut::Whole);
        assert!(!stage.session.has_ended(), "{front}: kept");
        stage.block(Side::Client, true);
        assert!(!stage.session.wants(Side::Client), "{front}: answers would pile up");
        stage.block(Side::Client, false);
        assert!(stage.session.wants(Side::Client), "{front}");
    };
    check("http-request deny");
    check("http-request return status 200 content-type text/plain string page");
    check("http-request redirect location /elsewhere");
    check("http-request auth");
    check("stats uri /\nstats auth a:b");
    check("stats uri /");
}

#[test]
fn an_answer_that_is_whole_while_the_client_is_blocked_ends_the_exchange() {
    let mut stage = stage("", "");
    stage.play(&[C(GET)], Cut::Whole);
    stage.play(&[S("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")], Cut::Whole);
    stage.block(Side::Client, true);
    assert_eq!(stage.log.0.len(), 1);
    stage.play(&[C(GET), S(OK)], Cut::Whole);
    assert_eq!(stage.log.0.len(), 1, "the next answer waits until the first one has left");
    stage.block(Side::Client, false);
    stage.pump();
    assert_eq!(stage.log.0.len(), 2);
}

#[test]
fn a_finishing_process_lets_a_client_go_soon_after_its_answer() {
    let mut stage = stage("", "");
    stage.play(&[C(GET), S("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok")], Cut::Whole);
    stage.finishing = true;
    stage.with(|session, cx| session.finish(cx));
    stage.play(&[S("ok")], Cut::Whole);
    assert!(stage.session.has_ended() || stage.patience() <= 1000, "{}", stage.patience());
}

#[test]
fn an_idle_client_of_a_finishing_process_is_answered_once_more() {
    let mut stage = stage("", "");
    stage.finishing = true;
    stage.with(|session, cx| session.finish(cx));
    assert_eq!(stage.patience(), 1000);
    stage.play(&[C(GET), S(OK)], Cut::Whole);
    assert!(stage.outcome.to_client.ends_with("Connection: close\r\n\r\nok<end>"), "{}", stage.outcome.to_client);
    stage.check_balance("finishing");
}

#[test]
fn a_frontend_that_becomes_a_listen_keeps_its_count() {
    let mut stage = stage("", "");
    let before = stage.current.clone();
    let text = "defaults\n mode http\n timeout connect 5s\n timeout client 50s\n timeout server 40s\n\
                listen f\n bind 192.0.2.1:80\n server a 192.0.2.11:80\n";
    stage.current = running(text, &stage.state, 2);
    stage.with(|session, cx| session.adopt(cx));
    let count = |held: &super::super::Held| held.proxy(ProxyId(0)).map_or(0, |(_, live)| live.state.connections.load(Relaxed));
    assert_eq!((count(&before), count(&stage.current)), (0, 1));
    stage.play(&[C(GET), S(OK), ClientEnds], Cut::Whole);
    assert!(stage.session.has_ended());
    assert_eq!((count(&before), count(&stage.current)), (0, 0));
}

#[test]
fn a_session_whose_frontend_is_gone_goes_on_as_it_began() {
    let mut stage = stage("", "");
    let text = "defaults\n mode http\n timeout connect 5s\n timeout client 50s\n timeout server 40s\n\
                frontend other\n bind 192.0.2.1:80\n default_backend b\nbackend b\n server a 192.0.2.11:80\n";
    stage.current = running(text, &stage.state, 2);
    stage.with(|session, cx| session.adopt(cx));
    stage.play(&[C(GET), S(OK), ClientEnds], Cut::Whole);
    assert!(stage.session.has_ended() && stage.outcome.to_client.contains("200 OK"));
    assert_eq!(stage.session.running().generation, 1);
}

const ONE_SLOT: &str = "server a 192.0.2.11:80 maxconn 1 cookie A\nserver n 192.0.2.12:80 maxconn 1 cookie N";

/// A stage whose session waits because both servers are full.
fn queued(back: &str) -> Stage {
    let mut stage = stage("", back);
    let held = stage.current.clone();
    let (_, live) = held.proxy(ProxyId(1)).expect("the backend");
    assert!(live.servers.iter().all(|server| server.try_reserve(Some(1))));
    stage.play(&[C("GET / HTTP/1.1\r\nHost: h\r\nCookie: SID=A\r\n\r\n")], Cut::Whole);
    assert_eq!(live.state.queue.len(), 1);
    stage
}

#[test]
fn a_slot_that_comes_after_the_queue_timeout_is_given_back() {
    let mut stage = queued(&format!("timeout queue 2s\n{ONE_SLOT}"));
    let held = stage.current.clone();
    let (_, live) = held.proxy(ProxyId(1)).expect("the backend");
    let grant = live.state.queue.release(&live.servers[0], Some(1)).expect("a grant");
    assert_eq!(live.servers[0].current(), 1);
    stage.play(&[Wait(2000)], Cut::Whole);
    assert!(stage.outcome.log.contains(" 503 233 - - sQ-- "), "{}", stage.outcome.log);
    stage.with(|session, cx| session.granted(cx, &grant.server));
    assert_eq!((live.servers[0].current(), live.state.queue.len()), (0, 0));
}

#[test]
fn a_slot_of_a_server_that_the_session_does_not_know_leaves_it_waiting() {
    let mut stage = queued(ONE_SLOT);
    let held = stage.current.clone();
    let (_, live) = held.proxy(ProxyId(1)).expect("the backend");
    let newer = running(&configuration("", "server a 192.0.2.11:80 maxconn 1\nserver new 192.0.2.13:80 maxconn 1"), &stage.state, 2);
    let (_, other) = newer.proxy(ProxyId(1)).expect("the backend");
    let grant = live.state.queue.grant(&other.servers[1], Some(1)).expect("a grant");
    stage.with(|session, cx| session.granted(cx, &grant.server));
    stage.carry_out(&[]);
    assert_eq!((other.servers[1].current(), live.state.queue.len()), (0, 0), "it stays away for a moment");
    stage.play(&[Wait(50)], Cut::Whole);
    assert_eq!((live.state.queue.len(), stage.patience()), (1, 4950), "it waits again, for the rest of its time");
    let grant = live.state.queue.release(&live.servers[0], Some(1)).expect("a grant of a server that it knows");
    stage.with(|session, cx| session.granted(cx, &grant.server));
    stage.carry_out(&[]);
    stage.play(&[S(OK)], Cut::Whole);
    assert!(stage.outcome.to_client.contains("200 OK"));
}

#[test]
fn a_waiter_that_gets_another_server_than_its_cookie_named_is_told_of_it() {
    let mut stage = queued(&format!("cookie SID insert indirect\n{ONE_SLOT}"));
    let held = stage.current.clone();
    let (_, live) = held.proxy(ProxyId(1)).expect("the backend");
    live.servers[0].set_maintenance(true);
    live.state.queue.unpin(&live.servers[0]);
    let grant = live.state.queue.release(&live.servers[1], Some(1)).expect("a grant");
    stage.with(|session, cx| session.granted(cx, &grant.server));
    stage.carry_out(&[]);
    stage.play(&[S(OK)], Cut::Whole);
    assert!(stage.outcome.to_client.contains("Set-Cookie: SID=N"), "{}", stage.outcome.to_client);
}

#[test]
fn a_waiter_that_leaves_leaves_the_queue() {
    let mut stage = queued(ONE_SLOT);
    let held = stage.current.clone();
    let (_, live) = held.proxy(ProxyId(1)).expect("the backend");
    stage.with(|session, cx| session.client_lost(cx));
    stage.carry_out(&[]);
    assert_eq!((live.state.queue.len(), live.state.sessions.load(Relaxed)), (0, 0));
    assert!(stage.log.0[0].contains(" CQ-- "), "{:?}", stage.log.0);
}

#[test]
fn a_tunnel_gives_what_came_with_the_end() {
    let mut stage = stage("", "");
    stage.play(&[C("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n")], Cut::Whole);
    let taken = stage.with(|session, cx| session.server_bytes(cx, b"last words", true));
    stage.carry_out(b"last words");
    assert_eq!(taken, 10);
    assert!(stage.outcome.to_client.ends_with("last words<fin>"));
    stage.play(&[C("bye"), ClientEnds], Cut::Whole);
    assert!(stage.outcome.to_server.ends_with("bye") && stage.session.has_ended());
    stage.check_balance("tunnel");
}

#[test]
fn a_side_of_a_tunnel_that_has_ended_is_not_read_again() {
    for side in [Side::Client, Side::Server] {
        let mut stage = stage("", "");
        stage.play(&[C("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n")], Cut::Whole);
        stage.play(&[if side == Side::Client { ClientEnds } else { ServerEnds }], Cut::Whole);
        assert!(!stage.session.wants(side) && stage.session.wants(side.other()));
    }
}

#[test]
fn what_a_side_of_a_tunnel_takes_keeps_both_alive() {
    let mut stage = stage("", "");
    stage.play(&[C("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n")], Cut::Whole);
    for (side, blocked) in [(Side::Client, true), (Side::Client, false), (Side::Server, true), (Side::Server, false)] {
        stage.play(&[Wait(10000)], Cut::Whole);
        stage.block(side, blocked);
        assert_eq!(stage.patience(), 40000, "{side:?} {blocked}");
    }
}

#[test]
fn an_end_that_comes_with_the_last_bytes_of_an_answer_is_the_end_of_it() {
    let check = |answer: &[u8], expected: &str| {
        let mut stage = stage("", "");
        stage.play(&[C(GET)], Cut::Whole);
        stage.with(|session, cx| session.server_bytes(cx, answer, true));
        stage.carry_out(answer);
        assert!(stage.outcome.to_client.ends_with(expected), "{}", stage.outcome.to_client);
        assert!(stage.log.0[0].contains(" 200 "), "{:?}", stage.log.0);
    };
    check(b"HTTP/1.1 200 OK\r\n\r\nall", "all<end>");
    check(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall", "\r\n\r\nall");
    check(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nall", "all<end>");
    check(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n", "0\r\n\r\n");
}

#[test]
fn nothing_happens_to_a_session_that_has_ended() {
    let mut stage = stage("", "");
    stage.play(&[C("nonsense\r\n\r\n")], Cut::Whole);
    let told = stage.outcome.to_client.clone();
    stage.with(|session, cx| session.client_lost(cx));
    stage.with(|session, cx| session.expire(cx));
    stage.with(|session, cx| session.client_hung_up(cx));
    stage.carry_out(&[]);
    assert_eq!((stage.outcome.to_client.as_str(), stage.log.0.len()), (told.as_str(), 1));
    assert!(!stage.session.wants(Side::Client) && !stage.session.wants(Side::Server));
    stage.check_balance("ended");
}

#[test]
fn a_session_of_a_frontend_that_is_not_there_ends_at_once() {
    let mut stage = stage("", "");
    let key = SessionKey { worker: 0, index: 1, generation: 0 };
    let session = stage.with(|_, cx| Session::accept(key, ProxyId(9), None, None, cx));
    assert!(session.has_ended());
    assert_eq!(session.deadline(), Moment::NEVER);
}

#[test]
fn while_a_retry_pauses_no_server_is_inspected() {
    let back = "retry-on all-retryable-errors\ntcp-response inspect-delay 500ms\ntcp-response content reject unless { res.len gt 0 }";
    let mut stage = stage("", back);
    stage.play(&[C(GET), Refuse, ServerEnds], Cut::Whole);
    assert_eq!(stage.patience(), 1000, "the pause before another try");
    stage.play(&[Wait(1000), S(OK)], Cut::Whole);
    assert!(stage.outcome.to_client.contains("200 OK"), "{}", stage.outcome.to_client);
}
