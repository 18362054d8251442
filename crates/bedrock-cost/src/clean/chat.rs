//! Transcripts without time stamps.

/// Returns a transcript without the time stamps that its lines begin with (`[10:32:01]`, `00:01:07`, `2026-01-02
/// 10:32 -`), without lines that are subtitle times or cue numbers, and without blank lines. `None` when fewer than three
/// lines, or less than a third of them, begin with a time: it is no transcript then.
#[must_use]
pub fn without_timestamps(text: &str) -> Option<String> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let timed = lines
        .iter()
        .filter(|line| after_time(line).is_some())
        .count();
    if timed < 3 || timed * 3 < lines.len() {
        return None;
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        let is_before_cue = rest.peek().is_some_and(|next| next.contains("-->"));
        let is_cue_number = is_before_cue && line.bytes().all(|byte| byte.is_ascii_digit());
        let kept = after_time(line).unwrap_or(line);
        if is_cue_number || kept.is_empty() {
            continue;
        }
        if !cleaned.is_empty() {
            cleaned.push('\n');
        }
        cleaned.push_str(kept);
    }
    Some(cleaned)
}

/// Returns what follows the time at the start of a line, or nothing for a line of subtitle times; `None` without a time.
fn after_time(line: &str) -> Option<&str> {
    let end = line
        .find(|c: char| !(c.is_ascii_digit() || " []():.,-/TZ>+APMapm".contains(c)))
        .unwrap_or(line.len());
    let head = line.get(..end)?;
    let clock = head.as_bytes().windows(4).position(|bytes| {
        matches!(bytes, [a, b':', c, d] if [a, c, d].iter().all(|byte| byte.is_ascii_digit()))
    })?;
    if head.contains("-->") {
        return Some("");
    }
    // The time ends with its digits: seconds and their fraction belong to it.
    let digits = head.get(clock..)?;
    let time = digits
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
        .unwrap_or(digits.len());
    let rest = line.get(clock + time..)?;
    let rest = ["Z", " AM", " PM", " am", " pm", "am", "pm"]
        .iter()
        .find_map(|mark| {
            rest.strip_prefix(mark)
                .filter(|rest| !rest.starts_with(char::is_alphabetic))
        })
        .unwrap_or(rest);
    Some(rest.trim_start_matches([']', ')', ' ', '-', '\t']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_what_was_said() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(without_timestamps(text).as_deref(), expected, "{text}");
        };
        check(
            "[10:32:01] Ann: Hello.\n[10:32:05] Bob: It costs 5.50 a day.\n\n[10:33:10] Ann: Thanks.\n",
            Some("Ann: Hello.\nBob: It costs 5.50 a day.\nAnn: Thanks."),
        );
        check(
            "1\n00:00:01,000 --> 00:00:04,000\nGood morning.\n\n2\n00:00:05,000 --> 00:00:07,000\n12 boxes\n\n3\n00:00:08,000 --> 00:00:09,000\nBye.\n",
            Some("Good morning.\n12 boxes\nBye."),
        );
        check(
            "2026-01-02 10:32 - Ann: Hi\n2026-01-02 10:33 - Bob: Hi\n2026-01-02 10:34 PM Ann: At 5:15 then\n",
            Some("Ann: Hi\nBob: Hi\nAnn: At 5:15 then"),
        );
        check("The train leaves at 10:32.\nSo do we.\nBye.\n", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn no_text_panics_or_grows(text in any::<String>(), lines in "([0-9:\\[\\] a-zé>,-]{0,14}\n){0,9}") {
            for text in [text, lines] {
                if let Some(cleaned) = without_timestamps(&text) {
                    prop_assert!(cleaned.len() <= text.len());
                }
            }
        }
    }
}
