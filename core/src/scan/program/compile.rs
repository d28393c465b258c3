//! From a pattern to its program.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::{Place, Probe, Program, Set, Step};

/// The longest program, in steps.
const MAX_STEPS: usize = 256;
/// So many characters tell a text that cannot match from most that can.
const MAX_PROBES: usize = 4;

enum Required<'p> {
    Byte(u8),
    Of(&'p Set),
}

impl Program {
    /// `None` where the pattern is not valid, is too long or has something that a program cannot do.
    pub(in crate::scan) fn compile(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::parse(pattern).ok()?;
        let mut program = Self {
            steps: Vec::new(),
            sets: Vec::new(),
            probes: Vec::new(),
        };
        program.add(&hir)?;
        program.push(Step::Done)?;
        program.settle();
        program.probes = program.probes();
        Some(program)
    }

    /// The first, a middle and the last of the characters that each run must have, as far as their places are known.
    fn probes(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        let mut at = 0;
        for step in &self.steps {
            match step {
                Step::Bytes(bytes) => at += bytes.len(),
                Step::Mark(_) | Step::Assert(_) => {}
                &Step::Run {
                    set, least, most, ..
                } if least > 0 && !self.sets[set].wide => {
                    let mut places = vec![at, at + least / 2, at + least - 1];
                    places.dedup();
                    probes.extend(places.into_iter().map(|place| Probe { place, set }));
                    at += least;
                    if most > least {
                        break;
                    }
                }
                _ => break,
            }
        }
        probes.reverse();
        probes.truncate(MAX_PROBES);
        probes
    }

    /// Marks the runs that need not be tried shorter: what must follow them is none of their own characters.
    fn settle(&mut self) {
        for step in 0..self.steps.len() {
            let Step::Run { set, .. } = self.steps[step] else {
                continue;
            };
            let own = &self.sets[set];
            let apart = match self.required(step + 1) {
                Some(Required::Byte(byte)) => byte.is_ascii() && !own.bytes[usize::from(byte)],
                Some(Required::Of(other)) => {
                    !(own.wide && other.wide)
                        && own.bytes.iter().zip(&other.bytes).all(|(a, b)| !(*a && *b))
                }
                None => false,
            };
            if let Step::Run { settled, .. } = &mut self.steps[step] {
                *settled = apart;
            }
        }
    }

    /// What the next character must be where the program goes on at `step`, if one thing.
    fn required(&self, mut step: usize) -> Option<Required<'_>> {
        for _ in 0..self.steps.len() {
            step = match &self.steps[step] {
                Step::Mark(_) => step + 1,
                Step::Goto(to) => *to,
                Step::Bytes(bytes) => return Some(Required::Byte(*bytes.first()?)),
                Step::Run { set, least, .. } if *least > 0 => {
                    return Some(Required::Of(&self.sets[*set]));
                }
                _ => return None,
            };
        }
        None
    }

    fn push(&mut self, step: Step) -> Option<usize> {
        if self.steps.len() == MAX_STEPS {
            return None;
        }
        self.steps.push(step);
        Some(self.steps.len() - 1)
    }

    fn add(&mut self, hir: &Hir) -> Option<()> {
        if let Some(set) = single(hir) {
            return self.characters_of(set, 1, 1, true);
        }
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => {
                self.push(Step::Bytes(literal.0.clone()))?;
            }
            HirKind::Class(_) => return None,
            HirKind::Look(look) => {
                self.push(Step::Assert(place(*look)?))?;
            }
            HirKind::Repetition(repetition) => self.repetition(repetition)?,
            HirKind::Capture(group) if group.name.as_deref() == Some("value") => {
                self.push(Step::Mark(0))?;
                self.add(&group.sub)?;
                self.push(Step::Mark(1))?;
            }
            HirKind::Capture(group) => self.add(&group.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part))?,
            HirKind::Alternation(parts) => self.alternation(parts)?,
        }
        Some(())
    }

    fn characters_of(&mut self, set: Set, least: usize, most: usize, greedy: bool) -> Option<()> {
        let known = self.sets.iter().position(|other| *other == set);
        let set = known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        self.push(Step::Run {
            set,
            least,
            most,
            greedy,
            settled: false,
        })?;
        Some(())
    }

    fn repetition(&mut self, repetition: &Repetition) -> Option<()> {
        let least = usize::try_from(repetition.min).ok()?;
        let most = match repetition.max {
            Some(most) => Some(usize::try_from(most).ok()?),
            None => None,
        };
        let sub = &*repetition.sub;
        if let Some(set) = single(sub) {
            return self.characters_of(set, least, most.unwrap_or(usize::MAX), repetition.greedy);
        }
        for _ in 0..least {
            self.add(sub)?;
        }
        match most {
            // Only what takes characters each time comes to an end.
            None => {
                sub.properties()
                    .minimum_len()
                    .filter(|length| *length > 0)?;
                let fork = self.push(Step::Goto(0))?;
                self.add(sub)?;
                self.push(Step::Goto(fork))?;
                self.fork(fork, repetition.greedy);
            }
            Some(most) => {
                let mut forks = Vec::new();
                for _ in least..most {
                    forks.push(self.push(Step::Goto(0))?);
                    self.add(sub)?;
                }
                for fork in forks {
                    self.fork(fork, repetition.greedy);
                }
            }
        }
        Some(())
    }

    /// Lets the step at `fork` choose between what follows it and the end of the program so far.
    fn fork(&mut self, fork: usize, greedy: bool) {
        let (inside, behind) = (fork + 1, self.steps.len());
        self.steps[fork] = if greedy {
            Step::Either(inside, behind)
        } else {
            Step::Either(behind, inside)
        };
    }

    fn alternation(&mut self, parts: &[Hir]) -> Option<()> {
        let (last, first) = parts.split_last()?;
        let mut ends = Vec::new();
        for part in first {
            let fork = self.push(Step::Goto(0))?;
            self.add(part)?;
            ends.push(self.push(Step::Goto(0))?);
            self.fork(fork, true);
        }
        self.add(last)?;
        for end in ends {
            self.steps[end] = Step::Goto(self.steps.len());
        }
        Some(())
    }
}

/// The characters that `hir` stands for where it is one character.
fn single(hir: &Hir) -> Option<Set> {
    let mut bytes = [false; 256];
    let mut wide = false;
    match hir.kind() {
        HirKind::Literal(literal) => match *literal.0 {
            [byte] if byte.is_ascii() => bytes[usize::from(byte)] = true,
            _ => return None,
        },
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.ranges() {
                wide |= !range.end().is_ascii();
                for c in (range.start()..=range.end()).take_while(char::is_ascii) {
                    bytes[c as usize] = true;
                }
            }
        }
        // Bytes beyond ASCII in a text are parts of characters.
        HirKind::Class(Class::Bytes(class)) => {
            for range in class.ranges() {
                wide |= !range.end().is_ascii();
                for byte in range.start()..=range.end() {
                    bytes[usize::from(byte)] = true;
                }
            }
        }
        _ => return None,
    }
    Some(Set { bytes, wide })
}

fn place(look: Look) -> Option<Place> {
    Some(match look {
        Look::Start => Place::Start,
        Look::End => Place::End,
        Look::StartLF => Place::LineStart,
        Look::EndLF => Place::LineEnd,
        Look::WordAscii => Place::Boundary {
            holds: true,
            ascii: true,
        },
        Look::WordAsciiNegate => Place::Boundary {
            holds: false,
            ascii: true,
        },
        Look::WordUnicode => Place::Boundary {
            holds: true,
            ascii: false,
        },
        Look::WordUnicodeNegate => Place::Boundary {
            holds: false,
            ascii: false,
        },
        _ => return None,
    })
}
