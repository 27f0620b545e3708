//! `option httpchk`: the request goes as written; an answer counts by its status line.
