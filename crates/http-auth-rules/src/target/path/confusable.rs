//! Characters outside ASCII that servers convert to delimiters, or remove.

/// Whether some server converts a character to `/`, `\`, `.`, `;`, `%`, a blank or a control character, or removes it:
/// by its compatibility form (UAX #15, NFKC), in a legacy encoding ("best fit" of Windows code pages, the yen sign of
/// Shift-JIS), or because it is invisible ("default ignorable code point", UAX #44).
pub fn is_confusable(character: char) -> bool {
    let code = u32::from(character);
    RANGES.iter().any(|(first, last)| (*first..=*last).contains(&code))
}

#[rustfmt::skip]
const RANGES: &[(u32, u32)] = &[
    (0x80, 0xa0), (0xa5, 0xa5), (0xad, 0xad), (0xbc, 0xbe), (0x34f, 0x34f), (0x37e, 0x37e), (0x61c, 0x61c),
    (0x66a, 0x66a), (0x115f, 0x1160), (0x1680, 0x1680), (0x17b4, 0x17b5), (0x180b, 0x180f),
    // General punctuation: blanks, directions, one to three dots, the fraction slash.
    (0x2000, 0x200f), (0x2024, 0x202f), (0x2044, 0x2044), (0x205f, 0x206f), (0x20a9, 0x20a9),
    // Fractions, and signs such as "c/o".
    (0x2100, 0x2106), (0x2150, 0x215f), (0x2189, 0x2189), (0x2215, 0x2216), (0x2488, 0x249b),
    // Ideographic blanks and full stops, variation selectors, vertical and small forms, full-width forms.
    (0x3000, 0x3002), (0x3164, 0x3164), (0x33c2, 0x33c2), (0x33c7, 0x33c7),
    (0x33d8, 0x33d8), (0xfdfa, 0xfdfb), (0xfe00, 0xfe1f), (0xfe30, 0xfe30), (0xfe50, 0xfe6f), (0xfeff, 0xffff),
    (0x1d173, 0x1d17a), (0x1f100, 0x1f10a), (0xe0000, 0xe0fff),
];

#[cfg(test)]
mod tests {
    use super::*;
    use icu_normalizer::ComposingNormalizerBorrowed;

    /// The tables of another library know every compatibility form.
    #[test]
    fn every_character_whose_compatibility_form_has_a_delimiter_is_confusable() {
        let nfkc = ComposingNormalizerBorrowed::new_nfkc();
        let is_delimiter = |it: char| "/\\.;% ".contains(it) || it.is_control() || it == '\u{2044}';
        let mut delimiters = 0;
        for character in '\u{80}'..=char::MAX {
            let mut text = [0; 4];
            let form = nfkc.normalize(character.encode_utf8(&mut text));
            // A combining mark that stands alone is written behind a blank.
            let is_mark = form.starts_with(' ') && form.chars().nth(1).is_some();
            if form.chars().any(is_delimiter) && !is_mark {
                delimiters += 1;
                assert!(is_confusable(character), "{:04x} is {form:?}", u32::from(character));
            }
        }
        assert!(delimiters > 80, "{delimiters}");
    }

    #[test]
    fn letters_of_other_scripts_are_not() {
        let text = "éüßñøžȘαЖשعकไกあア中한🦀—‘’“”€";
        assert_eq!(text.chars().find(|it| is_confusable(*it)), None);
    }
}
