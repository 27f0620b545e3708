//! What only the running proxy knows: counters, the listener, the server that was chosen, the clock.
//! Fetches name a fact; whoever implements `World` says which ones it supplies, and the rest are refused when the configuration is read.

/// Something that the running proxy knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// `act_conn`: connections of the whole process.
    ActiveConnections,
    /// `avg_queue`: waiting requests of a backend for each of its usable servers.
    AverageQueue,
    /// `be_conn`: connections of a backend.
    BackendConnections,
    /// `be_conn_free`: connections that the servers of a backend could still take.
    BackendFreeConnections,
    /// `be_id`: number of the backend, once one is chosen.
    BackendId,
    /// `capture.req.hdr`: a request field that was captured, by its number from 0.
    CapturedRequestField,
    /// `capture.req.method`: method of the request as it came.
    RequestMethod,
    /// `capture.req.uri`: target of the request as it came.
    RequestTarget,
    /// `capture.req.ver`: version of the request as it came: HTTP/1.0 or HTTP/1.1.
    RequestVersion,
    /// `capture.res.hdr`: a response field that was captured, by its number from 0.
    CapturedResponseField,
    /// `capture.res.ver`: version of the response as it came: HTTP/1.0 or HTTP/1.1.
    ResponseVersion,
    /// `connslots`: connections and queue places that a backend has left.
    ConnectionSlots,
    /// `date`: seconds since 1970, with an offset, or milliseconds (ms) or microseconds (us).
    Date,
    /// `dst_conn`: connections of the address that the client connected to.
    ListenerConnections,
    /// `dst_is_local`: whether the address that the client connected to is one of this host.
    DestinationIsLocal,
    /// `fe_conn`: connections of a frontend.
    FrontendConnections,
    /// `fc_rcvd_proxy`: whether the connection began with a PROXY header.
    ReceivedProxyHeader,
    /// `fe_id`: number of the frontend.
    FrontendId,
    /// `hostname`: name of this host.
    Hostname,
    /// `http_first_req`: whether the request is its connection's first.
    IsFirstRequest,
    /// `nbproc`: number of processes: 1.
    Processes,
    /// `pid`: the process's id.
    ProcessId,
    /// `proc`: number of the process: 1.
    ProcessNumber,
    /// `queue`: waiting requests of a backend and its servers.
    Queue,
    /// `rand`: a random integer, below the bound given.
    Random,
    /// `so_id`: number of the address that the client connected to.
    ListenerId,
    /// `so_name`: name of the bind line that the client connected to.
    ListenerName,
    /// `src_is_local`: whether the client's address is one of this host.
    SourceIsLocal,
    /// `srv_conn`: connections of a server.
    ServerConnections,
    /// `srv_id`: number of the server, once one is chosen.
    ServerId,
    /// `srv_is_up`: whether a server is up.
    ServerIsUp,
    /// `srv_name`: name of the server, once one is chosen.
    ServerName,
    /// `srv_queue`: waiting requests of a server.
    ServerQueue,
    /// `stopping`: whether the process finishes.
    IsStopping,
    /// `thread`: number of the worker thread, from 0.
    Thread,
    /// `txn.status`: status that the client gets.
    TransactionStatus,
    /// `uptime`: seconds since the process began.
    Uptime,
    /// `uuid`: a random universally unique identifier (version 4).
    Uuid,
    /// `accept_date`: when the connection was accepted, or the request before was answered; seconds, ms or us since 1970.
    AcceptDate,
    /// `request_date`: when the request began to come, likewise.
    RequestDate,
    /// `date_us`: microseconds of the current second.
    DateMicros,
    /// `bytes_in`: bytes that have come from the client.
    BytesFromClient,
    /// `bytes_out`: bytes that the client got.
    BytesToClient,
    /// `bc_src`: address from which the server was connected to.
    ServerSourceAddress,
    /// `bc_src_port`: port from which the server was connected to.
    ServerSourcePort,
    /// `bc_dst`: the server's address.
    ServerAddress,
    /// `bc_dst_port`: the server's port.
    ServerPort,
    /// `fc_src`: the client's address, before rules changed it.
    SocketSource,
    /// `fc_src_port`: the client's port, likewise.
    SocketSourcePort,
    /// `fc_dst`: the address that the client connected to, before rules changed it.
    SocketDestination,
    /// `fc_dst_port`: the port that the client connected to, likewise.
    SocketDestinationPort,
    /// `fe_defbe`: name of the frontend's default backend.
    DefaultBackend,
    /// `srv_weight`, `srv_uweight`, `srv_iweight`: weight of a server.
    ServerWeight,
    /// `srv_conn_free`: connections that a server could still take; -1 without a limit.
    ServerFreeConnections,
    /// `be_connect_timeout`, in milliseconds; 0 is none, as for the others.
    TimeoutConnect,
    /// `be_queue_timeout`
    TimeoutQueue,
    /// `be_server_timeout`, `cur_server_timeout`
    TimeoutServer,
    /// `be_tarpit_timeout`
    TimeoutTarpit,
    /// `be_tunnel_timeout`, `cur_tunnel_timeout`
    TimeoutTunnel,
    /// `fe_client_timeout`, `cur_client_timeout`
    TimeoutClient,
    /// `fe_tarpit_timeout`
    TimeoutFrontendTarpit,
    /// `txn.sess_term_state`: the two letters of how the session ends, as far as it is known.
    TerminationState,
    /// `txn.conn_retries`: further tries to connect to a server.
    Retries,
    /// `txn.redispatched`: whether another server was tried than at first.
    IsRedispatched,
    /// `bc.timer.connect`: milliseconds to connect to the server.
    TimerConnect,
    /// `fc.timer.handshake`: milliseconds of handshakes.
    TimerHandshake,
    /// `fc.timer.total`: milliseconds since the connection was accepted, or the request before answered.
    TimerConnection,
    /// `req.timer.idle`: milliseconds idle before the request.
    TimerIdle,
    /// `req.timer.hdr`: milliseconds to receive the request's head.
    TimerRequest,
    /// `req.timer.tq`: handshakes, idle time and head together.
    TimerQuery,
    /// `req.timer.queue`: milliseconds in queues.
    TimerQueue,
    /// `res.timer.hdr`: milliseconds that the server took for its head.
    TimerResponse,
    /// `res.timer.data`: milliseconds since then.
    TimerData,
    /// `txn.timer.total`: milliseconds of the request.
    TimerTotal,
    /// `txn.timer.user`: milliseconds that a user waits.
    TimerUser,
}
