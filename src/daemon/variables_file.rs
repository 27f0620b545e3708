//! The file that run-time switches are kept in: written whole, synced and renamed before a change is acknowledged, read at
//! start. What is damaged or not this user's own is refused. The directory is held open, so that a chroot does not hide it.

use super::sockets::describe;
use crate::config::model::Global;
use crate::state::Variables;
use crate::state::variables::{Kind, Source, Value};
use crate::units::WallClock;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::unistd::{AccessFlags, UnlinkatFlags, faccessat, unlinkat};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// What a file of this kind begins with.
const HEADER: &str = "byway variables 1\n";
/// The longest file that is read, bytes.
const LONGEST: u64 = 16 << 20;

/// Where switches are kept.
#[derive(Debug)]
pub struct VariablesFile {
    path: PathBuf,
    directory: OwnedFd,
    name: OsString,
    is_asked_for: bool,
    /// Why nothing is written there.
    refusal: Option<String>,
}

/// Why a file is not taken.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// It was once whole; it is put aside.
    Damaged(&'static str),
    /// It is left alone.
    Foreign(String),
}

impl VariablesFile {
    /// The file that the configuration names, else one in the state directory that a supervisor gives, else one beside the
    /// pid file; `None` when there is no such place.
    pub fn find(global: &Global, pidfile: Option<&Path>) -> Result<Option<VariablesFile>, String> {
        if let Some(path) = &global.variables_file {
            let file = VariablesFile::at(path, true);
            return file.map(Some).map_err(|error| format!("variables-file {} : {}", path.display(), describe(&error)));
        }
        // Several directories have colons between them.
        let state = std::env::var("STATE_DIRECTORY").unwrap_or_default();
        let state = state.split(':').next().filter(|path| !path.is_empty()).map(|path| Path::new(path).join("byway.variables"));
        let place = state.or_else(|| pidfile.map(|path| path.with_extension("variables")));
        Ok(place.and_then(|path| VariablesFile::at(&path, false).ok()))
    }

    fn at(path: &Path, is_asked_for: bool) -> io::Result<VariablesFile> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let directory = nix::fcntl::open(parent, flags, Mode::empty())?;
        Ok(VariablesFile { path: path.to_owned(), directory, name, is_asked_for, refusal: None })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Was it named by the configuration?
    pub fn is_asked_for(&self) -> bool {
        self.is_asked_for
    }

    /// May this user write there? A place that nobody named is then given up.
    pub fn is_writable(&self) -> bool {
        faccessat(&self.directory, ".", AccessFlags::W_OK | AccessFlags::X_OK, AtFlags::AT_EACCESS).is_ok()
    }

    /// Reads what was kept, without what has expired since. The warning says what was refused.
    pub fn read(&mut self, now: WallClock) -> (Vec<(String, Value)>, Option<String>) {
        let path = self.path.display().to_string();
        match self.load() {
            Ok(values) => (values.into_iter().filter(|(_, value)| value.until.is_none_or(|until| until > now)).collect(), None),
            Err(Refusal::Damaged(why)) => {
                let aside = with_ending(&self.name, ".damaged");
                let told = match renameat(&self.directory, &*self.name, &self.directory, &*aside) {
                    Ok(()) => {
                        format!("variables-file {path} is damaged ({why}): its values are not taken, it is kept as {}", aside.display())
                    }
                    Err(error) => format!("variables-file {path} is damaged ({why}): its values are not taken ({})", error.desc()),
                };
                (Vec::new(), Some(told))
            }
            Err(Refusal::Foreign(why)) => {
                let told = format!("variables-file {path} {why}: its values are not taken, and none are kept");
                self.refusal = Some(why);
                (Vec::new(), Some(told))
            }
        }
    }

    fn load(&self) -> Result<Vec<(String, Value)>, Refusal> {
        let foreign = |error: nix::Error| Refusal::Foreign(format!("cannot be read ({})", error.desc()));
        // Not blocking: it might be a pipe.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match openat(&self.directory, &*self.name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(nix::Error::ENOENT) => return Ok(Vec::new()),
            Err(nix::Error::ELOOP) => return Err(Refusal::Foreign("is a symbolic link".into())),
            Err(error) => return Err(foreign(error)),
        };
        let about = fstat(&file).map_err(foreign)?;
        let user = nix::unistd::geteuid().as_raw();
        if SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
            return Err(Refusal::Foreign("is no regular file".into()));
        }
        if about.st_uid != user {
            return Err(Refusal::Foreign(format!("belongs to uid {}, not to {user}", about.st_uid)));
        }
        if about.st_mode & 0o077 != 0 {
            return Err(Refusal::Foreign(format!("has mode {:o}, others may read or write it (0600 is right)", about.st_mode & 0o777)));
        }
        let mut text = Vec::new();
        let read = File::from(file).take(LONGEST + 1).read_to_end(&mut text);
        read.map_err(|error| Refusal::Foreign(format!("cannot be read ({})", describe(&error))))?;
        parse(&text)
    }

    /// Writes the switches that are set at run time; when this returns, they outlive a power cut. The error is for people.
    pub fn write(&self, variables: &Variables) -> Result<(), String> {
        if let Some(why) = &self.refusal {
            return Err(format!("variables-file {} {why}", self.path.display()));
        }
        let temporary = with_ending(&self.name, ".tmp");
        let text = render(variables);
        if text.len() as u64 > LONGEST {
            return Err(format!("variables-file {} : it would be longer than {} MiB", self.path.display(), LONGEST >> 20));
        }
        let written = self.write_aside(&temporary, text.as_bytes());
        written.map_err(|error| {
            // What is left of it is of no use.
            let _ = unlinkat(&self.directory, &*temporary, UnlinkatFlags::NoRemoveDir);
            format!("variables-file {} : {}", self.path.display(), describe(&error))
        })
    }

    fn write_aside(&self, temporary: &OsStr, text: &[u8]) -> io::Result<()> {
        match unlinkat(&self.directory, temporary, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(nix::Error::ENOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut file = File::from(openat(&self.directory, temporary, flags, Mode::S_IRUSR | Mode::S_IWUSR)?);
        file.write_all(text)?;
        file.sync_all()?;
        renameat(&self.directory, temporary, &self.directory, &*self.name)?;
        Ok(nix::unistd::fsync(&self.directory)?)
    }
}

fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(ending);
    name
}

fn render(variables: &Variables) -> String {
    let mut text = HEADER.to_string();
    for (name, value) in variables.run_time() {
        text += &render_line(&name, &value);
        text.push('\n');
    }
    text += &format!("end {:016x}\n", checksum(text.as_bytes()));
    text
}

fn parse(text: &[u8]) -> Result<Vec<(String, Value)>, Refusal> {
    if text.len() as u64 > LONGEST || !(text.starts_with(HEADER.as_bytes()) || HEADER.as_bytes().starts_with(text)) {
        return Err(Refusal::Foreign("is none of byway's, or of a later version".into()));
    }
    let text = str::from_utf8(text).map_err(|_| Refusal::Damaged("it is no text"))?;
    let (whole, sum) = text.rsplit_once("end ").ok_or(Refusal::Damaged("its end is missing"))?;
    if sum != format!("{:016x}\n", checksum(whole.as_bytes())) {
        return Err(Refusal::Damaged("its checksum is wrong"));
    }
    let lines = whole.strip_prefix(HEADER).unwrap_or_default().lines();
    lines.map(|line| parse_line(line).ok_or(Refusal::Damaged("a line cannot be read"))).collect()
}

/// A switch that was set at run time as one line: name, kind, since, until, text in hexadecimal. Successors get the same.
pub fn render_line(name: &str, value: &Value) -> String {
    let moment = |at: WallClock| format!("{}.{:03}", at.seconds, at.millis);
    let until = value.until.map_or("-".to_string(), moment);
    let text: String = value.text.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name} {} {} {until} {text}", value.kind.name(), moment(value.since))
}

/// The switch of such a line.
pub fn parse_line(line: &str) -> Option<(String, Value)> {
    let [name, kind, since, until, text] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let moment = |text: &str| {
        let (seconds, millis) = text.split_once('.')?;
        Some(WallClock { seconds: seconds.parse().ok()?, millis: millis.parse().ok()? })
    };
    let until = if until == "-" { None } else { Some(moment(until)?) };
    let value = Value::new(Source::RunTime, &parse_hex(text)?, moment(since)?);
    Some((name.to_string(), Value { kind: Kind::named(kind)?, until, ..value }))
}

/// Bytes from pairs of hexadecimal digits.
pub fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}

/// FNV-1a, 64 bits: it finds what a disk has spoilt, and is no protection against malice; owner and mode are.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("byway-variables-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn file(&self) -> VariablesFile {
            VariablesFile::at(&self.0.join("kept"), true).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn variables() -> Variables {
        let (variables, at) = (Variables::default(), |seconds| WallClock { seconds, millis: 7 });
        variables.put(Source::RunTime, "a", Some(Value { kind: Kind::Boolean, ..Value::new(Source::RunTime, b"1", at(5)) }));
        let text = Value::new(Source::RunTime, b"x y\n\xff", at(6));
        variables.put(Source::RunTime, "b.c", Some(Value { until: Some(at(100)), ..text }));
        variables.put(Source::RunTime, "empty", Some(Value::new(Source::RunTime, b"", at(6))));
        variables.set(Source::Environment, "HOME", Some(b"/root"));
        variables
    }

    #[test]
    fn what_is_written_is_read_until_it_expires() {
        let (folder, variables) = (Folder::new("written"), variables());
        let mut file = folder.file();
        assert_eq!(file.read(WallClock::default()), (Vec::new(), None), "no file is no fault");
        file.write(&variables).unwrap();
        file.write(&variables).unwrap();
        let (read, told) = file.read(WallClock { seconds: 50, millis: 0 });
        let expected: Vec<_> = variables.run_time().into_iter().map(|(name, value)| (name, (*value).clone())).collect();
        assert_eq!((read, told), (expected, None));
        let names: Vec<_> = file.read(WallClock { seconds: 200, millis: 0 }).0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "empty"]);
        assert_eq!(std::fs::metadata(folder.0.join("kept")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_file_cut_or_changed_anywhere_is_not_trusted() {
        let whole = render(&variables());
        for end in 0..whole.len() {
            let cut = parse(&whole.as_bytes()[..end]);
            assert!(cut.is_err(), "cut at {end}: {cut:?}");
        }
        for index in 0..whole.len() {
            let mut changed = whole.clone().into_bytes();
            changed[index] ^= 1;
            assert!(parse(&changed).is_err(), "changed at {index}");
        }
    }

    #[test]
    fn what_is_damaged_is_put_aside_and_what_is_foreign_is_left_alone() {
        let folder = Folder::new("foreign");
        let path = folder.0.join("kept");
        let write = |text: &str, mode| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let check = |expected: &str, is_left: bool| {
            let mut file = folder.file();
            let (values, told) = file.read(WallClock::default());
            let told = told.unwrap_or_default();
            assert!(values.is_empty() && told.contains(expected), "{told}");
            assert_eq!((path.exists(), file.write(&Variables::default()).is_err()), (is_left, is_left), "{told}");
        };
        let good = render(&variables());
        write(&good.replace("b.c", "b.d"), 0o600);
        check("checksum is wrong", false);
        assert!(folder.0.join("kept.damaged").exists());
        write(&good[..good.len() / 2], 0o600);
        check("its end is missing", false);
        write(&good, 0o640);
        check("has mode 640", true);
        write("root:x:0:0\n", 0o600);
        check("is none of byway's", true);
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        check("is a symbolic link", true);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        check("is no regular file", true);
    }
}
