//! Letters of other scripts that look like ASCII letters.

/// The ASCII letter that `c` looks like.
///
/// Single letters whose prototype is an ASCII letter in the confusables of Unicode Technical Standard 39: Cyrillic, Greek,
/// Armenian, Cherokee, Lisu, Roman numerals and other letters of the Latin script.
pub(super) fn look_alike(c: char) -> Option<char> {
    Some(match c {
        '\u{391}' | '\u{410}' | '\u{13AA}' | '\u{A4EE}' => 'A',
        '\u{251}' | '\u{3B1}' | '\u{430}' => 'a',
        '\u{392}' | '\u{412}' | '\u{13F4}' | '\u{A4D0}' => 'B',
        '\u{3F9}' | '\u{421}' | '\u{13DF}' | '\u{216D}' | '\u{A4DA}' => 'C',
        '\u{3F2}' | '\u{441}' | '\u{1D04}' | '\u{217D}' => 'c',
        '\u{13A0}' | '\u{216E}' | '\u{A4D3}' => 'D',
        '\u{501}' | '\u{217E}' => 'd',
        '\u{395}' | '\u{415}' | '\u{13AC}' | '\u{A4F0}' => 'E',
        '\u{435}' => 'e',
        '\u{A4DD}' => 'F',
        '\u{17F}' | '\u{584}' => 'f',
        '\u{50C}' | '\u{13C0}' | '\u{A4D6}' => 'G',
        '\u{261}' | '\u{581}' => 'g',
        '\u{397}' | '\u{41D}' | '\u{13BB}' | '\u{A4E7}' => 'H',
        '\u{4BB}' | '\u{570}' => 'h',
        '\u{399}' | '\u{406}' | '\u{2160}' => 'I',
        '\u{131}' | '\u{269}' | '\u{26A}' | '\u{3B9}' | '\u{456}' | '\u{13A5}' | '\u{2170}' => 'i',
        '\u{408}' | '\u{13AB}' | '\u{A4D9}' => 'J',
        '\u{3F3}' | '\u{458}' => 'j',
        '\u{39A}' | '\u{41A}' | '\u{13E6}' | '\u{A4D7}' => 'K',
        '\u{13DE}' | '\u{216C}' | '\u{A4E1}' => 'L',
        '\u{1C0}' | '\u{4C0}' | '\u{4CF}' | '\u{217C}' => 'l',
        '\u{39C}' | '\u{41C}' | '\u{13B7}' | '\u{216F}' | '\u{A4DF}' => 'M',
        '\u{217F}' => 'm',
        '\u{39D}' | '\u{A4E0}' => 'N',
        '\u{578}' | '\u{57C}' => 'n',
        '\u{39F}' | '\u{41E}' | '\u{555}' | '\u{A4F3}' => 'O',
        '\u{3BF}' | '\u{43E}' | '\u{585}' | '\u{1D0F}' => 'o',
        '\u{3A1}' | '\u{420}' | '\u{13E2}' | '\u{A4D1}' => 'P',
        '\u{3C1}' | '\u{440}' => 'p',
        '\u{51A}' => 'Q',
        '\u{51B}' | '\u{566}' => 'q',
        '\u{13A1}' | '\u{A4E3}' => 'R',
        '\u{405}' | '\u{54F}' | '\u{13DA}' | '\u{A4E2}' => 'S',
        '\u{455}' | '\u{A731}' => 's',
        '\u{3A4}' | '\u{422}' | '\u{13A2}' | '\u{A4D4}' => 'T',
        '\u{54D}' | '\u{A4F4}' => 'U',
        '\u{28B}' | '\u{3C5}' | '\u{57D}' | '\u{1D1C}' => 'u',
        '\u{474}' | '\u{13D9}' | '\u{2164}' | '\u{A4E6}' => 'V',
        '\u{3BD}' | '\u{475}' | '\u{1D20}' | '\u{2174}' => 'v',
        '\u{51C}' | '\u{13B3}' | '\u{A4EA}' => 'W',
        '\u{26F}' | '\u{51D}' | '\u{561}' | '\u{1D21}' => 'w',
        '\u{3A7}' | '\u{425}' | '\u{2169}' | '\u{A4EB}' => 'X',
        '\u{445}' | '\u{2179}' => 'x',
        '\u{3A5}' | '\u{423}' | '\u{4AE}' | '\u{A4EC}' => 'Y',
        '\u{28F}' | '\u{3B3}' | '\u{443}' | '\u{4AF}' => 'y',
        '\u{396}' | '\u{13C3}' | '\u{A4DC}' => 'Z',
        '\u{1D22}' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_like_ascii_are_told_from_those_that_do_not() {
        let read = |text: &str| text.chars().map(look_alike).collect::<Option<String>>();
        assert_eq!(
            read("\u{430}\u{435}\u{43E}\u{440}\u{441}\u{443}\u{445}").as_deref(),
            Some("aeopcyx")
        );
        assert_eq!(read("\u{391}\u{39F}\u{405}").as_deref(), Some("AOS"));
        assert_eq!(read("\u{436}"), None);
        assert_eq!(read("a"), None);
    }
}
