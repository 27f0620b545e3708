//! The names behind `known`: a table of every keyword of HAProxy 1.3 to 3.5 that has no row of its own yet, by room and answer.
//! A name moves from here to a row of its room's table when something reads it.

use super::keyword::Status;
use super::known::{Group, Room, Tier};

/// The names that are known.
pub const GROUPS: &[Group] = &[
    Group {
        room: Room::Global,
        tier: Tier::C,
        status: Status::NotYet,
        names: "h1-accept-payload-with-any-method, h1-case-adjust, h1-case-adjust-file, \
              h1-do-not-close-on-insecure-transfer-encoding, harden.reject-privileged-ports.tcp, http-err-codes, \
              http-fail-codes, insecure-setuid-wanted, pp2-never-send-local, setcap, stats-file, tune.chksize, \
              tune.cli.max-payload-size, tune.max-checks-per-thread, tune.max-rules-at-once",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Ignored(TLS_ELSEWHERE),
        names: "ca-base, crt-base, issuers-chain-path, jwt.decrypt_alg_list, jwt.decrypt_enc_list, key-base, maxsslconn, \
              maxsslrate, ocsp-update.disable, ocsp-update.httpproxy, ocsp-update.maxdelay, ocsp-update.mindelay, \
              ocsp-update.mode, ssl-default-bind-ciphers, ssl-default-bind-ciphersuites, \
              ssl-default-bind-client-sigalgs, ssl-default-bind-curves, ssl-default-bind-options, \
              ssl-default-bind-sigalgs, ssl-default-server-ciphers, ssl-default-server-ciphersuites, \
              ssl-default-server-client-sigalgs, ssl-default-server-curves, ssl-default-server-options, \
              ssl-default-server-sigalgs, ssl-dh-param-file, ssl-engine, ssl-mode-async, ssl-propquery, ssl-provider, \
              ssl-provider-path, ssl-security-level, ssl-server-verify, ssl-skip-self-issued-ca, tune.ssl.cachesize, \
              tune.ssl.capture-buffer-size, tune.ssl.capture-cipherlist-size, tune.ssl.certificate-compression, \
              tune.ssl.default-dh-param, tune.ssl.force-private-cache, tune.ssl.hard-maxrecord, tune.ssl.keylog, \
              tune.ssl.keyupdate-rate-limit, tune.ssl.lifetime, tune.ssl.maxrecord, tune.ssl.ocsp-update.maxdelay, \
              tune.ssl.ocsp-update.mindelay, tune.ssl.ssl-ctx-cache-size",
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
              httpclient.resolvers.disabled, httpclient.resolvers.id, httpclient.resolvers.prefer, httpclient.retries, \
              httpclient.ssl.ca-file, httpclient.ssl.verify, httpclient.timeout.connect, limited-quic, \
              tune.h2.be.glitches-threshold, tune.h2.be.initial-window-size, tune.h2.be.max-concurrent-streams, \
              tune.h2.be.max-frames-at-once, tune.h2.be.rxbuf, tune.h2.fe.glitches-threshold, \
              tune.h2.fe.initial-window-size, tune.h2.fe.max-concurrent-streams, tune.h2.fe.max-frames-at-once, \
              tune.h2.fe.max-rst-at-once, tune.h2.fe.max-total-streams, tune.h2.fe.rxbuf, tune.h2.header-table-size, \
              tune.h2.initial-window-size, tune.h2.log-errors, tune.h2.max-concurrent-streams, tune.h2.max-frame-size, \
              tune.h2.zero-copy-fwd-send, tune.quic.be.cc.cubic-min-losses, tune.quic.be.cc.hystart, \
              tune.quic.be.cc.max-frame-loss, tune.quic.be.cc.max-win-size, tune.quic.be.cc.reorder-ratio, \
              tune.quic.be.max-idle-timeout, tune.quic.be.sec.glitches-threshold, tune.quic.be.stream.data-ratio, \
              tune.quic.be.stream.max-concurrent, tune.quic.be.stream.rxbuf, tune.quic.be.tx.pacing, \
              tune.quic.be.tx.udp-gso, tune.quic.fe.cc.cubic-min-losses, tune.quic.fe.cc.hystart, \
              tune.quic.fe.cc.max-frame-loss, tune.quic.fe.cc.max-win-size, tune.quic.fe.cc.reorder-ratio, \
              tune.quic.fe.max-idle-timeout, tune.quic.fe.sec.glitches-threshold, tune.quic.fe.sec.retry-threshold, \
              tune.quic.fe.sock-per-conn, tune.quic.fe.stream.data-ratio, tune.quic.fe.stream.max-concurrent, \
              tune.quic.fe.stream.max-total, tune.quic.fe.stream.rxbuf, tune.quic.fe.tx.pacing, \
              tune.quic.fe.tx.udp-gso, tune.quic.listen, tune.quic.mem.tx-max, tune.quic.zero-copy-fwd-send",
    },
    Group {
        room: Room::Global,
        tier: Tier::X,
        status: Status::Ignored(NO_SUCH_KNOB),
        names: "anonkey, busy-polling, cluster-secret, cpu-affinity, cpu-map, cpu-policy, cpu-set, debug.counters, \
              dns-accept-family, force-cfg-parser-pause, max-threads-per-group, maxpipes, no-memory-trimming, noepoll, \
              noevports, nogetaddrinfo, nokqueue, noktls, nopoll, noreuseport, nosepoll, nosplice, numa-cpu-mapping, \
              prealloc-fd, profiling.memory, profiling.tasks, quick-exit, shm-stats-file, shm-stats-file-max-objects, \
              stress-level, thread-group, thread-groups, thread-hard-limit, tune.applet.zero-copy-forwarding, \
              tune.buffers.limit, tune.buffers.reserve, tune.bufsize.large, tune.bufsize.small, tune.comp.maxlevel, \
              tune.defaults.purge, tune.disable-fast-forward, tune.disable-zero-copy-forwarding, \
              tune.epoll.mask-events, tune.events.max-events-at-once, tune.fail-alloc, tune.fd.edge-triggered, \
              tune.fd.tables, tune.glitches.kill.cpu-usage, tune.h1.be.glitches-threshold, \
              tune.h1.fe.glitches-threshold, tune.h1.zero-copy-fwd-recv, tune.h1.zero-copy-fwd-send, \
              tune.idle-pool.shared, tune.listener.default-shards, tune.listener.multi-queue, tune.memory.hot-size, \
              tune.notsent-lowat.client, tune.notsent-lowat.server, tune.peers.max-updates-at-once, tune.pipesize, \
              tune.pool-high-fd-ratio, tune.pool-low-fd-ratio, tune.pt.zero-copy-forwarding, tune.recv_enough, \
              tune.renice.runtime, tune.renice.startup, tune.ring.queues, tune.runqueue-depth, tune.sched.low-latency, \
              tune.stick-counters, tune.streams-elasticity, tune.takeover-other-tg-connections, \
              tune.vars.check-max-size, tune.vars.global-max-size, tune.vars.proc-max-size, tune.vars.reqres-max-size, \
              tune.vars.sess-max-size, tune.vars.txn-max-size, warn-blocked-traffic-after",
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
              tune.lua.forced-yield, tune.lua.log.loggers, tune.lua.log.stderr, tune.lua.maxmem, tune.lua.openlibs, \
              tune.lua.service-timeout, tune.lua.session-timeout, tune.lua.task-timeout, wurfl-cache-size, \
              wurfl-data-file, wurfl-information-list, wurfl-information-list-separator",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::B,
        status: Status::NotYet,
        names: "http-after-response sc-add-gpc, http-after-response sc-inc-gpc, http-after-response sc-inc-gpc0, \
              http-after-response sc-inc-gpc1, http-after-response sc-set-gpt, http-after-response sc-set-gpt0, \
              http-request add-acl, http-request del-acl, http-request del-map, http-request sc-add-gpc, http-request \
              sc-inc-gpc, http-request sc-inc-gpc0, http-request sc-inc-gpc1, http-request sc-set-gpt, http-request \
              sc-set-gpt0, http-request set-map, http-request track-sc0, http-request track-sc1, http-request \
              track-sc2, http-request wait-for-handshake, http-response add-acl, http-response del-acl, http-response \
              del-map, http-response sc-add-gpc, http-response sc-inc-gpc, http-response sc-inc-gpc0, http-response \
              sc-inc-gpc1, http-response sc-set-gpt, http-response sc-set-gpt0, http-response set-map, http-response \
              track-sc0, http-response track-sc1, http-response track-sc2, stick match, stick on, stick store-request, \
              stick store-response, stick-table, tcp-request connection capture, tcp-request connection sc-add-gpc, \
              tcp-request connection sc-inc-gpc, tcp-request connection sc-inc-gpc0, tcp-request connection \
              sc-inc-gpc1, tcp-request connection sc-set-gpt, tcp-request connection sc-set-gpt0, tcp-request \
              connection track-sc0, tcp-request connection track-sc1, tcp-request connection track-sc2, tcp-request \
              content sc-add-gpc, tcp-request content sc-inc-gpc, tcp-request content sc-inc-gpc0, tcp-request content \
              sc-inc-gpc1, tcp-request content sc-set-gpt, tcp-request content sc-set-gpt0, tcp-request content \
              track-sc0, tcp-request content track-sc1, tcp-request content track-sc2, tcp-request session sc-add-gpc, \
              tcp-request session sc-inc-gpc, tcp-request session sc-inc-gpc0, tcp-request session sc-inc-gpc1, \
              tcp-request session sc-set-gpt, tcp-request session sc-set-gpt0, tcp-request session track-sc0, \
              tcp-request session track-sc1, tcp-request session track-sc2, tcp-response content sc-add-gpc, \
              tcp-response content sc-inc-gpc, tcp-response content sc-inc-gpc0, tcp-response content sc-inc-gpc1, \
              tcp-response content sc-set-gpt, tcp-response content sc-set-gpt0",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::C,
        status: Status::NotYet,
        names: "be-unpublished, error-log-format, force-be-switch, guid, hash-balance-factor, hash-preserve-affinity, \
              http-after-response add-headers-bin, http-after-response del-acl, http-after-response del-headers-bin, \
              http-after-response del-map, http-after-response do-log, http-after-response set-headers-bin, \
              http-after-response set-map, http-after-response strict-mode, http-request add-headers-bin, http-request \
              del-headers-bin, http-request do-log, http-request do-resolve, http-request early-hint, http-request \
              normalize-uri, http-request pause, http-request set-bandwidth-limit, http-request set-bc-mark, \
              http-request set-bc-tos, http-request set-fc-mark, http-request set-fc-tos, http-request \
              set-headers-bin, http-request set-priority-class, http-request set-priority-offset, http-request \
              set-retries, http-request set-timeout, http-request strict-mode, http-response add-headers-bin, \
              http-response del-headers-bin, http-response do-log, http-response pause, http-response \
              set-bandwidth-limit, http-response set-fc-mark, http-response set-fc-tos, http-response set-headers-bin, \
              http-response set-timeout, http-response strict-mode, log-steps, max-session-srv-conns, option \
              disable-h2-upgrade, option forwarded, option h1-case-adjust-bogus-client, option \
              h1-case-adjust-bogus-server, option httpslog, option use-small-buffers, persist rdp-cookie, tcp-request \
              connection do-log, tcp-request connection expect-netscaler-cip, tcp-request connection set-fc-mark, \
              tcp-request connection set-fc-tos, tcp-request content do-log, tcp-request content do-resolve, \
              tcp-request content set-bandwidth-limit, tcp-request content set-bc-mark, tcp-request content \
              set-bc-tos, tcp-request content set-fc-mark, tcp-request content set-fc-tos, tcp-request content \
              set-priority-class, tcp-request content set-priority-offset, tcp-request content set-retries, \
              tcp-request content switch-mode, tcp-request content use-service, tcp-request session attach-srv, \
              tcp-request session do-log, tcp-request session set-fc-mark, tcp-request session set-fc-tos, \
              tcp-response content do-log, tcp-response content set-bandwidth-limit, tcp-response content set-fc-mark, \
              tcp-response content set-fc-tos",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::C,
        status: Status::Ignored(NO_PRIORITIES),
        names: "http-request set-nice, http-response set-nice, tcp-request content set-nice, tcp-response content \
              set-nice",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::X,
        status: Status::Ignored(LEFT_OUT),
        names: "compression, email-alert from, email-alert level, email-alert mailers, email-alert myhostname, \
              email-alert to, filter-sequence, http-request cache-use, http-response cache-store, timeout client-hs",
    },
    Group {
        room: Room::Proxy,
        tier: Tier::X,
        status: Status::Refused(NO_FILTERS),
        names: "crt, filter, http-request send-spoe-group, http-response send-spoe-group, option spop-check, \
              quic-initial, tcp-request content send-spoe-group, tcp-response content send-spoe-group, use-fcgi-app",
    },
    Group {
        room: Room::Bind,
        tier: Tier::C,
        status: Status::NotYet,
        names: "accept-netscaler-cip=, cc=, guid-prefix=, idle-ping=, label=, nbconn=, tcp-md5sig=, tcp-ss=",
    },
    Group {
        room: Room::Bind,
        tier: Tier::X,
        status: Status::Ignored(TLS_ELSEWHERE),
        names: "allow-0rtt, alpn=, ca-file=, ca-ignore-err=, ca-sign-file=, ca-sign-pass=, ca-verify-file=, ciphers=, \
              ciphersuites=, client-sigalgs=, crl-file=, crt-ignore-err=, curves=, default-crt=, ecdhe=, ech=, \
              force-sslv3, force-tlsv10, force-tlsv11, force-tlsv12, force-tlsv13, generate-certificates, ktls=, \
              no-alpn, no-ca-names, no-sslv3, no-strict-sni, no-tls-tickets, no-tlsv10, no-tlsv11, no-tlsv12, \
              no-tlsv13, npn=, prefer-client-ciphers, sigalgs=, ssl-max-ver=, ssl-min-ver=, strict-sni, \
              tls-ticket-keys=, tls-tickets, verify=",
    },
    Group { room: Room::Bind, tier: Tier::X, status: Status::Refused(TLS_IN_FRONT), names: "crt-list=, crt=, ssl" },
    Group { room: Room::Bind, tier: Tier::X, status: Status::Refused(NO_QUIC), names: "quic-cc-algo=, quic-force-retry, quic-socket=" },
    Group {
        room: Room::Server,
        tier: Tier::B,
        status: Status::NotYet,
        names: "agent-addr=, agent-check, agent-inter=, agent-port=, agent-send=, no-agent-check",
    },
    Group {
        room: Room::Server,
        tier: Tier::C,
        status: Status::NotYet,
        names: "cc=, check-pool-conn-name=, check-proto=, check-reuse-pool, check-via-socks4, guid=, hash-key=, \
              healthcheck=, idle-ping=, init-state=, log-bufsize=, log-proto=, no-check-reuse-pool, pool-conn-name=, \
              proto=, proxy-v2-options=, set-proxy-v2-tlv-fmt=, shard=, socks4=, strict-maxconn, tcp-md5sig=, ws=",
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
    Group {
        room: Room::Fetch,
        tier: Tier::B,
        status: Status::NotYet,
        names: "be_sess_rate, fe_req_rate, fe_sess_rate, sc0_bytes_in_rate, sc0_bytes_out_rate, sc0_clr_gpc0, \
              sc0_clr_gpc1, sc0_conn_cnt, sc0_conn_cur, sc0_conn_rate, sc0_get_gpc0, sc0_get_gpc1, sc0_get_gpt0, \
              sc0_glitch_cnt, sc0_glitch_rate, sc0_gpc0_rate, sc0_gpc1_rate, sc0_http_err_cnt, sc0_http_err_rate, \
              sc0_http_fail_cnt, sc0_http_fail_rate, sc0_http_req_cnt, sc0_http_req_rate, sc0_inc_gpc0, sc0_inc_gpc1, \
              sc0_kbytes_in, sc0_kbytes_out, sc0_key, sc0_sess_cnt, sc0_sess_rate, sc0_tracked, sc0_trackers, \
              sc1_bytes_in_rate, sc1_bytes_out_rate, sc1_clr_gpc, sc1_clr_gpc0, sc1_clr_gpc1, sc1_conn_cnt, \
              sc1_conn_cur, sc1_conn_rate, sc1_get_gpc0, sc1_get_gpc1, sc1_get_gpt0, sc1_glitch_cnt, sc1_glitch_rate, \
              sc1_gpc0_rate, sc1_gpc1_rate, sc1_http_err_cnt, sc1_http_err_rate, sc1_http_fail_cnt, \
              sc1_http_fail_rate, sc1_http_req_cnt, sc1_http_req_rate, sc1_inc_gpc0, sc1_inc_gpc1, sc1_kbytes_in, \
              sc1_kbytes_out, sc1_key, sc1_sess_cnt, sc1_sess_rate, sc1_tracked, sc1_trackers, sc2_bytes_in_rate, \
              sc2_bytes_out_rate, sc2_clr_gpc0, sc2_clr_gpc1, sc2_conn_cnt, sc2_conn_cur, sc2_conn_rate, sc2_get_gpc0, \
              sc2_get_gpc1, sc2_get_gpt0, sc2_glitch_cnt, sc2_glitch_rate, sc2_gpc0_rate, sc2_gpc1_rate, \
              sc2_http_err_cnt, sc2_http_err_rate, sc2_http_fail_cnt, sc2_http_fail_rate, sc2_http_req_cnt, \
              sc2_http_req_rate, sc2_inc_gpc0, sc2_inc_gpc1, sc2_kbytes_in, sc2_kbytes_out, sc2_key, sc2_sess_cnt, \
              sc2_sess_rate, sc2_tracked, sc2_trackers, sc_bytes_in_rate, sc_bytes_out_rate, sc_clr_gpc, sc_clr_gpc0, \
              sc_clr_gpc1, sc_conn_cnt, sc_conn_cur, sc_conn_rate, sc_get_gpc, sc_get_gpc0, sc_get_gpc1, sc_get_gpt, \
              sc_get_gpt0, sc_glitch_cnt, sc_glitch_rate, sc_gpc0_rate, sc_gpc1_rate, sc_gpc_rate, sc_http_err_cnt, \
              sc_http_err_rate, sc_http_fail_cnt, sc_http_fail_rate, sc_http_req_cnt, sc_http_req_rate, sc_inc_gpc, \
              sc_inc_gpc0, sc_inc_gpc1, sc_kbytes_in, sc_kbytes_out, sc_key, sc_sess_cnt, sc_sess_rate, sc_tracked, \
              sc_trackers, src_bytes_in_rate, src_bytes_out_rate, src_clr_gpc, src_clr_gpc0, src_clr_gpc1, \
              src_conn_cnt, src_conn_cur, src_conn_rate, src_get_gpc, src_get_gpc0, src_get_gpc1, src_get_gpt, \
              src_get_gpt0, src_glitch_cnt, src_glitch_rate, src_gpc0_rate, src_gpc1_rate, src_gpc_rate, \
              src_http_err_cnt, src_http_err_rate, src_http_fail_cnt, src_http_fail_rate, src_http_req_cnt, \
              src_http_req_rate, src_inc_gpc, src_inc_gpc0, src_inc_gpc1, src_kbytes_in, src_kbytes_out, src_sess_cnt, \
              src_sess_rate, src_updt_conn_cnt, srv_sess_rate, table_avl, table_cnt",
    },
    Group {
        room: Room::Fetch,
        tier: Tier::C,
        status: Status::NotYet,
        names: "bc_be_queue, bc_err, bc_err_name, bc_err_str, bc_glitches, bc_nb_streams, bc_reused, bc_rtt, bc_rttvar, \
              bc_settings_streams_limit, bc_srv_queue, be_max_retries, bs.aborted, bs.debug_str, bs.id, bs.rst_code, \
              cpu_calls, cpu_ns_avg, cpu_ns_tot, cpu_usage_grp, cpu_usage_proc, cpu_usage_thr, cur_client_timeout, \
              cur_connect_timeout, cur_max_retries, cur_queue_timeout, cur_server_timeout, cur_tarpit_timeout, \
              cur_tunnel_timeout, dump_all_vars, fc_err, fc_err_name, fc_err_str, fc_fackets, fc_glitches, fc_lost, \
              fc_nb_streams, fc_pp_authority, fc_pp_tlv, fc_pp_unique_id, fc_reordering, fc_retrans, fc_rtt, \
              fc_rttvar, fc_sacked, fc_saved_syn, fc_settings_streams_limit, fc_unacked, fs.aborted, fs.debug_str, \
              fs.id, fs.rst_code, last_entity, last_rule_file, last_rule_line, lat_ns_avg, lat_ns_tot, prio_class, \
              prio_offset, req.bytes_in, req.bytes_out, req.ssl_cipherlist, req.ssl_ec_ext, req.ssl_keyshare_groups, \
              req.ssl_sigalgs, req.ssl_st_ext, req.ssl_supported_groups, res.bytes_in, res.bytes_out, res.cache_hit, \
              res.cache_name, res.comp, res.comp_algo, server_status, term_events, tgroup, txn.id32, waiting_entity",
    },
    Group {
        room: Room::Fetch,
        tier: Tier::X,
        status: Status::Refused(NO_SUCH_SAMPLE),
        names: "distcc_body, distcc_param, fcgi.docroot, fcgi.index, internal.htx.data, internal.htx.free, \
              internal.htx.free_data, internal.htx.has_eom, internal.htx.nbblks, internal.htx.size, internal.htx.used, \
              internal.htx_blk.data, internal.htx_blk.hdrname, internal.htx_blk.hdrval, internal.htx_blk.size, \
              internal.htx_blk.start_line, internal.htx_blk.type, internal.strm.is_htx, quic_enabled, spoe.engine-id, \
              ssl_bc_alg_keysize, ssl_bc_client_early_traffic_secret, ssl_bc_client_handshake_traffic_secret, \
              ssl_bc_client_random, ssl_bc_client_traffic_secret_0, ssl_bc_curve, ssl_bc_early_exporter_secret, \
              ssl_bc_err, ssl_bc_err_str, ssl_bc_exporter_secret, ssl_bc_npn, ssl_bc_server_handshake_traffic_secret, \
              ssl_bc_server_random, ssl_bc_server_traffic_secret_0, ssl_bc_session_id, ssl_bc_session_key, \
              ssl_bc_unique_id, ssl_bc_use_keysize, ssl_c_ca_err, ssl_c_ca_err_depth, ssl_c_chain_der, ssl_c_der, \
              ssl_c_err, ssl_c_i_dn, ssl_c_key_alg, ssl_c_notafter, ssl_c_notbefore, ssl_c_policies, ssl_c_r_dn, \
              ssl_c_s_dn, ssl_c_san, ssl_c_serial, ssl_c_sha1, ssl_c_sig_alg, ssl_c_used, ssl_c_verify, ssl_c_version, \
              ssl_f_der, ssl_f_i_dn, ssl_f_key_alg, ssl_f_notafter, ssl_f_notbefore, ssl_f_s_dn, ssl_f_serial, \
              ssl_f_sha1, ssl_f_sig_alg, ssl_f_version, ssl_fc_client_early_traffic_secret, \
              ssl_fc_client_handshake_traffic_secret, ssl_fc_client_random, ssl_fc_client_traffic_secret_0, \
              ssl_fc_crtname, ssl_fc_curve, ssl_fc_early_exporter_secret, ssl_fc_early_rcvd, ssl_fc_ecformats_bin, \
              ssl_fc_eclist_bin, ssl_fc_exporter_secret, ssl_fc_extlist_bin, ssl_fc_protocol_hello_id, \
              ssl_fc_server_handshake_traffic_secret, ssl_fc_server_random, ssl_fc_server_traffic_secret_0, \
              ssl_fc_session_key, ssl_fc_sigalgs_bin, ssl_fc_supported_versions_bin, ssl_s_chain_der, ssl_s_der, \
              ssl_s_i_dn, ssl_s_key_alg, ssl_s_notafter, ssl_s_notbefore, ssl_s_s_dn, ssl_s_serial, ssl_s_sha1, \
              ssl_s_sig_alg, ssl_s_version",
    },
    Group {
        room: Room::Converter,
        tier: Tier::B,
        status: Status::NotYet,
        names: "capture-req, capture-res, in_table, table_bytes_in_rate, table_bytes_out_rate, table_clr_gpc, \
              table_clr_gpc0, table_clr_gpc1, table_conn_cnt, table_conn_cur, table_conn_rate, table_expire, \
              table_glitch_cnt, table_glitch_rate, table_gpc, table_gpc0, table_gpc0_rate, table_gpc1, \
              table_gpc1_rate, table_gpc_rate, table_gpt, table_gpt0, table_http_err_cnt, table_http_err_rate, \
              table_http_fail_cnt, table_http_fail_rate, table_http_req_cnt, table_http_req_rate, table_idle, \
              table_inc_gpc, table_inc_gpc0, table_inc_gpc1, table_kbytes_in, table_kbytes_out, table_server_id, \
              table_sess_cnt, table_sess_rate, table_trackers",
    },
    Group {
        room: Room::Converter,
        tier: Tier::C,
        status: Status::NotYet,
        names: "debug, json_query, rfc7239_field, rfc7239_is_valid, rfc7239_n2nn, rfc7239_n2np, rfc7239_nn, rfc7239_np, \
              when, xxh3",
    },
    Group {
        room: Room::Converter,
        tier: Tier::X,
        status: Status::Refused(NO_SUCH_SAMPLE),
        names: "aes_cbc_dec, aes_cbc_enc, aes_gcm_dec, aes_gcm_enc, da-csv-conv, digest, eth.data, eth.dst, eth.hdr, \
              eth.proto, eth.src, eth.vlan, fix_is_valid, fix_tag_value, hmac, ip.data, ip.df, ip.dst, ip.fp, ip.hdr, \
              ip.proto, ip.src, ip.tos, ip.ttl, ip.ver, jwt_decrypt_cert, jwt_decrypt_jwk, jwt_decrypt_secret, \
              jwt_header_query, jwt_payload_query, jwt_verify, jwt_verify_cert, mqtt_field_value, mqtt_is_valid, \
              protobuf, secure_memcmp, sha2, tcp.dst, tcp.flags, tcp.options.mss, tcp.options.sack, tcp.options.tsopt, \
              tcp.options.tsval, tcp.options.wscale, tcp.options.wsopt, tcp.options_list, tcp.seq, tcp.src, tcp.win, \
              ungrpc, x509_v_err_str",
    },
    Group { room: Room::Global, tier: Tier::X, status: Status::Ignored(NO_PROCESSES), names: "stats bind-process" },
    Group { room: Room::Proxy, tier: Tier::X, status: Status::Ignored(NO_PROCESSES), names: "stats bind-process" },
    Group { room: Room::Proxy, tier: Tier::C, status: Status::Ignored(NO_PROCESSES), names: "bind-process" },
    Group { room: Room::Proxy, tier: Tier::C, status: Status::Ignored(NO_TUNNEL), names: "option http-tunnel" },
    Group { room: Room::Proxy, tier: Tier::C, status: Status::Ignored(ONE_ENGINE), names: "option http-use-htx" },
    Group { room: Room::Proxy, tier: Tier::C, status: Status::Refused(NO_APPSESSION), names: "appsession, timeout appsession" },
    Group { room: Room::Proxy, tier: Tier::X, status: Status::Refused(NO_FORWARD_PROXY), names: "option http_proxy" },
];

const TLS_ELSEWHERE: &str = "byway speaks no TLS: this has no effect here";
const TLS_IN_FRONT: &str = "end TLS in front, with stunnel or hitch, and take the client's address by the PROXY protocol; --skip-tls-binds leaves such listeners out";
const TLS_BEHIND: &str = "let stunnel connect to the server with TLS, and name stunnel's address here";
const HTTP_1_ONLY: &str = "byway speaks HTTP/1.1 alone";
const NO_COMPRESSION: &str = "responses are not compressed";
const NO_SUCH_KNOB: &str = "byway has nothing that this could tune";
const NAMES_AT_START: &str = "names of servers are looked up once, at start";
const LEFT_OUT: &str = "it is left out; answers stay the same";
pub(super) const NO_CODE: &str = "byway runs no code of others: do it in the application, or in a service behind a backend";
const NO_PRIORITIES: &str = "sessions have their turns alike";
const NO_FILTERS: &str = "byway has no filters, FastCGI, SPOE or QUIC: do it in a service behind a backend";
const NO_QUIC: &str = "byway speaks HTTP/1.1 over TCP alone";
const NO_SUCH_SAMPLE: &str = "byway sees no TLS and decodes no other protocols: decide where TLS ends";
const NO_TUNNEL: &str = "every request of a connection is looked at, as in HAProxy since 2.1";
const ONE_ENGINE: &str = "there is one way to read HTTP here, as in HAProxy since 2.1";
const NO_APPSESSION: &str = "HAProxy dropped it in 1.6: a line like 'cookie JSESSIONID prefix nocache' keeps visitors on their server";
const NO_FORWARD_PROXY: &str = "byway goes only where 'server' lines lead: a forward proxy (squid, tinyproxy) goes where requests say";
const NO_PROCESSES: &str = "byway is one process";
