//! How maintenance and the options of HTTP are shown by `--dump`. The rest is `dump`'s.

use super::dump::{Dump, network};
use super::model::{Maintenance, Trigger};
use super::model_http::{FieldNames, HttpOptions, RETRIED_CODES, RetryOn};
use crate::http::accept::FORMS;

impl Dump {
    pub(super) fn maintenance(&mut self, maintenance: &Maintenance) {
        maintenance.triggers.iter().for_each(|trigger| match trigger {
            Trigger::Switch(_) => self.line("maintenance by its switch"),
            Trigger::Condition(_) => self.line("maintenance on a condition"),
        });
        self.text("maintenance status", maintenance.status.to_string());
        self.text("maintenance retry-after", maintenance.retry_after_seconds.to_string());
        maintenance.allow.iter().for_each(|allowed| self.text("maintenance allow", network(*allowed)));
        if let Some(bypass) = &maintenance.bypass {
            self.text("maintenance bypass-cookie", format!("{} ttl {}s", bypass.name, bypass.ttl_seconds));
        }
        if maintenance.drain {
            self.line("maintenance drain");
        }
        maintenance.except.iter().for_each(|path| self.text("maintenance except", String::from_utf8_lossy(path)));
        maintenance.except_ok.iter().for_each(|path| self.text("maintenance except-ok", String::from_utf8_lossy(path)));
        let bytes = FORMS.map(|form| maintenance.site.page(form).body.len().to_string());
        self.text("maintenance page", format!("of {} bytes, and {} files", bytes.join(", "), maintenance.site.asset_count()));
    }

    pub(super) fn http(&mut self, http: &HttpOptions) {
        self.flags(&[
            ("option accept-unsafe-violations-in-http-request", http.accept_unsafe_requests),
            ("option accept-unsafe-violations-in-http-response", http.accept_unsafe_responses),
            ("option checkcache", http.check_cache),
            ("option http-drop-request-trailers", http.drop_request_trailers),
            ("option http-drop-response-trailers", http.drop_response_trailers),
            ("option http-pretend-keepalive", http.pretend_keepalive),
            ("option idle-close-on-response", http.idle_close_on_response),
            ("option prefer-last-server", http.prefer_last_server),
        ]);
        match http.field_names {
            FieldNames::Preserve => {}
            FieldNames::Delete => self.line("option http-restrict-req-hdr-names delete"),
            FieldNames::Reject => self.line("option http-restrict-req-hdr-names reject"),
        }
        self.some("max-keep-alive-queue", http.max_keep_alive_queue);
        self.some("option originalto", http.original_to.as_ref().map(|original| String::from_utf8_lossy(&original.header)));
        if http.retry_on != RetryOn::default() {
            let on = http.retry_on;
            let words =
                [("conn-failure", on.connect), ("empty-response", on.empty), ("junk-response", on.junk), ("response-timeout", on.timeout)];
            let words = words.iter().filter(|(_, is_set)| *is_set).map(|(word, _)| (*word).to_owned());
            let codes = RETRIED_CODES.iter().filter(|code| on.covers_code(**code)).map(u16::to_string);
            self.text("retry-on", words.chain(codes).collect::<Vec<_>>().join(" "));
        }
    }
}
