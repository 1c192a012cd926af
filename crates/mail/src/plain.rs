//! Text that somebody else chose, made fit to stand inside a line of a mail.

/// The longest name (of a site, a person, an address) that a mail repeats, in characters.
///
/// Names are chosen freely by whoever registers, and the mail goes to an address they typed: a long one would let
/// them send a letter of their own under the site's name.
const LONGEST_NAME: usize = 64;

/// A name as one short line: see [`single_line`].
pub(crate) fn name(value: &str) -> String {
    single_line(value, LONGEST_NAME)
}

/// A name inside a sentence: [`name`], isolated so that a right-to-left name does not reorder the words around it
/// (Unicode Standard Annex 9, section 2.4: FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE).
pub(crate) fn isolated_name(value: &str) -> String {
    let name = name(value);
    if name.is_ascii() { name } else { format!("\u{2068}{name}\u{2069}") }
}

/// The name in a greeting: [`isolated_name`], or none at all if mail programs might make a link of it. Whoever registers
/// chooses the name, and the mail goes to whatever address they said.
pub(crate) fn greeting_name(value: &str) -> String {
    if value.contains(['.', '/', ':', '@', '\\']) { String::new() } else { isolated_name(value) }
}

/// What a program calls itself, without what mail programs make links of.
pub(crate) fn program(value: &str) -> String {
    isolated_name(&value.replace(['.', '/', ':', '@', '\\'], " "))
}

/// `value` as one line of visible text, of at most `longest` characters and an ellipsis.
///
/// Control characters, line breaks and runs of spaces become one space; characters that are invisible or that change
/// the direction of the text go.
pub(crate) fn single_line(value: &str, longest: usize) -> String {
    let mut line = String::with_capacity(value.len().min(longest * 4));
    let mut length = 0;
    let mut gap = false;
    for c in value.chars().filter(|c| !is_hidden(*c)) {
        if c.is_control() || c.is_whitespace() {
            gap = length > 0;
            continue;
        }
        if length + usize::from(gap) >= longest {
            line.push('…');
            break;
        }
        if std::mem::take(&mut gap) {
            line.push(' ');
            length += 1;
        }
        line.push(c);
        length += 1;
    }
    line
}

/// `value` without anything that a URL never has: controls, spaces and hidden characters.
pub(crate) fn url(value: &str) -> String {
    value.chars().filter(|c| !c.is_control() && !c.is_whitespace() && !is_hidden(*c)).collect()
}

/// A text of many lines with `\n` as the only control character but the tab.
pub(crate) fn lines(value: &str) -> String {
    value
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect()
}

/// Characters that are not seen but change what is: directional marks, embeddings, overrides and isolates, zero-width
/// spaces and joiners that no script needs, soft hyphens, and tags. The two joiners that scripts need stay.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{greeting_name, isolated_name, lines, name, program, single_line, url};

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(single_line("a\r\nBcc: b\0c\u{2028}d\u{85}e\tf  g", 99), "a Bcc: b c d e f g");
        assert_eq!(single_line("  \n a \n ", 99), "a");
        assert_eq!(single_line("", 99), "");
    }

    #[test]
    fn hidden_characters_go_and_joiners_stay() {
        assert_eq!(single_line("gnp\u{202e}.exe\u{200b}\u{2066}\u{feff}\u{e0041}", 99), "gnp.exe");
        assert_eq!(single_line("👩\u{200d}🔬 می\u{200c}خواهم", 99), "👩\u{200d}🔬 می\u{200c}خواهم");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(single_line("ééééé", 4), "éééé…");
        assert_eq!(single_line("éééé", 4), "éééé");
        assert_eq!(single_line("ab cd", 3), "ab…");
        assert_eq!(single_line("ab \n", 2), "ab");
        assert_eq!(name(&"x".repeat(500)).chars().count(), 65);
    }

    #[test]
    fn no_name_becomes_a_link() {
        for link in ["evil.example", "Refund: evil", "//evil", "a@b", "http://evil.example/x"] {
            assert_eq!(greeting_name(link), "");
            assert!(!program(link).contains(['.', '/', ':', '@']), "{link}");
        }
        assert_eq!(greeting_name("ada"), "ada");
        assert_eq!(program("Mozilla/5.0 (X11)"), "Mozilla 5 0 (X11)");
    }

    #[test]
    fn only_names_beyond_ascii_are_isolated() {
        assert_eq!(isolated_name("ada"), "ada");
        assert_eq!(isolated_name("عدا"), "\u{2068}عدا\u{2069}");
        assert_eq!(isolated_name("عدا\u{2069}\u{202e}x"), "\u{2068}عداx\u{2069}");
    }

    #[test]
    fn a_url_has_no_gaps() {
        assert_eq!(url("https://a.example/\r\n x\u{202e}y"), "https://a.example/xy");
    }

    #[test]
    fn a_text_has_one_kind_of_line_end() {
        assert_eq!(lines("a\r\nb\rc\nd\0\u{1b}e\tf"), "a\nb\nc\nde\tf");
    }
}
