//! Byte buffers that are lent and given back, so that a steady stream of requests allocates nothing.
//! A buffer belongs to one worker; what is written to or read from sockets is left to `worker`.

/// Buffers kept for the next borrower; more than this many are freed.
const MOST_KEPT: usize = 256;
/// A buffer that grew past this capacity is freed instead of kept, in bytes.
const MOST_CAPACITY: usize = 64 * 1024;

/// A worker's free list of byte buffers.
#[derive(Debug, Default)]
pub struct Buffers {
    free: Vec<Vec<u8>>,
}

impl Buffers {
    /// An empty buffer, reused where one is free.
    pub fn lend(&mut self) -> Vec<u8> {
        self.free.pop().unwrap_or_default()
    }

    /// Takes a buffer back; its contents are forgotten.
    pub fn give_back(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() == 0 || buffer.capacity() > MOST_CAPACITY || self.free.len() >= MOST_KEPT {
            return;
        }
        buffer.clear();
        self.free.push(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_given_back_is_lent_again_empty() {
        let mut buffers = Buffers::default();
        let mut first = buffers.lend();
        first.extend_from_slice(b"GET / HTTP/1.1");
        let capacity = first.capacity();
        buffers.give_back(first);
        let second = buffers.lend();
        assert!(second.is_empty());
        assert_eq!(second.capacity(), capacity);
        assert_eq!(buffers.lend().capacity(), 0, "only one was given back");
    }

    #[test]
    fn a_huge_buffer_is_not_kept() {
        let mut buffers = Buffers::default();
        buffers.give_back(Vec::with_capacity(MOST_CAPACITY + 1));
        assert_eq!(buffers.lend().capacity(), 0);
    }
}
