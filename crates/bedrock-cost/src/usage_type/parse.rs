//! Reads a usage type. Everything is matched by hand in one pass, so that nothing is compiled at start-up.

use super::{Direction, Family, GuardrailCheck, GuardrailPolicy, Modality, UsageKind, UsageType};
use crate::inference::{Commitment, ReservedTerm, Routing, Tier};
use crate::region::Region;
use crate::tokens::TokenKind;

/// No usage type comes near this length, and the search for the model's end is quadratic in it.
const MAX_BYTES: usize = 256;

pub(super) fn usage_type(text: &str) -> Option<UsageType<'_>> {
    if text.len() > MAX_BYTES || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    marketplace(text).or_else(|| {
        let (prefix, rest) = text.split_once('-')?;
        let region = prefix_region(prefix)?;
        guardrails(rest)
            .or_else(|| agent_core(rest))
            .or_else(|| feature(rest))
            .or_else(|| native(rest))
            .map(|row| row.with(prefix, region))
    })
}

/// What a usage type says beside its region.
struct Row<'a> {
    family: Family,
    model_segment: Option<&'a str>,
    kind: UsageKind<'a>,
    flags: Flags,
}

#[derive(Default)]
struct Flags {
    tier: Option<Tier>,
    routing: Option<Routing>,
    write: Option<TokenKind>,
    long_context: bool,
    custom_model: bool,
}

impl<'a> Row<'a> {
    fn plain(family: Family, kind: UsageKind<'a>) -> Self {
        Self {
            family,
            model_segment: None,
            kind,
            flags: Flags::default(),
        }
    }

    fn with(self, billing_prefix: &'a str, region: Option<Region>) -> UsageType<'a> {
        UsageType {
            billing_prefix,
            region,
            family: self.family,
            model_segment: self.model_segment,
            kind: self.kind,
            tier: self.flags.tier.unwrap_or(Tier::Standard),
            routing: self.flags.routing.unwrap_or(Routing::Regional),
            long_context: self.flags.long_context,
            custom_model: self.flags.custom_model,
        }
    }
}

/// Returns the region of a billing prefix, `Some(None)` for one of the right form that is not known.
///
/// An unknown prefix must have the form of `USE1`, so that a word of a model's name is not taken for one.
#[expect(
    clippy::option_option,
    reason = "a prefix of an unknown region still is a prefix"
)]
fn prefix_region(prefix: &str) -> Option<Option<Region>> {
    if let Some(region) = Region::from_billing_prefix(prefix) {
        return Some(Some(region));
    }
    let (letters, digit) = prefix.split_at_checked(3)?;
    let is_form = letters.bytes().all(|b| b.is_ascii_uppercase())
        && digit.len() == 1
        && digit.bytes().all(|b| b.is_ascii_digit());
    is_form.then_some(None)
}

/// `USE1-MP:USE1_InputTokenCount-Units` and `USE2_InputTokenCount-Units`.
fn marketplace(text: &str) -> Option<UsageType<'_>> {
    let body = text.strip_suffix("-Units")?;
    let (prefix, dimension) = match body.split_once("-MP:") {
        Some((prefix, body)) => {
            let (second, dimension) = body.split_once('_')?;
            prefix_region(second)?;
            (prefix, dimension)
        }
        None => body.split_once('_')?,
    };
    let region = prefix_region(prefix)?;
    let (kind, flags) = metric(&mut Words(dimension))?;
    Some(
        Row {
            family: Family::Marketplace,
            model_segment: None,
            kind,
            flags,
        }
        .with(prefix, region),
    )
}

fn guardrails(rest: &str) -> Option<Row<'_>> {
    let row = |kind| Some(Row::plain(Family::Guardrails, kind));
    if let Some(check) = rest.strip_prefix("GuardrailChecks-") {
        let check: GuardrailCheck = check.strip_suffix("UnitsConsumed")?.parse().ok()?;
        return row(UsageKind::GuardrailCheckTextUnits(check));
    }
    let policy = rest
        .strip_prefix("Guardrail-")?
        .strip_suffix("UnitsConsumed")?;
    if policy == "ContentPolicyImage" {
        return row(UsageKind::GuardrailImages);
    }
    let policy: GuardrailPolicy = policy.parse().ok()?;
    row(UsageKind::GuardrailTextUnits(policy))
}

/// `Runtime:Consumption-based:vCPU`.
fn agent_core(rest: &str) -> Option<Row<'_>> {
    let (component, dimension) = rest.split_once(":Consumption-based:")?;
    let is_name = |text: &str| !text.is_empty() && !text.contains(':');
    (is_name(component) && is_name(dimension) && !component.contains('-')).then(|| {
        Row::plain(
            Family::AgentCore,
            UsageKind::AgentCore {
                component,
                dimension,
            },
        )
    })
}

fn feature(rest: &str) -> Option<Row<'_>> {
    let kind = if let Some(dimension) = rest.strip_prefix("DataAutomation-") {
        UsageKind::DataAutomation(dimension)
    } else {
        UsageKind::KnowledgeBase(rest.strip_prefix("KnowledgeBase-")?)
    };
    let (UsageKind::DataAutomation(dimension) | UsageKind::KnowledgeBase(dimension)) = kind else {
        return None;
    };
    (!dimension.is_empty()).then(|| Row::plain(Family::Feature, kind))
}

/// `NovaMicro-input-tokens`: the model ends at the first hyphen after which everything is understood.
fn native(rest: &str) -> Option<Row<'_>> {
    rest.match_indices('-')
        .filter(|(at, _)| *at > 0)
        .find_map(|(at, _)| {
            let (segment, tail) = rest.split_at_checked(at)?;
            let mut words = Words(tail);
            let family = if words.eat("mantle") {
                Family::Mantle
            } else {
                Family::Native
            };
            let (kind, flags) = metric(&mut words)?;
            Some(Row {
                family,
                model_segment: Some(segment),
                kind,
                flags,
            })
        })
}

/// Reads what is counted and how it is billed, to the end of the text.
fn metric<'a>(words: &mut Words<'a>) -> Option<(UsageKind<'a>, Flags)> {
    let mut flags = Flags::default();
    if words.eat("latency optimized") {
        flags.tier = Some(Tier::LatencyOptimized);
    }
    let kind = kind(words, &mut flags)?;
    while !words.0.is_empty() {
        flag(words, &mut flags)?;
    }
    let kind = match (kind, flags.write) {
        (
            UsageKind::Token {
                kind: TokenKind::CacheWrite5m,
                modality,
            },
            Some(kind),
        ) => UsageKind::Token { kind, modality },
        (kind, None) => kind,
        _ => return None,
    };
    Some((kind, flags))
}

/// Reads one flag; `None` when there is none, or when it was there before.
fn flag(words: &mut Words<'_>, flags: &mut Flags) -> Option<()> {
    if let Some(tier) = words.eat_any(TIERS) {
        return flags.tier.replace(tier).is_none().then_some(());
    }
    if let Some(routing) = words.eat_any(ROUTINGS) {
        return flags.routing.replace(routing).is_none().then_some(());
    }
    if let Some(write) = words.eat_any(WRITES) {
        return flags.write.replace(write).is_none().then_some(());
    }
    if words.eat("long ctx") || words.eat("long context") {
        return (!std::mem::replace(&mut flags.long_context, true)).then_some(());
    }
    if words.eat("custom model") {
        return (!std::mem::replace(&mut flags.custom_model, true)).then_some(());
    }
    None
}

const TIERS: &[(&str, Tier)] = &[
    ("standard", Tier::Standard),
    ("batch", Tier::Batch),
    ("flex", Tier::Flex),
    ("priority", Tier::Priority),
    ("latency optimized", Tier::LatencyOptimized),
];

const ROUTINGS: &[(&str, Routing)] = &[
    ("cross region global", Routing::Global),
    ("cross region geo", Routing::Regional),
    ("global", Routing::Global),
    ("geo", Routing::Regional),
];

const WRITES: &[(&str, TokenKind)] = &[
    ("5m", TokenKind::CacheWrite5m),
    ("30m", TokenKind::CacheWrite30m),
    ("1h", TokenKind::CacheWrite1h),
];

const COMMITMENTS: &[(&str, Commitment)] = &[
    ("no commit", Commitment::None),
    ("1 month commit", Commitment::OneMonth),
    ("1 month", Commitment::OneMonth),
    ("6 months commit", Commitment::SixMonths),
    ("6 months", Commitment::SixMonths),
    ("6 month commit", Commitment::SixMonths),
    ("6 month", Commitment::SixMonths),
];

const TERMS: &[(&str, ReservedTerm)] = &[
    ("1 month", ReservedTerm::OneMonth),
    ("3 months", ReservedTerm::ThreeMonths),
    ("3 month", ReservedTerm::ThreeMonths),
];

const DIRECTIONS: &[(&str, Direction)] =
    &[("input", Direction::Input), ("output", Direction::Output)];

const MODALITIES: &[(&str, Modality)] = &[
    ("text", Modality::Text),
    ("speech understanding", Modality::Speech),
    ("speech", Modality::Speech),
    ("image", Modality::Image),
    ("audio", Modality::Audio),
    ("video", Modality::Video),
];

const SINGLE: &[(&str, UsageKind<'static>)] = &[
    ("search units", UsageKind::SearchUnits),
    (
        "created image",
        UsageKind::Images {
            direction: Direction::Output,
            variant: None,
        },
    ),
    (
        "input image count",
        UsageKind::Images {
            direction: Direction::Input,
            variant: None,
        },
    ),
    ("cache storage", UsageKind::CacheStorage),
    ("customization storage", UsageKind::CustomModelStorage),
    ("customization training", UsageKind::CustomModelTraining),
    ("rft training hours", UsageKind::TrainingHours),
    ("nova grounding", UsageKind::WebGrounding),
];

fn kind<'a>(words: &mut Words<'a>, flags: &mut Flags) -> Option<UsageKind<'a>> {
    if let Some(kind) = words.eat_any(SINGLE) {
        return Some(kind);
    }
    if words.eat("reserved") {
        let term = words.eat_any(TERMS)?;
        let direction = words.eat_any(DIRECTIONS)?;
        let counted = words.eat("tpm") || words.eat("tokens per minute");
        return counted.then_some(UsageKind::ReservedTpm { direction, term });
    }
    if words.eat("provisioned throughput") {
        flags.custom_model = words.eat("custom");
        let commitment = words.eat_any(COMMITMENTS)?;
        let counted = words.eat("model units usage") || words.eat("model units");
        return counted.then_some(UsageKind::ProvisionedModelUnits(commitment));
    }
    if words.eat("custom model import") {
        let stored = words.eat("storage");
        if !stored && !words.eat("inference") {
            return None;
        }
        let version = words.rest();
        return (!version.is_empty()).then_some(if stored {
            UsageKind::ImportedModelStorage { version }
        } else {
            UsageKind::ImportedModelMinutes { version }
        });
    }
    if words.eat("million batch") {
        flags.tier = Some(Tier::Batch);
        let direction = words.eat_any(DIRECTIONS)?;
        return words.eat("tokens").then_some(token(direction, None));
    }
    if words.eat("model customization") {
        let direction = words.eat_any(DIRECTIONS)?;
        return words
            .eat("tokens")
            .then_some(UsageKind::TrainingTokens(direction));
    }
    if words.eat("cache read") {
        let _ = words.eat("input");
        return words.eat_tokens().then_some(UsageKind::Token {
            kind: TokenKind::CacheRead,
            modality: None,
        });
    }
    if words.eat("cache write") {
        flags.write = words.eat_any(WRITES);
        let _ = words.eat("input");
        return words.eat_tokens().then_some(UsageKind::Token {
            kind: TokenKind::CacheWrite5m,
            modality: None,
        });
    }
    image(words).or_else(|| directed(words))
}

/// `T2I-1024-Standard`, made from text or from an image.
fn image<'a>(words: &mut Words<'a>) -> Option<UsageKind<'a>> {
    let variant = words.rest_unread();
    let made = variant.strip_prefix("Custom-").unwrap_or(variant);
    (made.starts_with("T2I-") || made.starts_with("I2I-")).then(|| {
        let _ = words.rest();
        UsageKind::Images {
            direction: Direction::Output,
            variant: Some(variant),
        }
    })
}

/// `input-tokens`, `speech-input-tokens`, `input-image-token-count`, `input-image`.
fn directed<'a>(words: &mut Words<'a>) -> Option<UsageKind<'a>> {
    // A modality is in lower case; `TitanEmbeddingV2-Text-input-tokens` is a model whose name ends in one.
    let before = if words
        .rest_unread()
        .starts_with(|c: char| c.is_ascii_lowercase())
    {
        words.eat_any(MODALITIES)
    } else {
        None
    };
    let direction = words.eat_any(DIRECTIONS)?;
    let after = if before.is_none() {
        words.eat_any(MODALITIES)
    } else {
        None
    };
    if words.eat_tokens() {
        return Some(token(direction, before.or(after)));
    }
    (after == Some(Modality::Image)).then_some(UsageKind::Images {
        direction,
        variant: None,
    })
}

const fn token(direction: Direction, modality: Option<Modality>) -> UsageKind<'static> {
    let kind = match direction {
        Direction::Input => TokenKind::Input,
        Direction::Output => TokenKind::Output,
    };
    UsageKind::Token { kind, modality }
}

/// The rest of a text, read word by word; words are in any case, with a hyphen, an underscore or nothing between.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// Reads these words, or nothing when the text does not go on with all of them.
    fn eat(&mut self, words: &str) -> bool {
        let mut rest = self.0;
        for word in words.split(' ') {
            rest = rest.strip_prefix(['-', '_']).unwrap_or(rest);
            match rest.split_at_checked(word.len()) {
                Some((head, tail)) if head.eq_ignore_ascii_case(word) => rest = tail,
                _ => return false,
            }
        }
        self.0 = rest;
        true
    }

    fn eat_any<T: Copy>(&mut self, table: &[(&str, T)]) -> Option<T> {
        table
            .iter()
            .find_map(|(words, value)| self.eat(words).then_some(*value))
    }

    fn eat_tokens(&mut self) -> bool {
        self.eat("token count") || self.eat("tokens") || self.eat("token")
    }

    fn rest_unread(&self) -> &'a str {
        self.0.strip_prefix(['-', '_']).unwrap_or(self.0)
    }

    fn rest(&mut self) -> &'a str {
        let rest = self.rest_unread();
        self.0 = "";
        rest
    }
}
