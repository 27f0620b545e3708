//! What a reload has changed, in one line: `+1 server, 2 rules changed`. It compares the texts of the two configurations,
//! line by line within each section; what the lines mean is `config`'s.

use crate::config::Source;
use std::collections::BTreeMap;

/// Words that begin a section.
const SECTIONS: [&str; 8] = ["global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "resolvers"];
/// Sections that are proxies.
const PROXIES: [&str; 3] = ["frontend", "backend", "listen"];
/// Keywords of rules, or how they begin.
const RULES: [&str; 14] = [
    "acl",
    "block",
    "default_backend",
    "errorfile",
    "errorloc",
    "http-request",
    "http-response",
    "maintenance",
    "monitor",
    "redirect",
    "req",
    "rsp",
    "stick",
    "tcp-",
];

/// The lines of a configuration by section, without comments and spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    sections: BTreeMap<String, Vec<String>>,
}

/// What a line is counted as, in the order in which the counts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Proxy,
    Server,
    Listener,
    Rule,
    Setting,
}

impl Class {
    fn of(line: &str) -> Class {
        match line.split(' ').next().unwrap_or_default() {
            "server" => Class::Server,
            "bind" => Class::Listener,
            word if word.starts_with("use") && word != "user" => Class::Rule,
            word if RULES.iter().any(|rule| word.starts_with(rule)) => Class::Rule,
            _ => Class::Setting,
        }
    }

    fn names(self) -> [&'static str; 2] {
        match self {
            Class::Proxy => ["proxy", "proxies"],
            Class::Server => ["server", "servers"],
            Class::Listener => ["listener", "listeners"],
            Class::Rule => ["rule", "rules"],
            Class::Setting => ["setting", "settings"],
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Count {
    added: usize,
    removed: usize,
    changed: usize,
}

impl Lines {
    /// The lines of these files.
    pub fn of(sources: &[Source]) -> Lines {
        let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut section = String::new();
        for source in sources {
            for line in String::from_utf8_lossy(&source.text).lines() {
                let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
                match words.first() {
                    None => {}
                    Some(first) if SECTIONS.contains(first) => {
                        section = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
                        let behind = words.get(2..).unwrap_or_default().join(" ");
                        let lines = sections.entry(section.clone()).or_default();
                        lines.extend((!behind.is_empty()).then_some(behind));
                    }
                    Some(_) => sections.entry(section.clone()).or_default().push(words.join(" ")),
                }
            }
        }
        Lines { sections }
    }

    /// What is different in `next`.
    pub fn render_changes(&self, next: &Lines) -> String {
        let mut counts: BTreeMap<Class, Count> = BTreeMap::new();
        let mut reordered = 0;
        let none = Vec::new();
        let names = self.sections.keys().chain(next.sections.keys().filter(|name| !self.sections.contains_key(*name)));
        for name in names {
            let is_proxy = PROXIES.contains(&name.split(' ').next().unwrap_or_default());
            let count = counts.entry(Class::Proxy).or_default();
            match (self.sections.get(name), next.sections.get(name)) {
                (None, Some(_)) if is_proxy => count.added += 1,
                (Some(_), None) if is_proxy => count.removed += 1,
                (before, after) => {
                    let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
                    reordered += usize::from(is_reordered(before, after));
                    compare(before, after, &mut counts);
                }
            }
        }
        let mut told = Vec::new();
        for (class, count) in counts {
            let [one, many] = class.names();
            let name = |count: usize| if count == 1 { one } else { many };
            for (sign, number) in [("+", count.added), ("-", count.removed)].into_iter().filter(|(_, number)| *number > 0) {
                told.push(format!("{sign}{number} {}", name(number)));
            }
            if count.changed > 0 {
                told.push(format!("{} {} changed", count.changed, name(count.changed)));
            }
        }
        if reordered > 0 {
            told.push(format!("{reordered} {} in another order", if reordered == 1 { "section" } else { "sections" }));
        }
        if told.is_empty() { "nothing changed".into() } else { told.join(", ") }
    }
}

/// Do the lines that are in both stand in another order? For servers and rules that makes a difference.
fn is_reordered(before: &[String], after: &[String]) -> bool {
    let ordered = |line: &&String| matches!(Class::of(line), Class::Rule | Class::Server);
    let kept = |line: &&String, others: &[String]| others.contains(line);
    let before_kept = before.iter().filter(ordered).filter(|line| kept(line, after));
    let after_kept = after.iter().filter(ordered).filter(|line| kept(line, before));
    before.len() == after.len() && before_kept.ne(after_kept)
}

/// Counts what one section has lost and won; a loss and a gain of one kind (of one server, for servers) are a change.
fn compare(before: &[String], after: &[String], counts: &mut BTreeMap<Class, Count>) {
    let mut gained: Vec<&str> = after.iter().map(String::as_str).collect();
    let mut lost = Vec::new();
    for line in before {
        match gained.iter().position(|other| other == line) {
            Some(index) => drop(gained.remove(index)),
            None => lost.push(line.as_str()),
        }
    }
    let key = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    for line in lost {
        let class = Class::of(line);
        let same = |other: &&str| Class::of(other) == class && (class != Class::Server || key(other) == key(line));
        let count = counts.entry(class).or_default();
        match gained.iter().position(same) {
            Some(index) => {
                gained.remove(index);
                count.changed += 1;
            }
            None => count.removed += 1,
        }
    }
    for line in gained {
        counts.entry(Class::of(line)).or_default().added += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Lines {
        Lines::of(&[Source { name: "t.cfg".into(), text: text.as_bytes().to_vec() }])
    }

    #[test]
    fn changes_are_counted_by_kind() {
        const BEFORE: &str = "global\n  maxconn 10\nfrontend f\n  bind :80 # all\n  acl a path /a\n  use_backend b if a\n\
                              backend b\n  server s1 1.1.1.1:1\n  server s2 1.1.1.2:1\n";
        let check = |change: &dyn Fn(&str) -> String, expected: &str| {
            assert_eq!(lines(BEFORE).render_changes(&lines(&change(BEFORE))), expected);
        };
        check(&|text| text.replace("# all", "").replace("  acl", "\n\tacl"), "nothing changed");
        check(&|text| format!("{text}  server s3 1.1.1.3:1\n").replace("path /a", "path /b"), "+1 server, 1 rule changed");
        check(&|text| text.replace("path /a", "path /b").replace(" if a", " if !a"), "2 rules changed");
        check(&|text| text.replace("1.1.1.1:1", "1.1.1.1:2").replace("maxconn 10", "maxconn 20"), "1 server changed, 1 setting changed");
        check(&|text| text.replace("server s1", "server s9"), "+1 server, -1 server");
        check(&|text| format!("{text}backend c\n  server x 1.1.1.1:1\nbackend d\n"), "+2 proxies");
        check(&|text| text.replace("frontend f", "frontend g"), "+1 proxy, -1 proxy");
        check(&|text| text.replace("bind :80", "bind :80\n  bind :81"), "+1 listener");
        check(&|text| text.replace("  server s1 1.1.1.1:1\n", "") + "  server s1 1.1.1.1:1\n", "1 section in another order");
        check(&|text| text.replace("bind :80", "bind :80\n  tcp-request connection reject"), "+1 rule");
        check(&|text| format!("{text}userlist u\n  user a insecure-password b\n"), "+1 setting");
    }
}
