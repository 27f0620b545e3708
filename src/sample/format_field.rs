//! The variables of log formats, a row each (HAProxy manual, section 8.2.4).

/// A variable of a log format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `%B`: bytes sent to the client.
    BytesToClient,
    /// `%CC`: request cookie that was captured.
    RequestCookie,
    /// `%CS`: response cookie that was captured.
    ResponseCookie,
    /// `%H`: name of this host.
    Hostname,
    /// `%HM`: method of the request.
    Method,
    /// `%HP`: path of the request.
    Path,
    /// `%HPO`: path of the request, without scheme and host.
    PathOnly,
    /// `%HQ`: query of the request, with its question mark.
    Query,
    /// `%HU`: target of the request.
    Target,
    /// `%HV`: version of the request.
    Version,
    /// `%ID`: unique id.
    UniqueId,
    /// `%ST`: status code.
    Status,
    /// `%T`: date in GMT, of the accepted connection.
    DateGmt,
    /// `%TR`: milliseconds to receive the whole request.
    RequestTime,
    /// `%Ta`: milliseconds from the request's first byte to the end.
    ActiveTime,
    /// `%Tc`: milliseconds to connect to the server.
    ConnectTime,
    /// `%Td`: milliseconds to transfer the data.
    DataTime,
    /// `%Th`: milliseconds of handshakes before the session.
    HandshakeTime,
    /// `%Ti`: milliseconds idle before the request.
    IdleTime,
    /// `%Tl`: date in local time, of the accepted connection.
    DateLocal,
    /// `%Tq`: milliseconds from accept or last response to the end of the request.
    QueryTime,
    /// `%Tr`: milliseconds that the server took for its head.
    ResponseTime,
    /// `%Ts`: seconds since 1970, of the accepted connection.
    Timestamp,
    /// `%Tt`: milliseconds from accept to the end.
    TotalTime,
    /// `%Tu`: milliseconds that a user waited, without idle time.
    UserTime,
    /// `%Tw`: milliseconds in queues.
    QueueTime,
    /// `%U`: bytes sent to the server.
    BytesToServer,
    /// `%ac`: connections of the process.
    ActiveConnections,
    /// `%b`: name of the backend.
    Backend,
    /// `%bc`: connections of the backend.
    BackendConnections,
    /// `%bi`: address from which the server was connected to.
    ServerSourceAddress,
    /// `%bp`: port from which the server was connected to.
    ServerSourcePort,
    /// `%bq`: requests before this one in the backend's queue.
    BackendQueue,
    /// `%ci`: the client's address.
    ClientAddress,
    /// `%cp`: the client's port.
    ClientPort,
    /// `%f`: name of the frontend.
    Frontend,
    /// `%fc`: connections of the frontend.
    FrontendConnections,
    /// `%fi`: address that the client connected to.
    FrontendAddress,
    /// `%fp`: port that the client connected to.
    FrontendPort,
    /// `%ft`: name of the frontend, with a tilde for TLS.
    FrontendAndTransport,
    /// `%hr`: captured request fields, in braces.
    RequestFields,
    /// `%hrl`: captured request fields, one by one.
    RequestFieldList,
    /// `%hs`: captured response fields, in braces.
    ResponseFields,
    /// `%hsl`: captured response fields, one by one.
    ResponseFieldList,
    /// `%ms`: milliseconds of the accepted connection's date.
    Milliseconds,
    /// `%lc`: lines that were logged for the frontend before.
    LogCounter,
    /// `%OG`: where the log line comes from.
    Origin,
    /// `%pid`: id of the process.
    ProcessId,
    /// `%r`: start line of the request.
    RequestLine,
    /// `%rc`: retries, with a plus sign behind a redispatch.
    Retries,
    /// `%rt`: number of the request in the process.
    RequestCounter,
    /// `%s`: name of the server.
    Server,
    /// `%sc`: connections of the server.
    ServerConnections,
    /// `%si`: address of the server.
    ServerAddress,
    /// `%sp`: port of the server.
    ServerPort,
    /// `%sq`: requests before this one in the server's queue.
    ServerQueue,
    /// `%sslc`: TLS cipher: none.
    TlsCipher,
    /// `%sslv`: TLS version: none.
    TlsVersion,
    /// `%t`: date of the accepted connection with milliseconds.
    DateMillis,
    /// `%tr`: date of the request with milliseconds.
    RequestDateMillis,
    /// `%trg`: date of the request in GMT.
    RequestDateGmt,
    /// `%trl`: date of the request in local time.
    RequestDateLocal,
    /// `%ts`: termination state, two letters.
    Termination,
    /// `%tsc`: termination state with the two letters of cookies.
    TerminationAndCookie,
}

/// A variable's row.
#[derive(Debug)]
pub struct FieldRow {
    /// The name behind the percent sign.
    pub name: &'static str,
    /// The variable.
    pub field: Field,
    /// Which flags change it.
    pub form: Form,
    /// One line of manual.
    pub manual: &'static str,
}

/// Which flags of a format change a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// None: numbers, dates, states.
    Plain,
    /// `Q` and `E`.
    Text,
    /// `Q` or `X`: addresses.
    Scalar,
    /// `X`: some numbers.
    Hexadecimal,
    /// `Q`: captured fields in braces.
    Quoted,
    /// `Q` for each item of a list.
    List,
}

const fn row(name: &'static str, field: Field, form: Form, manual: &'static str) -> FieldRow {
    FieldRow { name, field, form, manual }
}

use Form::{Hexadecimal, List, Plain, Quoted, Scalar, Text};

/// Every variable.
pub static FIELDS: &[FieldRow] = &[
    row("B", Field::BytesToClient, Plain, "bytes sent to the client"),
    row("CC", Field::RequestCookie, Text, "request cookie that was captured"),
    row("CS", Field::ResponseCookie, Text, "response cookie that was captured"),
    row("H", Field::Hostname, Text, "name of this host"),
    row("HM", Field::Method, Text, "method of the request"),
    row("HP", Field::Path, Text, "path of the request"),
    row("HPO", Field::PathOnly, Text, "path of the request, without scheme and host"),
    row("HQ", Field::Query, Text, "query of the request, with its question mark"),
    row("HU", Field::Target, Text, "target of the request"),
    row("HV", Field::Version, Text, "version of the request"),
    row("ID", Field::UniqueId, Text, "unique id"),
    row("OG", Field::Origin, Text, "where the log line comes from: txn_close"),
    row("ST", Field::Status, Plain, "status code"),
    row("T", Field::DateGmt, Plain, "date in GMT, of the accepted connection"),
    row("TR", Field::RequestTime, Plain, "milliseconds to receive the whole request"),
    row("Ta", Field::ActiveTime, Plain, "milliseconds from the request's first byte to the end"),
    row("Tc", Field::ConnectTime, Plain, "milliseconds to connect to the server"),
    row("Td", Field::DataTime, Plain, "milliseconds to transfer the data"),
    row("Th", Field::HandshakeTime, Plain, "milliseconds of handshakes before the session"),
    row("Ti", Field::IdleTime, Plain, "milliseconds idle before the request"),
    row("Tl", Field::DateLocal, Plain, "date in local time, of the accepted connection"),
    row("Tq", Field::QueryTime, Plain, "milliseconds from accept or last response to the end of the request"),
    row("Tr", Field::ResponseTime, Plain, "milliseconds that the server took for its head"),
    row("Ts", Field::Timestamp, Hexadecimal, "seconds since 1970, of the accepted connection"),
    row("Tt", Field::TotalTime, Plain, "milliseconds from accept to the end"),
    row("Tu", Field::UserTime, Plain, "milliseconds that a user waited, without idle time"),
    row("Tw", Field::QueueTime, Plain, "milliseconds in queues"),
    row("U", Field::BytesToServer, Plain, "bytes sent to the server"),
    row("ac", Field::ActiveConnections, Plain, "connections of the process"),
    row("b", Field::Backend, Text, "name of the backend"),
    row("bc", Field::BackendConnections, Plain, "connections of the backend"),
    row("bi", Field::ServerSourceAddress, Scalar, "address from which the server was connected to"),
    row("bp", Field::ServerSourcePort, Hexadecimal, "port from which the server was connected to"),
    row("bq", Field::BackendQueue, Plain, "requests before this one in the backend's queue"),
    row("ci", Field::ClientAddress, Scalar, "the client's address"),
    row("cp", Field::ClientPort, Hexadecimal, "the client's port"),
    row("f", Field::Frontend, Text, "name of the frontend"),
    row("fc", Field::FrontendConnections, Plain, "connections of the frontend"),
    row("fi", Field::FrontendAddress, Scalar, "address that the client connected to"),
    row("fp", Field::FrontendPort, Hexadecimal, "port that the client connected to"),
    row("ft", Field::FrontendAndTransport, Text, "name of the frontend, with a tilde for TLS"),
    row("hr", Field::RequestFields, Quoted, "captured request fields, in braces"),
    row("hrl", Field::RequestFieldList, List, "captured request fields, one by one"),
    row("hs", Field::ResponseFields, Quoted, "captured response fields, in braces"),
    row("hsl", Field::ResponseFieldList, List, "captured response fields, one by one"),
    row("lc", Field::LogCounter, Hexadecimal, "lines that were logged for the frontend before"),
    row("ms", Field::Milliseconds, Hexadecimal, "milliseconds of the accepted connection's date"),
    row("pid", Field::ProcessId, Hexadecimal, "id of the process"),
    row("r", Field::RequestLine, Text, "start line of the request"),
    row("rc", Field::Retries, Plain, "retries, with a plus sign behind a redispatch"),
    row("rt", Field::RequestCounter, Hexadecimal, "number of the request in the process"),
    row("s", Field::Server, Text, "name of the server"),
    row("sc", Field::ServerConnections, Plain, "connections of the server"),
    row("si", Field::ServerAddress, Scalar, "address of the server"),
    row("sp", Field::ServerPort, Hexadecimal, "port of the server"),
    row("sq", Field::ServerQueue, Plain, "requests before this one in the server's queue"),
    row("sslc", Field::TlsCipher, Text, "TLS cipher: none, as byway speaks clear text"),
    row("sslv", Field::TlsVersion, Text, "TLS version: none, as byway speaks clear text"),
    row("t", Field::DateMillis, Plain, "date of the accepted connection with milliseconds"),
    row("tr", Field::RequestDateMillis, Plain, "date of the request with milliseconds"),
    row("trg", Field::RequestDateGmt, Plain, "date of the request in GMT"),
    row("trl", Field::RequestDateLocal, Plain, "date of the request in local time"),
    row("ts", Field::Termination, Plain, "termination state, two letters"),
    row("tsc", Field::TerminationAndCookie, Plain, "termination state with the two letters of cookies"),
];
