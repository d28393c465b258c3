//! A pattern as a small program that runs where it must begin. It finds what the regex would find, and gives up where that
//! takes more than ASCII or more than a few steps: then the regex is asked.

mod compile;

use std::ops::Range;

/// The most alternatives that may be open at once.
const MAX_OPEN: usize = 32;
/// The most steps for each byte of the text.
const STEPS_PER_BYTE: usize = 4;

pub(super) struct Program {
    steps: Vec<Step>,
    sets: Vec<Set>,
    /// Places at which every match has a character of some set, the farthest first.
    probes: Vec<Probe>,
}

/// A character of a set, so many bytes behind the start.
struct Probe {
    place: usize,
    set: usize,
}

/// What came of running a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Found(Match),
    Nothing,
    /// It takes the regex to tell.
    Unknown,
}

/// What a pattern has found at the start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Where the match ends.
    pub(super) end: usize,
    /// The group `value`, or the whole match.
    pub(super) value: Range<usize>,
}

enum Step {
    /// So many characters of a set.
    Run {
        set: usize,
        least: usize,
        most: usize,
        greedy: bool,
        /// What follows cannot match where the run ends earlier than it has to.
        settled: bool,
    },
    Bytes(Box<[u8]>),
    /// Goes on at the first, or else at the second.
    Either(usize, usize),
    Goto(usize),
    /// The group `value` begins (0) or ends (1) here.
    Mark(usize),
    Assert(Place),
    Done,
}

/// A place in a text.
#[derive(Clone, Copy)]
enum Place {
    Start,
    End,
    LineStart,
    LineEnd,
    /// A word begins or ends, or does not; ASCII words, or those of any script.
    Boundary {
        holds: bool,
        ascii: bool,
    },
}

/// Single characters.
#[derive(PartialEq, Eq)]
struct Set {
    bytes: [bool; 256],
    /// Whether there are others than ASCII among them.
    wide: bool,
}

impl Set {
    /// `None` where the character is more than a byte and may be one of them.
    fn has(&self, byte: u8) -> Option<bool> {
        if self.wide && !byte.is_ascii() {
            None
        } else {
            Some(self.bytes[usize::from(byte)])
        }
    }
}

/// What is tried when nothing else is left.
#[derive(Clone, Copy)]
enum Open {
    At {
        step: usize,
        at: usize,
    },
    /// A run that ends at `at` may end earlier, but not before `least`.
    Shorter {
        step: usize,
        at: usize,
        least: usize,
    },
    /// A run that ends at `at` may end later, but not behind `most`.
    Longer {
        step: usize,
        at: usize,
        most: usize,
    },
    /// A mark was elsewhere before.
    Marked {
        mark: usize,
        at: usize,
    },
}

impl Program {
    /// Runs it at the start of `text`.
    pub(super) fn run(&self, text: &[u8]) -> Outcome {
        let fits = |probe: &Probe| {
            let byte = text.get(probe.place);
            byte.is_some_and(|byte| self.sets[probe.set].bytes[usize::from(*byte)])
        };
        if !self.probes.iter().all(fits) {
            return Outcome::Nothing;
        }
        Run {
            program: self,
            text,
            open: [Open::At { step: 0, at: 0 }; MAX_OPEN],
            count: 0,
            marks: [usize::MAX; 2],
        }
        .run()
        .unwrap_or(Outcome::Unknown)
    }
}

struct Run<'p> {
    program: &'p Program,
    text: &'p [u8],
    open: [Open; MAX_OPEN],
    count: usize,
    /// Where the value begins and ends.
    marks: [usize; 2],
}

impl Run<'_> {
    /// `None` where it takes the regex to tell.
    fn run(&mut self) -> Option<Outcome> {
        let (mut step, mut at) = (0, 0);
        for _ in 0..STEPS_PER_BYTE * (self.text.len() + MAX_OPEN) {
            let next = match &self.program.steps[step] {
                Step::Run {
                    set,
                    least,
                    most,
                    greedy,
                    settled,
                } => {
                    let set = &self.program.sets[*set];
                    self.characters(step, at, set, (*least, *most), (*greedy, *settled))?
                }
                Step::Bytes(bytes) => self.text[at..]
                    .starts_with(bytes)
                    .then(|| (step + 1, at + bytes.len())),
                Step::Either(first, second) => {
                    self.push(Open::At { step: *second, at })?;
                    Some((*first, at))
                }
                Step::Goto(step) => Some((*step, at)),
                Step::Mark(mark) => {
                    self.push(Open::Marked {
                        mark: *mark,
                        at: self.marks[*mark],
                    })?;
                    self.marks[*mark] = at;
                    Some((step + 1, at))
                }
                Step::Assert(place) => self.is_at(*place, at)?.then_some((step + 1, at)),
                Step::Done => return Some(Outcome::Found(self.found(at))),
            };
            let next = match next {
                Some(next) => Some(next),
                None => self.reopen()?,
            };
            let Some(next) = next else {
                return Some(Outcome::Nothing);
            };
            (step, at) = next;
        }
        None
    }

    fn found(&self, end: usize) -> Match {
        let [from, to] = self.marks;
        let value = if to == usize::MAX { 0..end } else { from..to };
        Match { end, value }
    }

    fn push(&mut self, open: Open) -> Option<()> {
        *self.open.get_mut(self.count)? = open;
        self.count += 1;
        Some(())
    }

    /// Where a run of characters ends and what follows it; `Some(None)` where there is none.
    #[allow(
        clippy::option_option,
        reason = "the outer one gives up, the inner one finds nothing"
    )]
    fn characters(
        &mut self,
        step: usize,
        at: usize,
        set: &Set,
        (least, most): (usize, usize),
        (greedy, settled): (bool, bool),
    ) -> Option<Option<(usize, usize)>> {
        let wanted = if greedy { most } else { least };
        let limit = self.text.len().min(at.saturating_add(wanted));
        let mut end = at;
        while end < limit && set.bytes[usize::from(self.text[end])] {
            end += 1;
        }
        if set.wide
            && self.text[at..limit.min(end + 1)]
                .iter()
                .any(|byte| !byte.is_ascii())
        {
            return None;
        }
        if end - at < least {
            return Some(None);
        }
        if greedy && !settled && end > at + least {
            self.push(Open::Shorter {
                step,
                at: end,
                least: at + least,
            })?;
        } else if !greedy && most > least {
            self.push(Open::Longer {
                step,
                at: end,
                most: at.saturating_add(most),
            })?;
        }
        Some(Some((step + 1, end)))
    }

    /// Goes back to what was left open last; `Some(None)` where nothing was.
    #[allow(
        clippy::option_option,
        reason = "the outer one gives up, the inner one finds nothing"
    )]
    fn reopen(&mut self) -> Option<Option<(usize, usize)>> {
        while let Some(count) = self.count.checked_sub(1) {
            self.count = count;
            match self.open[count] {
                Open::At { step, at } => return Some(Some((step, at))),
                Open::Marked { mark, at } => self.marks[mark] = at,
                Open::Shorter { step, at, least } => {
                    let at = at - 1;
                    if at > least {
                        self.push(Open::Shorter { step, at, least })?;
                    }
                    return Some(Some((step + 1, at)));
                }
                Open::Longer { step, at, most } => {
                    let Step::Run { set, .. } = &self.program.steps[step] else {
                        return None;
                    };
                    let more = match self.text.get(at) {
                        Some(&byte) if at < most => self.program.sets[*set].has(byte)?,
                        _ => false,
                    };
                    if more {
                        let at = at + 1;
                        self.push(Open::Longer { step, at, most })?;
                        return Some(Some((step + 1, at)));
                    }
                }
            }
        }
        Some(None)
    }

    fn is_at(&self, place: Place, at: usize) -> Option<bool> {
        let (before, behind) = (self.text[..at].last(), self.text.get(at));
        Some(match place {
            Place::Start => at == 0,
            Place::End => at == self.text.len(),
            Place::LineStart => before.is_none_or(|&byte| byte == b'\n'),
            Place::LineEnd => behind.is_none_or(|&byte| byte == b'\n'),
            Place::Boundary { holds, ascii } => {
                let word = |byte: Option<&u8>| match byte {
                    Some(byte) if !byte.is_ascii() && !ascii => None,
                    Some(&byte) => Some(byte.is_ascii_alphanumeric() || byte == b'_'),
                    None => Some(false),
                };
                (word(before)? != word(behind)?) == holds
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    /// What the regex says, in the same form.
    fn regex(pattern: &str, text: &str) -> Outcome {
        let regex = Regex::new(&format!(r"\A(?:{pattern})")).expect("it is valid");
        let Some(groups) = regex.captures(text) else {
            return Outcome::Nothing;
        };
        let end = groups.get_match().end();
        let value = groups.name("value").map_or(0..end, |group| group.range());
        Outcome::Found(Match { end, value })
    }

    #[test]
    fn a_program_finds_what_the_regex_finds() {
        let patterns = [
            "[a-z]{2,4}[0-9]+",
            "(?P<value>[a-z0-9]{3,})(?:-[0-9]{2})?",
            "a(?:b|bc|)c?(?P<value>d*?)e",
            "(?i)kEy +(?P<value>[^ ]{2,8}?)(?: |\\z)",
            "(?:ab){1,3}b?",
            "(?:a|ab)(?:c|bcd)(?P<value>d*)",
            "x??(?P<value>\\w+)\\b",
            "[0-9]+(?:[.,][0-9]+)*",
            "(?m)^a.$",
            "é+b",
            "(?P<value>a)?b",
            "(?i)k[a-c]{2}[a-e7]{2,3} ?(?P<value>[b-d]{1,2})",
            "ab(?P<value>[a-d]{3}[ce7-]*)",
        ];
        let pieces = [
            "a",
            "b",
            "c",
            "d",
            "e",
            "7",
            "-12",
            " ",
            "K",
            "é",
            "\u{212a}ey ",
            "\n",
            "_",
            "ab",
            "bcd",
            "1,2",
        ];
        for pattern in patterns {
            let program = Program::compile(pattern).expect("it can be one");
            let mut told = 0;
            for one in pieces {
                for two in pieces {
                    for three in pieces {
                        let text = [one, two, three, "b"].concat();
                        match program.run(text.as_bytes()) {
                            Outcome::Unknown => {}
                            known => {
                                told += 1;
                                assert_eq!(known, regex(pattern, &text), "{pattern} {text:?}");
                            }
                        }
                    }
                }
            }
            assert!(told > 2000, "{pattern} gave up too often");
        }
    }

    #[test]
    fn it_gives_up_where_going_back_would_take_long() {
        let program = Program::compile("(?:a+){4}(?:a+){4}b").expect("it can be one");
        assert_eq!(program.run(&[b'a'; 200]), Outcome::Unknown);
    }

    #[test]
    fn what_may_loop_without_an_end_is_none() {
        assert!(Program::compile("(?:a*)*b").is_none());
        assert!(Program::compile("(?:[a-z]{3}-){400}").is_none());
    }
}
