//! `http-errors` sections (HAProxy manual, section 3.8): answers under one name, which `errorfiles` takes into a proxy. They are read
//! before proxies, which may name them from anywhere.

use super::Reading;
use super::answers;
use super::keyword::{Allowed, Keyword, SectionKind, Status, Table, nearest};
use super::line::Line;
use super::outline::Section;
use crate::fault::Fault;
use crate::http::page::Page;

/// A section's answers, by status.
pub type Answers = Vec<(u16, Page)>;

/// What reads a line of the section.
pub type AnswerParse = fn(&mut Answers, &Line, &mut Reading) -> Result<(), Fault>;

/// `http-errors` alone.
const HERE: Allowed = &[SectionKind::HttpErrors];

/// The keywords of the section.
pub const HTTP_ERRORS: &[Keyword<AnswerParse>] = &[Keyword {
    name: "errorfile",
    allowed: HERE,
    arguments: "<code> <file>",
    status: Status::Done,
    parse: errorfile,
    manual: "the whole HTTP message in a file, for a status",
}];

/// Reads the sections; their answers are found by name from then on.
pub(super) fn read_sections(sections: &[Section], reading: &mut Reading) {
    let table = Table::new(&[HTTP_ERRORS]);
    for section in sections.iter().filter(|section| section.kind == SectionKind::HttpErrors) {
        if let Err(fault) = section.head.end(2) {
            reading.alert(&section.head, fault);
        }
        let mut answers = Answers::new();
        for line in &section.lines {
            reading.stand_at(line);
            let read = match table.find(&line.words) {
                Some(row) => (row.parse)(&mut answers, line, reading),
                None => Err(unknown(line)),
            };
            read.unwrap_or_else(|fault| reading.alert(line, fault));
        }
        if reading.answers.insert(section.name.clone(), answers).is_some() {
            reading.alert(&section.head, Fault::new(1, format!("there is an 'http-errors {}' already", section.name)));
        }
    }
}

fn unknown(line: &Line) -> Fault {
    let word = String::from_utf8_lossy(line.keyword()).into_owned();
    let near = nearest(line.keyword(), HTTP_ERRORS.iter().map(|row| row.name));
    let hint = near.map_or("such a section has errorfile lines".to_owned(), |near| format!("did you mean '{near}'?"));
    Fault::new(0, format!("unknown keyword '{word}' in section 'http-errors'")).hint(hint)
}

fn errorfile(answers: &mut Answers, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    let page = answers::read_page(line, 2, reading)?;
    if let Some(code) = answers::code_at(line, 1, reading)? {
        answers.retain(|(other, _)| *other != code);
        answers.push((code, page));
    }
    Ok(())
}
