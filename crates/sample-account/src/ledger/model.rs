//! The models the company uses, how AWS bills each, and at what rates.
//!
//! Rates are USD per million tokens in millionths of a dollar (3 USD is `3_000_000`), which is
//! the same number as 10^-12 USD per token. They were read from AWS's pricing page and Price
//! List on 2026-11-22, and are kept apart from the server's own price book on purpose: the two
//! have to agree without sharing a source.

use super::calendar::Day;
use super::place::Region;

/// Whose inventory a model's charges belong to, and so how they are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billing {
    /// SERVICE `Amazon Bedrock`; the usage type names the model by this segment; per 1K tokens.
    Native(&'static str),
    /// As native, on the OpenAI-compatible endpoint that has metrics of its own.
    Mantle(&'static str),
    /// SERVICE `<name> (Amazon Bedrock Edition)`; `InputTokenCount` usage types; per 1M tokens.
    Marketplace(&'static str),
    /// As Marketplace, with the newer `input_tokens_standard` usage types.
    MarketplaceTiered(&'static str),
}

/// Rates in 10^-12 USD per token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Input tokens that no cache held.
    pub input: i64,
    /// Output tokens.
    pub output: i64,
    /// Input tokens read from the prompt cache.
    pub cache_read: i64,
    /// Input tokens written to the prompt cache for five minutes.
    pub cache_write_5m: i64,
    /// Input tokens written to the prompt cache for an hour.
    pub cache_write_1h: i64,
}

/// Rates with the place, the routing and the day from which they hold.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// The region, or none for every region.
    pub region: Option<Region>,
    /// Whether a `global.` inference profile is billed at these rates.
    pub global: bool,
    /// The first day.
    pub from: Day,
    /// The rates.
    pub rates: Rates,
}

/// A model as the company's bill and metrics show it.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The foundation model id.
    pub id: &'static str,
    /// The name as the product attribute `model` shows it.
    pub name: &'static str,
    /// The company behind the model.
    pub provider: &'static str,
    /// How it is billed.
    pub billing: Billing,
    /// Rates; the last entry that fits a region, a routing and a day holds.
    pub prices: &'static [Price],
    /// Milliseconds to the first token.
    pub first_token_ms: u64,
    /// Milliseconds for a hundred output tokens.
    pub hundred_tokens_ms: u64,
}

impl Model {
    /// The rates of this model on a day; zero where the company never used it.
    #[must_use]
    pub fn rates(&self, region: Region, global: bool, day: Day) -> Rates {
        self.prices
            .iter()
            .rev()
            .find(|price| {
                price.global == global
                    && price.from <= day
                    && price.region.is_none_or(|only| only == region)
            })
            .map_or(FREE, |price| price.rates)
    }

    /// The SERVICE that Cost Explorer files this model's charges under.
    #[must_use]
    pub fn service(&self) -> String {
        match self.billing {
            Billing::Native(_) | Billing::Mantle(_) => "Amazon Bedrock".to_owned(),
            Billing::Marketplace(name) | Billing::MarketplaceTiered(name) => {
                format!("{name} (Amazon Bedrock Edition)")
            }
        }
    }
}

const FREE: Rates = tokens(0, 0);
const START: Day = Day::new(2022, 10, 1);

const fn tokens(input: i64, output: i64) -> Rates {
    Rates {
        input,
        output,
        cache_read: 0,
        cache_write_5m: 0,
        cache_write_1h: 0,
    }
}

/// Nova: a read costs a quarter of the input, a write nothing.
const fn nova(input: i64, output: i64) -> Rates {
    Rates {
        input,
        output,
        cache_read: input / 4,
        cache_write_5m: 0,
        cache_write_1h: 0,
    }
}

/// Claude: a write costs 1.25 or 2 inputs; a read `read_permille` thousandths of one.
const fn claude(input: i64, output: i64, read_permille: i64) -> Rates {
    Rates {
        input,
        output,
        cache_read: input * read_permille / 1_000,
        cache_write_5m: input * 5 / 4,
        cache_write_1h: input * 2,
    }
}

const fn everywhere(rates: Rates) -> Price {
    Price {
        region: None,
        global: false,
        from: START,
        rates,
    }
}

const fn globally(rates: Rates) -> Price {
    Price {
        global: true,
        ..everywhere(rates)
    }
}

const fn only(region: Region, rates: Rates) -> Price {
    Price {
        region: Some(region),
        ..everywhere(rates)
    }
}

macro_rules! model {
    ($name:ident, $id:literal, $display:literal, $provider:literal, $billing:expr, $first:literal, $hundred:literal, [$($price:expr),+ $(,)?]) => {
        #[doc = concat!($display, ", `", $id, "`.")]
        pub static $name: Model = Model {
            id: $id,
            name: $display,
            provider: $provider,
            billing: $billing,
            prices: &[$($price),+],
            first_token_ms: $first,
            hundred_tokens_ms: $hundred,
        };
    };
}

use Billing::{Mantle, Marketplace, MarketplaceTiered, Native};
use Region::{ApNortheast1, EuCentral1};

model! { CLAUDE_INSTANT, "anthropic.claude-instant-v1", "Claude Instant", "Anthropic",
Marketplace("Claude Instant"), 420, 1_300, [everywhere(tokens(800_000, 2_400_000))] }
model! { CLAUDE_2_1, "anthropic.claude-v2:1", "Claude 2.1", "Anthropic",
Marketplace("Claude"), 900, 3_100, [everywhere(tokens(8_000_000, 24_000_000))] }
model! { CLAUDE_3_HAIKU_NATIVE, "anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "Anthropic",
Native("Claude3Haiku"), 380, 900, [everywhere(tokens(250_000, 1_250_000))] }
model! { CLAUDE_3_HAIKU, "anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "Anthropic",
Marketplace("Claude 3 Haiku"), 380, 900, [everywhere(tokens(250_000, 1_250_000))] }
model! { CLAUDE_3_SONNET, "anthropic.claude-3-sonnet-20240229-v1:0", "Claude 3 Sonnet", "Anthropic",
Marketplace("Claude 3 Sonnet"), 700, 1_800, [everywhere(tokens(3_000_000, 15_000_000))] }
model! { CLAUDE_3_OPUS, "anthropic.claude-3-opus-20240229-v1:0", "Claude 3 Opus", "Anthropic",
Marketplace("Claude 3 Opus"), 1_500, 4_200, [everywhere(tokens(15_000_000, 75_000_000))] }
// Public extended access doubles the rates from 2025-12-01 in the main regions.
model! { CLAUDE_3_5_SONNET, "anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet", "Anthropic",
Marketplace("Claude 3.5 Sonnet"), 720, 1_600, [
    everywhere(tokens(3_000_000, 15_000_000)),
    Price { from: Day::new(2025, 12, 1), ..everywhere(tokens(6_000_000, 30_000_000)) },
] }
model! { CLAUDE_3_5_SONNET_V2, "anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2", "Anthropic",
Marketplace("Claude 3.5 Sonnet v2"), 740, 1_600, [everywhere(claude(3_000_000, 15_000_000, 100))] }
model! { CLAUDE_3_5_HAIKU, "anthropic.claude-3-5-haiku-20241022-v1:0", "Claude 3.5 Haiku", "Anthropic",
Marketplace("Claude 3.5 Haiku"), 480, 1_100, [everywhere(claude(800_000, 4_000_000, 100))] }
model! { CLAUDE_3_7_SONNET, "anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet", "Anthropic",
Marketplace("Claude 3.7 Sonnet"), 800, 1_500, [everywhere(claude(3_000_000, 15_000_000, 100))] }
model! { CLAUDE_SONNET_4, "anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", "Anthropic",
Marketplace("Claude Sonnet 4"), 780, 1_450, [everywhere(claude(3_000_000, 15_000_000, 100))] }
model! { CLAUDE_SONNET_4_5, "anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", "Anthropic",
Marketplace("Claude Sonnet 4.5"), 760, 1_400, [
    everywhere(claude(3_300_000, 16_500_000, 100)),
    globally(claude(3_000_000, 15_000_000, 100)),
] }
model! { CLAUDE_HAIKU_4_5, "anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", "Anthropic",
Marketplace("Claude Haiku 4.5"), 360, 700, [
    everywhere(claude(1_100_000, 5_500_000, 100)),
    globally(claude(1_000_000, 5_000_000, 100)),
] }
model! { CLAUDE_OPUS_4_5, "anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5", "Anthropic",
Marketplace("Claude Opus 4.5"), 1_100, 1_900, [
    everywhere(claude(5_500_000, 27_500_000, 100)),
    globally(claude(5_000_000, 25_000_000, 100)),
] }
model! { CLAUDE_SONNET_5, "anthropic.claude-sonnet-5", "Claude Sonnet 5", "Anthropic",
MarketplaceTiered("Claude Sonnet 5"), 700, 1_250, [
    everywhere(claude(2_200_000, 11_000_000, 100)),
    globally(claude(2_000_000, 10_000_000, 100)),
] }
model! { CLAUDE_SONNET_5_5, "anthropic.claude-sonnet-5-5", "Claude Sonnet 5.5", "Anthropic",
MarketplaceTiered("Claude Sonnet 5.5"), 680, 1_150, [
    everywhere(claude(2_200_000, 11_000_000, 50)),
    globally(claude(2_000_000, 10_000_000, 50)),
] }
model! { CLAUDE_OPUS_5_5, "anthropic.claude-opus-5-5", "Claude Opus 5.5", "Anthropic",
MarketplaceTiered("Claude Opus 5.5"), 950, 1_700, [
    everywhere(claude(4_400_000, 22_000_000, 50)),
    globally(claude(4_000_000, 20_000_000, 50)),
] }
model! { CLAUDE_HAIKU_5_5, "anthropic.claude-haiku-5-5", "Claude Haiku 5.5", "Anthropic",
MarketplaceTiered("Claude Haiku 5.5"), 300, 520, [
    everywhere(claude(110_000, 550_000, 100)),
    globally(claude(100_000, 500_000, 100)),
] }
model! { COHERE_EMBED, "cohere.embed-english-v3", "Embed 3 - English", "Cohere",
Marketplace("Cohere Embed 3 Model - English"), 60, 0, [everywhere(tokens(100_000, 0))] }
model! { COHERE_COMMAND_R, "cohere.command-r-v1:0", "Command R", "Cohere",
Marketplace("Cohere Command R"), 450, 1_500, [everywhere(tokens(500_000, 1_500_000))] }
model! { TITAN_EMBED_1, "amazon.titan-embed-text-v1", "Titan Embeddings G1 - Text", "Amazon",
Native("TitanEmbeddingsG1-Text"), 70, 0, [everywhere(tokens(100_000, 0)),
    only(EuCentral1, tokens(200_000, 0)), only(ApNortheast1, tokens(200_000, 0))] }
model! { TITAN_EMBED_2, "amazon.titan-embed-text-v2:0", "Titan Text Embeddings V2", "Amazon",
Native("TitanEmbeddingV2-Text"), 55, 0, [everywhere(tokens(20_000, 0)),
    only(ApNortheast1, tokens(29_000, 0))] }
model! { TITAN_EXPRESS, "amazon.titan-text-express-v1", "Titan Text G1 - Express", "Amazon",
Native("TitanTextG1-Express"), 500, 1_700, [everywhere(tokens(200_000, 600_000))] }
model! { NOVA_MICRO, "amazon.nova-micro-v1:0", "Nova Micro", "Amazon",
Native("NovaMicro"), 210, 450, [everywhere(nova(35_000, 140_000)),
    only(EuCentral1, nova(46_000, 184_000)), only(ApNortheast1, nova(42_000, 168_000))] }
model! { NOVA_LITE, "amazon.nova-lite-v1:0", "Nova Lite", "Amazon",
Native("NovaLite"), 260, 560, [everywhere(nova(60_000, 240_000)),
    only(EuCentral1, nova(78_000, 312_000)), only(ApNortheast1, nova(72_000, 288_000))] }
model! { NOVA_PRO, "amazon.nova-pro-v1:0", "Nova Pro", "Amazon",
Native("NovaPro"), 340, 900, [everywhere(nova(800_000, 3_200_000)),
    only(EuCentral1, nova(1_050_000, 4_200_000)), only(ApNortheast1, nova(960_000, 3_840_000))] }
model! { NOVA_2_LITE, "amazon.nova-2-lite-v1:0", "Nova 2.0 Lite", "Amazon",
Native("Nova2.0Lite"), 280, 520, [everywhere(nova(330_000, 2_750_000)),
    only(EuCentral1, nova(429_000, 3_597_000)), globally(nova(300_000, 2_500_000))] }
model! { LLAMA_3_70B, "meta.llama3-70b-instruct-v1:0", "Llama 3 70B", "Meta",
Native("Llama3-70B"), 520, 2_100, [everywhere(tokens(2_650_000, 3_500_000))] }
model! { LLAMA_3_3_70B, "meta.llama3-3-70b-instruct-v1:0", "Llama 3.3 70B", "Meta",
Native("Llama3-3-70B"), 430, 1_300, [everywhere(tokens(720_000, 720_000))] }
model! { LLAMA_4_MAVERICK, "meta.llama4-maverick-17b-instruct-v1:0", "Llama 4 Maverick 17B", "Meta",
Native("Llama4-Maverick-17B"), 380, 800, [everywhere(tokens(240_000, 970_000))] }
model! { MISTRAL_LARGE, "mistral.mistral-large-2402-v1:0", "Mistral Large", "Mistral AI",
Native("MistralLarge"), 600, 2_000, [everywhere(tokens(4_000_000, 12_000_000))] }
model! { MIXTRAL, "mistral.mixtral-8x7b-instruct-v0:1", "Mixtral 8x7B", "Mistral AI",
Native("Mixtral8x7B"), 450, 1_200, [everywhere(tokens(450_000, 700_000))] }
model! { GPT_OSS_120B, "openai.gpt-oss-120b-1:0", "gpt-oss-120b", "OpenAI",
Native("gpt-oss-120b"), 350, 600, [everywhere(tokens(150_000, 600_000)),
    only(EuCentral1, tokens(200_000, 790_000))] }
model! { DEEPSEEK_V3_2, "deepseek.v3.2", "DeepSeek v3.2", "DeepSeek",
Native("deepseek.v3.2"), 700, 1_500, [everywhere(tokens(620_000, 1_850_000))] }
model! { KIMI_K2_5, "moonshotai.kimi-k2.5", "Kimi K2.5", "Moonshot AI",
Native("moonshotai.kimi-k2.5"), 650, 1_400, [everywhere(tokens(600_000, 3_000_000))] }
model! { GLM_5, "zai.glm-5", "GLM 5", "Z AI",
Native("zai.glm5"), 620, 1_300, [everywhere(tokens(1_000_000, 3_200_000)),
    only(ApNortheast1, tokens(1_200_000, 3_840_000))] }
model! { GLM_5_MANTLE, "zai.glm-5", "GLM 5", "Z AI",
Mantle("zai.glm5"), 620, 1_300, [everywhere(tokens(1_000_000, 3_200_000))] }
