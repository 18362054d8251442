//! What kind of content a text is: it decides how far an estimate can be off.

use std::fmt;
use std::str::FromStr;

use super::bytes::Script;
use super::features::Totals;
use super::scan::Counts;
use crate::names::UnknownName;

/// Kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// English running text, documentation included.
    Prose,
    /// Text in another language with Latin letters: German, French, Vietnamese.
    Latin,
    /// Chinese, Japanese, Korean.
    Cjk,
    /// Text in any other script: Russian, Arabic, Hindi.
    OtherScript,
    /// Program text.
    Code,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// JSON, one or more documents.
    Json,
    /// Settings: YAML, TOML, INI, XML.
    Config,
    /// Tables of delimited values.
    Csv,
    /// Log lines.
    Logs,
    /// Keys, hashes, base64 and columns of numbers: hardly any words.
    Dense,
}

impl Content {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Prose,
        Self::Latin,
        Self::Cjk,
        Self::OtherScript,
        Self::Code,
        Self::Markdown,
        Self::Html,
        Self::Json,
        Self::Config,
        Self::Csv,
        Self::Logs,
        Self::Dense,
    ];

    const NAMES: &[&str] = &[
        "prose",
        "latin",
        "cjk",
        "other_script",
        "code",
        "markdown",
        "html",
        "json",
        "config",
        "csv",
        "logs",
        "dense",
    ];

    /// Returns the name: `other_script`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prose => "prose",
            Self::Latin => "latin",
            Self::Cjk => "cjk",
            Self::OtherScript => "other_script",
            Self::Code => "code",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
            Self::Config => "config",
            Self::Csv => "csv",
            Self::Logs => "logs",
            Self::Dense => "dense",
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Content {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|content| crate::names::same_name(content.name(), text))
            .ok_or_else(|| UnknownName {
                what: "content",
                given: text.to_owned(),
                allowed: Self::NAMES,
            })
    }
}

/// How much of the start of a text is looked at line by line.
const SAMPLE_BYTES: usize = 16_384;

/// Tells the kind of content from the counts of the whole text and the lines at its start.
pub(super) fn detect(text: &str, counts: &Counts) -> Content {
    let sample = text
        .get(..text.floor_char_boundary(SAMPLE_BYTES))
        .unwrap_or(text);
    let totals = Totals::of(counts);
    let lines = Lines::of(sample);
    if is_json(sample, &lines) {
        return Content::Json;
    }
    if let Some(markup) = markup(sample) {
        return markup;
    }
    if let Some(language) = other_letters(counts, &totals) {
        return language;
    }
    if lines.share(lines.logs, 60) {
        return Content::Logs;
    }
    if is_csv(sample) {
        return Content::Csv;
    }
    if is_dense(text, counts, &totals) {
        return Content::Dense;
    }
    if lines.fences > 0 {
        return Content::Markdown;
    }
    if lines.share(lines.code, 25) {
        return Content::Code;
    }
    if lines.headings > 0 && lines.headings * 3 + lines.items > lines.all / 10 {
        return Content::Markdown;
    }
    if lines.share(lines.settings, 50) {
        return Content::Config;
    }
    // Program text has a run of marks for every second word, running text for every fifth.
    if totals.mark_runs * 2 > totals.words && lines.share(lines.code, 12) {
        return Content::Code;
    }
    if totals.is_foreign(counts) {
        Content::Latin
    } else {
        Content::Prose
    }
}

/// Counts of lines that look like something.
#[derive(Default)]
struct Lines {
    all: usize,
    logs: usize,
    code: usize,
    settings: usize,
    json: usize,
    fences: usize,
    headings: usize,
    items: usize,
}

impl Lines {
    fn of(sample: &str) -> Self {
        let mut lines = Self::default();
        let mut after_hash = false;
        for line in sample.lines() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            lines.all += 1;
            lines.logs += usize::from(is_log(line));
            lines.code += usize::from(is_code(line));
            lines.settings += usize::from(is_setting(line));
            lines.json += usize::from(is_json_line(line));
            lines.fences += usize::from(line.starts_with("```"));
            let after_marks = line.trim_start_matches('#');
            // Lines of `#` in a row are comments.
            let before_had_hash = std::mem::replace(&mut after_hash, line.starts_with('#'));
            lines.headings += usize::from(
                !before_had_hash
                    && (1..=6).contains(&(line.len() - after_marks.len()))
                    && after_marks.starts_with(' ')
                    && after_marks.len() > 3
                    && !after_marks.ends_with(['.', ',', ';', ':']),
            );
            lines.items += usize::from(line.starts_with("- ") || line.starts_with("* "));
        }
        lines
    }

    fn share(&self, lines: usize, percent: usize) -> bool {
        lines > 0 && lines * 100 >= self.all * percent
    }
}

/// A log line has a time, an address or a level near its start.
fn is_log(line: &str) -> bool {
    let start: &str = line.get(..line.floor_char_boundary(40)).unwrap_or(line);
    let digits = start.bytes().filter(u8::is_ascii_digit).count();
    let clock = start
        .as_bytes()
        .windows(5)
        .any(|bytes| matches!(bytes, [a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit())));
    let begins = line.starts_with(|c: char| c.is_ascii_digit() || c == '[' || c == '<')
        || start.get(..3).is_some_and(|month| MONTHS.contains(&month));
    let level = ["INFO", "WARN", "ERROR", "DEBUG", "TRACE"]
        .iter()
        .any(|level| start.contains(level));
    begins && digits >= 4 && (clock || level) || begins && digits >= 12 && line.contains(' ')
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A line of a program ends in a brace or semicolon, calls something, or begins with a word that programs use.
fn is_code(line: &str) -> bool {
    const STARTS: [&str; 24] = [
        "#include", "#define", "#if", "#endif", "//", "/*", "*/", "def ", "class ", "return",
        "import ", "from ", "if (", "for (", "while (", "else", "fn ", "let ", "const ", "var ",
        "pub ", "use ", "func ", "my $",
    ];
    line.ends_with(['{', '}', ';'])
        || ["):", "),", "(", "],"]
            .iter()
            .any(|end| line.ends_with(end))
        || STARTS.iter().any(|start| line.starts_with(start))
        || line.contains(" = ") && line.contains(['(', '['])
        || line.contains("self.")
}

/// `key: value`, `key = value`, `- item` or `[section]`.
fn is_setting(line: &str) -> bool {
    if line.len() > 120 {
        return false;
    }
    if line.starts_with('[') && line.ends_with(']') {
        return true;
    }
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '/')));
    end.is_some_and(|end| {
        let rest = line.get(end..).unwrap_or_default();
        end > 0 && (rest == ":" || rest.starts_with([':', '=']) || rest.starts_with(" ="))
    })
}

fn is_json_line(line: &str) -> bool {
    line.starts_with(['{', '}', ']', '['])
        || line.starts_with('"') && (line.contains("\":") || line.ends_with(['"', ',']))
}

/// A document that begins as JSON, or a piece of a pretty-printed one.
fn is_json(sample: &str, lines: &Lines) -> bool {
    let mut start = sample
        .trim_start()
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace());
    let begins = match (start.next(), start.next()) {
        (Some(b'{'), Some(b'"' | b'}')) => true,
        (Some(b'['), Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9')) => {
            !sample.trim_start().starts_with("[[") || sample.contains(',')
        }
        _ => false,
    };
    let quotes = sample.bytes().filter(|&byte| byte == b'"').count();
    let colons = sample.matches("\":").count();
    begins && (quotes == 0 || quotes * 100 >= sample.len()) && !lines.share(lines.logs, 60)
        || lines.all >= 3 && lines.share(lines.json, 75) && colons > 0
}

/// HTML, or XML as settings, when there is a closing tag for every few hundred bytes.
fn markup(sample: &str) -> Option<Content> {
    const TAGS: [&str; 12] = [
        "<html",
        "<div",
        "<p>",
        "<td",
        "<a ",
        "<span",
        "<li",
        "<table",
        "<code",
        "<br",
        "<!doctype html",
        "<!DOCTYPE html",
    ];
    let closing = sample.matches("</").count() + sample.matches("/>").count();
    if closing < 2 || closing * 400 < sample.len() {
        return None;
    }
    let fenced = sample.starts_with("# ") || sample.contains("\n```") || sample.contains("\n# ");
    if fenced && closing * 120 < sample.len() {
        return None;
    }
    // Markup inside program text is quoted or commented.
    let opens = sample.matches('<').count();
    if sample.matches(';').count() + sample.matches("//").count() / 2 > 2 * opens {
        return None;
    }
    let is_html = TAGS.iter().any(|tag| sample.contains(tag));
    Some(if is_html {
        Content::Html
    } else {
        Content::Config
    })
}

/// Text written mostly in letters that are not Latin.
fn other_letters(counts: &Counts, totals: &Totals) -> Option<Content> {
    let letters = |belongs: fn(Script) -> bool| -> u64 {
        Script::ALL
            .iter()
            .zip(counts.characters)
            .filter(|(script, _)| belongs(**script))
            .map(|(_, characters)| characters)
            .sum()
    };
    let east_asian = letters(Script::is_east_asian);
    let other = letters(Script::is_other_letter);
    // One East Asian character says as much as several letters.
    if east_asian * 8 > totals.letters && east_asian >= other {
        Some(Content::Cjk)
    } else if other * 3 > totals.letters {
        Some(Content::OtherScript)
    } else {
        None
    }
}

/// Three lines or more of which nearly all have the same number of one delimiter.
fn is_csv(sample: &str) -> bool {
    let lines: Vec<&str> = sample
        .lines()
        .filter(|line| !line.is_empty())
        .take(60)
        .collect();
    // The last line may be cut.
    let lines = lines
        .get(..lines.len().saturating_sub(1))
        .unwrap_or_default();
    lines.len() >= 2
        && [',', ';', '\t', '|'].into_iter().any(|delimiter| {
            let columns = |line: &&str| line.matches(delimiter).count();
            let mut counts: Vec<usize> = lines.iter().map(columns).collect();
            counts.sort_unstable();
            let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
            // Quoted cells may hold the delimiter.
            let alike = counts.iter().filter(|&&count| count == usual).count();
            let program = lines.iter().filter(|line| is_code(line.trim())).count();
            let bytes: usize = lines.iter().map(|line| line.len()).sum();
            let is_table = usual >= 2 || usual == 1 && alike == lines.len() && lines.len() >= 3;
            is_table
                && alike * 10 >= lines.len() * 7
                && program * 3 < lines.len()
                && bytes < lines.len() * (usual + 1) * 60
        })
}

/// Hardly any words: long runs without a space, or mostly digits.
fn is_dense(text: &str, counts: &Counts, totals: &Totals) -> bool {
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let visible = totals.letters + totals.digits;
    totals.digits * 2 > visible && visible > 0
        || bytes > 200 && counts.mixed * 12 > bytes
        || bytes > 200 && counts.very_rare_pairs * 10 > totals.letters && totals.letters > 0
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::super::scan::scan;
    use super::*;

    #[test]
    fn names_round_trip() {
        for (content, name) in Content::ALL.iter().zip(Content::NAMES) {
            assert_eq!(content.name(), *name);
            assert_eq!(name.parse::<Content>().unwrap(), *content);
        }
    }

    #[test]
    fn tells_kinds_apart() {
        let check = |text: &str, expected: Content| {
            assert_eq!(detect(text, &scan(text)), expected, "{text}");
        };
        check(
            "The invoice was higher than the team had expected, so they asked why.",
            Content::Prose,
        );
        check("", Content::Prose);
        check(
            "Die Rechnung war höher, als das Team erwartet hatte; daher fragten sie nach dem Grund für die Überschreitung.",
            Content::Latin,
        );
        check(
            "请用三句话概括下面的客户反馈，并指出最重要的问题。",
            Content::Cjk,
        );
        check(
            "Счёт оказался выше, чем ожидала команда.",
            Content::OtherScript,
        );
        check(
            "fn main() {\n    let x = 1;\n    println!(\"{x}\");\n}\n",
            Content::Code,
        );
        check(
            "def f(x):\n    return x + 1\n\nclass A:\n    def g(self):\n        self.x = f(2)\n",
            Content::Code,
        );
        check(
            "# Title\n\nSome text with `code`.\n\n- one\n- two\n",
            Content::Markdown,
        );
        check(
            "<html><body><p>Hello</p><p>again</p></body></html>",
            Content::Html,
        );
        check(
            "<table><tr><td>1</td><td>2</td></tr></table>",
            Content::Html,
        );
        check(
            "<project><name>a</name><version>1</version></project>",
            Content::Config,
        );
        check("{\"a\": [1, 2, {\"b\": null}]}", Content::Json);
        check(
            "  \"name\": \"x\",\n  \"age\": 3,\n  \"tags\": [\n    \"a\",\n    \"b\"\n  ],\n",
            Content::Json,
        );
        check(
            "[package]\nname = \"x\"\nversion = \"1\"\n",
            Content::Config,
        );
        check(
            "replicas: 3\ntemplate:\n  name: web\n  port: 80\n",
            Content::Config,
        );
        check(
            "id,name,total\n1,a,2.50\n2,b,3.75\n3,c,9.00\n",
            Content::Csv,
        );
        check(
            "2026-01-02T03:04:05Z INFO started\n2026-01-02T03:04:06Z WARN slow\n",
            Content::Logs,
        );
        check(
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            Content::Dense,
        );
    }
}
