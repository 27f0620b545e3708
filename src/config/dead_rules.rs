//! Rules that will surprise as a whole section has them: redirects that never end, rules that are never reached or never match,
//! ACLs that nobody asks. All are warnings or notices; what single lines and finished proxies tell is in `traps`.

use super::Reading;
use super::diagnostic::{Kind, Severity};
use super::keyword::SectionKind;
use super::line::Line;
use super::outline::Section;
use crate::acl::method::find_criterion;
use crate::acl::predefined::PREDEFINED;
use crate::fault::Fault;
use std::collections::{HashMap, HashSet};

/// Looks at every section.
pub(super) fn check_sections(sections: &[Section], reading: &mut Reading) {
    for section in sections.iter().filter(|section| !matches!(section.kind, SectionKind::Global | SectionKind::Userlist)) {
        tell_https_loops(section, reading);
        tell_unreachable(section, reading);
        tell_unmatched_paths(section, reading);
        tell_unused_acls(section, reading);
    }
}

fn is_acl(line: &&Line) -> bool {
    line.keyword() == b"acl"
}

/// `redirect scheme https if !{ ssl_fc }`: no client comes by TLS here, so that it never ends.
fn tell_https_loops(section: &Section, reading: &mut Reading) {
    let asks_for_tls = |line: &&Line| line.word(2).is_some_and(|criterion| criterion == b"ssl_fc");
    let acls: HashSet<&[u8]> = section.lines.iter().filter(is_acl).filter(asks_for_tls).filter_map(|line| line.word(1)).collect();
    for line in &section.lines {
        let has = |wanted: &[u8]| line.words.iter().any(|word| word.as_slice() == wanted);
        let leads_to_https = (has(b"scheme") && has(b"https")) || line.words.iter().any(|word| word.starts_with(b"https://"));
        if !(has(b"redirect") && leads_to_https) {
            continue;
        }
        let is_unless = has(b"unless");
        let Some(start) = line.words.iter().position(|word| word == b"if" || word == b"unless") else { continue };
        // `!{ ssl_fc }` and `!{ssl_fc}` have their `!` in the same word or the one before.
        let index = (start..line.words.len()).find(|at| {
            let word = line.word(*at).unwrap_or_default();
            let bare = word.strip_prefix(b"!").unwrap_or(word);
            let before = at.checked_sub(1).and_then(|at| line.word(at)).unwrap_or_default();
            let open = at.checked_sub(if before == b"{" { 2 } else { 1 }).and_then(|at| line.word(at)).unwrap_or_default();
            let is_negated = is_unless || word.starts_with(b"!") || open == b"!" || open == b"!{";
            is_negated && (bare == b"ssl_fc" || acls.contains(bare))
        });
        if let Some(index) = index {
            let hint = "if TLS ends in front, ask for a header that it sets, or for dst_port: { hdr(X-Forwarded-Proto) https }";
            reading.warn(line, Fault::new(index, "no client comes by TLS: this redirects for ever").hint(hint));
        }
    }
}

/// Rulesets whose rules end with one that always applies.
const RULESETS: [&[u8]; 3] = [b"http-request", b"http-response", b"redirect"];
/// Actions behind which no rule of the same set is looked at.
const FINAL: [&[u8]; 8] = [b"allow", b"deny", b"redirect", b"reject", b"return", b"silent-drop", b"tarpit", b"block"];

/// Rules behind one that always applies and is the last.
fn tell_unreachable(section: &Section, reading: &mut Reading) {
    let mut ended: HashMap<&[u8], u32> = HashMap::new();
    for line in &section.lines {
        let Some(ruleset) = RULESETS.iter().find(|name| **name == line.keyword()) else { continue };
        match ended.get(ruleset) {
            Some(0) => {}
            Some(first) => {
                let message = format!("line {first} ends the {} rules: this one is never reached", String::from_utf8_lossy(ruleset));
                reading.warn(line, Fault::new(0, message).hint("nor are those behind it; put it above, or a condition there"));
                // Said once for each set.
                ended.insert(ruleset, 0);
            }
            None => {
                let is_final = *ruleset == b"redirect" || line.word(1).is_some_and(|action| FINAL.contains(&action));
                let is_conditional = line.words.iter().any(|word| word == b"if" || word == b"unless");
                if is_final && !is_conditional {
                    ended.insert(ruleset, line.number);
                }
            }
        }
    }
}

/// `http-request replace-path ^([^\ ]*)\ /x ...`: what was a `reqrep` once looks for the blank of the request line.
fn tell_unmatched_paths(section: &Section, reading: &mut Reading) {
    for line in section.lines.iter().filter(|line| line.keyword() == b"http-request") {
        let looks_at_path =
            line.word(1).is_some_and(|action| [b"replace-path".as_slice(), b"replace-pathq", b"replace-uri"].contains(&action));
        // A blank in a class of characters may be there in vain; one outside of it has to be matched.
        let mut is_in_class = false;
        let needs_blank = line.word(2).unwrap_or_default().iter().any(|byte| {
            is_in_class = (is_in_class || *byte == b'[') && *byte != b']';
            *byte == b' ' && !is_in_class
        });
        if looks_at_path && needs_blank {
            let hint = "this sees the path alone, not the request line that reqrep saw";
            reading.warn(line, Fault::new(2, "there is no blank in a path: this never matches").hint(hint));
        }
    }
}

/// The word of an `acl` line that names it: `acl variable NAME VALUE` has its name behind.
fn name_of(line: &Line) -> usize {
    let is_variable = line.word(1) == Some(b"variable") && line.words.len() == 4;
    let is_criterion =
        line.word(2).is_some_and(|word| find_criterion(word.split(|byte| *byte == b'(').next().unwrap_or_default()).is_some());
    if is_variable && !is_criterion { 2 } else { 1 }
}

/// ACLs that no line of their section names, and those that have the name of a predefined one.
fn tell_unused_acls(section: &Section, reading: &mut Reading) {
    let mut first_lines: HashMap<Vec<u8>, &Line> = HashMap::new();
    for line in section.lines.iter().filter(is_acl) {
        let Some(name) = line.word(name_of(line)) else { continue };
        if let Some(known) = PREDEFINED.iter().find(|row| row.name.as_bytes().eq_ignore_ascii_case(name))
            && !first_lines.contains_key(&name.to_ascii_lowercase())
        {
            let fault = Fault::new(1, format!("'{}' is also the name of a predefined ACL", known.name));
            reading.diagnostics.push(line.tell(Severity::Notice, Kind::Advice, fault.hint("in this section it means what this line says")));
        }
        first_lines.entry(name.to_ascii_lowercase()).or_insert(line);
    }
    if first_lines.is_empty() {
        return;
    }
    for line in section.lines.iter().filter(|line| !is_acl(line)) {
        for word in line.words.iter().skip(1) {
            for part in word.split(|byte| b"!(),".contains(byte)) {
                first_lines.remove(&part.to_ascii_lowercase());
            }
        }
    }
    let mut unused: Vec<&Line> = first_lines.into_values().collect();
    unused.sort_by_key(|line| line.number);
    for line in unused {
        let index = name_of(line);
        let name = String::from_utf8_lossy(line.word(index).unwrap_or_default()).into_owned();
        reading.diagnostics.push(line.tell(Severity::Notice, Kind::Advice, Fault::new(index, format!("no rule asks for ACL '{name}'"))));
    }
}
