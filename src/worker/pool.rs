//! Idle connections to servers, by destination (a server at an address), the one used last on top. Those that nobody needed for a while are closed.

use crate::units::Moment;

/// Idle connections of one worker.
#[derive(Debug, Default)]
pub struct Pool {
    /// By the destination's number: indices of connections and until when they are kept, the one used last at the end.
    idle: Vec<Vec<(u32, Moment)>>,
    count: usize,
}

impl Pool {
    /// How many of a destination there are.
    pub fn len(&self, destination: usize) -> usize {
        self.idle.get(destination).map_or(0, Vec::len)
    }

    /// Keeps a connection until that moment.
    pub fn put(&mut self, destination: usize, connection: u32, until: Moment) {
        if self.idle.len() <= destination {
            self.idle.resize_with(destination + 1, Vec::new);
        }
        if let Some(idle) = self.idle.get_mut(destination) {
            idle.push((connection, until));
            self.count += 1;
        }
    }

    /// Takes the connection that was used last.
    #[inline]
    pub fn take(&mut self, destination: usize) -> Option<u32> {
        let (connection, _) = self.idle.get_mut(destination)?.pop()?;
        self.count -= 1;
        Some(connection)
    }

    /// Forgets a connection that was closed.
    pub fn forget(&mut self, destination: usize, connection: u32) {
        let Some(idle) = self.idle.get_mut(destination) else { return };
        let before = idle.len();
        idle.retain(|(other, _)| *other != connection);
        self.count -= before - idle.len();
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Takes out the connections whose time is up; all of them at `Moment::NEVER`.
    pub fn expire(&mut self, now: Moment, closed: &mut Vec<u32>) {
        for idle in &mut self.idle {
            let before = idle.len();
            idle.retain(|(connection, until)| {
                let is_over = *until <= now;
                if is_over {
                    closed.push(*connection);
                }
                !is_over
            });
            self.count -= before - idle.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_used_last_is_taken_first_and_the_old_ones_expire() {
        let mut pool = Pool::default();
        for (connection, until) in [(1, 5000), (2, 6000), (3, 7000)] {
            pool.put(4, connection, Moment(until));
        }
        assert_eq!((pool.len(4), pool.len(0), pool.len(9)), (3, 0, 0));
        assert_eq!((pool.take(4), pool.take(0), pool.take(9)), (Some(3), None, None));
        let mut closed = Vec::new();
        pool.expire(Moment(5500), &mut closed);
        assert_eq!(closed, [1]);
        pool.forget(4, 2);
        pool.forget(4, 2);
        assert!(pool.is_empty());
    }
}
