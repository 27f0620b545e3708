//! Maps: files of keys and values, looked up by the converters `map_*`. They are read with the configuration, and again by a reload.
//! How keys match is `acl::patterns`', how the files are written `acl::pattern_file`'s.

use super::arguments::Argument;
use super::replacement::Replacement;
use super::text::{Case, shown};
use super::value::{Type, Value, parse_int};
use super::{Names, Scene};
use crate::acl::method::Method;
use crate::acl::pattern_file;
use crate::acl::patterns::{Lookup, Pattern, Patterns};
use crate::fault::Fault;
use std::net::IpAddr;
use std::sync::Arc;

/// What a map gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yield {
    /// The value, as a text.
    Text,
    /// The value, an integer.
    Int,
    /// The value, an address.
    Address,
    /// The key.
    Key,
    /// The value with the groups of the key's match in it.
    Expansion,
}

impl Yield {
    /// The type of what it gives.
    pub const fn kind(self) -> Type {
        match self {
            Yield::Text | Yield::Key | Yield::Expansion => Type::Str,
            Yield::Int => Type::Int,
            Yield::Address => Type::Address,
        }
    }
}

/// A map as a converter names it.
#[derive(Debug)]
pub struct Map {
    patterns: Patterns,
    values: Vec<Entry>,
    default: Option<Entry>,
}

#[derive(Debug)]
enum Entry {
    Text(Box<[u8]>),
    Int(i64),
    Address(IpAddr),
    Expansion(Replacement),
}

impl Entry {
    fn parse(text: &[u8], yields: Yield) -> Result<Entry, Fault> {
        let no = |what: &str| Fault::new(0, format!("'{}' is no {what}", shown(text)));
        match yields {
            Yield::Text | Yield::Key => Ok(Entry::Text(text.into())),
            Yield::Int => parse_int(text).map(Entry::Int).ok_or_else(|| no("integer")),
            Yield::Address => shown(text).parse().map(Entry::Address).map_err(|_| no("address")),
            Yield::Expansion => Replacement::parse(text).map(Entry::Expansion),
        }
    }

    fn value(&self) -> Option<Value<'_>> {
        match self {
            Entry::Text(text) => Some(Value::text(text)),
            Entry::Int(number) => Some(Value::Int(*number)),
            Entry::Address(address) => Some(Value::Address(*address)),
            Entry::Expansion(_) => None,
        }
    }
}

impl Map {
    /// Reads the file at `path`; `default` is given where no key matches. A fault is about word 0.
    pub fn read(path: &str, default: Option<&[u8]>, method: Method, yields: Yield, names: &mut dyn Names) -> Result<Map, Fault> {
        let bytes = names.read_file(path).map_err(|error| Fault::new(0, format!("cannot read the map '{path}': {error}")))?;
        let file: Arc<str> = path.into();
        let (mut patterns, mut values) = (Vec::new(), Vec::new());
        for (line, key, value) in pattern_file::scan_map(&bytes) {
            let pattern = Pattern { word: 0, line: Some((file.clone(), line)), text: key.to_vec() };
            let entry = if yields == Yield::Key { key } else { value };
            values.push(Entry::parse(entry, yields).map_err(|fault| pattern.fault(fault.message).hint(fault.hint))?);
            patterns.push(pattern);
        }
        // The default of an expansion has no match whose groups it could name.
        let kind = if yields == Yield::Expansion { Yield::Text } else { yields };
        let default = default.map(|text| Entry::parse(text, kind)).transpose()?;
        Ok(Map { patterns: Patterns::new(method, patterns, Case::Matters, Lookup::Names, names)?, values, default })
    }

    fn find(&self, value: &Value) -> Option<Value<'_>> {
        let rank = self.patterns.find(value);
        let Some((rank, entry)) = rank.and_then(|rank| Some((rank, self.values.get(rank as usize)?))) else {
            return self.default.as_ref()?.value();
        };
        let Entry::Expansion(replacement) = entry else { return entry.value() };
        let regex = self.patterns.regex(rank)?;
        let mut out = Vec::new();
        value.with_text(|text| replacement.expand(regex, text, &mut out)).then(|| Value::built(out))
    }
}

/// `map_*`
pub fn look_up<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    match arguments.first() {
        Some(Argument::Map(map)) => map.find(&value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::super::fake::{FakeNames, FakeWorld, scene};
    use super::*;

    fn names() -> FakeNames {
        let files = [
            ("texts", "/a one\n/a/b two words\n/a again\nempty\n"),
            ("ends", ".com last\na.com never\n.org org\n"),
            ("words", "b.c first\nc second\nx x\n"),
            ("parts", "shop S\nho H\n"),
            ("regexes", "^/(.*)/x$ <\\1>\n^/ rest\n"),
            ("numbers", "10:20 teens\n15 fifteen\n:5 few\n"),
            ("nets", "10.0.0.0/8 wide\n10.1.0.0/16 narrow\n::1 six\n192.0.2.1 one\n"),
            ("ints", "a 1\nb -2\n/p 3\n"),
            ("addresses", "a 10.0.0.1\nb ::2\n"),
            ("bad", "a 1\n\nb x\n"),
            ("badre", "a 1\n( 2\n"),
            ("badkey", "1 a\ngt b\n"),
        ];
        FakeNames {
            files: files.into_iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect(),
            ..FakeNames::default()
        }
    }

    #[test]
    fn a_map_gives_the_value_of_the_key_that_matches() {
        let check = |source: &str, expected: Option<&str>| {
            let expression = Expression::parse(source.as_bytes(), &mut names()).unwrap_or_else(|fault| panic!("{source}: {fault:?}"));
            let world = FakeWorld::default();
            let value = expression.value(&scene(&world)).map(|value| value.with_text(|text| shown(text).into_owned()));
            assert_eq!(value.as_deref(), expected, "{source}");
        };
        check("str(/a),map(texts)", Some("one"));
        check("str(/a),map_str(texts)", Some("one"));
        check("str(empty),map(texts)", Some(""));
        check("str(/x),map(texts)", None);
        check("str(/x),map(texts,none)", Some("none"));
        check("str(/a/b/c),map_beg(texts)", Some("two words"));
        check("str(/a/c),map_beg(texts,none)", Some("one"));
        check("str(a.com),map_end(ends)", Some("last"));
        check("str(a.org),map_end(ends)", Some("org"));
        check("str(a.b.c),map_dom(words)", Some("first"));
        check("str(a/c/x),map_dir(words)", Some("second"));
        check("str(shop),map_sub(parts)", Some("S"));
        check("str(/a/x),map_reg(regexes)", Some("<\\1>"));
        check("str(/a/x),map_regm(regexes)", Some("<a>"));
        check("str(/b),map_regm(regexes)", Some("rest"));
        check("str(b),map_regm(regexes,\\1)", Some("\\1"));
        check("int(15),map_int(numbers)", Some("teens"));
        check("int(-3),map_int(numbers)", Some("few"));
        check("int(7),map_int(numbers,none)", Some("none"));
        check("src,map_ip(nets)", None);
        check("ipv4(10.1.2.3),map_ip(nets)", Some("narrow"));
        check("ipv4(10.2.2.3),map_ip(nets)", Some("wide"));
        check("ipv6(::1),map_ip(nets)", Some("six"));
        check("ipv6(::ffff:10.1.0.1),map_ip(nets)", Some("narrow"));
        check("str(no-address),map_ip(nets,none)", None);
        check("str(a),map_str_int(ints),add(1)", Some("2"));
        check("str(/p/x),map_beg_int(ints,7)", Some("3"));
        check("str(x),map_beg_int(ints,7)", Some("7"));
        check("str(a),map_str_ip(addresses)", Some("10.0.0.1"));
        check("str(x),map_str_ip(addresses,10.0.0.9)", Some("10.0.0.9"));
        check("str(/a/b),map_beg_key(texts)", Some("/a/b"));
        check("ipv4(10.1.2.3),map_ip_key(nets)", Some("10.1.0.0/16"));
        check("int(15),map_int_key(numbers,none)", Some("10:20"));
    }

    #[test]
    fn a_fault_of_a_map_names_its_file_and_line() {
        let check = |source: &str, expected: &str| {
            let fault = Expression::parse(source.as_bytes(), &mut names()).expect_err(source);
            assert_eq!(fault.message, expected, "{source}");
        };
        check("str(a),map(none)", "cannot read the map 'none': entity not found");
        check("str(a),map_str_int(bad)", "'x' is no integer, in line 3 of 'bad'");
        check("str(a),map_str_ip(ints)", "'1' is no address, in line 1 of 'ints'");
        check("str(a),map_str_int(ints,x)", "'x' is no integer");
        check("int(1),map_int(badkey)", "'gt' is no integer, in line 2 of 'badkey'");
        check("src,map_ip(ints)", "'a' is no address: entity not found, in line 1 of 'ints'");
        check("str(a),map", "'map' needs a map's file in parentheses");
        let fault = Expression::parse(b"str(a),map_reg(badre)", &mut names()).expect_err("a fault");
        assert!(fault.message.ends_with(", in line 2 of 'badre'"), "{fault:?}");
    }
}
