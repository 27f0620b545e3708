//! Users with their passwords and groups, as a `userlist` section names them, and the fetches that ask about them.
//! How passwords are hashed is `crypt`'s, how the section is written `config`'s.

use super::arguments::Argument;
use super::crypt::{Hashed, equal};
use super::message::with_basic;
use super::{Scene, Value};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The users of a `userlist` section.
#[derive(Debug, Default)]
pub struct Userlist {
    /// The section's name.
    pub name: String,
    /// The users by name, sorted.
    users: Vec<User>,
    groups: Vec<Vec<u8>>,
    verdicts: Verdicts,
}

/// A user.
#[derive(Debug)]
pub struct User {
    /// The name.
    pub name: Vec<u8>,
    /// The password.
    pub password: Password,
    /// The groups that the user belongs to.
    pub groups: Vec<Vec<u8>>,
}

/// What a user must know.
#[derive(Debug)]
pub enum Password {
    /// Nobody can be this user.
    None,
    /// `insecure-password`
    Clear(Vec<u8>),
    /// `password`
    Hashed(Hashed),
}

impl Userlist {
    /// A list of users whose names all differ, and of the groups that there are.
    pub fn new(name: String, mut users: Vec<User>, groups: Vec<Vec<u8>>) -> Userlist {
        users.sort_by(|a, b| a.name.cmp(&b.name));
        Userlist { name, users, groups, verdicts: Verdicts::default() }
    }

    /// The users.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Is there such a group, with users or without?
    pub fn has_group(&self, name: &[u8]) -> bool {
        self.groups.iter().any(|group| group == name)
    }

    fn user(&self, name: &[u8]) -> Option<&User> {
        self.users.binary_search_by(|user| user.name.as_slice().cmp(name)).ok().and_then(|index| self.users.get(index))
    }

    /// Is that the user's password?
    pub fn admits(&self, name: &[u8], password: &[u8]) -> bool {
        match self.user(name).map(|user| &user.password) {
            None | Some(Password::None) => false,
            Some(Password::Clear(own)) => equal(own, password),
            Some(Password::Hashed(hashed)) => self.verdicts.recall(name, password, || hashed.verify(password)),
        }
    }

    /// Does the user belong to the group?
    pub fn is_member(&self, name: &[u8], group: &[u8]) -> bool {
        self.user(name).is_some_and(|user| user.groups.iter().any(|own| own == group))
    }
}

/// Verdicts that are remembered of each kind.
const REMEMBERED: usize = 256;

/// The last verdicts on hashed passwords, because a hash takes milliseconds and the same one comes with every request. What is kept of a
/// name and a password is a keyed hash of both, whose key dies with the configuration. Workers share them without a lock: each is one word.
#[derive(Debug)]
struct Verdicts {
    key: RandomState,
    /// A flood of wrong passwords forgets no right one.
    right: Box<[AtomicU64]>,
    wrong: Box<[AtomicU64]>,
}

impl Default for Verdicts {
    fn default() -> Verdicts {
        let empty = || (0..REMEMBERED).map(|_| AtomicU64::new(0)).collect();
        Verdicts { key: RandomState::new(), right: empty(), wrong: empty() }
    }
}

impl Verdicts {
    fn recall(&self, name: &[u8], password: &[u8], verify: impl FnOnce() -> bool) -> bool {
        // 0 stands for a place that is free.
        let mark = self.key.hash_one((name, password)) | 1;
        let place = (mark >> 32) as usize % REMEMBERED;
        let knows = |verdicts: &[AtomicU64]| verdicts.get(place).is_some_and(|known| known.load(Ordering::Relaxed) == mark);
        if knows(&self.right) {
            return true;
        }
        if knows(&self.wrong) {
            return false;
        }
        let verdict = verify();
        let verdicts = if verdict { &self.right } else { &self.wrong };
        if let Some(known) = verdicts.get(place) {
            known.store(mark, Ordering::Relaxed);
        }
        verdict
    }
}

fn userlist(arguments: &[Argument]) -> Option<&Arc<Userlist>> {
    match arguments.first() {
        Some(Argument::Userlist(list)) => Some(list),
        _ => None,
    }
}

/// `http_auth`
pub fn is_admitted<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let list = userlist(arguments)?;
    with_basic(scene, |name, password| Value::Bool(list.admits(name, password)))
}

/// `http_auth_group`: the user's name, once admitted; tests compare the user's groups.
pub fn admitted_user<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let list = userlist(arguments)?;
    let own = |name: &[u8]| list.user(name).map(|user| Value::text(&user.name));
    with_basic(scene, |name, password| own(name).filter(|_| list.admits(name, password)))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_password_admits_its_own_user() {
        let user = |name: &str, password, groups: &[&str]| User {
            name: name.as_bytes().to_vec(),
            password,
            groups: groups.iter().map(|group| group.as_bytes().to_vec()).collect(),
        };
        let hashed = || Hashed::parse(b"$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1").expect("a hash").expect("a hash");
        let list = Userlist::new(
            "list".into(),
            vec![
                user("clear", Password::Clear(b"pw".to_vec()), &["a", "b"]),
                user("none", Password::None, &["a"]),
                user("hashed", Password::Hashed(hashed()), &[]),
            ],
            vec![b"a".to_vec(), b"b".to_vec()],
        );
        let check = |name: &str, password: &str, expected| {
            for _ in 0..2 {
                assert_eq!(list.admits(name.as_bytes(), password.as_bytes()), expected, "{name}:{password}");
            }
        };
        check("clear", "pw", true);
        check("clear", "pW", false);
        check("clear", "", false);
        check("none", "", false);
        check("hashed", "secret", true);
        check("hashed", "pw", false);
        check("other", "pw", false);
        assert!(list.is_member(b"clear", b"b") && !list.is_member(b"clear", b"c") && !list.is_member(b"other", b"a"));
    }

    #[test]
    fn a_verdict_is_found_once_and_remembered() {
        let (verdicts, asked) = (Verdicts::default(), Cell::new(0));
        let ask = |name: &str, password: &str| {
            verdicts.recall(name.as_bytes(), password.as_bytes(), || {
                asked.set(asked.get() + 1);
                password == "right"
            })
        };
        for _ in 0..100 {
            assert!(ask("a", "right") && !ask("a", "wrong"));
        }
        assert_eq!(asked.get(), 2);
        assert!(ask("aright", "right") && ask("b", "right") && !ask("ar", "ight"));
        assert_eq!(asked.get(), 5, "a verdict on one name says nothing of another");
        for number in 0..10_000 {
            assert!(!ask("a", &number.to_string()));
        }
        let before = asked.get();
        assert!(ask("a", "right"));
        assert_eq!(asked.get(), before, "wrong passwords push out no right one");
    }
}
