//! Chunked transfer coding (RFC 9112 section 7.1): finds where chunks end without copying them.
