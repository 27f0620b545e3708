//! Reads a line of `option httplog` strictly by its layout (semantics of HAProxy 2.6), so that a missing field, a spare blank or another
//! order fails. What the values should be is left to the tests.

/// The fields of a line, in order.
#[derive(Debug)]
pub struct HttpLog {
    /// `<134>`: facility and level.
    pub priority: u32,
    /// What stands before `[pid]`.
    pub tag: String,
    /// The process.
    pub pid: u32,
    /// Address of the client.
    pub client: String,
    /// `22/Nov/2026:17:43:16.123`
    pub date: String,
    /// Name of the frontend.
    pub frontend: String,
    /// Name of the backend.
    pub backend: String,
    /// Name of the server, or `<NOSRV>`.
    pub server: String,
    /// TR, Tw, Tc, Tr and Ta as written.
    pub timers: Vec<String>,
    /// The status code.
    pub status: i32,
    /// Bytes to the client as written.
    pub bytes: String,
    /// The four letters of the termination state.
    pub state: String,
    /// actconn, feconn, beconn, srv_conn and retries as written.
    pub connections: Vec<String>,
    /// srv_queue and backend_queue.
    pub queues: Vec<u32>,
    /// The request line.
    pub request: String,
}

impl HttpLog {
    /// Reads a line.
    #[track_caller]
    pub fn parse(line: &str) -> HttpLog {
        HttpLog::try_parse(line).unwrap_or_else(|wrong| panic!("not an httplog line ({wrong}): {line:?}"))
    }

    fn try_parse(line: &str) -> Result<HttpLog, &'static str> {
        let line = line.strip_suffix('\n').ok_or("no line feed at its end")?;
        let (priority, rest) = line.strip_prefix('<').and_then(|line| line.split_once('>')).ok_or("priority")?;
        let (stamp, rest) = rest.split_at_checked(16).ok_or("date of syslog")?;
        is_syslog_date(stamp).then_some(()).ok_or("date of syslog")?;
        let (process, rest) = rest.split_once("]: ").ok_or("tag and pid")?;
        let (tag, pid) = process.split_once('[').ok_or("tag and pid")?;
        let (rest, request) = rest.split_once(" \"").ok_or("request line")?;
        let request = request.strip_suffix('"').ok_or("closing quote")?;
        let words: Vec<&str> = rest.split(' ').collect();
        let [client, date, frontend, server, timers, status, bytes, "-", "-", state, connections, queues] = words[..] else {
            return Err("number of words");
        };
        let date = date.strip_prefix('[').and_then(|date| date.strip_suffix(']')).ok_or("brackets")?;
        is_accept_date(date).then_some(()).ok_or("date")?;
        let (backend, server) = server.split_once('/').ok_or("backend/server")?;
        let queues: Vec<u32> = queues.split('/').map(|queue| queue.parse().map_err(|_| "queues")).collect::<Result<_, _>>()?;
        let split = |text: &str| text.split('/').map(str::to_string).collect::<Vec<_>>();
        let (timers, connections) = (split(timers), split(connections));
        if timers.len() != 5 || connections.len() != 5 || queues.len() != 2 || state.len() != 4 {
            return Err("number of timers, counts, queues or letters");
        }
        Ok(HttpLog {
            priority: priority.parse().map_err(|_| "priority")?,
            tag: tag.to_string(),
            pid: pid.parse().map_err(|_| "pid")?,
            client: client.to_string(),
            date: date.to_string(),
            frontend: frontend.to_string(),
            backend: backend.to_string(),
            server: server.to_string(),
            timers,
            status: status.parse().map_err(|_| "status")?,
            bytes: bytes.to_string(),
            state: state.to_string(),
            connections,
            queues,
            request: request.to_string(),
        })
    }

    /// A timer in milliseconds.
    #[track_caller]
    pub fn timer(&self, index: usize) -> i64 {
        self.timers[index].trim_start_matches('+').parse().unwrap_or_else(|_| panic!("timer {index} of {self:?}"))
    }
}

/// `Nov 22 17:43:16 `, the day padded with a blank.
fn is_syslog_date(text: &str) -> bool {
    shaped(text, "Aaa _9 99:99:99 ") || shaped(text, "Aaa 99 99:99:99 ")
}

/// `22/Nov/2026:17:43:16.123`
fn is_accept_date(text: &str) -> bool {
    shaped(text, "99/Aaa/9999:99:99:99.999")
}

fn shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'A' => byte.is_ascii_uppercase(),
            b'a' => byte.is_ascii_lowercase(),
            b'9' => byte.is_ascii_digit(),
            b'_' => byte == b' ',
            _ => byte == wanted,
        })
}

#[test]
fn a_line_is_read_by_its_layout_alone() {
    let good = "<134>Nov  2 07:43:16 byway[77]: 127.0.0.1:5 [22/Nov/2026:17:43:16.123] f b/s 0/0/1/2/3 200 97 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n";
    assert!(HttpLog::try_parse(good).is_ok());
    for (from, to) in [("\n", ""), ("Nov  2", "Nov 2"), (" f b/s", " f b"), ("---- 1", "---- - 1"), ("/3 200", " 200"), ("16.123", "16")] {
        assert!(HttpLog::try_parse(&good.replacen(from, to, 1)).is_err(), "without {from:?}");
    }
}
