//! What a site answers during maintenance: a page in three forms, and the pictures and style sheets that belong to it. All of
//! it is in memory and made ready when the configuration is read; which answer a request gets is the session's.

use crate::http::accept::Form;
use crate::http::head::{Head, Limits, Parsed};
use crate::http::page;
use crate::rules::status::reason;
use std::collections::HashMap;
use std::sync::Arc;

/// The longest head of a message in a file, bytes.
const LONGEST_HEAD: usize = 128 * 1024;

/// An answer, ready but for how the connection goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub code: u16,
    /// The status line and all fields but `Connection`, without the empty line.
    pub head: Vec<u8>,
    /// The body, which connections share.
    pub body: Arc<[u8]>,
}

/// Files by their path below the folder.
#[derive(Debug, Default)]
struct Assets {
    files: HashMap<Vec<u8>, Answer>,
    /// Folders in the deepest path, and one for the file.
    deepest: usize,
}

/// What a file or folder brings along.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// A whole message, for whoever asks.
    message: Option<Arc<Head>>,
    html: Option<Arc<[u8]>>,
    json: Option<Arc<[u8]>>,
    text: Option<Arc<[u8]>>,
    assets: Arc<Assets>,
}

impl Files {
    /// One page: its form is told by its name, and `.http` is a whole message. An error says what is wrong with the file.
    pub fn from_file(path: &str, content: Vec<u8>) -> Result<Files, String> {
        let mut files = Files::default();
        match extension(path) {
            "json" => files.json = Some(content.into()),
            "txt" => files.text = Some(content.into()),
            "http" => {
                let message = page::from_message(&content)?;
                let mut head = Head::default();
                let Ok(Parsed::Complete(length)) = head.parse_response(&message, &Limits { bytes: LONGEST_HEAD, fields: 1000 }) else {
                    return Err("its head is too long".into());
                };
                head.remove("connection");
                files.html = message.get(length..).map(Arc::from);
                files.message = Some(Arc::new(head));
            }
            _ => files.html = Some(content.into()),
        }
        Ok(files)
    }

    /// A folder: `index.html`, `index.json` and `index.txt` are the page, all else belongs to it. Names are paths below the
    /// folder.
    pub fn from_folder(found: Vec<(String, Vec<u8>)>) -> Result<Files, String> {
        let mut files = Files::default();
        let mut assets = Assets::default();
        for (name, content) in found {
            match name.as_str() {
                "index.html" => files.html = Some(content.into()),
                "index.json" => files.json = Some(content.into()),
                "index.txt" => files.text = Some(content.into()),
                _ => {
                    assets.deepest = assets.deepest.max(name.split('/').count());
                    let body: Arc<[u8]> = content.into();
                    let head = render_head(200, content_type(&name), body.len());
                    assets.files.insert(name.into_bytes(), Answer { code: 200, head, body });
                }
            }
        }
        if files.html.is_none() && files.json.is_none() && files.text.is_none() {
            return Err("it has no index.html, index.json or index.txt".into());
        }
        files.assets = Arc::new(assets);
        Ok(files)
    }
}

/// The answers of a site.
#[derive(Clone, Debug)]
pub struct Site {
    html: Answer,
    json: Answer,
    text: Answer,
    assets: Arc<Assets>,
}

impl Site {
    /// With this status and this wish for when to come again (0 for none). Forms that the files lack are byway's own.
    pub fn new(files: &Files, status: u16, retry_after_seconds: u64) -> Site {
        let own = |form: Form, body: &Option<Arc<[u8]>>| {
            let body = body.clone().unwrap_or_else(|| built_in(form, status, retry_after_seconds));
            let mut head = render_head(status, form_type(form), body.len());
            render_retry(retry_after_seconds, &mut head);
            Answer { code: status, head, body }
        };
        let (html, json, text) = match &files.message {
            Some(message) => {
                let answer = from_message(message, files.html.clone().unwrap_or_default(), retry_after_seconds);
                (answer.clone(), answer.clone(), answer)
            }
            None => (own(Form::Html, &files.html), own(Form::Json, &files.json), own(Form::Text, &files.text)),
        };
        Site { html, json, text, assets: files.assets.clone() }
    }

    /// The page.
    pub fn page(&self, form: Form) -> &Answer {
        match form {
            Form::Html => &self.html,
            Form::Json => &self.json,
            Form::Text => &self.text,
        }
    }

    /// Is there anything besides the page?
    pub fn asset_count(&self) -> usize {
        self.assets.files.len()
    }

    /// The file that a request's path ends with: a page names its pictures as they lie beside it, whatever address it is
    /// seen at. Nothing but what was read beforehand can be found. `scratch` is overwritten.
    pub fn asset(&self, path: &[u8], scratch: &mut Vec<u8>) -> Option<&Answer> {
        if self.assets.deepest == 0 {
            return None;
        }
        scratch.clear();
        decode_percent(path, scratch);
        let starts = scratch.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/').map(|(index, _)| index + 1);
        starts.take(self.assets.deepest).filter_map(|start| self.assets.files.get(scratch.get(start..)?)).last()
    }
}

/// A whole message with what it leaves unsaid.
fn from_message(message: &Head, body: Arc<[u8]>, retry_after_seconds: u64) -> Answer {
    let mut head = Vec::new();
    message.render(&mut head);
    head.truncate(head.len().saturating_sub(2));
    if !message.has("cache-control") {
        head.extend_from_slice(b"Cache-Control: no-store\r\n");
    }
    if !message.has("retry-after") {
        render_retry(retry_after_seconds, &mut head);
    }
    Answer { code: message.code(), head, body }
}

fn render_head(code: u16, content_type: &str, length: usize) -> Vec<u8> {
    let reason = reason(code);
    format!("HTTP/1.1 {code} {reason}\r\nContent-Length: {length}\r\nContent-Type: {content_type}\r\nCache-Control: no-store\r\n")
        .into_bytes()
}

fn render_retry(seconds: u64, head: &mut Vec<u8>) {
    if seconds > 0 {
        head.extend_from_slice(format!("Retry-After: {seconds}\r\n").as_bytes());
    }
}

fn form_type(form: Form) -> &'static str {
    match form {
        Form::Html => "text/html; charset=utf-8",
        Form::Json => "application/json",
        Form::Text => "text/plain; charset=utf-8",
    }
}

/// byway's own page.
fn built_in(form: Form, status: u16, retry_after_seconds: u64) -> Arc<[u8]> {
    let again = match retry_after_seconds {
        0 => String::new(),
        seconds => format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n"),
    };
    let text = match form {
        Form::Html => format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{again}<title>Maintenance</title>\n\
             <style>body {{ font: 1.1rem/1.6 sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem; color: #222; background: #fafafa }}</style>\n\
             <h1>Down for maintenance</h1>\n<p>This site is being worked on, and will be back soon.\n</html>\n"
        ),
        Form::Json => {
            let again = if retry_after_seconds > 0 { format!(",\"retry_after\":{retry_after_seconds}") } else { String::new() };
            format!("{{\"status\":{status},\"error\":\"maintenance\",\"message\":\"This site is down for maintenance.\"{again}}}\n")
        }
        Form::Text => "This site is down for maintenance, and will be back soon.\n".to_owned(),
    };
    text.into_bytes().into()
}

/// Content types by extension.
const TYPES: &[(&str, &str)] = &[
    ("avif", "image/avif"),
    ("css", "text/css; charset=utf-8"),
    ("gif", "image/gif"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp4", "video/mp4"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
];

fn content_type(path: &str) -> &'static str {
    let own = extension(path);
    TYPES.iter().find(|(extension, _)| own.eq_ignore_ascii_case(extension)).map_or("application/octet-stream", |(_, kind)| kind)
}

/// What stands behind the last dot of the name.
fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Appends a path with its percent codes as the bytes that they stand for; what is no code stays.
fn decode_percent(path: &[u8], out: &mut Vec<u8>) {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut rest = path;
    while let Some((&byte, behind)) = rest.split_first() {
        match (byte, digit(behind.first()), digit(behind.get(1))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = behind;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Site {
        let names = ["index.html", "logo.png", "img/logo.png", "css/deep/site.CSS", "read me.txt", "data"];
        let files = names.map(|name| (name.to_owned(), name.as_bytes().to_vec())).to_vec();
        Site::new(&Files::from_folder(files).unwrap(), 503, 120)
    }

    #[test]
    fn an_asset_is_found_by_the_end_of_the_path_and_nothing_else_is() {
        let site = folder();
        let check = |path: &str, expected: Option<&str>| {
            let found = site.asset(path.as_bytes(), &mut Vec::new()).map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
            assert_eq!(found.as_deref(), expected, "{path}");
        };
        check("/logo.png", Some("logo.png"));
        check("/img/logo.png", Some("img/logo.png"));
        check("/shop/item/7/img/logo.png", Some("img/logo.png"));
        check("/shop/logo.png", Some("logo.png"));
        check("/css/deep/site.CSS", Some("css/deep/site.CSS"));
        check("/read%20me.txt", Some("read me.txt"));
        check("/img%2flogo.png", Some("img/logo.png"));
        check("/data", Some("data"));
        for path in
            ["/", "", "/index.html", "/xlogo.png", "/LOGO.png", "/img", "/img/", "/site.CSS", "/deep/site.CSS", "logo.png", "/data/"]
        {
            check(path, None);
        }
        for path in ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/img/../../../etc/passwd", "/%00", "/logo.png%00", "/%", "/%2"] {
            check(path, None);
        }
    }

    #[test]
    fn a_very_long_path_costs_no_more_than_its_last_folders() {
        let site = folder();
        let path = ["/a".repeat(100_000).as_bytes(), b"/logo.png"].concat();
        assert_eq!(site.asset(&path, &mut Vec::new()).map(|answer| answer.code), Some(200));
    }

    #[test]
    fn forms_that_are_not_there_are_byways_own() {
        let site = folder();
        assert_eq!(&*site.page(Form::Html).body, b"index.html");
        let json = site.page(Form::Json);
        assert_eq!(
            String::from_utf8_lossy(&json.head),
            format!(
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nRetry-After: 120\r\n",
                json.body.len()
            )
        );
        assert!(json.body.starts_with(b"{\"status\":503,"));
        assert!(Files::from_folder(vec![("logo.png".into(), vec![])]).is_err());
    }

    #[test]
    fn a_message_is_sent_as_it_stands_with_what_it_leaves_unsaid() {
        let check = |text: &str, retry_after_seconds, expected: Result<&str, ()>| {
            let site = Files::from_file("a/page.http", text.as_bytes().to_vec()).map(|files| Site::new(&files, 503, retry_after_seconds));
            let head = site.map(|site| String::from_utf8_lossy(&site.page(Form::Json).head).into_owned()).map_err(|_| ());
            assert_eq!(head.as_deref().map_err(|_| ()), expected, "{text:?}");
        };
        check(
            "HTTP/1.0 500 Sorry\nConnection: close\nX: 1\n\nbody",
            60,
            Ok("HTTP/1.1 500 Sorry\r\nX: 1\r\nContent-Length: 4\r\nCache-Control: no-store\r\nRetry-After: 60\r\n"),
        );
        check(
            "HTTP/1.1 200 OK\nRetry-After: 5\nCache-Control: private\n\n",
            0,
            Ok("HTTP/1.1 200 OK\r\nRetry-After: 5\r\nCache-Control: private\r\nContent-Length: 0\r\n"),
        );
        check("<h1>no message</h1>", 0, Err(()));
    }

    #[test]
    fn a_file_is_the_form_that_its_name_says() {
        let check = |path: &str, form: Form| {
            let site = Site::new(&Files::from_file(path, b"mine".to_vec()).unwrap(), 503, 0);
            assert_eq!(&*site.page(form).body, b"mine", "{path}");
            assert!(!String::from_utf8_lossy(&site.page(form).head).contains("Retry-After"));
        };
        check("/srv/sorry.html", Form::Html);
        check("sorry", Form::Html);
        check("sorry.json", Form::Json);
        check("sorry.txt", Form::Text);
        assert_eq!(content_type("a.b/x.PNG"), "image/png");
        assert_eq!(content_type("a.png/x"), "application/octet-stream");
    }
}
