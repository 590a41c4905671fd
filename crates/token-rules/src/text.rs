//! Texts from outside, for messages.

use alloc::string::String;

/// A text for a message: one line, in which each character is seen as what it is.
///
/// Control characters and the separators of lines and paragraphs become spaces: they could end the line or steer a
/// terminal. Format characters (Unicode's category `Cf`) are left out: they are invisible, and some change the order in
/// which the characters around them are shown (Unicode Technical Report 36, section 3.6; CVE-2021-42574).
pub fn cleaned(text: &str) -> String {
    text.chars()
        .filter(|one| !is_format(*one))
        .map(|one| if one.is_control() || matches!(one, '\u{2028}' | '\u{2029}') { ' ' } else { one })
        .collect()
}

/// Whether a character is a format character: the category `Cf` of Unicode 17.
fn is_format(one: char) -> bool {
    !one.is_ascii() && FORMAT.iter().any(|&(first, last)| (first..=last).contains(&one))
}

/// The ranges of format characters.
const FORMAT: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_line_or_steers_a_terminal_becomes_a_space() {
        for one in ['\n', '\r', '\t', '\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}'] {
            assert_eq!(cleaned(&alloc::format!("a{one}b")), "a b", "{one:?}");
        }
    }

    #[test]
    fn what_is_invisible_or_turns_the_text_around_is_left_out() {
        for one in [
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200f}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert_eq!(cleaned(&alloc::format!("a{one}b")), "ab", "{one:?}");
        }
    }

    #[test]
    fn visible_characters_of_every_script_are_kept() {
        let text = "az login – größer «日本語» עברית العربية 😀";
        assert_eq!(cleaned(text), text);
    }
}
