//! The ACLs that need no declaration, a row each (HAProxy manual, section 7.4).
