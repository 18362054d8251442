//! What the bill holds beside model tokens: guardrails, capacity, the services around Bedrock,
//! credits and refunds.

use super::calendar::{Day, Shape};
use super::place::{Account, Region};
use super::stream::NEVER;

/// A charge that follows its own daily volume instead of a model's tokens.
#[derive(Clone, Copy, Debug)]
pub struct Upkeep {
    /// A name that never changes; the noise hangs on it.
    pub key: &'static str,
    /// The account charged.
    pub account: Account,
    /// The region, or none.
    pub region: Option<Region>,
    /// The SERVICE.
    pub service: &'static str,
    /// The `USAGE_TYPE`.
    pub usage_type: &'static str,
    /// The OPERATION.
    pub operation: &'static str,
    /// The `RECORD_TYPE`.
    pub record_type: &'static str,
    /// The unit of the usage quantity.
    pub unit: &'static str,
    /// Decimal places of the usage quantity.
    pub scale: u32,
    /// 10^-12 USD per smallest unit.
    pub rate: i64,
    /// Smallest units a day.
    pub volume: &'static [(Day, u64)],
    /// How they spread over the day.
    pub shape: Shape,
    /// The first day without it.
    pub until: Day,
    /// Activated cost allocation tags.
    pub tags: &'static [(&'static str, &'static str)],
    /// Provider and model, for capacity that belongs to one.
    pub model: Option<(&'static str, &'static str)>,
    /// The resource charged.
    pub resource_id: Option<&'static str>,
}

/// The policies of the guardrail that guarded workloads apply, with their text units for a
/// thousand requests and their rates (in 10^-12 USD per text unit, from a day on).
pub(super) struct GuardrailPolicy {
    /// The name in the usage type, before `UnitsConsumed`.
    pub name: &'static str,
    /// Text units for a thousand requests.
    pub units_per_thousand: u64,
    /// Rates; AWS cut them on 2024-12-01.
    pub rates: &'static [(Day, i64)],
}

/// The policies of the guardrail.
pub(super) const GUARDRAIL: &[GuardrailPolicy] = &[
    GuardrailPolicy {
        name: "ContentPolicy",
        units_per_thousand: 1_000,
        rates: &[(START, 750_000_000), (CUT, 150_000_000)],
    },
    GuardrailPolicy {
        name: "TopicPolicy",
        units_per_thousand: 500,
        rates: &[(START, 1_000_000_000), (CUT, 150_000_000)],
    },
    GuardrailPolicy {
        name: "SensitiveInformationPolicyPaid",
        units_per_thousand: 1_000,
        rates: &[(START, 100_000_000)],
    },
    GuardrailPolicy {
        name: "SensitiveInformationPolicyFree",
        units_per_thousand: 1_000,
        rates: &[(START, 0)],
    },
    GuardrailPolicy {
        name: "WordPolicy",
        units_per_thousand: 1_000,
        rates: &[(START, 0)],
    },
];

/// The day from which guarded workloads apply the guardrail.
pub const GUARDRAIL_FROM: Day = Day::new(2024, 10, 1);
/// The id of the company's guardrail.
pub const GUARDRAIL_ID: &str = "hd7storefrnt";
/// The model that the provisioned throughput serves.
pub const PROVISIONED_MODEL: &str = "meta.llama3-1-70b-instruct-v1:0";
/// The provisioned throughput's ARN; nothing has called it since it was made.
pub const PROVISIONED_ARN: &str =
    "arn:aws:bedrock:us-west-2:111122223333:provisioned-model/4tq0h9x1lama";
/// The day the provisioned throughput was made.
pub const PROVISIONED_FROM: Day = Day::new(2026, 8, 31);

const START: Day = Day::new(2022, 10, 1);
const CUT: Day = Day::new(2024, 12, 1);

impl Upkeep {
    const fn new(
        key: &'static str,
        account: Account,
        region: Region,
        service: &'static str,
        usage_type: &'static str,
        operation: &'static str,
    ) -> Self {
        Self {
            key,
            account,
            region: Some(region),
            service,
            usage_type,
            operation,
            record_type: "Usage",
            unit: "",
            scale: 0,
            rate: 0,
            volume: &[],
            shape: Shape::Customers,
            until: NEVER,
            tags: &[],
            model: None,
            resource_id: None,
        }
    }
    const fn priced(mut self, unit: &'static str, scale: u32, rate: i64) -> Self {
        self.unit = unit;
        self.scale = scale;
        self.rate = rate;
        self
    }
    const fn volume(mut self, volume: &'static [(Day, u64)]) -> Self {
        self.volume = volume;
        self
    }
    const fn flat(mut self) -> Self {
        self.shape = Shape::Flat;
        self
    }
    const fn until(mut self, until: Day) -> Self {
        self.until = until;
        self
    }
    const fn resource(mut self, id: &'static str) -> Self {
        self.resource_id = Some(id);
        self
    }
    const fn model(mut self, provider: &'static str, name: &'static str) -> Self {
        self.model = Some((provider, name));
        self
    }
    /// Turns the line into money given back: `cents` a day, posted at midnight.
    const fn returned(mut self, record_type: &'static str, cents: i64) -> Self {
        self.record_type = record_type;
        self.rate = -cents * 10_000_000_000;
        self.shape = Shape::Midnight;
        self
    }
}

const fn d(year: i32, month: i32, day: i32) -> Day {
    Day::new(year, month, day)
}

use Account::{DataScience, Production, Staging};
use Region::{EuCentral1, UsEast1, UsWest2};

const S3: &str = "Amazon Simple Storage Service";
const BEDROCK: &str = "Amazon Bedrock";

/// Everything beside model tokens.
#[rustfmt::skip]
pub static UPKEEP: &[Upkeep] = &[
    Upkeep::new("lambda-seconds", Production, UsEast1, "AWS Lambda", "Lambda-GB-Second", "Invoke")
        .priced("Lambda-GB-Second", 0, 16_666_700)
        .volume(&[(START, 300_000), (d(2024, 11, 1), 1_100_000), (d(2026, 11, 1), 2_600_000)]),
    Upkeep::new("lambda-requests", Production, UsEast1, "AWS Lambda", "Request", "Invoke")
        .priced("Requests", 0, 200_000)
        .volume(&[(START, 900_000), (d(2024, 11, 1), 3_200_000), (d(2026, 11, 1), 7_000_000)]),
    Upkeep::new("lambda-eu", Production, EuCentral1, "AWS Lambda", "EUC1-Lambda-GB-Second", "Invoke")
        .priced("Lambda-GB-Second", 0, 16_666_700)
        .volume(&[(START, 60_000), (d(2026, 11, 1), 400_000)]),
    Upkeep::new("lambda-staging", Staging, UsEast1, "AWS Lambda", "Lambda-GB-Second", "Invoke")
        .priced("Lambda-GB-Second", 0, 16_666_700)
        .volume(&[(START, 40_000), (d(2026, 11, 1), 120_000)]),
    // 10^-6 GB-months: a thirtieth of the stored gigabytes a day.
    Upkeep::new("s3-storage", Production, UsEast1, S3, "TimedStorage-ByteHrs", "StandardStorage")
        .priced("GB-Mo", 6, 23_000)
        .volume(&[(START, 300_000_000), (d(2024, 11, 1), 900_000_000), (d(2026, 11, 1), 1_900_000_000)])
        .flat(),
    Upkeep::new("s3-put", Production, UsEast1, S3, "Requests-Tier1", "PutObject")
        .priced("Requests", 0, 5_000_000)
        .volume(&[(START, 120_000), (d(2026, 11, 1), 900_000)]),
    Upkeep::new("s3-get", Production, UsEast1, S3, "Requests-Tier2", "GetObject")
        .priced("Requests", 0, 400_000)
        .volume(&[(START, 1_000_000), (d(2026, 11, 1), 9_000_000)]),
    Upkeep::new("s3-lab", DataScience, UsWest2, S3, "USW2-TimedStorage-ByteHrs", "StandardStorage")
        .priced("GB-Mo", 6, 23_000)
        .volume(&[(START, 200_000_000), (d(2026, 11, 1), 1_200_000_000)])
        .flat(),
    Upkeep::new("api-gateway", Production, UsEast1, "Amazon API Gateway", "USE1-ApiGatewayRequest", "ApiGatewayRequest")
        .priced("Requests", 0, 3_500_000)
        .volume(&[(START, 600_000), (d(2024, 11, 1), 2_100_000), (d(2026, 11, 1), 4_800_000)]),
    Upkeep::new("api-gateway-eu", Production, EuCentral1, "Amazon API Gateway", "EUC1-ApiGatewayRequest", "ApiGatewayRequest")
        .priced("Requests", 0, 3_700_000)
        .volume(&[(START, 90_000), (d(2026, 11, 1), 800_000)]),
    Upkeep::new("ec2", Production, UsEast1, "Amazon Elastic Compute Cloud - Compute", "BoxUsage:m6i.xlarge", "RunInstances")
        .priced("Hrs", 0, 192_000_000_000)
        .volume(&[(START, 144), (d(2026, 11, 1), 240)])
        .flat(),
    // A knowledge base keeps two OpenSearch compute units awake, whoever asks.
    Upkeep::new("kb-indexing", Production, UsEast1, "Amazon OpenSearch Service", "USE1-IndexingOCU", "Indexing")
        .priced("OCU-hours", 0, 240_000_000_000)
        .volume(&[(d(2024, 5, 20), 24), (d(2026, 1, 1), 48)])
        .flat()
        .resource("arn:aws:aoss:us-east-1:111122223333:collection/k8docsearch0001"),
    Upkeep::new("kb-search", Production, UsEast1, "Amazon OpenSearch Service", "USE1-SearchOCU", "Search")
        .priced("OCU-hours", 0, 240_000_000_000)
        .volume(&[(d(2024, 5, 20), 24), (d(2026, 1, 1), 72)])
        .flat()
        .resource("arn:aws:aoss:us-east-1:111122223333:collection/k8docsearch0001"),
    Upkeep::new("kb-rerank", Production, UsEast1, BEDROCK, "USE1-AmazonRerank-v1-searchunits", "Rerank")
        .priced("searchunits", 0, 1_000_000_000)
        .volume(&[(d(2025, 2, 3), 1_500), (d(2026, 6, 1), 9_000)])
        .model("Amazon", "Rerank 1.0"),
    Upkeep::new("transfer", Production, UsEast1, "AWS Data Transfer", "USE1-DataTransfer-Out-Bytes", "RunInstances")
        .priced("GB", 3, 90_000_000)
        .volume(&[(START, 60_000), (d(2026, 11, 1), 340_000)]),
    Upkeep::new("logs", Production, UsEast1, "AmazonCloudWatch", "USE1-DataProcessing-Bytes", "PutLogEvents")
        .priced("GB", 3, 500_000_000)
        .volume(&[(START, 8_000), (d(2026, 11, 1), 70_000)]),
    Upkeep::new("agentcore-cpu", Production, UsEast1, "Amazon Bedrock AgentCore", "USE1-Runtime:Consumption-based:vCPU", "InvokeAgentRuntime")
        .priced("vCPU-Hours", 3, 89_500_000)
        .volume(&[(d(2025, 11, 17), 40_000), (d(2026, 11, 1), 260_000)]),
    Upkeep::new("agentcore-memory", Production, UsEast1, "Amazon Bedrock AgentCore", "USE1-Memory:Consumption-based:Short-Term-Memory", "CreateEvent")
        .priced("Requests", 0, 250_000_000)
        .volume(&[(d(2025, 11, 17), 9_000), (d(2026, 11, 1), 44_000)]),
    // Made for a load test, never deleted, never called.
    Upkeep::new("provisioned", Production, UsWest2, BEDROCK, "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits", "ProvisionedThroughput")
        .priced("hour", 0, 24_000_000_000_000)
        .volume(&[(PROVISIONED_FROM, 24)])
        .flat()
        .model("Meta", "Llama 3.1 70B")
        .resource(PROVISIONED_ARN),
    Upkeep::new("custom-storage", DataScience, UsEast1, BEDROCK, "USE1-Nova2.0Lite-Customization-Storage", "Customization")
        .priced("month", 6, 1_950_000)
        .volume(&[(d(2026, 3, 2), 66_667)])
        .flat()
        .model("Amazon", "Nova 2.0 Lite"),
    Upkeep::new("credit-2024", Production, UsEast1, BEDROCK, "USE1-Claude3Haiku-input-tokens", "InvokeModelInference")
        .volume(&[(d(2024, 9, 15), 1)])
        .returned("Credit", 3_000)
        .until(d(2025, 3, 1)),
    Upkeep::new("credit-2026", Production, UsEast1, BEDROCK, "USE1-Nova2.0Lite-output-tokens-cross-region-global", "InvokeModelInference")
        .volume(&[(d(2026, 7, 1), 1)])
        .returned("Credit", 2_000)
        .until(d(2027, 1, 1)),
    Upkeep::new("refund-2024", Production, UsEast1, "Claude 3.5 Sonnet (Amazon Bedrock Edition)", "USE1-MP:USE1_InputTokenCount-Units", "Usage")
        .volume(&[(d(2024, 12, 3), 1)])
        .returned("Refund", 64_000)
        .until(d(2024, 12, 4)),
    Upkeep::new("refund-2026", Production, UsEast1, "Claude Sonnet 5.5 (Amazon Bedrock Edition)", "USE1-MP:USE1_input_tokens_standard-Units", "Usage")
        .volume(&[(d(2026, 11, 5), 1)])
        .returned("Refund", 90_000)
        .until(d(2026, 11, 6)),
];
