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
}
