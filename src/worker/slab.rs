//! Things by index, with their places used again: the worker's connections and sessions. A place that was left in a turn
//! is used again only in the next one, so that an event of that turn cannot meet a newcomer.

/// Things by index.
#[derive(Debug)]
pub struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
    left: Vec<u32>,
    count: usize,
    /// The generation of a place that is new, past those of all places that were given up.
    first_generation: u32,
}

#[derive(Debug)]
struct Place<T> {
    generation: u32,
    thing: Option<T>,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { places: Vec::new(), free: Vec::new(), left: Vec::new(), count: 0, first_generation: 0 }
    }
}

impl<T> Slab<T> {
    /// The place that the next `insert` takes: its index and its generation.
    pub fn next(&self) -> (u32, u32) {
        let index = self.free.last().copied().unwrap_or(self.places.len() as u32);
        (index, self.places.get(index as usize).map_or(self.first_generation, |place| place.generation))
    }

    /// Puts a thing in.
    pub fn insert(&mut self, thing: T) -> u32 {
        self.count += 1;
        let Some(index) = self.free.pop() else {
            self.places.push(Place { generation: self.first_generation, thing: Some(thing) });
            return (self.places.len() - 1) as u32;
        };
        if let Some(place) = self.places.get_mut(index as usize) {
            place.thing = Some(thing);
        }
        index
    }

    /// Takes a thing out.
    pub fn remove(&mut self, index: u32) -> Option<T> {
        let place = self.places.get_mut(index as usize)?;
        let thing = place.thing.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.left.push(index);
        self.count -= 1;
        Some(thing)
    }

    /// The turn is over: places that were left may be used again. When nothing is left of a crowd, its memory goes too.
    pub fn end_turn(&mut self) {
        self.free.append(&mut self.left);
        if self.count == 0 && self.places.len() > 64 && self.free.len() == self.places.len() {
            let last = self.places.iter().map(|place| place.generation).max().unwrap_or(0);
            self.first_generation = last.wrapping_add(1);
            self.places = Vec::new();
            self.free = Vec::new();
            self.left = Vec::new();
        }
    }

    /// A thing by index.
    #[inline]
    pub fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.places.get_mut(index as usize)?.thing.as_mut()
    }

    /// Likewise.
    #[inline]
    pub fn get(&self, index: u32) -> Option<&T> {
        self.places.get(index as usize)?.thing.as_ref()
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The indices of all things.
    pub fn indices(&self) -> Vec<u32> {
        (0..self.places.len() as u32).filter(|index| self.get(*index).is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_only_after_the_turn() {
        let mut slab = Slab::default();
        let a = slab.insert("a");
        assert_eq!(slab.remove(a), Some("a"));
        let b = slab.insert("b");
        assert_ne!(a, b);
        slab.end_turn();
        assert_eq!(slab.next(), (a, 1), "another generation");
        assert_eq!(slab.insert("c"), a);
        assert_eq!((slab.get(a), slab.get(b), slab.len()), (Some(&"c"), Some(&"b"), 2));
        assert_eq!(slab.remove(99), None);
    }

    #[test]
    fn the_memory_of_a_crowd_goes_with_it() {
        let mut slab = Slab::default();
        let all: Vec<_> = (0..1000).map(|n| slab.insert(n)).collect();
        for index in all {
            slab.remove(index);
        }
        slab.end_turn();
        assert_eq!(slab.places.capacity(), 0);
        assert_eq!(slab.next(), (0, 2), "no key of the crowd fits the newcomer");
        assert_eq!(slab.insert(7), 0);
    }
}
