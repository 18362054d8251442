//! Pages and their tokens: opaque, bound to the request that they continue.

use serde_json::Value;

use super::expression::text;
use crate::fault::Fault;
use crate::ledger::calendar::{noise, seed};

/// A request's place in its own results.
pub(crate) struct Pager {
    fingerprint: u64,
    /// How many elements earlier pages held.
    pub(crate) offset: usize,
}

impl Pager {
    /// Reads the token of a request, if it has one.
    ///
    /// # Errors
    ///
    /// `InvalidNextTokenException` for a token that was never given out,
    /// `RequestChangedException` for one of another request.
    pub(crate) fn new(operation: &str, input: &Value, member: &str) -> Result<Self, Fault> {
        let fingerprint = fingerprint(operation, input, member);
        let Some(token) = text(input, member) else {
            return Ok(Self {
                fingerprint,
                offset: 0,
            });
        };
        let (owner, offset) = read(token).ok_or_else(|| {
            Fault::new(
                "InvalidNextTokenException",
                "The pagination token is invalid. Try again without a pagination token.",
            )
        })?;
        if owner != fingerprint {
            return Err(Fault::new(
                "RequestChangedException",
                "Your request parameters changed between pages. Try again with the old parameters \
                 or without a pagination token.",
            ));
        }
        Ok(Self {
            fingerprint,
            offset,
        })
    }

    /// The token of the page that starts after `offset` elements.
    pub(crate) fn token(&self, offset: usize) -> String {
        let offset = offset as u64;
        let check = noise(self.fingerprint, offset);
        format!(
            "{:016x}{:016x}{check:016x}",
            self.fingerprint,
            offset ^ check
        )
    }

    /// The elements of this page, and the token of the next one if there is one.
    pub(crate) fn cut<T>(&self, all: Vec<T>, size: usize) -> (Vec<T>, Option<String>) {
        let end = self.offset.saturating_add(size);
        let token = (end < all.len()).then(|| self.token(end));
        (
            all.into_iter().skip(self.offset).take(size).collect(),
            token,
        )
    }
}

fn read(token: &str) -> Option<(u64, usize)> {
    if token.len() != 48 {
        return None;
    }
    let part = |from: usize| u64::from_str_radix(token.get(from..from + 16)?, 16).ok();
    let (owner, hidden, check) = (part(0)?, part(16)?, part(32)?);
    let offset = hidden ^ check;
    (noise(owner, offset) == check).then_some(())?;
    Some((owner, usize::try_from(offset).ok()?))
}

/// A number for the request without its token, whatever the order of its members.
fn fingerprint(operation: &str, input: &Value, member: &str) -> u64 {
    fn hash(value: &Value, skip: &str) -> u64 {
        match value {
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| *name != skip)
                .fold(1, |sum: u64, (name, value)| {
                    sum.wrapping_add(noise(seed(name), hash(value, "")))
                }),
            Value::Array(elements) => elements
                .iter()
                .fold(2, |sum, element| noise(sum, hash(element, ""))),
            other => seed(&other.to_string()),
        }
    }
    noise(seed(operation), hash(input, member))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_belongs_to_its_request() {
        let request = json!({ "A": 1, "B": { "C": [1, 2], "D": "x" } });
        let reordered = json!({ "B": { "D": "x", "C": [1, 2] }, "A": 1 });
        let token = Pager::new("Get", &request, "Token").unwrap().token(400);
        let with = |mut request: Value, token: &str| {
            request
                .as_object_mut()
                .unwrap()
                .insert("Token".to_owned(), json!(token));
            Pager::new("Get", &request, "Token").map(|pager| pager.offset)
        };
        assert_eq!(with(request.clone(), &token).unwrap(), 400);
        assert_eq!(with(reordered, &token).unwrap(), 400);
        let fault = |result: Result<usize, Fault>| result.unwrap_err().error_type;
        assert_eq!(
            fault(with(
                json!({ "A": 2, "B": { "C": [1, 2], "D": "x" } }),
                &token
            )),
            "RequestChangedException"
        );
        for bad in [
            "",
            "abc",
            &token[1..],
            &token.replace(|c: char| c == token.chars().next().unwrap(), "z"),
        ] {
            assert_eq!(
                fault(with(request.clone(), bad)),
                "InvalidNextTokenException",
                "{bad}"
            );
        }
    }
}
