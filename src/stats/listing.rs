//! Rows and columns as text: CSV, typed lines, JSON (HAProxy management guide, section 9). A listing remembers where it is, so that it
//! can be rendered in pieces.

use super::View;
use super::columns::{COLUMNS, Column, render_dotted, render_names};
use super::rows::{Filter, Place, Row, proxy_number};
use super::value::render_number;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line each, with commas.
    Csv,
    /// A line for each value, with its type.
    Typed,
    /// An array of arrays.
    Json,
}

/// A listing under way.
#[derive(Clone, Debug)]
pub struct Listing {
    form: Form,
    filter: Filter,
    describe: bool,
    place: Place,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head,
    FirstRow,
    Rows,
    Done,
}

impl Listing {
    /// A listing of what the filter shows; `describe` adds to typed lines what each value means.
    pub fn new(form: Form, filter: Filter, describe: bool) -> Listing {
        Listing { form, filter, describe, place: Place::default(), stage: Stage::Head }
    }

    /// Writes more of it, until there are at least so many bytes; says whether more is left.
    pub fn render(&mut self, view: &View, out: &mut Vec<u8>, enough: usize) -> bool {
        if self.stage == Stage::Head {
            match self.form {
                Form::Csv => render_names(out),
                Form::Json => out.push(b'['),
                Form::Typed => {}
            }
            self.stage = Stage::FirstRow;
        }
        while self.stage != Stage::Done && out.len() < enough {
            match self.place.next(view, &self.filter) {
                Some(row) => {
                    match self.form {
                        Form::Csv => render_csv(&row, out),
                        Form::Typed => render_typed(&row, self.describe, out),
                        Form::Json => {
                            out.extend_from_slice(if self.stage == Stage::Rows { b",[" } else { b"[" });
                            render_json(&row, out);
                            out.push(b']');
                        }
                    }
                    self.stage = Stage::Rows;
                }
                None => {
                    out.extend_from_slice(if self.form == Form::Json { b"]\n" } else { b"" });
                    self.stage = Stage::Done;
                }
            }
        }
        self.stage != Stage::Done
    }
}

/// The columns with their positions; the one that only parts others in the CSV form has none.
fn numbered() -> impl Iterator<Item = (usize, &'static Column)> {
    COLUMNS.iter().filter(|column| column.name != "-").enumerate()
}

fn render_csv(row: &Row, out: &mut Vec<u8>) {
    for column in COLUMNS {
        (column.value)(row).render_csv(out);
        out.push(b',');
    }
    out.push(b'\n');
}

/// `S.7.1.4.scur.1:MGP:u32:0`
fn render_typed(row: &Row, describe: bool, out: &mut Vec<u8>) {
    for (position, column) in numbered() {
        let value = (column.value)(row);
        if value.is_none() {
            continue;
        }
        out.push(row.letter() as u8);
        for number in [proxy_number(row.proxy), row.number()] {
            render_dotted(u64::from(number), out);
        }
        render_dotted(position as u64, out);
        for part in [".", column.name, ".1:", column.tags(row).0, ":", value.kind(), ":"] {
            out.extend_from_slice(part.as_bytes());
        }
        value.render(out);
        if describe {
            for part in [":\"", column.meaning, "\""] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        out.push(b'\n');
    }
}

fn render_json(row: &Row, out: &mut Vec<u8>) {
    let mut separator: &[u8] = b"";
    for (position, column) in numbered() {
        let value = (column.value)(row);
        if value.is_none() {
            continue;
        }
        out.extend_from_slice(std::mem::replace(&mut separator, b","));
        let [origin, nature, scope] = column.tags(row).names();
        for part in ["{\"objType\":\"", row.object(), "\",\"proxyId\":"] {
            out.extend_from_slice(part.as_bytes());
        }
        render_number(u64::from(proxy_number(row.proxy)), out);
        out.extend_from_slice(b",\"id\":");
        render_number(u64::from(row.number()), out);
        out.extend_from_slice(b",\"field\":{\"pos\":");
        render_number(position as u64, out);
        let words = [
            ",\"name\":\"",
            column.name,
            "\"},\"processNum\":1,\"tags\":{\"origin\":\"",
            origin,
            "\",\"nature\":\"",
            nature,
            "\",\"scope\":\"",
            scope,
            "\"},\"value\":{\"type\":\"",
            value.kind(),
            "\",\"value\":",
        ];
        words.iter().for_each(|word| out.extend_from_slice(word.as_bytes()));
        value.render_json(out);
        out.extend_from_slice(b"}}");
    }
}
