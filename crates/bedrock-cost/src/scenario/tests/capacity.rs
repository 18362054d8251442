//! Capacity billed by the hour.

use super::*;
use crate::inference::Commitment;

#[test]
fn reserved_capacity_is_for_the_busy_minute() {
    // Sonnet 4.6 global, 50 requests a minute of 4,000 in and 300 out: 200,000 and 15,000 tokens a minute.
    // 1 month: (200 x 0.18 + 15 x 0.90) x 730 = (36 + 13.5) x 730 = 36,135.
    // Used to the full: 43.8M tokens a month for each 1,000 a minute: 8,760 x 3 + 657 x 15 = 26,280 + 9,855 = 36,135.
    let arguments = ScenarioArguments {
        requests: Some(RequestsArgument::Rate(RequestRate {
            per_minute: Some(50.into()),
            hours_per_day: Some(8.into()),
            days_per_month: Some(22.into()),
            ..RequestRate::default()
        })),
        ..tokens("global.anthropic.claude-sonnet-4-6", "1", "4000", "300")
    };
    let estimate = one(arguments.clone());
    // 528,000 requests: 2,112 x 3 + 158.4 x 15 = 6,336 + 2,376 = 8,712; 8,712/36,135 = 0.24110.
    assert_eq!(estimate.monthly.to_string(), "8712");
    assert_eq!(
        plan(&estimate, "reserved 1_month"),
        "36135 (-27423): 200,000 input and 15,000 output tokens a minute for 730 hours instead of tokens; a busier \
         minute is billed on-demand; pays above 100% utilisation around the clock, the workload has 24.11%"
    );
    // 3 months: 0.9 x 36,135 = 32,521.5.
    assert!(plan(&estimate, "reserved 3_months").starts_with("32521.5 (-23809.5): "));
    assert!(plan(&estimate, "reserved 3_months").contains("pays above 90% utilisation"));
    // Small workloads reserve at least 100,000 and 10,000: (100 x 0.18 + 10 x 0.90) x 730 = 27 x 730 = 19,710.
    let small = ScenarioArguments {
        input_tokens: Some(100.into()),
        output_tokens: Some(1.into()),
        ..arguments
    };
    assert!(plan(&one(small), "reserved 1_month").starts_with("19710 ("));
    let monthly = one(tokens("global.anthropic.claude-sonnet-4-6", "1", "1", "1"));
    assert_eq!(
        plan(&monthly, "reserved 1_month"),
        "needs requests as a rate with hours_per_day: it is bought for the busy minutes"
    );
    assert_eq!(
        plan(
            &one(tokens("Llama 3.1 8B", "1", "1", "1")),
            "provisioned, no commitment"
        ),
        "needs provisioned {model_units, commitment}"
    );
}

#[test]
fn provisioned_throughput_lists_every_commitment_and_refuses_by_name() {
    let of = |model: &str, commitment| ScenarioArguments {
        provisioned: Some(ProvisionedArguments {
            model_units: Decimal::TWO,
            commitment,
        }),
        ..tokens(model, "1000000", "1000", "1000")
    };
    // Llama 3.1 70B: 2 x 24.00 x 730 = 35,040; 2 x 21.18 x 730 = 30,922.80; 2 x 13.08 x 730 = 19,096.80.
    let estimate = one(of("Llama 3.1 70B", Commitment::None));
    for (name, expected) in [
        ("provisioned, no commitment", "35040 ("),
        ("provisioned 1_month", "30922.8 ("),
        ("provisioned 6_months", "19096.8 ("),
    ] {
        assert!(plan(&estimate, name).starts_with(expected), "{name}");
    }
    // Claude 2.1 has no rate without commitment.
    let estimate = one(of("Claude 2.1", Commitment::None));
    assert_eq!(
        plan(&estimate, "provisioned, no commitment"),
        "no provisioned throughput (none) rate is listed for anthropic.claude-v2:1; \
         it has 1_month, 6_months in us-east-1, us-west-2"
    );
    assert!(plan(&estimate, "provisioned 1_month").starts_with("91980 ("));
}

#[test]
fn imported_weights_are_billed_in_windows_of_five_minutes() {
    // 2 units for 61 minutes: 13 windows, 65 minutes: 130 x 0.05718 = 7.4334; stored 2 x 1.95 = 3.90; 11.3334.
    let arguments = ScenarioArguments {
        custom_import: Some(CustomImportArguments {
            model_units: 2.into(),
            minutes_per_month: 61.into(),
            version: None,
        }),
        ..tokens("Llama 3.3 70B", "1000", "1000", "1000")
    };
    let estimate = one(arguments);
    // On-demand 1 x 0.72 + 1 x 0.72 = 1.44; 11.3334 x 1,000 / 1.44 = 7,870.4 requests.
    assert_eq!(
        plan(&estimate, "custom model import"),
        "11.3334 (-9.8934): your own weights on 2 custom model units (v1) for 65 minutes in windows of 5; quality is \
         not compared; pays from 7871 requests a month, 7.8704 x those given; throughput of a unit is not published"
    );
}
