//! Fetches about TLS between byway and its peers, a row each: there is none, as byway speaks clear text. TLS that passes through in
//! `mode tcp` is `fetch_surroundings`' (`req.ssl_sni`); what access control hangs on is refused (`fetch::REFUSED`).

use super::fetch::Needs::Connection;
use super::fetch::Read::One;
use super::fetch::{Fetch, row};
use super::surroundings;
use super::value::Type;
use super::value::Type::{Bin, Bool, Str};

/// Why they have no value.
pub(super) const REASON: &str = "byway speaks clear text: it never has a value here";

/// The rows, by name.
pub(super) const ROWS: &[Fetch] = &[
    row(
        "ssl_bc",
        &[],
        Connection,
        Bool,
        One(surroundings::no),
        "whether the server is spoken to over TLS: never, as byway speaks clear text",
    ),
    row("ssl_bc_alpn", &[], Connection, Str, One(surroundings::never), "protocol that the server's TLS connection agreed on: none"),
    row("ssl_bc_cipher", &[], Connection, Str, One(surroundings::never), "cipher of the server's TLS connection: none"),
    row("ssl_bc_is_resumed", &[], Connection, Bool, One(surroundings::never), "whether the server's TLS session was resumed: none"),
    row("ssl_bc_protocol", &[], Connection, Str, One(surroundings::never), "protocol of the server's TLS connection: none"),
    row("ssl_bc_sni", &[], Connection, Str, One(surroundings::never), "server name of the server's TLS connection: none"),
    row("ssl_fc", &[], Connection, Bool, One(surroundings::no), "whether the client came over TLS: never, as byway speaks clear text"),
    row("ssl_fc_alg_keysize", &[], Connection, Type::Int, One(surroundings::never), "key size of the client's TLS cipher: none"),
    row("ssl_fc_alpn", &[], Connection, Str, One(surroundings::never), "protocol that the client's TLS connection agreed on: none"),
    row("ssl_fc_cipher", &[], Connection, Str, One(surroundings::never), "cipher of the client's TLS connection: none"),
    row("ssl_fc_cipherlist_bin", &[], Connection, Bin, One(surroundings::never), "ciphers that the client offered: none"),
    row("ssl_fc_cipherlist_hex", &[], Connection, Bin, One(surroundings::never), "ciphers that the client offered: none"),
    row("ssl_fc_cipherlist_str", &[], Connection, Str, One(surroundings::never), "ciphers that the client offered: none"),
    row("ssl_fc_cipherlist_xxh", &[], Connection, Type::Int, One(surroundings::never), "hash of the ciphers that the client offered: none"),
    row("ssl_fc_err", &[], Connection, Type::Int, One(surroundings::never), "TLS fault of the client's connection: none"),
    row("ssl_fc_err_str", &[], Connection, Str, One(surroundings::never), "TLS fault of the client's connection, in words: none"),
    row("ssl_fc_has_crt", &[], Connection, Bool, One(surroundings::never), "whether the client sent a certificate: none"),
    row("ssl_fc_has_early", &[], Connection, Bool, One(surroundings::never), "whether the client sent early data: none"),
    row("ssl_fc_has_sni", &[], Connection, Bool, One(surroundings::no), "whether the client sent a server name: never"),
    row("ssl_fc_is_resumed", &[], Connection, Bool, One(surroundings::no), "whether the client's TLS session was resumed: never"),
    row("ssl_fc_npn", &[], Connection, Str, One(surroundings::never), "protocol of the client's TLS connection by NPN: none"),
    row("ssl_fc_protocol", &[], Connection, Str, One(surroundings::never), "protocol of the client's TLS connection: none"),
    row("ssl_fc_session_id", &[], Connection, Bin, One(surroundings::never), "id of the client's TLS session: none"),
    row("ssl_fc_sni", &[], Connection, Str, One(surroundings::never), "server name of the client's TLS connection: none"),
    row("ssl_fc_unique_id", &[], Connection, Bin, One(surroundings::never), "unique id of the client's TLS connection: none"),
    row("ssl_fc_use_keysize", &[], Connection, Type::Int, One(surroundings::never), "key size in use of the client's TLS cipher: none"),
];

/// Is it warned about? `ssl_fc` and `ssl_bc` are false by right.
pub(super) fn is_never(name: &str) -> bool {
    !matches!(name, "ssl_fc" | "ssl_bc") && ROWS.iter().any(|row| row.name == name)
}
