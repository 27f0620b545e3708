//! Health by counting: `rise` successes in a row bring a server up, `fall` failures in a row take it down.
//! Who checks and when is the daemon's `checker`; what a good answer is, `check`.

/// A server's health as one number, HAProxy's way: below `rise` it is down, at `rise + fall - 1` it is fully up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// 0 to `rise + fall - 1`.
    pub level: u32,
    /// Successes in a row that bring the server up.
    pub rise: u32,
    /// Failures in a row that take it down.
    pub fall: u32,
}

/// What a check's result changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The server is up now.
    Up,
    /// The server is down now.
    Down,
}

impl Health {
    /// A server that was never checked: up, but one failure takes it down (`rise`).
    pub fn unchecked(rise: u32, fall: u32) -> Health {
        Health { level: rise.max(1), rise: rise.max(1), fall: fall.max(1) }
    }

    /// Is the server up?
    pub fn is_up(self) -> bool {
        self.level >= self.rise
    }

    /// Is it neither fully up nor fully down: checked at `fastinter`?
    pub fn is_in_transition(self) -> bool {
        self.level != 0 && self.level != self.top()
    }

    /// Counts a result: any failure while up steps down from the top, any success while up goes back to it.
    pub fn note(&mut self, success: bool) -> Option<Transition> {
        let was_up = self.is_up();
        self.level = match (was_up, success) {
            (true, true) => self.top(),
            (false, true) if self.level + 1 >= self.rise => self.top(),
            (false, true) => self.level + 1,
            (true, false) if self.level == self.rise => 0,
            (true, false) => self.level - 1,
            (false, false) => 0,
        };
        match (was_up, self.is_up()) {
            (false, true) => Some(Transition::Up),
            (true, false) => Some(Transition::Down),
            _ => None,
        }
    }

    fn top(self) -> u32 {
        self.rise + self.fall - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `+` is a success, `-` a failure; the answer has `U`, `D` or `.` for each.
    fn check(rise: u32, fall: u32, results: &str, expected: &str) {
        let mut health = Health::unchecked(rise, fall);
        let got: String = results
            .chars()
            .map(|result| match health.note(result == '+') {
                Some(Transition::Up) => 'U',
                Some(Transition::Down) => 'D',
                None => '.',
            })
            .collect();
        assert_eq!(got, expected, "rise {rise} fall {fall} {results}");
    }

    #[test]
    fn rise_and_fall_count_results_in_a_row() {
        check(2, 3, "-", "D");
        check(2, 3, "+---", "...D");
        check(2, 3, "+--+--+---", ".........D");
        check(2, 3, "-+-++", "D...U");
        check(2, 3, "-++---", "D.U..D");
        check(1, 1, "-+-+", "DUDU");
        check(3, 1, "+-+++", ".D..U");
    }
}
