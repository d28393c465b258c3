//! Patterns of Go's `regexp` (RE2 syntax) in the syntax of the `regex` crate.
//!
//! Both take linear time. They differ in what `\w`, `\d`, `\s` and `\b` mean (ASCII in Go) and in what may stand in a class
//! without a backslash. See <https://github.com/google/re2/wiki/Syntax>.

/// The same pattern for the `regex` crate, or why there is none.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars().peekable();
    let mut in_class = false;
    let mut class_start = false;
    while let Some(c) = rest.next() {
        let begins_class = std::mem::take(&mut class_start);
        match c {
            '\\' => {
                let escaped = rest.next().ok_or("its pattern ends in a backslash")?;
                escape(escaped, in_class, &mut out)?;
            }
            '[' if !in_class => {
                in_class = true;
                class_start = true;
                out.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            ']' if in_class && begins_class => out.push_str(r"\]"),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '[' if rest.peek() == Some(&':') => {
                // `[:alpha:]`.
                out.push('[');
                for c in rest.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '[' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// What `\` and a character stand for.
fn escape(escaped: char, in_class: bool, out: &mut String) -> Result<(), String> {
    let class = match escaped {
        'w' => "0-9A-Za-z_",
        'd' => "0-9",
        's' => r"\t\n\f\r ",
        _ => "",
    };
    match escaped {
        'w' | 'd' | 's' if in_class => out.push_str(class),
        'w' | 'd' | 's' => {
            out.push('[');
            out.push_str(class);
            out.push(']');
        }
        'W' => out.push_str(r"[^0-9A-Za-z_]"),
        'D' => out.push_str(r"[^0-9]"),
        'S' => out.push_str(r"[^\t\n\f\r ]"),
        'b' if !in_class => out.push_str(r"(?-u:\b)"),
        'Q' | 'E' | 'C' => {
            return Err(format!(
                "its pattern has `\\{escaped}`, which is not supported"
            ));
        }
        'A' | 'a' | 'f' | 'n' | 'p' | 'P' | 'r' | 't' | 'v' | 'x' | 'z' | '0'..='9' => {
            out.push('\\');
            out.push(escaped);
        }
        // Go lets any other ASCII punctuation stand behind a backslash.
        _ if escaped.is_ascii_punctuation() && regex_meta(escaped) => {
            out.push('\\');
            out.push(escaped);
        }
        _ => out.push(escaped),
    }
    Ok(())
}

/// Punctuation that may stand behind a backslash in the `regex` crate.
fn regex_meta(c: char) -> bool {
    r"\.+*?()|[]{}^$#&-~/".contains(c)
}

#[cfg(test)]
mod tests {
    use super::translate;

    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = translate(pattern).expect("it can be translated");
        regex::Regex::new(&pattern)
            .expect("it compiles")
            .is_match(text)
    }

    #[test]
    fn classes_are_those_of_ascii() {
        assert!(matches(r"^\w+$", "abc_1") && !matches(r"^\w+$", "é"));
        assert!(matches(r"^[\w.-]+$", "a.b-c") && !matches(r"^\d$", "٣"));
        assert!(matches(r"^\S+$", "é"));
    }

    #[test]
    fn what_stands_plainly_in_a_class_of_go_does_here_too() {
        assert!(matches(r#"^['"\s[]$"#, "["));
        assert!(matches(r"^[]a]+$", "]a"));
        assert!(matches(r"^[a&&b~~]+$", "a&~b"));
        assert!(matches(r"^[[:alnum:]=]+$", "a1="));
        assert!(matches(r"^\x60\`\'$", "``'"));
    }

    #[test]
    fn words_end_where_they_do_in_go() {
        assert!(matches(r#"\b(hs_[\w-]{3})(?:['"\s;]|$)"#, "a \"hs_k3J\";"));
        assert!(matches(r"\bkey\b", "ékey"));
    }

    #[test]
    fn literal_quoting_is_refused() {
        assert!(translate(r"\Qa.b\E").is_err());
    }
}
