//! The services the account answers for.

/// A service by the id its API model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    CostExplorer,
    Pricing,
    CloudWatch,
    Budgets,
    Bedrock,
    BedrockRuntime,
    Sts,
}

impl Service {
    pub(crate) const ALL: [Self; 7] = [
        Self::CostExplorer,
        Self::Pricing,
        Self::CloudWatch,
        Self::Budgets,
        Self::Bedrock,
        Self::BedrockRuntime,
        Self::Sts,
    ];

    /// The id in the models, the journal and fault rules.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::CostExplorer => "ce",
            Self::Pricing => "pricing",
            Self::CloudWatch => "cloudwatch",
            Self::Budgets => "budgets",
            Self::Bedrock => "bedrock",
            Self::BedrockRuntime => "bedrock-runtime",
            Self::Sts => "sts",
        }
    }

    /// The name a request to it is signed for.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::CloudWatch => "monitoring",
            Self::BedrockRuntime => "bedrock",
            other => other.id(),
        }
    }

    /// The `X-Amz-Target` prefix, for services that have one.
    pub(crate) fn target_prefix(self) -> Option<&'static str> {
        match self {
            Self::CostExplorer => Some("AWSInsightsIndexService"),
            Self::Pricing => Some("AWSPriceListService"),
            Self::CloudWatch => Some("GraniteServiceVersion20100801"),
            Self::Budgets => Some("AWSBudgetServiceGateway"),
            Self::Bedrock | Self::BedrockRuntime | Self::Sts => None,
        }
    }

    pub(crate) fn with_target_prefix(prefix: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.target_prefix() == Some(prefix))
    }

    /// The IAM action that allows an operation, such as `ce:GetCostAndUsage`.
    pub(crate) fn iam_action(self, operation: &str) -> String {
        match self {
            // One action covers every read of budgets.
            Self::Budgets => "budgets:ViewBudget".to_owned(),
            Self::BedrockRuntime => format!("bedrock:{operation}"),
            other => format!("{}:{operation}", other.id()),
        }
    }

    /// Whether the service has an endpoint that takes requests signed for `region`.
    ///
    /// Cost Explorer and Budgets live in one region, the Price List in three (botocore 1.44.5).
    pub(crate) fn is_in(self, region: &str) -> bool {
        match self {
            Self::CostExplorer | Self::Budgets => region == "us-east-1",
            Self::Pricing => ["us-east-1", "eu-central-1", "ap-south-1"].contains(&region),
            Self::CloudWatch | Self::Bedrock | Self::BedrockRuntime | Self::Sts => {
                REGIONS.contains(&region)
            }
        }
    }
}

/// The regions of the `aws` partition in botocore 1.44.5.
const REGIONS: [&str; 36] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];
