//! What the prompt cache of each model takes: how long a prefix has to be, and how much of it is cached.

use rust_decimal::Decimal;

use super::validate::CacheUse;
use crate::price_book::Model;

/// The limits of a model's prompt cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheLimits {
    /// A shorter prefix, in tokens, is not cached: the request succeeds, and all of it is billed as input.
    pub(crate) least: u32,
    /// Of a longer prefix, so many tokens are cached; `None` where no most is documented.
    pub(crate) most: Option<u32>,
    /// Where that was read.
    pub(crate) source: &'static str,
}

/// The models: whole ids, or beginnings that end in `*`.
struct Listed {
    ids: &'static [&'static str],
    limits: CacheLimits,
}

/// The guide's table "Supported models, Regions, and explicit caching limits" as of October 2026. It agrees with
/// Anthropic's own list for other platforms but for Opus 4.7 (2,048 there); of Sonnet 4.5 an AWS table of the summer of
/// 2026 said 4,096, those before and after it say 1,024.
const AWS: &str = "AWS guide to prompt caching, October 2026";

/// Of Claude 3.5 Haiku, before it left the table.
const AWS_2025: &str = "AWS guide to prompt caching, 2025";

/// "Prompt caching", cache limitations, read on 2026-09-24: AWS's table of that time does not have the model.
const ANTHROPIC: &str = "Anthropic's guide to prompt caching, September 2026";

/// Every card of an Amazon Nova model says so.
const NOVA: &str = "AWS model cards of Amazon Nova, October 2026";

const fn from(least: u32, source: &'static str) -> CacheLimits {
    CacheLimits {
        least,
        most: None,
        source,
    }
}

const LISTED: &[Listed] = &[
    Listed {
        ids: &[
            "anthropic.claude-opus-5",
            "anthropic.claude-sonnet-5-5",
            "anthropic.claude-fable-5",
            "anthropic.claude-fable-5-1",
            "anthropic.claude-mythos-5",
            "anthropic.claude-mythos-5-1",
        ],
        limits: from(512, AWS),
    },
    Listed {
        ids: &["anthropic.claude-opus-5-5"],
        limits: from(512, ANTHROPIC),
    },
    Listed {
        ids: &[
            "anthropic.claude-opus-4-8",
            "anthropic.claude-opus-4-1-20250805-v1:0",
            "anthropic.claude-opus-4-20250514-v1:0",
            "anthropic.claude-sonnet-5",
            "anthropic.claude-sonnet-4-6",
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "anthropic.claude-sonnet-4-20250514-v1:0",
            "anthropic.claude-3-7-sonnet-20250219-v1:0",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "openai.gpt-5.4",
            "openai.gpt-5.5",
            "openai.gpt-5.6-sol",
            "openai.gpt-5.6-terra",
            "openai.gpt-5.6-luna",
        ],
        limits: from(1_024, AWS),
    },
    Listed {
        ids: &["anthropic.claude-3-5-haiku-20241022-v1:0"],
        limits: from(2_048, AWS_2025),
    },
    Listed {
        ids: &[
            "anthropic.claude-opus-4-7",
            "anthropic.claude-opus-4-6-v1",
            "anthropic.claude-opus-4-5-20251101-v1:0",
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "anthropic.claude-mythos-preview",
        ],
        limits: from(4_096, AWS),
    },
    Listed {
        ids: &["amazon.nova-*"],
        limits: CacheLimits {
            least: 1_000,
            most: Some(20_000),
            source: NOVA,
        },
    },
];

/// Returns the limits of a model's prompt cache; none where they were not found.
pub(crate) fn cache_limits(model: &Model) -> Option<CacheLimits> {
    let is_it = |id: &&str| match id.strip_suffix('*') {
        Some(beginning) => model.id().starts_with(beginning),
        None => model.id() == *id,
    };
    let listed = LISTED.iter().find(|listed| listed.ids.iter().any(is_it));
    listed.map(|listed| listed.limits)
}

/// What becomes of a prefix that is to be cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is cached as it is.
    Whole,
    /// It is cached as it is, as far as is known: the limits of the model were not found.
    Unknown,
    /// It is too short, and nothing is cached.
    TooShort(CacheLimits),
    /// It is too long, and its beginning is cached.
    Beginning(CacheLimits, u32),
}

/// Returns what becomes of a prefix.
pub(super) fn kept(model: &Model, prefix: Decimal) -> Kept {
    let Some(limits) = cache_limits(model) else {
        return Kept::Unknown;
    };
    match limits.most {
        _ if prefix < limits.least.into() => Kept::TooShort(limits),
        Some(most) if prefix > most.into() => Kept::Beginning(limits, most),
        _ => Kept::Whole,
    }
}

/// Returns the cache as the model uses it.
pub(super) fn used(model: &Model, cache: CacheUse) -> Option<CacheUse> {
    match kept(model, cache.prefix_tokens) {
        Kept::Whole | Kept::Unknown => Some(cache),
        Kept::TooShort(_) => None,
        Kept::Beginning(_, most) => Some(CacheUse {
            prefix_tokens: most.into(),
            ..cache
        }),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::price_book::PriceBook;

    #[test]
    fn every_listed_model_is_in_the_price_book_once() {
        let models = PriceBook::embedded().models();
        let ids = LISTED.iter().flat_map(|listed| listed.ids);
        let mut seen: Vec<&str> = Vec::new();
        for id in ids {
            assert!(!seen.contains(id), "{id}");
            seen.push(id);
            let beginning = id.trim_end_matches('*');
            let mut known = models.iter();
            assert!(known.any(|model| model.id().starts_with(beginning)), "{id}");
            if !id.ends_with('*') {
                assert!(models.iter().any(|model| model.id() == *id), "{id}");
            }
        }
    }

    #[test]
    fn limits_are_those_of_the_guide() {
        let book = PriceBook::embedded();
        let of = |name: &str| {
            let limits = cache_limits(book.resolve(name).unwrap().model);
            limits.map(|limits| (limits.least, limits.most))
        };
        assert_eq!(of("Claude Opus 4.5"), Some((4_096, None)));
        assert_eq!(of("Claude Opus 4.7"), Some((4_096, None)));
        assert_eq!(of("Claude Haiku 4.5"), Some((4_096, None)));
        assert_eq!(of("Claude 3.5 Haiku"), Some((2_048, None)));
        assert_eq!(of("Claude Opus 4.8"), Some((1_024, None)));
        assert_eq!(of("Claude Opus 4.1"), Some((1_024, None)));
        assert_eq!(of("Claude 3.7 Sonnet"), Some((1_024, None)));
        assert_eq!(of("Claude Opus 5"), Some((512, None)));
        assert_eq!(of("Nova Pro"), Some((1_000, Some(20_000))));
        // A newer model does not inherit what its name begins with.
        assert_eq!(of("anthropic.claude-fable-5-2"), None);
        assert_eq!(of("Claude Haiku 5.5"), None);
    }
}
