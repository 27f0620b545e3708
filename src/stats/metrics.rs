//! The metrics of Prometheus' exporter: HAProxy 2.6's names, kinds and labels in its order, a table. Their values are those of
//! `info` and `columns`; how they are written is `prometheus`.

/// A metric of one or several kinds of rows.
pub struct Metric {
    /// Its name without what it is of: `haproxy_server_` comes in front of it.
    pub name: &'static str,
    /// What Prometheus is to make of it.
    pub kind: Kind,
    /// What has it: P process, F frontends, L listeners, B backends, S servers.
    pub of: &'static str,
    /// The line of `info` or the column that it shows.
    pub source: &'static str,
    /// How that becomes one or several samples.
    pub shape: Shape,
}

/// What Prometheus is to make of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only grows.
    Counter,
}

/// How a value becomes samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It is the sample.
    Plain,
    /// Milliseconds, shown as seconds.
    Seconds,
    /// A sample for each class of answers, by `code`.
    Answers,
    /// A sample for each status, by `state`.
    Status,
    /// Likewise for what checks come to.
    Checks,
    /// Servers by their status.
    Servers,
    /// Servers by what their checks came to.
    ServerChecks,
    /// A label of a sample that is always 1.
    Build,
    /// Is the proxy in maintenance?
    Maintenance,
}

use Kind::{Counter, Gauge};
use Shape::{Answers, Build, Checks, Maintenance, Plain, Seconds, ServerChecks, Servers, Status};

const fn metric(name: &'static str, kind: Kind, of: &'static str, source: &'static str, shape: Shape) -> Metric {
    Metric { name, kind, of, source, shape }
}

/// Every metric. The last is byway's own.
#[rustfmt::skip]
pub static METRICS: &[Metric] = &[
    metric("nbthread", Gauge, "P", "Nbthread", Plain),
    metric("nbproc", Gauge, "P", "Nbproc", Plain),
    metric("relative_process_id", Gauge, "P", "Process_num", Plain),
    metric("uptime_seconds", Gauge, "P", "Uptime_sec", Plain),
    metric("pool_failures_total", Counter, "P", "PoolFailed", Plain),
    metric("max_fds", Gauge, "P", "Ulimit-n", Plain),
    metric("max_sockets", Gauge, "P", "Maxsock", Plain),
    metric("max_connections", Gauge, "P", "Maxconn", Plain),
    metric("hard_max_connections", Gauge, "P", "Hard_maxconn", Plain),
    metric("current_connections", Gauge, "P", "CurrConns", Plain),
    metric("connections_total", Counter, "P", "CumConns", Plain),
    metric("requests_total", Counter, "P", "CumReq", Plain),
    metric("max_ssl_connections", Gauge, "P", "MaxSslConns", Plain),
    metric("current_ssl_connections", Gauge, "P", "CurrSslConns", Plain),
    metric("ssl_connections_total", Counter, "P", "CumSslConns", Plain),
    metric("max_pipes", Gauge, "P", "Maxpipes", Plain),
    metric("pipes_used_total", Counter, "P", "PipesUsed", Plain),
    metric("pipes_free_total", Counter, "P", "PipesFree", Plain),
    metric("current_connection_rate", Gauge, "P", "ConnRate", Plain),
    metric("limit_connection_rate", Gauge, "P", "ConnRateLimit", Plain),
    metric("max_connection_rate", Gauge, "P", "MaxConnRate", Plain),
    metric("current_session_rate", Gauge, "P", "SessRate", Plain),
    metric("limit_session_rate", Gauge, "P", "SessRateLimit", Plain),
    metric("max_session_rate", Gauge, "P", "MaxSessRate", Plain),
    metric("current_ssl_rate", Gauge, "P", "SslRate", Plain),
    metric("limit_ssl_rate", Gauge, "P", "SslRateLimit", Plain),
    metric("max_ssl_rate", Gauge, "P", "MaxSslRate", Plain),
    metric("current_frontend_ssl_key_rate", Gauge, "P", "SslFrontendKeyRate", Plain),
    metric("max_frontend_ssl_key_rate", Gauge, "P", "SslFrontendMaxKeyRate", Plain),
    metric("frontend_ssl_reuse", Gauge, "P", "SslFrontendSessionReuse_pct", Plain),
    metric("current_backend_ssl_key_rate", Gauge, "P", "SslBackendKeyRate", Plain),
    metric("max_backend_ssl_key_rate", Gauge, "P", "SslBackendMaxKeyRate", Plain),
    metric("ssl_cache_lookups_total", Counter, "P", "SslCacheLookups", Plain),
    metric("ssl_cache_misses_total", Counter, "P", "SslCacheMisses", Plain),
    metric("http_comp_bytes_in_total", Counter, "P", "CompressBpsIn", Plain),
    metric("http_comp_bytes_out_total", Counter, "P", "CompressBpsOut", Plain),
    metric("limit_http_comp", Gauge, "P", "CompressBpsRateLim", Plain),
    metric("current_zlib_memory", Gauge, "P", "ZlibMemUsage", Plain),
    metric("max_zlib_memory", Gauge, "P", "MaxZlibMemUsage", Plain),
    metric("current_tasks", Gauge, "P", "Tasks", Plain),
    metric("current_run_queue", Gauge, "P", "Run_queue", Plain),
    metric("idle_time_percent", Gauge, "P", "Idle_pct", Plain),
    metric("stopping", Gauge, "P", "Stopping", Plain),
    metric("jobs", Gauge, "P", "Jobs", Plain),
    metric("unstoppable_jobs", Gauge, "P", "Unstoppable Jobs", Plain),
    metric("listeners", Gauge, "P", "Listeners", Plain),
    metric("active_peers", Gauge, "P", "ActivePeers", Plain),
    metric("connected_peers", Gauge, "P", "ConnectedPeers", Plain),
    metric("dropped_logs_total", Counter, "P", "DroppedLogs", Plain),
    metric("busy_polling_enabled", Gauge, "P", "BusyPolling", Plain),
    metric("failed_resolutions", Counter, "P", "FailedResolutions", Plain),
    metric("bytes_out_total", Counter, "P", "TotalBytesOut", Plain),
    metric("spliced_bytes_out_total", Counter, "P", "TotalSplicdedBytesOut", Plain),
    metric("bytes_out_rate", Gauge, "P", "BytesOutRate", Plain),
    metric("recv_logs_total", Counter, "P", "CumRecvLogs", Plain),
    metric("build_info", Gauge, "P", "Build info", Build),
    metric("max_memory_bytes", Gauge, "P", "Memmax_bytes", Plain),
    metric("pool_allocated_bytes", Gauge, "P", "PoolAlloc_bytes", Plain),
    metric("pool_used_bytes", Gauge, "P", "PoolUsed_bytes", Plain),
    metric("start_time_seconds", Gauge, "P", "Start_time_sec", Plain),
    metric("current_queue", Gauge, "BS", "qcur", Plain),
    metric("max_queue", Gauge, "BS", "qmax", Plain),
    metric("current_sessions", Gauge, "FLBS", "scur", Plain),
    metric("max_sessions", Gauge, "FLBS", "smax", Plain),
    metric("limit_sessions", Gauge, "FLBS", "slim", Plain),
    metric("sessions_total", Counter, "FLBS", "stot", Plain),
    metric("bytes_in_total", Counter, "FLBS", "bin", Plain),
    metric("bytes_out_total", Counter, "FLBS", "bout", Plain),
    metric("requests_denied_total", Counter, "FLB", "dreq", Plain),
    metric("responses_denied_total", Counter, "FLBS", "dresp", Plain),
    metric("request_errors_total", Counter, "FL", "ereq", Plain),
    metric("connection_errors_total", Counter, "BS", "econ", Plain),
    metric("response_errors_total", Counter, "BS", "eresp", Plain),
    metric("retry_warnings_total", Counter, "BS", "wretr", Plain),
    metric("redispatch_warnings_total", Counter, "BS", "wredis", Plain),
    metric("status", Gauge, "FLBS", "status", Status),
    metric("weight", Gauge, "BS", "weight", Plain),
    metric("active_servers", Gauge, "B", "act", Plain),
    metric("backup_servers", Gauge, "B", "bck", Plain),
    metric("check_failures_total", Counter, "S", "chkfail", Plain),
    metric("check_up_down_total", Counter, "BS", "chkdown", Plain),
    metric("check_last_change_seconds", Gauge, "BS", "lastchg", Plain),
    metric("downtime_seconds_total", Counter, "BS", "downtime", Plain),
    metric("queue_limit", Gauge, "S", "qlimit", Plain),
    metric("current_throttle", Gauge, "S", "throttle", Plain),
    metric("loadbalanced_total", Counter, "BS", "lbtot", Plain),
    metric("limit_session_rate", Gauge, "F", "rate_lim", Plain),
    metric("max_session_rate", Gauge, "FBS", "rate_max", Plain),
    metric("check_status", Gauge, "S", "check_status", Checks),
    metric("check_code", Gauge, "S", "check_code", Plain),
    metric("check_duration_seconds", Gauge, "S", "check_duration", Seconds),
    metric("http_responses_total", Counter, "FBS", "hrsp_1xx", Answers),
    metric("http_requests_rate_max", Gauge, "F", "req_rate_max", Plain),
    metric("http_requests_total", Counter, "FB", "req_tot", Plain),
    metric("client_aborts_total", Counter, "BS", "cli_abrt", Plain),
    metric("server_aborts_total", Counter, "BS", "srv_abrt", Plain),
    metric("http_comp_bytes_in_total", Counter, "FB", "comp_in", Plain),
    metric("http_comp_bytes_out_total", Counter, "FB", "comp_out", Plain),
    metric("http_comp_bytes_bypassed_total", Counter, "FB", "comp_byp", Plain),
    metric("http_comp_responses_total", Counter, "FB", "comp_rsp", Plain),
    metric("last_session_seconds", Gauge, "BS", "lastsess", Plain),
    metric("queue_time_average_seconds", Gauge, "BS", "qtime", Seconds),
    metric("connect_time_average_seconds", Gauge, "BS", "ctime", Seconds),
    metric("response_time_average_seconds", Gauge, "BS", "rtime", Seconds),
    metric("total_time_average_seconds", Gauge, "BS", "ttime", Seconds),
    metric("connections_rate_max", Gauge, "F", "conn_rate_max", Plain),
    metric("connections_total", Counter, "F", "conn_tot", Plain),
    metric("intercepted_requests_total", Counter, "F", "intercepted", Plain),
    metric("denied_connections_total", Counter, "FL", "dcon", Plain),
    metric("denied_sessions_total", Counter, "FL", "dses", Plain),
    metric("failed_header_rewriting_total", Counter, "FLBS", "wrew", Plain),
    metric("connection_attempts_total", Counter, "BS", "connect", Plain),
    metric("connection_reuses_total", Counter, "BS", "reuse", Plain),
    metric("http_cache_lookups_total", Counter, "FB", "cache_lookups", Plain),
    metric("http_cache_hits_total", Counter, "FB", "cache_hits", Plain),
    metric("idle_connections_current", Gauge, "S", "srv_icur", Plain),
    metric("idle_connections_limit", Gauge, "S", "src_ilim", Plain),
    metric("max_queue_time_seconds", Gauge, "BS", "qtime_max", Seconds),
    metric("max_connect_time_seconds", Gauge, "BS", "ctime_max", Seconds),
    metric("max_response_time_seconds", Gauge, "BS", "rtime_max", Seconds),
    metric("max_total_time_seconds", Gauge, "BS", "ttime_max", Seconds),
    metric("internal_errors_total", Counter, "FLBS", "eint", Plain),
    metric("unsafe_idle_connections_current", Gauge, "S", "idle_conn_cur", Plain),
    metric("safe_idle_connections_current", Gauge, "S", "safe_conn_cur", Plain),
    metric("used_connections_current", Gauge, "S", "used_conn_cur", Plain),
    metric("need_connections_current", Gauge, "S", "need_conn_est", Plain),
    metric("uweight", Gauge, "BS", "uweight", Plain),
    metric("agg_server_status", Gauge, "B", "agg_server_status", Servers),
    metric("agg_server_check_status", Gauge, "B", "agg_server_check_status", Servers),
    metric("agg_check_status", Gauge, "B", "agg_check_status", ServerChecks),
    metric("maintenance", Gauge, "FB", "status", Maintenance),
];

/// What a server's check can come to, in HAProxy's words.
pub const CHECK_RESULTS: [&str; 16] = [
    "HANA", "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP", "L7OK", "L7OKC", "L7STS", "PROCERR",
    "PROCTOUT", "PROCOK",
];
