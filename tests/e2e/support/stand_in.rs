//! When `BYWAY_E2E_BIN` names another proxy (Debian's HAProxy 2.6), the tests run against it: what they ask of byway is then seen
//! to be what HAProxy does. Keywords that 2.6 lacks are put in its words here; what it cannot do at all is skipped aloud.

use std::ffi::OsString;

/// The program under test.
pub fn program() -> OsString {
    std::env::var_os("BYWAY_E2E_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_byway").into())
}

/// Is another proxy standing in for byway?
pub fn is_standing_in() -> bool {
    std::env::var_os("BYWAY_E2E_BIN").is_some()
}

/// True, and said aloud, when the program under test cannot have this feature because it is not byway.
pub fn lacks(feature: &str) -> bool {
    let lacks = is_standing_in();
    if lacks {
        crate::support::tell_skipped(&format!("the stand-in has no {feature}"));
    }
    lacks
}

/// Lines of the 1.3 dialect and of byway, in the words of HAProxy 2.6.
const TRANSLATIONS: &[(&str, &str)] = &[
    (r"rspirep ^(Location:\ )(http:[/]*)(.*) \1https://\3", r"http-response replace-header Location ^(http:[/]*)(.*) https://\2"),
    (r"reqirep ^(GET\ /)(\ .*) \1/webmail.html\2", r"http-request replace-uri ^/$ //webmail.html if METH_GET"),
    ("use_backend http_backend_webmail if TRUE", "use_backend http_backend_webmail if { nbsrv(http_backend_webmail) gt 0 }"),
    ("monitor-net", "# monitor-net"),
    ("env_int(E2E_SWITCH) gt 0", "env(E2E_SWITCH) -m int gt 0"),
];

/// A configuration as the program under test understands it.
pub fn translate(text: &str) -> String {
    if !is_standing_in() {
        return text.to_string();
    }
    TRANSLATIONS.iter().fold(text.to_string(), |text, (ours, theirs)| text.replace(ours, theirs))
}
