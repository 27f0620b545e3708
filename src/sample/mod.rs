//! Values taken from a message and its surroundings: what fetches read, what converters turn them into, what formats print.
//! Tests on values are `acl`; what is done because of them is `rules`.

pub mod arguments;
pub mod base64;
pub mod body;
pub mod constant;
pub mod content;
pub mod convert;
mod convert_binary;
mod convert_hash;
mod convert_json;
mod convert_list;
mod convert_map;
mod convert_name;
pub mod convert_number;
pub mod convert_text;
pub mod cookie;
pub mod crypt;
pub mod date;
pub mod expression;
pub mod fact;
#[cfg(test)]
pub mod fake;
pub mod fetch;
mod fetch_content;
mod fetch_request;
mod fetch_response;
mod fetch_surroundings;
mod fetch_tls;
pub mod format;
pub mod format_field;
pub mod hash;
pub mod map;
pub mod message;
pub mod payload;
pub mod rdp_cookie;
pub mod regex;
pub mod regex_set;
pub mod replacement;
pub mod surroundings;
#[cfg(test)]
mod tests;
pub mod text;
pub mod tls_hello;
pub mod url;
pub mod userlist;
pub mod value;
pub mod witness;

use crate::http::head::Head;
pub use arguments::{Argument, Scope};
pub use content::{Content, Patience};
pub use expression::Expression;
pub use fact::Fact;
pub use format_field::Field;
use std::net::SocketAddr;
use std::sync::Arc;
pub use userlist::Userlist;
pub use value::Value;
pub use witness::Witness;

/// Index of a name in `Config::variables`: a switch that the configuration reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VariableId(pub u32);

/// Index of a proxy in `Config::proxies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProxyId(pub u32);

/// Index of an ACL in its proxy's `acls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AclId(pub u32);

/// What an expression can see: the message, where it came from, and the world around it.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The request's head, as the rules before have left it.
    pub request: Option<&'a Head>,
    /// The response's head, likewise.
    pub response: Option<&'a Head>,
    /// The client's address.
    pub source: Option<SocketAddr>,
    /// The address that the client connected to.
    pub destination: Option<SocketAddr>,
    /// Bytes that may be looked at.
    pub content: Content<'a>,
    /// May what is not there yet be waited for?
    pub patience: Patience,
    /// Name of the frontend.
    pub frontend: &'a str,
    /// Name of the backend, once one is chosen.
    pub backend: Option<&'a str>,
    /// Switches and servers.
    pub world: &'a dyn World,
    /// The ACLs of the section that asks.
    pub acls: &'a [crate::acl::Acl],
    /// How many ACLs that name others (`acl(NAME)`) are being looked at.
    pub depth: u8,
    /// Who writes down what conditions come to (`--explain`).
    pub witness: Option<&'a Witness>,
}

/// What lies outside of the message: the running state, a scene set by `--explain`, or a test's.
pub trait World {
    /// The value of a switch; `None` when it is not set.
    fn variable(&self, name: VariableId) -> Option<&[u8]>;
    /// The same as an integer, read once when the switch was set; `None` when it is not set or begins with no number.
    fn variable_int(&self, name: VariableId) -> Option<i64>;
    /// Servers of a backend that could take a request: active ones, else backups (HAProxy's `nbsrv`).
    fn usable_servers(&self, backend: ProxyId) -> u32;
    /// The backend of that name, for names that messages give.
    fn backend_named(&self, _name: &[u8]) -> Option<ProxyId> {
        None
    }
    /// Is there a frontend of that name?
    fn is_frontend(&self, _name: &[u8]) -> bool {
        false
    }
    /// A variable of the session, transaction or message; `None` where none was set.
    fn scoped_variable(&self, _scope: Scope, _name: &[u8]) -> Option<Value<'_>> {
        None
    }
    /// What a fetch asks of the running proxy; none but the facts that `Names::supplies` promised are asked for.
    fn fact<'a>(&'a self, _fact: Fact, _arguments: &'a [Argument]) -> Option<Value<'a>> {
        None
    }
    /// Keeps a value in the variable or switch that an argument names, or forgets it (`set-var`, `unset-var` as converters).
    fn keep(&self, _variable: &Argument, _value: Option<&Value>) {}
    /// Seconds that local time is ahead of UTC.
    fn utc_offset_seconds(&self) -> i32 {
        0
    }
    /// Captured fields, for the variables of formats that list them one by one.
    fn log_list(&self, _field: Field) -> &[Vec<u8>] {
        &[]
    }

    /// The transaction's unique id; where it has none yet, it is made of what the scene shows.
    fn unique_id<'a>(&'a self, _scene: &Scene) -> Option<Value<'a>> {
        None
    }
    /// The field that a request's credentials stand in.
    fn credentials_field(&self, _request: &Head) -> &'static str {
        "authorization"
    }
    /// What a format asks of the transaction; none but the variables that `Names::supplies_field` promised are asked for.
    fn log_field(&self, _field: Field) -> Option<Value<'_>> {
        None
    }
}

/// What the words of an expression may name, looked up while the configuration is read.
pub trait Names {
    /// The id of a switch, made when it is new.
    fn variable(&mut self, name: &str) -> VariableId;
    /// The backend (or listen section) of that name.
    fn backend(&self, name: &str) -> Option<ProxyId>;
    /// The proxy in whose section the words stand.
    fn this_proxy(&self) -> ProxyId;
    /// The ACL of that name in this section, user-defined or predefined.
    fn acl(&self, name: &str) -> Option<AclId>;
    /// The `userlist` section of that name.
    fn userlist(&self, _name: &str) -> Option<Arc<Userlist>> {
        None
    }
    /// Does the world that the expressions will see know this fact?
    fn supplies(&self, _fact: Fact) -> bool {
        false
    }
    /// Does that world know this variable of formats?
    fn supplies_field(&self, _field: Field) -> bool {
        false
    }
    /// Do the words stand in a health check, which has variables of its own?
    fn is_in_check(&self) -> bool {
        false
    }
    /// The names of the section's ACLs so far, from which a misspelt one is guessed.
    fn acl_names(&self) -> Vec<String> {
        Vec::new()
    }
    /// The line that is being read.
    fn place(&self) -> crate::fault::Place {
        crate::fault::Place::default()
    }
    /// A fetch is used that never has a value here, for this reason.
    fn tell_never(&mut self, _fetch: &'static str, _reason: &'static str) {}
    /// A new ACL without a name, for `{ ... }`.
    fn anonymous_acl(&mut self, acl: crate::acl::Acl) -> AclId;
    /// The contents of a file named by `-f`.
    fn read_file(&mut self, path: &str) -> std::io::Result<Vec<u8>>;
    /// A time as the configuration writes it, in milliseconds where no unit is named; or what is wrong with it.
    fn time(&mut self, word: &[u8]) -> Result<std::time::Duration, String> {
        Err(format!("'{}' is no time here", text::shown(word)))
    }
    /// A size as the configuration writes it, in bytes where no unit is named; or what is wrong with it.
    fn size(&mut self, word: &[u8]) -> Result<u64, String> {
        Err(format!("'{}' is no size here", text::shown(word)))
    }
    /// Addresses of a host name in a list of networks; a fault where names are not looked up.
    fn resolve(&mut self, host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        Err(std::io::Error::new(std::io::ErrorKind::Unsupported, format!("'{host}' is no address, and names are not looked up here")))
    }
}
