//! The workloads: which application asks which model, how often, and with how many tokens.

use super::calendar::{Day, Shape};
use super::model::{self, Model};
use super::place::{Account, Region};

/// Where a request is routed, which decides the model id that metrics show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The foundation model id, answered in the region.
    InRegion,
    /// A geographic inference profile such as `us.`; billed at the region's rates.
    Geo,
    /// The `global.` inference profile; billed at global rates.
    Global,
    /// An application inference profile with this id over the in-region model.
    Application(&'static str),
    /// An application inference profile with this id over the global profile.
    ApplicationGlobal(&'static str),
}

/// The service tier a workload asks for, or batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The default tier.
    Standard,
    /// Half price, answered when there is room.
    Flex,
    /// 1.75 times the price, answered first.
    Priority,
    /// Batch inference jobs: half price, and no metrics in `AWS/Bedrock`.
    Batch,
}

impl Tier {
    /// The tier as the `ServiceTier` metric dimension shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "default",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
        }
    }
}

/// A few days on which a workload ran away.
#[derive(Clone, Copy, Debug)]
pub struct Surge {
    /// The first day.
    pub from: Day,
    /// How many days it lasted.
    pub days: i32,
    /// How many times the ordinary requests were made.
    pub factor: u64,
    /// What had happened.
    pub cause: &'static str,
}

/// Average tokens of one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerRequest {
    /// Input tokens outside the cache.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Cache reads.
    pub cache_read: u64,
    /// Five-minute cache writes.
    pub cache_write_5m: u64,
    /// One-hour cache writes.
    pub cache_write_1h: u64,
}

/// One workload of one application on one model in one account and region.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    /// A name that never changes; the noise hangs on it.
    pub key: &'static str,
    /// The account that calls.
    pub account: Account,
    /// The region called.
    pub region: Region,
    /// The model.
    pub model: &'static Model,
    /// The routing.
    pub route: Route,
    /// The service tier.
    pub tier: Tier,
    /// How the requests spread over week and day.
    pub shape: Shape,
    /// Requests a day at given days, joined by straight lines; the last one holds from then on.
    pub volume: &'static [(Day, u64)],
    /// The first day without it.
    pub until: Day,
    /// Tokens of a request.
    pub per_request: PerRequest,
    /// Whether requests exceed the model's long-context threshold.
    pub long_context: bool,
    /// A surge, if it had one.
    pub surge: Option<Surge>,
    /// Activated cost allocation tags.
    pub tags: &'static [(&'static str, &'static str)],
    /// The guardrail applied, if any.
    pub guarded: bool,
}

impl Stream {
    const fn new(
        key: &'static str,
        account: Account,
        region: Region,
        model: &'static Model,
        volume: &'static [(Day, u64)],
    ) -> Self {
        Self {
            key,
            account,
            region,
            model,
            route: Route::InRegion,
            tier: Tier::Standard,
            shape: Shape::Customers,
            volume,
            until: NEVER,
            per_request: PerRequest {
                input: 0,
                output: 0,
                cache_read: 0,
                cache_write_5m: 0,
                cache_write_1h: 0,
            },
            long_context: false,
            surge: None,
            tags: &[],
            guarded: false,
        }
    }
    const fn tokens(mut self, asked: u64, answered: u64) -> Self {
        self.per_request.input = asked;
        self.per_request.output = answered;
        self
    }
    const fn cached(mut self, read: u64, five_minutes: u64, one_hour: u64) -> Self {
        self.per_request.cache_read = read;
        self.per_request.cache_write_5m = five_minutes;
        self.per_request.cache_write_1h = one_hour;
        self
    }
    const fn route(mut self, route: Route) -> Self {
        self.route = route;
        self
    }
    const fn tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }
    const fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }
    const fn until(mut self, until: Day) -> Self {
        self.until = until;
        self
    }
    const fn tags(mut self, tags: &'static [(&'static str, &'static str)]) -> Self {
        self.tags = tags;
        self
    }
    const fn surge(mut self, surge: Surge) -> Self {
        self.surge = Some(surge);
        self
    }
    const fn long_context(mut self) -> Self {
        self.long_context = true;
        self
    }
    const fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }

    /// Whether the charges are those of global routing.
    #[must_use]
    pub const fn is_global(&self) -> bool {
        matches!(self.route, Route::Global | Route::ApplicationGlobal(_))
    }

    /// The value of the `ModelId` metric dimension.
    #[must_use]
    pub fn model_id(&self) -> String {
        match self.route {
            Route::InRegion => self.model.id.to_owned(),
            Route::Geo => format!("{}.{}", self.region.geography(), self.model.id),
            Route::Global => format!("global.{}", self.model.id),
            Route::Application(id) | Route::ApplicationGlobal(id) => format!(
                "arn:aws:bedrock:{}:{}:application-inference-profile/{id}",
                self.region.code(),
                self.account.id()
            ),
        }
    }
}

/// Later than any day asked for.
pub const NEVER: Day = Day::new(2100, 1, 1);

const fn d(year: i32, month: i32, day: i32) -> Day {
    Day::new(year, month, day)
}

use Account::{DataScience, Production, Staging};
use Region::{ApNortheast1, EuCentral1, UsEast1, UsWest2};
use Route::{Application, ApplicationGlobal, Geo, Global};
use Shape::{Machines, Nightly, Office};
use Tier::{Batch, Flex, Priority};

const SUPPORT: &[(&str, &str)] = &[
    ("Application", "support-assistant"),
    ("Environment", "production"),
    ("Team", "customer-care"),
    ("ContentType", "chat"),
];
const SUMMARIES: &[(&str, &str)] = &[
    ("Application", "call-summaries"),
    ("Environment", "production"),
    ("Team", "customer-care"),
    ("ContentType", "transcript"),
];
const ARTICLES: &[(&str, &str)] = &[
    ("Application", "product-copy"),
    ("Environment", "production"),
    ("Team", "content"),
    ("ContentType", "article"),
];
const SHORT_COPY: &[(&str, &str)] = &[
    ("Application", "product-copy"),
    ("Environment", "production"),
    ("Team", "content"),
    ("ContentType", "summary"),
];
const RETURNS: &[(&str, &str)] = &[
    ("Application", "returns-agent"),
    ("Environment", "production"),
    ("Team", "logistics"),
];
const SEARCH: &[(&str, &str)] = &[
    ("Application", "doc-search"),
    ("Environment", "production"),
    ("Team", "search"),
];
const REVIEW: &[(&str, &str)] = &[("Application", "code-review"), ("Team", "platform")];
const ANALYSIS: &[(&str, &str)] = &[
    ("Application", "analytics-lab"),
    ("Team", "data-science"),
    ("ContentType", "analysis"),
];
const STAGED: &[(&str, &str)] = &[("Environment", "staging")];

/// Every workload, past and present.
#[rustfmt::skip]
pub static STREAMS: &[Stream] = &[
    // 2023 to 2024: the first models.
    Stream::new("support-instant", Production, UsEast1, &model::CLAUDE_INSTANT,
        &[(d(2023, 10, 16), 800), (d(2024, 2, 1), 9_000), (d(2024, 5, 1), 2_000)])
        .tokens(900, 220).until(d(2024, 10, 1)),
    Stream::new("analysis-claude-2", Production, UsWest2, &model::CLAUDE_2_1,
        &[(d(2023, 11, 29), 200), (d(2024, 3, 15), 900), (d(2024, 7, 1), 100)])
        .tokens(6_000, 500).shape(Office).until(d(2024, 11, 1)),
    Stream::new("embed-titan-1", Production, UsEast1, &model::TITAN_EMBED_1,
        &[(d(2023, 11, 1), 5_000), (d(2024, 6, 1), 60_000)])
        .tokens(350, 0).shape(Machines).until(d(2025, 4, 1)).tags(SEARCH),
    Stream::new("staging-titan-express", Staging, UsEast1, &model::TITAN_EXPRESS,
        &[(d(2023, 12, 4), 1_200)])
        .tokens(800, 240).shape(Office).until(d(2025, 1, 15)).tags(STAGED),
    // Claude 3.
    Stream::new("support-haiku-3", Production, UsEast1, &model::CLAUDE_3_HAIKU_NATIVE,
        &[(d(2024, 3, 20), 4_000), (d(2024, 11, 1), 60_000), (d(2025, 3, 1), 30_000), (d(2025, 11, 1), 4_000)])
        .tokens(1_400, 260).until(d(2026, 2, 1)).guarded(),
    Stream::new("staging-haiku-3", Staging, UsEast1, &model::CLAUDE_3_HAIKU_NATIVE,
        &[(d(2024, 4, 2), 400), (d(2024, 10, 1), 1_500)])
        .tokens(1_400, 260).shape(Office).until(d(2025, 10, 1)).tags(STAGED),
    Stream::new("copy-haiku-3", Production, UsEast1, &model::CLAUDE_3_HAIKU_NATIVE,
        &[(d(2024, 9, 2), 6_000), (d(2024, 11, 1), 14_000)])
        .tokens(2_100, 700).shape(Office).until(d(2025, 3, 1)).tags(ARTICLES),
    Stream::new("short-copy-haiku-3", Production, UsEast1, &model::CLAUDE_3_HAIKU_NATIVE,
        &[(d(2024, 9, 2), 9_000), (d(2024, 11, 1), 22_000)])
        .tokens(900, 120).shape(Office).until(d(2025, 3, 1)).tags(SHORT_COPY),
    // The old ordering form that nobody has moved off its legacy model.
    Stream::new("order-form-haiku-3", Production, UsEast1, &model::CLAUDE_3_HAIKU_NATIVE,
        &[(d(2025, 3, 1), 1_800), (d(2026, 3, 1), 1_200)])
        .tokens(1_200, 180).shape(Office),
    Stream::new("summaries-haiku-3", Production, UsWest2, &model::CLAUDE_3_HAIKU,
        &[(d(2024, 5, 6), 6_000), (d(2024, 10, 1), 25_000)])
        .tokens(3_800, 420).until(d(2024, 12, 16)).tags(SUMMARIES),
    Stream::new("translate-haiku-3", Production, EuCentral1, &model::CLAUDE_3_HAIKU,
        &[(d(2024, 6, 10), 3_000), (d(2024, 12, 1), 9_000)])
        .tokens(1_100, 1_050).until(d(2025, 5, 1)),
    Stream::new("search-sonnet-3", Production, UsEast1, &model::CLAUDE_3_SONNET,
        &[(d(2024, 3, 11), 500), (d(2024, 6, 1), 3_500), (d(2024, 9, 1), 800)])
        .tokens(4_600, 380).until(d(2024, 12, 16)).tags(SEARCH).guarded(),
    Stream::new("lab-opus-3", DataScience, UsWest2, &model::CLAUDE_3_OPUS,
        &[(d(2024, 4, 22), 40), (d(2024, 9, 1), 150)])
        .tokens(9_000, 1_200).shape(Office).until(d(2025, 6, 1)).tags(ANALYSIS),
    Stream::new("lab-llama-3", DataScience, UsWest2, &model::LLAMA_3_70B,
        &[(d(2024, 4, 25), 1_500)])
        .tokens(1_600, 300).shape(Machines).until(d(2025, 1, 20)),
    Stream::new("copy-mistral", Production, UsEast1, &model::MISTRAL_LARGE,
        &[(d(2024, 4, 10), 900), (d(2024, 10, 1), 1_400)])
        .tokens(1_500, 620).shape(Office).until(d(2025, 5, 1)),
    Stream::new("lab-mixtral", DataScience, UsWest2, &model::MIXTRAL,
        &[(d(2024, 3, 1), 4_000)])
        .tokens(1_200, 180).shape(Machines).until(d(2025, 3, 1)),
    Stream::new("embed-cohere", Production, UsEast1, &model::COHERE_EMBED,
        &[(d(2024, 2, 5), 8_000), (d(2025, 1, 1), 20_000)])
        .tokens(420, 0).until(d(2026, 1, 1)).tags(SEARCH),
    Stream::new("lab-command-r", DataScience, UsEast1, &model::COHERE_COMMAND_R,
        &[(d(2024, 5, 13), 700)])
        .tokens(2_400, 350).shape(Office).until(d(2025, 2, 15)),
    Stream::new("embed-titan-2", Production, UsEast1, &model::TITAN_EMBED_2,
        &[(d(2024, 5, 20), 20_000), (d(2025, 6, 1), 180_000), (d(2026, 6, 1), 420_000)])
        .tokens(380, 0).tags(SEARCH),
    Stream::new("ingest-titan-2", Production, UsEast1, &model::TITAN_EMBED_2,
        &[(d(2025, 2, 1), 120_000), (d(2026, 6, 1), 300_000)])
        .tokens(620, 0).tier(Batch).shape(Nightly).tags(SEARCH),
    // Claude 3.5 and 3.7.
    Stream::new("returns-sonnet-3-5", Production, UsEast1, &model::CLAUDE_3_5_SONNET,
        &[(d(2024, 6, 25), 600), (d(2024, 10, 1), 4_000), (d(2025, 4, 1), 900), (d(2025, 12, 1), 300)])
        .tokens(5_200, 480).until(d(2026, 8, 1)).tags(RETURNS)
        .surge(Surge { from: d(2024, 11, 12), days: 3, factor: 9,
            cause: "returns-agent retried a failing tool call without a limit" }),
    Stream::new("support-eu-sonnet-3-5", Production, EuCentral1, &model::CLAUDE_3_5_SONNET,
        &[(d(2024, 7, 15), 400), (d(2024, 11, 1), 900)])
        .tokens(3_000, 420).until(d(2025, 11, 1)).tags(SUPPORT),
    Stream::new("copy-jp-sonnet-3-5", Production, ApNortheast1, &model::CLAUDE_3_5_SONNET,
        &[(d(2024, 9, 9), 120), (d(2025, 1, 1), 420)])
        .tokens(1_800, 800).shape(Office).until(d(2025, 5, 12)).tags(ARTICLES),
    Stream::new("review-sonnet-3-5-v2", Production, UsWest2, &model::CLAUDE_3_5_SONNET_V2,
        &[(d(2024, 10, 28), 500), (d(2025, 1, 15), 1_100)])
        .tokens(7_000, 900).shape(Office).until(d(2025, 4, 1)).tags(REVIEW),
    Stream::new("support-haiku-3-5", Production, UsEast1, &model::CLAUDE_3_5_HAIKU,
        &[(d(2024, 11, 11), 1_000), (d(2025, 3, 1), 12_000), (d(2025, 10, 1), 9_000)])
        .tokens(900, 240).cached(1_500, 60, 0).route(Geo).until(d(2026, 1, 10)).tags(SUPPORT).guarded(),
    Stream::new("summaries-haiku-3-5", Production, UsWest2, &model::CLAUDE_3_5_HAIKU,
        &[(d(2024, 12, 9), 9_000), (d(2025, 2, 1), 26_000)])
        .tokens(3_800, 410).route(Geo).until(d(2025, 11, 10)).tags(SUMMARIES),
    Stream::new("summaries-haiku-3-5-batch", Production, UsWest2, &model::CLAUDE_3_5_HAIKU,
        &[(d(2025, 2, 17), 8_000)])
        .tokens(4_100, 430).tier(Batch).shape(Nightly).until(d(2025, 11, 10)).tags(SUMMARIES),
    Stream::new("returns-sonnet-3-7", Production, UsEast1, &model::CLAUDE_3_7_SONNET,
        &[(d(2025, 3, 3), 1_200), (d(2025, 6, 1), 4_200), (d(2025, 10, 15), 600)])
        .tokens(1_900, 560).cached(6_400, 420, 0).route(Geo).until(d(2026, 3, 1)).tags(RETURNS).guarded(),
    Stream::new("review-sonnet-3-7", Production, UsWest2, &model::CLAUDE_3_7_SONNET,
        &[(d(2025, 3, 10), 1_200)])
        .tokens(7_400, 950).shape(Office).route(Geo).until(d(2025, 6, 20)).tags(REVIEW),
    // Nova and open weights.
    Stream::new("routing-nova-micro", Production, UsEast1, &model::NOVA_MICRO,
        &[(d(2024, 12, 10), 40_000), (d(2025, 6, 1), 200_000), (d(2026, 6, 1), 520_000)])
        .tokens(700, 40),
    Stream::new("support-nova-lite", Production, UsEast1, &model::NOVA_LITE,
        &[(d(2024, 12, 12), 5_000), (d(2025, 5, 1), 90_000), (d(2026, 3, 1), 110_000), (d(2026, 9, 1), 60_000)])
        .tokens(1_500, 240).tags(SUPPORT).guarded(),
    Stream::new("translate-nova-lite", Production, EuCentral1, &model::NOVA_LITE,
        &[(d(2025, 4, 7), 8_000), (d(2026, 1, 1), 24_000)])
        .tokens(1_100, 1_080).route(Geo),
    Stream::new("search-nova-pro", Production, UsEast1, &model::NOVA_PRO,
        &[(d(2024, 12, 18), 1_000), (d(2025, 9, 1), 16_000), (d(2026, 4, 1), 9_000)])
        .tokens(1_300, 310).cached(2_600, 110, 0).route(Geo).tags(SEARCH).guarded(),
    Stream::new("copy-nova-pro-batch", Production, UsEast1, &model::NOVA_PRO,
        &[(d(2025, 3, 1), 12_000), (d(2026, 5, 1), 30_000)])
        .tokens(2_100, 720).tier(Batch).shape(Nightly).tags(ARTICLES),
    Stream::new("copy-nova-pro-jp", Production, ApNortheast1, &model::NOVA_PRO,
        &[(d(2025, 5, 12), 1_500), (d(2026, 5, 1), 4_500)])
        .tokens(1_800, 800).shape(Office).tags(ARTICLES),
    Stream::new("short-copy-nova-micro", Production, UsEast1, &model::NOVA_MICRO,
        &[(d(2025, 2, 24), 25_000), (d(2026, 2, 1), 60_000)])
        .tokens(900, 120).shape(Office).route(Application("q7m2short0cp1")).tags(SHORT_COPY),
    Stream::new("staging-nova-lite", Staging, UsEast1, &model::NOVA_LITE,
        &[(d(2025, 1, 8), 3_000)])
        .tokens(1_500, 240).shape(Office).tags(STAGED),
    Stream::new("lab-llama-3-3", DataScience, UsEast1, &model::LLAMA_3_3_70B,
        &[(d(2025, 1, 20), 3_000), (d(2026, 1, 1), 6_000)])
        .tokens(1_900, 320).shape(Machines).route(Geo),
    Stream::new("lab-llama-4-batch", DataScience, UsEast1, &model::LLAMA_4_MAVERICK,
        &[(d(2025, 5, 15), 20_000)])
        .tokens(2_200, 260).tier(Batch).shape(Nightly).tags(ANALYSIS),
    Stream::new("lab-gpt-oss", DataScience, UsEast1, &model::GPT_OSS_120B,
        &[(d(2025, 9, 22), 6_000), (d(2026, 6, 1), 18_000)])
        .tokens(2_600, 480).shape(Machines),
    Stream::new("lab-gpt-oss-flex", DataScience, UsEast1, &model::GPT_OSS_120B,
        &[(d(2025, 12, 1), 15_000), (d(2026, 8, 1), 40_000)])
        .tokens(2_600, 480).tier(Flex).shape(Nightly).tags(ANALYSIS),
    Stream::new("checkout-gpt-oss-priority", Production, UsEast1, &model::GPT_OSS_120B,
        &[(d(2026, 1, 12), 9_000)])
        .tokens(1_100, 150).tier(Priority),
    Stream::new("lab-deepseek", DataScience, UsWest2, &model::DEEPSEEK_V3_2,
        &[(d(2026, 2, 9), 3_500)])
        .tokens(2_900, 700).shape(Office).tags(ANALYSIS),
    Stream::new("lab-kimi", DataScience, UsEast1, &model::KIMI_K2_5,
        &[(d(2026, 3, 16), 1_800)])
        .tokens(5_200, 900).shape(Office),
    Stream::new("copy-glm-jp", Production, ApNortheast1, &model::GLM_5,
        &[(d(2026, 4, 20), 2_200)])
        .tokens(1_700, 760).shape(Office),
    Stream::new("lab-glm-mantle", DataScience, UsWest2, &model::GLM_5_MANTLE,
        &[(d(2026, 5, 4), 2_400)])
        .tokens(2_300, 640).shape(Office),
    Stream::new("lab-glm-mantle-flex", DataScience, UsWest2, &model::GLM_5_MANTLE,
        &[(d(2026, 6, 15), 5_000)])
        .tokens(2_300, 640).tier(Flex).shape(Nightly),
    // Claude 4 and later.
    Stream::new("review-sonnet-4", Production, UsWest2, &model::CLAUDE_SONNET_4,
        &[(d(2025, 5, 28), 900), (d(2025, 9, 1), 1_700), (d(2026, 2, 1), 500)])
        .tokens(3_200, 980).cached(11_000, 900, 0).shape(Office).route(Geo).until(d(2026, 10, 14)).tags(REVIEW),
    Stream::new("returns-sonnet-4-5", Production, UsEast1, &model::CLAUDE_SONNET_4_5,
        &[(d(2025, 10, 6), 800), (d(2026, 2, 1), 5_500), (d(2026, 8, 1), 1_200)])
        .tokens(1_900, 580).cached(6_900, 300, 0).route(Geo).tags(RETURNS).guarded(),
    Stream::new("search-sonnet-4-5", Production, UsEast1, &model::CLAUDE_SONNET_4_5,
        &[(d(2025, 11, 3), 2_000), (d(2026, 5, 1), 4_000)])
        .tokens(1_400, 330).cached(3_900, 0, 160).route(ApplicationGlobal("d0csrch45g01")).tags(SEARCH).guarded(),
    // Its prefix carries a timestamp, so what it writes is never read.
    Stream::new("briefing-sonnet-4-5", Production, UsWest2, &model::CLAUDE_SONNET_4_5,
        &[(d(2026, 5, 18), 1_500), (d(2026, 9, 1), 2_600)])
        .tokens(400, 360).cached(0, 4_800, 0).route(Geo).tags(&[("Application", "store-briefing"), ("Team", "retail")]),
    Stream::new("support-eu-sonnet-4-5", Production, EuCentral1, &model::CLAUDE_SONNET_4_5,
        &[(d(2025, 11, 1), 1_000), (d(2026, 6, 1), 2_400)])
        .tokens(1_200, 420).cached(2_300, 130, 0).route(Geo).tags(SUPPORT),
    Stream::new("copy-sonnet-4-5-jp", Production, ApNortheast1, &model::CLAUDE_SONNET_4_5,
        &[(d(2025, 12, 1), 500), (d(2026, 6, 1), 1_100)])
        .tokens(2_200, 820).shape(Office).route(Geo).tags(ARTICLES),
    Stream::new("summaries-haiku-4-5", Production, UsEast1, &model::CLAUDE_HAIKU_4_5,
        &[(d(2025, 11, 10), 20_000), (d(2026, 6, 1), 38_000), (d(2026, 10, 12), 30_000)])
        .tokens(3_700, 400).route(Global).tags(SUMMARIES),
    Stream::new("summaries-haiku-4-5-batch", Production, UsEast1, &model::CLAUDE_HAIKU_4_5,
        &[(d(2025, 11, 10), 9_000), (d(2026, 6, 1), 14_000)])
        .tokens(4_100, 430).tier(Batch).shape(Nightly).tags(SUMMARIES),
    Stream::new("support-haiku-4-5", Production, UsEast1, &model::CLAUDE_HAIKU_4_5,
        &[(d(2025, 10, 27), 4_000), (d(2026, 7, 1), 26_000)])
        .tokens(800, 250).cached(1_900, 70, 0).route(Geo).tags(SUPPORT).guarded(),
    Stream::new("staging-haiku-4-5", Staging, UsWest2, &model::CLAUDE_HAIKU_4_5,
        &[(d(2025, 11, 17), 1_600)])
        .tokens(2_700, 300).shape(Office).route(Geo).tags(STAGED),
    Stream::new("lab-opus-4-5", DataScience, UsEast1, &model::CLAUDE_OPUS_4_5,
        &[(d(2025, 12, 1), 200), (d(2026, 6, 1), 420)])
        .tokens(9_500, 1_400).shape(Office).route(Geo).until(d(2026, 10, 1)).tags(ANALYSIS),
    Stream::new("support-nova-2-lite", Production, UsEast1, &model::NOVA_2_LITE,
        &[(d(2025, 12, 8), 3_000), (d(2026, 9, 1), 52_000)])
        .tokens(1_500, 230).cached(600, 20, 0).route(Global).tags(SUPPORT).guarded(),
    Stream::new("translate-nova-lite-batch", Production, EuCentral1, &model::NOVA_LITE,
        &[(d(2026, 2, 2), 45_000)])
        .tokens(1_100, 1_080).tier(Batch).shape(Nightly),
    Stream::new("review-sonnet-5", Production, UsWest2, &model::CLAUDE_SONNET_5,
        &[(d(2026, 6, 8), 600), (d(2026, 9, 1), 2_000), (d(2026, 11, 1), 900)])
        .tokens(3_000, 980).cached(12_500, 700, 240).shape(Office).route(Global).tags(REVIEW),
    Stream::new("returns-sonnet-5", Production, UsEast1, &model::CLAUDE_SONNET_5,
        &[(d(2026, 6, 22), 1_000), (d(2026, 9, 1), 5_600), (d(2026, 10, 12), 2_400)])
        .tokens(1_900, 600).cached(7_100, 290, 0).route(Geo).tags(RETURNS).guarded(),
    Stream::new("returns-sonnet-5-5", Production, UsEast1, &model::CLAUDE_SONNET_5_5,
        &[(d(2026, 10, 6), 900), (d(2026, 11, 15), 4_200)])
        .tokens(1_900, 590).cached(7_100, 0, 260).route(Geo).tags(RETURNS).guarded()
        .surge(Surge { from: d(2026, 10, 20), days: 3, factor: 24,
            cause: "returns-agent called itself again after every answer" }),
    Stream::new("review-opus-5-5", Production, UsEast1, &model::CLAUDE_OPUS_5_5,
        &[(d(2026, 9, 28), 200), (d(2026, 11, 1), 650)])
        .tokens(3_400, 1_300).cached(14_000, 0, 520).shape(Office).route(Global).tags(REVIEW),
    Stream::new("lab-opus-5-5", DataScience, UsEast1, &model::CLAUDE_OPUS_5_5,
        &[(d(2026, 10, 1), 380)])
        .tokens(9_500, 1_400).shape(Office).route(Geo).tags(ANALYSIS),
    Stream::new("summaries-haiku-5-5", Production, UsEast1, &model::CLAUDE_HAIKU_5_5,
        &[(d(2026, 10, 12), 4_000), (d(2026, 11, 15), 16_000)])
        .tokens(3_700, 390).route(ApplicationGlobal("c4llsum55h02")).tags(SUMMARIES),
    Stream::new("contracts-haiku-5-5", Production, UsEast1, &model::CLAUDE_HAIKU_5_5,
        &[(d(2026, 10, 19), 220)])
        .tokens(140_000, 1_900).shape(Office).route(Geo).long_context()
        .tags(&[("Application", "contract-reader"), ("Team", "legal")]),
];
