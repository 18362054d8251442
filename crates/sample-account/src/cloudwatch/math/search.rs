//! The query of `SEARCH`: which metrics an expression asks for by words instead of by name.
//!
//! Source: "CloudWatch search expression syntax", CloudWatch user guide.

/// A search for metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cloudwatch) struct Search {
    /// The namespace between the braces.
    pub namespace: Option<String>,
    /// The exact set of dimension names between the braces, sorted.
    pub dimension_names: Vec<String>,
    /// The statistic, such as `Sum` or `p99`.
    pub statistic: String,
    /// Seconds.
    pub period: i64,
    condition: Condition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// A word found anywhere.
    Word(String),
    /// `MetricName="InputTokenCount"` or `ModelId=nova`.
    Property {
        name: String,
        value: String,
        exact: bool,
    },
}

impl Search {
    /// Reads a query such as `{AWS/Bedrock,ModelId} MetricName="InputTokenCount"`.
    ///
    /// # Errors
    ///
    /// A sentence fragment that says what is wrong.
    pub(super) fn parse(query: &str, statistic: &str, period: i64) -> Result<Self, String> {
        if period < 1 {
            return Err("the period of SEARCH is at least 1 second".to_owned());
        }
        let query = query.trim();
        let (schema, words) = match query.strip_prefix('{') {
            None => ("", query),
            Some(rest) => rest
                .split_once('}')
                .ok_or_else(|| "the schema of SEARCH has no '}'".to_owned())?,
        };
        let mut names = schema
            .split(',')
            .map(|name| name.trim().trim_matches('"').to_owned())
            .filter(|name| !name.is_empty());
        let namespace = names.next();
        let mut dimension_names: Vec<String> = names.collect();
        dimension_names.sort_unstable();
        let tokens = tokenize(words)?;
        let mut rest = tokens.as_slice();
        let condition = any(&mut rest, 0)?;
        if !rest.is_empty() {
            return Err("the search term has a ')' too many".to_owned());
        }
        Ok(Self {
            namespace,
            dimension_names,
            statistic: statistic.to_owned(),
            period,
            condition,
        })
    }

    /// Tells whether a metric is found: its namespace, name and dimensions (name, value).
    pub(in crate::cloudwatch) fn finds(
        &self,
        namespace: &str,
        metric_name: &str,
        dimensions: &[(String, String)],
    ) -> bool {
        if let Some(wanted) = &self.namespace {
            let mut names: Vec<&str> = dimensions.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            if wanted != namespace || names != self.dimension_names {
                return false;
            }
        }
        self.condition.holds(namespace, metric_name, dimensions)
    }
}

impl Condition {
    fn holds(&self, namespace: &str, metric_name: &str, dimensions: &[(String, String)]) -> bool {
        let holds = |condition: &Self| condition.holds(namespace, metric_name, dimensions);
        match self {
            Self::All(parts) => parts.iter().all(holds),
            Self::Any(parts) => parts.iter().any(holds),
            Self::Not(part) => !holds(part),
            Self::Word(word) => {
                contains(namespace, word)
                    || contains(metric_name, word)
                    || dimensions
                        .iter()
                        .any(|(name, value)| contains(name, word) || contains(value, word))
            }
            Self::Property { name, value, exact } => {
                let matches = |found: &str| {
                    if *exact {
                        found == value
                    } else {
                        contains(found, value)
                    }
                };
                match name.as_str() {
                    "MetricName" => matches(metric_name),
                    "Namespace" => matches(namespace),
                    _ => dimensions
                        .iter()
                        .any(|(dimension, found)| dimension == name && matches(found)),
                }
            }
        }
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Or,
    And,
    Not,
    Condition(Condition),
}

fn tokenize(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let bracket = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            _ => None,
        };
        if let Some(bracket) = bracket {
            tokens.push(bracket);
            rest = rest.get(1..).unwrap_or_default().trim_start();
            continue;
        }
        let (word, quoted, after) = read_word(rest)?;
        rest = after;
        let token = match word.as_str() {
            "OR" if !quoted => Token::Or,
            "AND" if !quoted => Token::And,
            "NOT" if !quoted => Token::Not,
            _ => {
                if let Some(value) = rest.strip_prefix('=') {
                    let (value, exact, after) = read_word(value.trim_start())?;
                    rest = after;
                    Token::Condition(Condition::Property {
                        name: word,
                        value,
                        exact,
                    })
                } else {
                    Token::Condition(Condition::Word(word))
                }
            }
        };
        tokens.push(token);
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// Reads a word or a quotation: its text, whether it was quoted, and what follows.
fn read_word(text: &str) -> Result<(String, bool, &str), String> {
    if let Some(inner) = text.strip_prefix('"') {
        let (word, after) = inner
            .split_once('"')
            .ok_or_else(|| "a quotation in the search term has no end".to_owned())?;
        return Ok((word.to_owned(), true, after));
    }
    let end = text
        .find(|letter: char| letter.is_whitespace() || matches!(letter, '=' | '(' | ')' | '"'))
        .unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    if word.is_empty() {
        return Err("the search term is broken".to_owned());
    }
    Ok((word.to_owned(), false, after))
}

const MAX_DEPTH: usize = 32;

fn any(rest: &mut &[Token], depth: usize) -> Result<Condition, String> {
    if depth > MAX_DEPTH {
        return Err("the search term is nested too deeply".to_owned());
    }
    let mut parts = vec![all(rest, depth)?];
    while let [Token::Or, after @ ..] = rest {
        *rest = after;
        parts.push(all(rest, depth)?);
    }
    Ok(Condition::Any(parts))
}

fn all(rest: &mut &[Token], depth: usize) -> Result<Condition, String> {
    let mut parts = Vec::new();
    let mut negated = false;
    while let [token, after @ ..] = *rest {
        let part = match token {
            Token::Or | Token::Close => break,
            Token::And => {
                *rest = after;
                continue;
            }
            Token::Not => {
                *rest = after;
                negated = !negated;
                continue;
            }
            Token::Condition(condition) => {
                *rest = after;
                condition.clone()
            }
            Token::Open => {
                *rest = after;
                let inner = any(rest, depth + 1)?;
                let [Token::Close, after @ ..] = *rest else {
                    return Err("the search term has a '(' without ')'".to_owned());
                };
                *rest = after;
                inner
            }
        };
        parts.push(if negated {
            Condition::Not(Box::new(part))
        } else {
            part
        });
        negated = false;
    }
    Ok(Condition::All(parts))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;

    fn finds(query: &str) -> Vec<&'static str> {
        let search = Search::parse(query, "Sum", 3600).unwrap();
        let metrics = [
            (
                "haiku",
                "AWS/Bedrock",
                "InputTokenCount",
                Some("anthropic.claude-3-haiku"),
            ),
            (
                "nova",
                "AWS/Bedrock",
                "InputTokenCount",
                Some("amazon.nova-lite-v1:0"),
            ),
            (
                "output",
                "AWS/Bedrock",
                "OutputTokenCount",
                Some("amazon.nova-lite-v1:0"),
            ),
            ("account", "AWS/Bedrock", "InputTokenCount", None),
            ("other", "AWS/Lambda", "InputTokenCount", Some("x")),
        ];
        metrics
            .into_iter()
            .filter(|(_, namespace, name, model)| {
                let dimensions: Vec<(String, String)> = model
                    .iter()
                    .map(|model| ("ModelId".to_owned(), (*model).to_owned()))
                    .collect();
                search.finds(namespace, name, &dimensions)
            })
            .map(|(label, ..)| label)
            .collect()
    }

    #[test]
    fn a_search_finds_what_the_words_say() {
        let schema = "{AWS/Bedrock,ModelId}";
        let check = |words: &str, expected: &[&str]| {
            assert_eq!(finds(&format!("{schema} {words}")), expected, "{words}");
        };
        check("MetricName=\"InputTokenCount\"", &["haiku", "nova"]);
        check("MetricName=\"TokenCount\"", &[]);
        check("MetricName=TokenCount", &["haiku", "nova", "output"]);
        check("", &["haiku", "nova", "output"]);
        check("claude", &["haiku"]);
        check("MetricName=\"InputTokenCount\" NOT claude", &["nova"]);
        check(
            "ModelId=\"amazon.nova-lite-v1:0\" OutputTokenCount",
            &["output"],
        );
        check(
            "(claude OR OutputTokenCount) TokenCount",
            &["haiku", "output"],
        );
        check("claude OR output", &["haiku", "output"]);
    }

    #[test]
    fn the_schema_names_the_dimensions_exactly() {
        assert_eq!(finds("{AWS/Bedrock} InputTokenCount"), ["account"]);
        assert_eq!(
            finds("MetricName=\"InputTokenCount\""),
            ["haiku", "nova", "account", "other"]
        );
    }

    #[test]
    fn a_broken_query_is_refused() {
        let refuse = |query: &str, expected: &str| {
            assert_eq!(Search::parse(query, "Sum", 60).unwrap_err(), expected);
        };
        refuse("{AWS/Bedrock", "the schema of SEARCH has no '}'");
        refuse("(a", "the search term has a '(' without ')'");
        refuse("a)", "the search term has a ')' too many");
        refuse("\"a", "a quotation in the search term has no end");
        refuse("a= =", "the search term is broken");
    }
}
