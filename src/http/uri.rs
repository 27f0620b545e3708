//! Request targets (RFC 9112 section 3.2): path, query and authority as spans of the target.
