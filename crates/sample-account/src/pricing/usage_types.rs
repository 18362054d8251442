//! The names of what is metered, in the grammars that the Price List and the bill share.

use crate::catalog::Naming;

/// What a token rate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Input,
    Output,
    CacheRead,
    CacheWrite,
    CacheWrite1h,
}

impl TokenKind {
    /// The kinds, with the column of the rate table each stands in.
    pub(super) const COLUMNS: [(Self, &str); 5] = [
        (Self::Input, "input"),
        (Self::Output, "output"),
        (Self::CacheRead, "cache_read"),
        (Self::CacheWrite, "cache_write"),
        (Self::CacheWrite1h, "cache_write_1h"),
    ];
}

/// A row of the rate table, less its region and its rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variant<'a> {
    /// Whether a `global.` inference profile is billed by this row.
    pub(super) global: bool,
    /// `standard`, `batch`, `flex`, `priority`, `latency-optimized` or `long-context`.
    pub(super) tier: &'a str,
    /// Which tokens.
    pub(super) kind: TokenKind,
}

/// The usage type of a token rate, such as `USE1-NovaMicro-input-tokens`.
pub(super) fn usage_type(
    naming: Naming,
    prefix: &str,
    segment: &str,
    variant: Variant<'_>,
) -> String {
    match naming {
        Naming::Native | Naming::Titan => native(prefix, segment, variant),
        Naming::Mantle => mantle(prefix, segment, variant),
        Naming::MarketplaceCamel => format!("{prefix}-MP:{prefix}_{}-Units", camel(variant)),
        Naming::MarketplaceSnake => format!("{prefix}-MP:{prefix}_{}-Units", snake(variant)),
    }
}

fn native(prefix: &str, segment: &str, variant: Variant<'_>) -> String {
    let what = match variant.kind {
        TokenKind::Input => "input-tokens",
        TokenKind::Output => "output-tokens",
        TokenKind::CacheRead => "cache-read-input-token-count",
        TokenKind::CacheWrite => "cache-write-input-token-count",
        TokenKind::CacheWrite1h => "cache-write-1h-input-token-count",
    };
    let (tier, batch) = match variant.tier {
        "standard" => (String::new(), ""),
        "batch" => (String::new(), "-batch"),
        "long-context" => ("-long-ctx".to_owned(), ""),
        tier => (format!("-{tier}"), ""),
    };
    let routing = if variant.global {
        "-cross-region-global"
    } else {
        ""
    };
    format!("{prefix}-{segment}-{what}{tier}{routing}{batch}")
}

fn mantle(prefix: &str, segment: &str, variant: Variant<'_>) -> String {
    let what = match variant.kind {
        TokenKind::Input => "input-tokens",
        TokenKind::Output => "output-tokens",
        TokenKind::CacheRead => "cache-read-tokens",
        TokenKind::CacheWrite => "cache-write-tokens-30m",
        TokenKind::CacheWrite1h => "cache-write-tokens-1h",
    };
    let routing = if variant.global {
        "-cross-region-global"
    } else {
        ""
    };
    format!("{prefix}-{segment}-mantle-{what}-{}{routing}", variant.tier)
}

fn camel(variant: Variant<'_>) -> String {
    let what = match variant.kind {
        TokenKind::Input => "Input",
        TokenKind::Output => "Output",
        TokenKind::CacheRead => "CacheReadInput",
        TokenKind::CacheWrite => "CacheWriteInput",
        TokenKind::CacheWrite1h => "CacheWrite1hInput",
    };
    let global = if variant.global { "_Global" } else { "" };
    let tier = match variant.tier {
        "batch" => "_Batch",
        "latency-optimized" => "_LatencyOptimized",
        _ => "",
    };
    format!("{what}TokenCount{global}{tier}")
}

fn snake(variant: Variant<'_>) -> String {
    let what = match variant.kind {
        TokenKind::Input => "input_tokens",
        TokenKind::Output => "output_tokens",
        TokenKind::CacheRead => "cache_read_tokens",
        TokenKind::CacheWrite => "cache_write_tokens_5m",
        TokenKind::CacheWrite1h => "cache_write_tokens_1h",
    };
    let (long, tier) = match variant.tier {
        "long-context" => ("_long_ctx", "standard"),
        tier => ("", tier),
    };
    let global = if variant.global { "_global" } else { "" };
    format!("{what}{long}{global}_{tier}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(naming: Naming, segment: &str, variant: (bool, &str, TokenKind), expected: &str) {
        let (global, tier, kind) = variant;
        let variant = Variant { global, tier, kind };
        assert_eq!(usage_type(naming, "USE1", segment, variant), expected);
    }

    /// Names seen in real bills and in the real Price List.
    #[test]
    fn names_are_those_of_real_bills() {
        use Naming::{Mantle, MarketplaceCamel as Camel, MarketplaceSnake as Snake, Native};
        use TokenKind::{CacheRead, CacheWrite, CacheWrite1h, Input, Output};
        check(
            Native,
            "NovaMicro",
            (false, "standard", Input),
            "USE1-NovaMicro-input-tokens",
        );
        check(
            Native,
            "NovaPro",
            (false, "batch", Input),
            "USE1-NovaPro-input-tokens-batch",
        );
        check(
            Native,
            "NovaPro",
            (false, "standard", CacheRead),
            "USE1-NovaPro-cache-read-input-token-count",
        );
        check(
            Native,
            "Nova2.0Lite",
            (true, "batch", Input),
            "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch",
        );
        check(
            Native,
            "Nova2.0Lite",
            (true, "standard", CacheRead),
            "USE1-Nova2.0Lite-cache-read-input-token-count-cross-region-global",
        );
        check(
            Native,
            "Gemma-3-4B-IT",
            (false, "flex", Input),
            "USE1-Gemma-3-4B-IT-input-tokens-flex",
        );
        check(
            Mantle,
            "zai.glm5",
            (false, "standard", Input),
            "USE1-zai.glm5-mantle-input-tokens-standard",
        );
        check(
            Camel,
            "",
            (false, "standard", Input),
            "USE1-MP:USE1_InputTokenCount-Units",
        );
        check(
            Camel,
            "",
            (true, "batch", Input),
            "USE1-MP:USE1_InputTokenCount_Global_Batch-Units",
        );
        check(
            Camel,
            "",
            (false, "latency-optimized", Input),
            "USE1-MP:USE1_InputTokenCount_LatencyOptimized-Units",
        );
        check(
            Camel,
            "",
            (true, "standard", CacheWrite1h),
            "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units",
        );
        check(
            Camel,
            "",
            (false, "standard", CacheWrite),
            "USE1-MP:USE1_CacheWriteInputTokenCount-Units",
        );
        check(
            Snake,
            "",
            (false, "standard", Output),
            "USE1-MP:USE1_output_tokens_standard-Units",
        );
        check(
            Snake,
            "",
            (true, "standard", CacheWrite1h),
            "USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units",
        );
        check(
            Snake,
            "",
            (true, "long-context", Input),
            "USE1-MP:USE1_input_tokens_long_ctx_global_standard-Units",
        );
        check(
            Snake,
            "",
            (false, "batch", Output),
            "USE1-MP:USE1_output_tokens_batch-Units",
        );
    }
}
