//! Page tokens that say nothing to a caller and fit only the request they came from.

use serde_json::Value;

/// What a page token continues: the request without its own token and page size.
pub(crate) struct Paging {
    fingerprint: u64,
}

impl Paging {
    /// Takes the fingerprint of a request; `ignored` are its members that change between pages.
    pub(crate) fn of(operation: &str, input: &Value, ignored: &[&str]) -> Self {
        let mut text = operation.to_owned();
        if let Some(members) = input.as_object() {
            let mut members: Vec<_> = members
                .iter()
                .filter(|(name, _)| !ignored.contains(&name.as_str()))
                .collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            for (name, value) in members {
                text.push_str(name);
                text.push_str(&value.to_string());
            }
        }
        Self {
            fingerprint: fnv(&text),
        }
    }

    /// The token of the page that begins at a position.
    pub(crate) fn token(&self, position: usize) -> String {
        let position = u64::try_from(position).unwrap_or(u64::MAX);
        let hidden = position ^ self.fingerprint.rotate_left(17);
        let check = fnv(&format!("{position}/{}", self.fingerprint));
        format!("{hidden:016X}{check:016X}")
    }

    /// The position that a token stands for; none if it is not a token of this request.
    pub(crate) fn position(&self, token: &str) -> Option<usize> {
        let hidden = u64::from_str_radix(token.get(..16)?, 16).ok()?;
        let position = hidden ^ self.fingerprint.rotate_left(17);
        let position = usize::try_from(position).ok()?;
        (self.token(position) == token).then_some(position)
    }
}

/// A stable hash of a text (FNV-1a, 64 bits).
pub(crate) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Cuts one page out of a list: the page, and the position of the next one.
pub(crate) fn page<T>(all: Vec<T>, start: usize, size: usize) -> (Vec<T>, Option<usize>) {
    let end = start.saturating_add(size);
    let next = (end < all.len()).then_some(end);
    (all.into_iter().skip(start).take(size).collect(), next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_fits_its_own_request_only() {
        let request = json!({"ServiceCode": "A", "MaxResults": 10});
        let paging = Paging::of("GetProducts", &request, &["NextToken", "MaxResults"]);
        let token = paging.token(700);
        let again = json!({"ServiceCode": "A", "MaxResults": 50, "NextToken": token});
        let again = Paging::of("GetProducts", &again, &["NextToken", "MaxResults"]);
        assert_eq!(again.position(&token), Some(700));
        let other = Paging::of("GetProducts", &json!({"ServiceCode": "B"}), &[]);
        assert_eq!(other.position(&token), None);
        for broken in ["", "zz", "é", &token[..20], &format!("{token}0")] {
            assert_eq!(again.position(broken), None);
        }
    }
}
