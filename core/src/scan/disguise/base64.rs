//! Texts in base64, in either alphabet (RFC 4648), on one line or broken into lines as mail does (RFC 2045).

use std::ops::Range;

use super::super::boundary::run_end;
use super::super::characters::Characters;
use super::super::view::View;
use super::blocks::{BITS, Blocks};

/// The shortest run that is looked into: the twelve bytes of a social security number and a delimiter, unpadded.
const MIN_RUN: usize = 15;
/// So many characters decide whether a run is worth decoding.
const SAMPLE: usize = 32;
/// So many characters of a run are decoded at once.
const BLOCK: usize = 64 << 10;
/// What two such blocks have in common: longer than any one value.
const OVERLAP: usize = 8 << 10;
/// The shortest line of text that was broken into lines.
const MIN_LINE: usize = 60;

/// Tells of each text in base64.
pub(super) fn decoded(text: &str, mut tell: impl FnMut(View)) {
    let bytes = text.as_bytes();
    let mut runs = Runs::from(bytes, 0);
    let mut at = 0;
    while let Some(start) = runs.next(at) {
        at = runs.end(start).unwrap_or_else(|| end_of_run(bytes, start));
        run(bytes, start..at, &mut tell);
    }
}

/// Where the characters of base64 are, over the two blocks that are being read.
struct Runs<'t> {
    bytes: &'t [u8],
    blocks: Blocks<'t>,
    /// Where the first of them begins, and a bit for each character.
    at: usize,
    digits: u128,
    /// A bit for each place of the first block behind which [`MIN_RUN`] characters stand.
    starts: u64,
}

impl<'t> Runs<'t> {
    /// From `at` on.
    fn from(bytes: &'t [u8], at: usize) -> Self {
        let mut runs = Self {
            bytes,
            blocks: Blocks::from(bytes, at),
            at,
            digits: 0,
            starts: 0,
        };
        runs.digits = u128::from(runs.block()) | u128::from(runs.block()) << BITS;
        runs.starts = starts(runs.digits);
        runs
    }

    fn block(&mut self) -> u64 {
        self.blocks.next(is_digit).map_or(0, |(_, digits)| digits)
    }

    /// Where the next run of [`MIN_RUN`] characters begins, at `from` or behind it. Asked with ascending places, each of them
    /// behind the end of a run.
    fn next(&mut self, from: usize) -> Option<usize> {
        if from >= self.at + 2 * BITS {
            *self = Self::from(self.bytes, from);
        }
        loop {
            if let Some(seen) = from.checked_sub(self.at) {
                self.starts &= if seen < BITS { u64::MAX << seen } else { 0 };
            }
            if self.starts != 0 {
                return Some(self.at + self.starts.trailing_zeros() as usize);
            }
            self.at += BITS;
            if self.at >= self.bytes.len() {
                return None;
            }
            self.digits = self.digits >> BITS | u128::from(self.block()) << BITS;
            self.starts = starts(self.digits);
        }
    }

    /// The end of the run that begins at `start`, which was told last; `None` where more has to be read to tell.
    fn end(&self, start: usize) -> Option<usize> {
        let place = start - self.at;
        let length = (self.digits >> place).trailing_ones() as usize;
        (length < MIN_LINE && place + length < 2 * BITS).then_some(start + length)
    }
}

/// The places of the first of two blocks behind which [`MIN_RUN`] of `digits` stand: what goes on in the second begins in the
/// first.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the places of the second block are told when it is the first"
)]
fn starts(digits: u128) -> u64 {
    let mut runs = digits;
    let mut length = 1;
    while length < MIN_RUN {
        let more = length.min(MIN_RUN - length);
        runs &= runs >> more;
        length += more;
    }
    runs as u64
}

/// What is of neither alphabet.
const NONE: u8 = u8::MAX;

/// What each byte stands for, in either alphabet.
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        values[byte as usize] = match byte {
            digit @ b'A'..=b'Z' => digit - b'A',
            digit @ b'a'..=b'z' => digit - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        byte += 1;
    }
    values
};

/// Whether a byte is of one of the two alphabets, as it is told of many at once.
fn is_digit(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let figure = byte.wrapping_sub(b'/') < 11;
    letter || figure || byte == b'+' || byte == b'-' || byte == b'_'
}

/// The end of the run that begins at `start`, over the ends of its lines where these are of one length.
fn end_of_run(bytes: &[u8], start: usize) -> usize {
    let is_digit = |byte: u8| VALUES[usize::from(byte)] != NONE;
    let mut end = run_end(bytes, start, usize::MAX, is_digit);
    let length = end - start;
    if length < MIN_LINE {
        return end;
    }
    loop {
        let gap = match &bytes[end..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => break,
        };
        let next = run_end(bytes, end + gap, length + 1, is_digit);
        let line = next - end - gap;
        if line == 0 || line > length {
            break;
        }
        end = next;
        if line < length {
            break;
        }
    }
    end
}

/// Decodes a run, or else those parts of it that are of letters and figures alone: the parts of a path or a name.
fn run(bytes: &[u8], span: Range<usize>, tell: &mut impl FnMut(View)) {
    let characters = Characters::of(&bytes[span.clone()]);
    if !(characters.has_lowercase() && characters.has_uppercase()) {
        return;
    }
    let (standard, url_safe) = (characters.any(b"+/"), characters.any(b"-_"));
    if !(standard && url_safe) && blocks(bytes, span.clone(), tell) {
        return;
    }
    if standard || url_safe {
        let mut at = span.start;
        while at < span.end {
            let end = run_end(bytes, at, span.end - at, |byte| {
                byte.is_ascii_alphanumeric()
            });
            if end - at >= MIN_RUN {
                blocks(bytes, at..end, tell);
            }
            at = end + 1;
        }
    }
}

/// Decodes what stands at `span` in blocks; whether it is a text.
fn blocks(bytes: &[u8], span: Range<usize>, tell: &mut impl FnMut(View)) -> bool {
    let sample = span.start..span.end.min(span.start + SAMPLE);
    let characters = Characters::of(&bytes[sample.clone()]);
    let mixed = characters.has_lowercase() && characters.has_uppercase();
    let begins = mixed && begins_as_text(&bytes[sample.clone()]);
    if !begins || block(bytes, sample).is_none() {
        return false;
    }
    let mut at = span.start;
    loop {
        let end = span.end.min(at + BLOCK);
        match block(bytes, at..end) {
            Some((view, next)) => {
                tell(view);
                if end == span.end {
                    return true;
                }
                at = next;
            }
            None => return at > span.start,
        }
    }
}

/// Whether the first bytes that `digits` decode to are those of a text, as far as each can be told by itself.
fn begins_as_text(digits: &[u8]) -> bool {
    let (groups, _) = digits.as_chunks();
    groups.iter().all(|group: &[u8; 4]| {
        let Some(group) = group.iter().try_fold(0, |group, digit| {
            Some(group << 6 | u32::from(value_of(*digit)?))
        }) else {
            // A line ends within the group.
            return true;
        };
        let [_, bytes @ ..] = group.to_be_bytes();
        // No control character that is not white, and none that UTF-8 never has (RFC 3629).
        let read = |byte: &u8| match byte {
            0x80.. => matches!(byte, 0x80..0xC0 | 0xC2..0xF5),
            _ => !byte.is_ascii_control() || byte.is_ascii_whitespace(),
        };
        bytes.iter().all(read)
    })
}

/// The text of one block, and where the next one begins: with a group that lies a little before the end.
fn block(bytes: &[u8], span: Range<usize>) -> Option<(View, usize)> {
    let mut view = View::beginning_at(span.start);
    let mut text = Vec::with_capacity(span.len() / 4 * 3 + 3);
    let mut next = span.end;
    let (mut group, mut count, mut begun) = (0_u32, 0, span.start);
    for at in span.clone() {
        let Some(value) = value_of(bytes[at]) else {
            continue;
        };
        if count == 0 {
            begun = at;
            if at + OVERLAP >= span.end && next == span.end && at > span.start {
                next = at;
            }
        }
        group = group << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            view.group(text.len(), &(begun..at + 1), 3);
            text.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, count) = (0, 0);
        }
    }
    if count >= 2 {
        let read = count - 1;
        let padding = bytes[span.end..]
            .iter()
            .take(4 - usize::from(count))
            .take_while(|byte| **byte == b'=')
            .count();
        view.group(text.len(), &(begun..span.end + padding), read);
        group <<= 6 * u32::from(4 - count);
        text.extend_from_slice(&group.to_be_bytes()[1..=usize::from(read)]);
    }
    // What is left of a character that began in the block before.
    for byte in text
        .iter_mut()
        .take(3)
        .take_while(|byte| **byte & 0xC0 == 0x80)
    {
        *byte = b' ';
    }
    readable(text).map(|text| (view.with_text(text), next))
}

fn value_of(digit: u8) -> Option<u8> {
    let value = VALUES[usize::from(digit)];
    (value != NONE).then_some(value)
}

/// The bytes as text, if they are one that people read. A character cut at either end of a block is left out.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let fault = error.utf8_error();
            let (whole, mut bytes) = (fault.valid_up_to(), error.into_bytes());
            if fault.error_len().is_some() || whole == 0 {
                return None;
            }
            bytes.truncate(whole);
            String::from_utf8(bytes).ok()?
        }
    };
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    (!text.is_empty() && !text.contains(control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    fn read(text: &str) -> Vec<String> {
        let mut read = Vec::new();
        decoded(text, |view| read.push(view.text));
        read
    }

    #[test]
    fn text_is_decoded_in_either_alphabet_wherever_it_stands() {
        let note = "SSN 123-45-6789 ~~~ ???";
        for code in [STANDARD.encode(note), URL_SAFE_NO_PAD.encode(note)] {
            for around in [
                "X", "key=X;", "  X  ", "\"X\"", "a/X", "é X é", "x X", "xx X", "xxx X",
            ] {
                let text = around.replace('X', &code);
                if !text.starts_with("a/") {
                    assert_eq!(read(&text), [note], "{text}");
                }
            }
        }
        assert_eq!(read("/v1/TVJOOiA5ODc2NTQgb2s/end"), ["MRN: 987654 ok"]);
        assert_eq!(read("x=MTIzLTQ1LTY3ODk="), ["123-45-6789"]);
    }

    #[test]
    fn lines_of_mail_are_joined() {
        let note = "Patient: John Doe, SSN 123-45-6789, and so on. ".repeat(5);
        let code = STANDARD.encode(&note);
        for (length, end) in [(76, "\n"), (76, "\r\n"), (61, "\n")] {
            let lines: Vec<_> = code
                .as_bytes()
                .chunks(length)
                .map(String::from_utf8_lossy)
                .collect();
            let text = format!("--b{end}{end}{}{end}--b--", lines.join(end));
            assert_eq!(read(&text), [note.as_str()], "{length}");
        }
    }

    #[test]
    fn a_value_is_found_in_the_groups_that_cover_it() {
        let text = format!("see {} there", STANDARD.encode("ab 123-45-6789 cd"));
        decoded(&text, |view| {
            let at = view.text.find("123").expect("it is in the view");
            let original = view.original(&(at..at + 11));
            assert_eq!((original.start - 4) % 4, 0);
            let covered = STANDARD.decode(&text[original]).expect("whole groups");
            assert_eq!(covered, b"123-45-6789 ");
        });
    }

    #[test]
    fn what_is_no_text_is_left_alone() {
        for text in [
            "internationalisation and electroencephalography",
            "getElementsByTagNameAndAttribute",
            "d41d8cd98f00b204e9800998ecf8427e",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
            "/usr/local/share/documentation/index",
            "550e8400-e29b-41d4-a716-446655440000",
            "1234567890123456789012345678901234567890",
        ] {
            assert!(read(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_decoded_in_blocks_that_leave_nothing_out() {
        let line = "é MRN: 9876543 and so on. ";
        let code = STANDARD.encode(line.repeat(10_000));
        let mut covered = 0;
        decoded(&code, |view| {
            let span = view.original(&(0..view.text.len()));
            assert!(span.start <= covered && span.end - span.start <= BLOCK);
            covered = span.end;
        });
        assert!(covered + 4 >= code.len());
    }
}
