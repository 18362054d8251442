//! The alarms that the company made, with what each watches.

use serde_json::{Value, json};

use crate::ledger::calendar::Day;

/// What an alarm watches.
#[derive(Clone, Copy, Debug)]
pub(super) enum Watch {
    /// One statistic of one metric.
    Metric {
        namespace: &'static str,
        metric: &'static str,
        statistic: &'static str,
        dimensions: &'static [(&'static str, &'static str)],
    },
    /// An expression over sums of the account's metrics: id and metric name of each.
    Expression {
        expression: &'static str,
        metrics: &'static [(&'static str, &'static str)],
    },
}

/// How a value is compared with the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Greater,
    Less,
}

impl Comparison {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Greater => "GreaterThanThreshold",
            Self::Less => "LessThanThreshold",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Greater => "greater than",
            Self::Less => "less than",
        }
    }

    pub(super) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
        }
    }
}

/// What a period without data counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Missing,
    NotBreaching,
}

impl Missing {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBreaching => "notBreaching",
        }
    }
}

/// A metric alarm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm {
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) description: &'static str,
    /// The day it was made.
    pub(super) made: Day,
    pub(super) watch: Watch,
    /// Seconds.
    pub(super) period: i64,
    pub(super) periods: i64,
    /// How many of the periods have to breach.
    pub(super) breaching_periods: i64,
    pub(super) threshold: f64,
    pub(super) comparison: Comparison,
    pub(super) missing: Missing,
}

impl Alarm {
    /// The id of the query that is compared with the threshold.
    pub(super) fn watched_id(&self) -> &'static str {
        match self.watch {
            Watch::Metric { .. } => "m1",
            Watch::Expression { .. } => "e1",
        }
    }

    /// What it watches as queries of `GetMetricData`.
    pub(super) fn queries(&self) -> Value {
        match self.watch {
            Watch::Metric {
                namespace,
                metric,
                statistic,
                dimensions,
            } => {
                let dimensions: Vec<Value> = dimensions
                    .iter()
                    .map(|(name, value)| json!({ "Name": name, "Value": value }))
                    .collect();
                json!([{
                    "Id": "m1",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": namespace,
                            "MetricName": metric,
                            "Dimensions": dimensions,
                        },
                        "Period": self.period,
                        "Stat": statistic,
                    },
                    "ReturnData": true,
                }])
            }
            Watch::Expression {
                expression,
                metrics,
            } => {
                let mut queries = vec![json!({
                    "Id": "e1",
                    "Expression": expression,
                    "Label": self.name,
                    "ReturnData": true,
                })];
                queries.extend(metrics.iter().map(|(id, metric)| {
                    json!({
                        "Id": id,
                        "MetricStat": {
                            "Metric": { "Namespace": "AWS/Bedrock", "MetricName": metric },
                            "Period": self.period,
                            "Stat": "Sum",
                        },
                        "ReturnData": false,
                    })
                }));
                Value::from(queries)
            }
        }
    }
}

/// A composite alarm: in alarm when any of its children is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Composite {
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) description: &'static str,
    pub(super) made: Day,
    pub(super) children: &'static [&'static str],
}

impl Composite {
    /// The rule as AWS writes it.
    pub(super) fn rule(&self) -> String {
        let parts: Vec<String> = self
            .children
            .iter()
            .map(|name| format!("ALARM(\"{name}\")"))
            .collect();
        parts.join(" OR ")
    }
}

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

const fn d(year: i32, month: i32, day: i32) -> Day {
    Day::new(year, month, day)
}

/// An alarm on one sum of `AWS/Bedrock`, one period of it; the rest is set from here.
const fn on(
    name: &'static str,
    region: &'static str,
    description: &'static str,
    made: Day,
    metric: &'static str,
    dimensions: &'static [(&'static str, &'static str)],
    (period, threshold): (i64, f64),
) -> Alarm {
    Alarm {
        name,
        region,
        description,
        made,
        watch: Watch::Metric {
            namespace: "AWS/Bedrock",
            metric,
            statistic: "Sum",
            dimensions,
        },
        period,
        periods: 1,
        breaching_periods: 1,
        threshold,
        comparison: Comparison::Greater,
        missing: Missing::Missing,
    }
}

const HAIKU_3: &[(&str, &str)] = &[("ModelId", "anthropic.claude-3-haiku-20240307-v1:0")];
const TITAN_PREMIER: &[(&str, &str)] = &[("ModelId", "amazon.titan-text-premier-v1:0")];

/// Every metric alarm.
#[rustfmt::skip]
pub(super) const ALARMS: &[Alarm] = &[
    // Set when the account was small, and in alarm every day since.
    on("Bedrock-TokenUsage-Input-Daily", "us-east-1",
        "Input tokens of a day above 40 million, all models.",
        d(2024, 6, 3), "InputTokenCount", &[], (DAY, 40_000_000.0)),
    on("Bedrock-TokenUsage-Output-Hourly", "us-east-1",
        "Output tokens of an hour above 5 million, all models.",
        d(2024, 6, 3), "OutputTokenCount", &[], (HOUR, 5_000_000.0)),
    // The pilot that it was made for never began.
    on("Bedrock-TokenUsage-TitanPremier", "us-east-1",
        "Input tokens of the Titan Premier pilot above 5 million an hour.",
        d(2024, 7, 15), "InputTokenCount", TITAN_PREMIER, (HOUR, 5_000_000.0)),
    Alarm {
        periods: 3,
        breaching_periods: 2,
        ..on("Bedrock-TokenUsage-Haiku3-Hourly", "us-east-1",
            "Claude 3 Haiku input tokens above 12 million in two of three hours.",
            d(2024, 8, 1), "InputTokenCount", HAIKU_3, (HOUR, 12_000_000.0))
    },
    on("Bedrock-TokenUsage-Input-Daily", "us-west-2",
        "Input tokens of a day above 2 billion, all models.",
        d(2024, 6, 3), "InputTokenCount", &[], (DAY, 2_000_000_000.0)),
    on("Bedrock-TokenUsage-Input-Daily", "eu-central-1",
        "Input tokens of a day above 500 million, all models.",
        d(2024, 6, 17), "InputTokenCount", &[], (DAY, 500_000_000.0)),
    Alarm {
        missing: Missing::NotBreaching,
        ..on("Bedrock-Throttles", "us-east-1",
            "More than 100 requests of an hour were throttled.",
            d(2024, 6, 3), "InvocationThrottles", &[], (HOUR, 100.0))
    },
    Alarm {
        missing: Missing::NotBreaching,
        ..on("Bedrock-ServerErrors", "us-east-1",
            "More than 50 requests of an hour failed in the service.",
            d(2024, 6, 3), "InvocationServerErrors", &[], (HOUR, 50.0))
    },
    Alarm {
        watch: Watch::Metric {
            namespace: "AWS/Bedrock",
            metric: "InvocationLatency",
            statistic: "p99",
            dimensions: &[],
        },
        ..on("Bedrock-Latency-p99", "us-east-1",
            "One request in a hundred takes longer than 90 seconds.",
            d(2024, 6, 3), "InvocationLatency", &[], (HOUR, 90_000.0))
    },
    Alarm {
        watch: Watch::Expression {
            expression: "100 * read / (read + write + input)",
            metrics: &[
                ("read", "CacheReadInputTokens"),
                ("write", "CacheWriteInputTokens"),
                ("input", "InputTokenCount"),
            ],
        },
        comparison: Comparison::Less,
        ..on("Bedrock-CacheHitRate-Low", "us-east-1",
            "Less than 5 percent of a day's input comes from the prompt cache.",
            d(2025, 9, 15), "", &[], (DAY, 5.0))
    },
    Alarm {
        watch: Watch::Metric {
            namespace: "AWS/Lambda",
            metric: "Invocations",
            statistic: "Sum",
            dimensions: &[],
        },
        ..on("Lambda-Invocations-High", "us-east-1",
            "More than 20 million invocations in a day.",
            d(2024, 2, 1), "Invocations", &[], (DAY, 20_000_000.0))
    },
];

/// Every composite alarm.
pub(super) const COMPOSITES: &[Composite] = &[
    Composite {
        name: "Bedrock-TokenUsage-Any",
        region: "us-east-1",
        description: "Some token alarm of the shop fired.",
        made: d(2024, 8, 5),
        children: &[
            "Bedrock-TokenUsage-Input-Daily",
            "Bedrock-TokenUsage-Output-Hourly",
            "Bedrock-TokenUsage-Haiku3-Hourly",
        ],
    },
    Composite {
        name: "Bedrock-Health",
        region: "us-east-1",
        description: "Bedrock is slow or refuses requests.",
        made: d(2024, 8, 5),
        children: &["Bedrock-ServerErrors", "Bedrock-Latency-p99"],
    },
];
