//! Keywords that are known by name alone: each is refused until byway does it, refused with the way around, or passed over
//! with one warning. What is read has its row in the table of its room, and wins over these.

use super::Reading;
use super::keyword::{SectionKind, Status, nearest};
use super::line::Line;
use crate::fault::Fault;
use std::collections::HashMap;

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Room {
    /// A line of `global`.
    Global,
    /// A line of a proxy or of `defaults`.
    Proxy,
    /// A parameter of `bind`.
    Bind,
    /// A parameter of `server`.
    Server,
}

/// How much it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Named by the mission.
    S,
    /// A small host's proxy must have it.
    A,
    /// Commonly used.
    B,
    /// Rare.
    C,
    /// Out of scope.
    X,
}

/// Names with one answer.
pub struct Group {
    /// Where they stand.
    pub room: Room,
    /// How much they are asked for.
    pub tier: Tier,
    /// The answer.
    pub status: Status,
    /// The names, parted by commas; a parameter that takes a value ends in `=`.
    pub names: &'static str,
}

impl Group {
    /// The names, without the mark of those that take a value.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split(", ").map(|name| name.trim_end_matches('='))
    }
}

/// The groups by room and name.
pub(super) struct Known {
    entries: HashMap<Room, HashMap<&'static [u8], Entry>>,
}

#[derive(Clone, Copy)]
struct Entry {
    name: &'static str,
    status: Status,
    takes_value: bool,
}

impl Known {
    pub(super) fn new() -> Known {
        let mut entries: HashMap<Room, HashMap<&'static [u8], Entry>> = HashMap::new();
        for group in GROUPS {
            let room = entries.entry(group.room).or_default();
            for written in group.names.split(", ") {
                let name = written.trim_end_matches('=');
                room.insert(name.as_bytes(), Entry { name, status: group.status, takes_value: name.len() < written.len() });
            }
        }
        Known { entries }
    }

    /// The entry that these words begin with, and how many of them are its name.
    fn find(&self, room: Room, words: &[Vec<u8>]) -> Option<(Entry, usize)> {
        let entries = self.entries.get(&room)?;
        (1..=words.len().min(LONGEST_NAME_WORDS)).rev().find_map(|count| {
            let joined = words.get(..count)?.join(&b' ');
            entries.get(joined.as_slice()).map(|entry| (*entry, count))
        })
    }
}

/// Names have up to three words, as `tcp-check send-binary` or `timeout client`.
const LONGEST_NAME_WORDS: usize = 3;

/// The names of a room.
pub fn names(room: Room) -> impl Iterator<Item = &'static str> {
    GROUPS.iter().filter(move |group| group.room == room).flat_map(Group::names)
}

/// Answers a line whose keyword has no row.
pub(super) fn tell_unknown(
    line: &Line,
    room: Room,
    section: SectionKind,
    title: &str,
    rows: impl Iterator<Item = &'static str>,
    reading: &mut Reading,
) {
    if let Some((entry, words)) = reading.known.find(room, &line.words) {
        return reading.tell_status(line, words - 1, entry.name, entry.status);
    }
    let candidates: Vec<&str> = rows.chain(names(room)).collect();
    let family = line.keyword();
    let members = candidates.iter().filter_map(|name| name.as_bytes().strip_prefix(family)?.strip_prefix(b" "));
    let members: Vec<&str> = members.filter_map(|member| str::from_utf8(member).ok()).collect();
    let section = if title.is_empty() { section.name() } else { title };
    if members.is_empty() {
        let word = String::from_utf8_lossy(family).into_owned();
        let first_words = candidates.iter().map(|name| name.split(' ').next().unwrap_or_default());
        let hint = match nearest(family, candidates.iter().copied().chain(first_words)) {
            Some(near) => format!("did you mean '{near}'?"),
            None => elsewhere(family, room),
        };
        return reading.alert(line, Fault::new(0, format!("unknown keyword '{word}' in section '{section}'")).hint(hint));
    }
    let family = String::from_utf8_lossy(family).into_owned();
    let Some(word) = line.word(1) else {
        let mut sorted = members;
        sorted.sort_unstable();
        return reading.alert(line, Fault::new(1, format!("'{family}' needs one of: {}", sorted.join(", "))));
    };
    let message = match family.as_str() {
        "option" => format!("unknown option '{}' in section '{section}'", String::from_utf8_lossy(word)),
        _ => format!("unknown keyword '{family} {}' in section '{section}'", String::from_utf8_lossy(word)),
    };
    let hint = nearest(word, members.into_iter()).map(|near| format!("did you mean '{family} {near}'?"));
    reading.alert(line, Fault::new(1, message).hint(hint.unwrap_or_default()));
}

/// Where else a keyword would be known.
fn elsewhere(word: &[u8], room: Room) -> String {
    let is_global = super::global::GLOBALS.iter().map(|row| row.name).chain(names(Room::Global)).any(|name| name.as_bytes() == word);
    match (room, is_global) {
        (Room::Proxy, true) => "it goes into 'global'".into(),
        (Room::Global, _) if super::proxy::is_keyword(word) => "it goes into 'defaults' or a proxy's section".into(),
        _ => String::new(),
    }
}

/// Answers a parameter that has no row. Returns the index behind it; `None` when its name is not known.
pub(super) fn tell_parameter(line: &Line, index: usize, room: Room, reading: &mut Reading) -> Option<usize> {
    let word = line.words.get(index)?;
    let bare = word.iter().position(|byte| *byte == b'(').and_then(|at| word.get(..at)).unwrap_or(word).to_vec();
    let (entry, _) = reading.known.find(room, std::slice::from_ref(&bare))?;
    // `ssl` itself is told about; what else the line says of TLS goes with it.
    let is_about_tls = matches!(entry.status, Status::Ignored(_) | Status::Refused(_)) && entry.name != "ssl";
    if !(is_about_tls && line.words.iter().any(|word| word == b"ssl")) {
        reading.tell_status(line, index, entry.name, entry.status);
    }
    Some(index + if entry.takes_value { 2 } else { 1 })
}

const TLS_ELSEWHERE: &str = "byway speaks no TLS: this has no effect here";
const TLS_IN_FRONT: &str = "end TLS in front, with stunnel or hitch, and take the client's address by the PROXY protocol; --skip-tls-binds leaves such listeners out";
const TLS_BEHIND: &str = "let stunnel connect to the server with TLS, and name stunnel's address here";
const HTTP_1_ONLY: &str = "byway speaks HTTP/1.1 alone";
const NO_COMPRESSION: &str = "responses are not compressed";
const NO_SUCH_KNOB: &str = "byway has nothing that this could tune";
const NAMES_AT_START: &str = "names of servers are looked up once, at start";
const LEFT_OUT: &str = "it is left out; answers stay the same";
const NO_CODE: &str = "byway runs no code of others: do it in the application, or in a service behind a backend";
const NO_FILTERS: &str = "byway has no filters, FastCGI, SPOE or QUIC: do it in a service behind a backend";
const NO_QUIC: &str = "byway speaks HTTP/1.1 over TCP alone";

/// The names that are known.
pub const GROUPS: &[Group] = &[
    Group {
        room: Room::Global,
        tier: Tier::A,
        status: Status::NotYet,
        names: "external-check, master-worker, mworker-max-reloads, server-state-base, server-state-file, set-var, \
              set-var-fmt, tune.http.cookielen, tune.http.logurilen, tune.maxaccept, unix-bind",
    },
    Group {
        room: Room::Global,
        tier: Tier::B,
        status: Status::NotYet,
        names: "grace, max-spread-checks, maxconnrate, maxsessrate, tune.rcvbuf.backend, tune.rcvbuf.client, \
              tune.rcvbuf.frontend, tune.rcvbuf.server, tune.sndbuf.backend, tune.sndbuf.client, \
              tune.sndbuf.frontend, tune.sndbuf.server, zero-warning",
    },
    Group {
        room: Room::Global,
        tier: Tier::C,
        status: Status::NotYet,
        names: "close-spread-time, default-path, expose-deprecated-directives, expose-experimental-directives, \
              fd-hard-limit, h1-accept-payload-with-any-method, h1-case-adjust, h1-case-adjust-file, \
              h1-do-not-close-on-insecure-transfer-encoding, harden.reject-privileged-ports.tcp, http-err-codes, \
              http-fail-codes, insecure-fork-wanted, insecure-setuid-wanted, localpeer, pp2-never-send-local, \
              set-dumpable, setcap, stats-file, strict-limits, tune.chksize, tune.cli.max-payload-size, \
              tune.idletimer, tune.max-checks-per-thread, tune.max-rules-at-once, tune.maxpollevents, \
              tune.pattern.cache-size",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Ignored(TLS_ELSEWHERE),
        names: "ca-base, crt-base, issuers-chain-path, jwt.decrypt_alg_list, jwt.decrypt_enc_list, key-base, \
              maxsslconn, maxsslrate, ocsp-update.disable, ocsp-update.httpproxy, ocsp-update.maxdelay, \
              ocsp-update.mindelay, ocsp-update.mode, ssl-default-bind-ciphers, ssl-default-bind-ciphersuites, \
              ssl-default-bind-client-sigalgs, ssl-default-bind-curves, ssl-default-bind-options, \
              ssl-default-bind-sigalgs, ssl-default-server-ciphers, ssl-default-server-ciphersuites, \
              ssl-default-server-client-sigalgs, ssl-default-server-curves, ssl-default-server-options, \
              ssl-default-server-sigalgs, ssl-dh-param-file, ssl-engine, ssl-mode-async, ssl-propquery, \
              ssl-provider, ssl-provider-path, ssl-security-level, ssl-server-verify, ssl-skip-self-issued-ca, \
              tune.ssl.cachesize, tune.ssl.capture-buffer-size, tune.ssl.capture-cipherlist-size, \
              tune.ssl.certificate-compression, tune.ssl.default-dh-param, tune.ssl.force-private-cache, \
              tune.ssl.hard-maxrecord, tune.ssl.keylog, tune.ssl.keyupdate-rate-limit, tune.ssl.lifetime, \
              tune.ssl.maxrecord, tune.ssl.ocsp-update.maxdelay, tune.ssl.ocsp-update.mindelay, \
              tune.ssl.ssl-ctx-cache-size",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Ignored(NO_COMPRESSION),
        names: "maxcompcpuusage, maxcomprate, maxzlibmem, tune.zlib.memlevel, tune.zlib.windowsize",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Ignored(HTTP_1_ONLY),
        names: "h2-workaround-bogus-websocket-clients, harden.reject-privileged-ports.quic, \
              httpclient.resolvers.disabled, httpclient.resolvers.id, httpclient.resolvers.prefer, \
              httpclient.retries, httpclient.ssl.ca-file, httpclient.ssl.verify, httpclient.timeout.connect, \
              limited-quic, tune.h2.be.glitches-threshold, tune.h2.be.initial-window-size, \
              tune.h2.be.max-concurrent-streams, tune.h2.be.max-frames-at-once, tune.h2.be.rxbuf, \
              tune.h2.fe.glitches-threshold, tune.h2.fe.initial-window-size, tune.h2.fe.max-concurrent-streams, \
              tune.h2.fe.max-frames-at-once, tune.h2.fe.max-rst-at-once, tune.h2.fe.max-total-streams, \
              tune.h2.fe.rxbuf, tune.h2.header-table-size, tune.h2.initial-window-size, tune.h2.log-errors, \
              tune.h2.max-concurrent-streams, tune.h2.max-frame-size, tune.h2.zero-copy-fwd-send, \
              tune.quic.be.cc.cubic-min-losses, tune.quic.be.cc.hystart, tune.quic.be.cc.max-frame-loss, \
              tune.quic.be.cc.max-win-size, tune.quic.be.cc.reorder-ratio, tune.quic.be.max-idle-timeout, \
              tune.quic.be.sec.glitches-threshold, tune.quic.be.stream.data-ratio, \
              tune.quic.be.stream.max-concurrent, tune.quic.be.stream.rxbuf, tune.quic.be.tx.pacing, \
              tune.quic.be.tx.udp-gso, tune.quic.fe.cc.cubic-min-losses, tune.quic.fe.cc.hystart, \
              tune.quic.fe.cc.max-frame-loss, tune.quic.fe.cc.max-win-size, tune.quic.fe.cc.reorder-ratio, \
              tune.quic.fe.max-idle-timeout, tune.quic.fe.sec.glitches-threshold, \
              tune.quic.fe.sec.retry-threshold, tune.quic.fe.sock-per-conn, tune.quic.fe.stream.data-ratio, \
              tune.quic.fe.stream.max-concurrent, tune.quic.fe.stream.max-total, tune.quic.fe.stream.rxbuf, \
              tune.quic.fe.tx.pacing, tune.quic.fe.tx.udp-gso, tune.quic.listen, tune.quic.mem.tx-max, \
              tune.quic.zero-copy-fwd-send",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Ignored(NO_SUCH_KNOB),
        names: "anonkey, busy-polling, cluster-secret, cpu-affinity, cpu-map, cpu-policy, cpu-set, debug.counters, \
              dns-accept-family, force-cfg-parser-pause, max-threads-per-group, maxpipes, no-memory-trimming, \
              noepoll, noevports, nogetaddrinfo, nokqueue, noktls, nopoll, noreuseport, nosepoll, nosplice, \
              numa-cpu-mapping, prealloc-fd, profiling.memory, profiling.tasks, quick-exit, shm-stats-file, \
              shm-stats-file-max-objects, stress-level, thread-group, thread-groups, thread-hard-limit, \
              tune.applet.zero-copy-forwarding, tune.buffers.limit, tune.buffers.reserve, tune.bufsize.large, \
              tune.bufsize.small, tune.comp.maxlevel, tune.defaults.purge, tune.disable-fast-forward, \
              tune.disable-zero-copy-forwarding, tune.epoll.mask-events, tune.events.max-events-at-once, \
              tune.fail-alloc, tune.fd.edge-triggered, tune.fd.tables, tune.glitches.kill.cpu-usage, \
              tune.h1.be.glitches-threshold, tune.h1.fe.glitches-threshold, tune.h1.zero-copy-fwd-recv, \
              tune.h1.zero-copy-fwd-send, tune.idle-pool.shared, tune.listener.default-shards, \
              tune.listener.multi-queue, tune.memory.hot-size, tune.notsent-lowat.client, \
              tune.notsent-lowat.server, tune.peers.max-updates-at-once, tune.pipesize, tune.pool-high-fd-ratio, \
              tune.pool-low-fd-ratio, tune.pt.zero-copy-forwarding, tune.recv_enough, tune.renice.runtime, \
              tune.renice.startup, tune.ring.queues, tune.runqueue-depth, tune.sched.low-latency, \
              tune.stick-counters, tune.streams-elasticity, tune.takeover-other-tg-connections, \
              tune.vars.check-max-size, tune.vars.global-max-size, tune.vars.proc-max-size, \
              tune.vars.reqres-max-size, tune.vars.sess-max-size, tune.vars.txn-max-size, \
              warn-blocked-traffic-after",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Refused(NO_CODE),
        names: "51degrees-allow-unmatched, 51degrees-cache-size, 51degrees-data-file, 51degrees-difference, \
              51degrees-drift, 51degrees-property-name-list, 51degrees-property-separator, \
              51degrees-use-performance-graph, 51degrees-use-predictive-graph, deviceatlas-json-file, \
              deviceatlas-log-level, deviceatlas-properties-cookie, deviceatlas-separator, lua-load, \
              lua-load-per-thread, lua-prepend-path, tune.lua.bool-sample-conversion, tune.lua.burst-timeout, \
              tune.lua.forced-yield, tune.lua.log.loggers, tune.lua.log.stderr, tune.lua.maxmem, \
              tune.lua.openlibs, tune.lua.service-timeout, tune.lua.session-timeout, tune.lua.task-timeout, \
              wurfl-cache-size, wurfl-data-file, wurfl-information-list, wurfl-information-list-separator",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::S,
        status: Status::NotYet,
        names: "acl, default_backend, reqirep, reqrep, rspirep, rsprep, use_backend",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::A,
        status: Status::NotYet,
        names: "block, capture cookie, capture request header, capture response header, cliexp, dispatch, errorfile, \
              errorloc, errorloc302, errorloc303, hash-type, http-check disable-on-404, http-check expect, \
              http-check send, http-request, http-response, http-reuse, load-server-state-from-file, log-format, \
              monitor fail, monitor-uri, option nolinger, option splice-auto, option splice-request, option \
              splice-response, option tcp-check, option tcpsplice, option transparent, redirect, reqadd, reqallow, \
              reqdel, reqdeny, reqiallow, reqidel, reqideny, reqipass, reqitarpit, reqpass, reqtarpit, rspadd, \
              rspdel, rspdeny, rspidel, rspideny, source, srvexp, stats admin, stats auth, stats enable, stats \
              hide-version, stats http-request, stats realm, stats refresh, stats scope, stats show-desc, stats \
              show-legends, stats show-node, stats show-version, stats uri, tcp-request connection, tcp-request \
              content, tcp-request inspect-delay, tcp-request session, transparent, unique-id-format, \
              unique-id-header, use-server",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::B,
        status: Status::NotYet,
        names: "errorfiles, force-persist, grace, http-after-response, http-check connect, http-check send-state, \
              http-error, http-send-name-header, ignore-persist, option accept-invalid-http-request, option \
              accept-invalid-http-response, option accept-unsafe-violations-in-http-request, option \
              accept-unsafe-violations-in-http-response, option checkcache, option contstats, option \
              dontlog-normal, option http-buffer-request, option http-ignore-probes, option http-no-delay, option \
              http-pretend-keepalive, option http-use-proxy-header, option independent-streams, option \
              log-separate-errors, option mysql-check, option originalto, option pgsql-check, option \
              prefer-last-server, option redis-check, option smtpchk, option ssl-hello-chk, rate-limit sessions, \
              reqisetbe, reqsetbe, retry-on, server-state-file-name, stick match, stick on, stick store-request, \
              stick store-response, stick-table, tcp-check connect, tcp-check expect, tcp-check send, tcp-check \
              send-binary, tcp-response content, tcp-response inspect-delay",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::C,
        status: Status::NotYet,
        names: "appsession, be-unpublished, bind-process, clitcpka-cnt, clitcpka-idle, clitcpka-intvl, declare \
              capture, error-log-format, external-check command, external-check path, force-be-switch, guid, \
              hash-balance-factor, hash-preserve-affinity, http-check comment, http-check set-var, http-check \
              unset-var, log-format-sd, log-steps, max-keep-alive-queue, max-session-srv-conns, option \
              disable-h2-upgrade, option external-check, option forwarded, option h1-case-adjust-bogus-client, \
              option h1-case-adjust-bogus-server, option http-drop-request-trailers, option \
              http-drop-response-trailers, option http-restrict-req-hdr-names, option http-tunnel, option \
              http-use-htx, option http_proxy, option httpslog, option idle-close-on-response, option keepalive, \
              option ldap-check, option socket-stats, option tcp-smart-accept, option tcp-smart-connect, option \
              use-small-buffers, persist rdp-cookie, server-template, srvtcpka-cnt, srvtcpka-idle, srvtcpka-intvl, \
              tcp-check comment, tcp-check send-binary-lf, tcp-check send-lf, tcp-check set-var, tcp-check \
              unset-var, timeout appsession",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::X,
        status: Status::Ignored(LEFT_OUT),
        names: "compression, email-alert from, email-alert level, email-alert mailers, email-alert myhostname, \
              email-alert to, filter-sequence, timeout client-hs",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::X,
        status: Status::Refused(NO_FILTERS),
        names: "crt, filter, option spop-check, quic-initial, use-fcgi-app",
    },
    Group {
        room: Room::Bind,
        tier: Tier::A,
        status: Status::NotYet,
        names: "backlog=, defer-accept, id=, interface=, level=, nice=, process=, thread=, transparent",
    },
    Group { room: Room::Bind, tier: Tier::B, status: Status::NotYet, names: "expose-fd=, mss=, proto, severity-output=, tcp-ut=" },
    Group {
        room: Room::Bind,
        tier: Tier::C,
        status: Status::NotYet,
        names: "accept-netscaler-cip=, cc=, guid-prefix=, idle-ping=, label=, namespace=, nbconn=, shards=, \
              tcp-md5sig=, tcp-ss=, tfo",
    },
    Group {
        room: Room::Bind,
        tier: Tier::X,
        status: Status::Ignored(TLS_ELSEWHERE),
        names: "allow-0rtt, alpn=, ca-file=, ca-ignore-err=, ca-sign-file=, ca-sign-pass=, ca-verify-file=, \
              ciphers=, ciphersuites=, client-sigalgs=, crl-file=, crt-ignore-err=, curves=, default-crt=, ecdhe=, \
              ech=, force-sslv3, force-tlsv10, force-tlsv11, force-tlsv12, force-tlsv13, generate-certificates, \
              ktls=, no-alpn, no-ca-names, no-sslv3, no-strict-sni, no-tls-tickets, no-tlsv10, no-tlsv11, \
              no-tlsv12, no-tlsv13, npn=, prefer-client-ciphers, sigalgs=, ssl-max-ver=, ssl-min-ver=, strict-sni, \
              tls-ticket-keys=, tls-tickets, verify=",
    },
    Group { room: Room::Bind, tier: Tier::X, status: Status::Refused(TLS_IN_FRONT), names: "crt-list=, crt=, ssl" },
    Group { room: Room::Bind, tier: Tier::X, status: Status::Refused(NO_QUIC), names: "quic-cc-algo=, quic-force-retry, quic-socket=" },
    Group {
        room: Room::Server,
        tier: Tier::A,
        status: Status::NotYet,
        names: "error-limit=, non-stick, observe=, on-error=, on-marked-down=, on-marked-up=, redir=, slowstart=, \
              source=, stick, track=",
    },
    Group {
        room: Room::Server,
        tier: Tier::B,
        status: Status::NotYet,
        names: "agent-addr=, agent-check, agent-inter=, agent-port=, agent-send=, check-send-proxy, max-reuse=, \
              no-agent-check, no-check-send-proxy, pool-max-conn=, pool-purge-delay=, tcp-ut=, usesrc=",
    },
    Group {
        room: Room::Server,
        tier: Tier::C,
        status: Status::NotYet,
        names: "cc=, check-pool-conn-name=, check-proto=, check-reuse-pool, check-via-socks4, guid=, hash-key=, \
              healthcheck=, idle-ping=, init-state=, log-bufsize=, log-proto=, namespace=, no-check-reuse-pool, \
              no-tfo, pool-conn-name=, pool-low-conn=, proto, proxy-v2-options=, set-proxy-v2-tlv-fmt=, shard=, \
              socks4=, strict-maxconn, tcp-md5sig=, tfo, ws=",
    },
    Group {
        room: Room::Server,
        tier: Tier::X,
        status: Status::Ignored(NAMES_AT_START),
        names: "resolve-net=, resolve-opts=, resolve-prefer=, resolvers=",
    },
    Group {
        room: Room::Server,
        tier: Tier::X,
        status: Status::Ignored(TLS_ELSEWHERE),
        names: "allow-0rtt, alpn=, ca-file=, check-alpn=, check-sni-auto, check-sni=, ciphers=, ciphersuites=, \
              client-sigalgs=, crl-file=, crt=, curves=, force-sslv3, force-tlsv10, force-tlsv11, force-tlsv12, \
              force-tlsv13, ktls=, no-check-sni-auto, no-check-ssl, no-renegotiate, no-send-proxy-v2-ssl, \
              no-send-proxy-v2-ssl-cn, no-sni-auto, no-ssl, no-ssl-reuse, no-sslv3, no-tls-tickets, no-tlsv10, \
              no-tlsv11, no-tlsv12, no-tlsv13, no-verifyhost, npn=, renegotiate, sigalgs=, sni-auto, ssl-max-ver=, \
              ssl-min-ver=, ssl-reuse, tls-tickets, verify=, verifyhost=",
    },
    Group {
        room: Room::Server,
        tier: Tier::X,
        status: Status::Refused(TLS_BEHIND),
        names: "check-ssl, send-proxy-v2-ssl, send-proxy-v2-ssl-cn, sni=, ssl",
    },
    Group { room: Room::Server, tier: Tier::X, status: Status::Refused(NO_QUIC), names: "quic-cc-algo=" },
];
