//! Batch, flex, premium tiers and routing.

use super::*;

#[test]
fn batch_takes_what_may_wait_hours() {
    // Haiku 3.5, 1,000 x (10,000, 1,000): 8 + 4 = 12; batch 4 + 2 = 6.
    let base = workload(HAIKU_3_5, 1_000, 10_000, 1_000);
    let all = WorkloadArguments {
        latency: Some(Latency::Hours),
        ..base.clone()
    };
    let finding = saves(all, Rule::Batch, ["12", "6", "6"]);
    assert!(finding.excludes.contains(&Rule::PromptCaching));
    // A quarter: 0.75 x 12 + 0.25 x 6 = 10.5.
    let part = WorkloadArguments {
        latency: Some(Latency::Interactive),
        deferrable_share: some("0.25"),
        ..base.clone()
    };
    let finding = saves(part, Rule::Batch, ["12", "10.5", "1.5"]);
    assert!(!finding.excludes.contains(&Rule::PromptCaching));
    // What is batch already is not proposed again.
    let mut already = WorkloadArguments {
        deferrable_share: some("0.25"),
        ..base.clone()
    };
    already.scenario.batch_share = some("0.5");
    assert!(find(already).is_silent(Rule::Batch));
    // Nothing said: asked. Interactive: nothing to say.
    let savings = find(base.clone());
    assert!(savings.question(Rule::Batch).give.starts_with("latency"));
    let interactive = WorkloadArguments {
        latency: Some(Latency::Interactive),
        ..base
    };
    assert!(find(interactive).is_silent(Rule::Batch));
}

#[test]
fn a_tier_the_model_lacks_is_named() {
    let savings = find(WorkloadArguments {
        latency: Some(Latency::Hours),
        ..workload("global.anthropic.claude-haiku-5-5", 1_000, 10_000, 1_000)
    });
    assert_eq!(
        savings.reason(Rule::Batch),
        "no global batch rate of anthropic.claude-haiku-5-5 is listed in us-east-1"
    );
    assert_eq!(
        savings.reason(Rule::Flex),
        "no global flex rate of anthropic.claude-haiku-5-5 is listed in us-east-1"
    );
}

#[test]
fn flex_takes_what_may_wait_minutes() {
    // Nova Pro in us-east-1: 0.80/3.20, flex half of it. 1,000 x (10,000, 1,000): 8 + 3.2 = 11.2; 5.6.
    let base = workload("amazon.nova-pro-v1:0", 1_000, 10_000, 1_000);
    let minutes = WorkloadArguments {
        latency: Some(Latency::Minutes),
        ..base.clone()
    };
    let finding = saves(minutes.clone(), Rule::Flex, ["11.2", "5.6", "5.6"]);
    assert_eq!(
        finding.formula,
        "(10 x 0.8 + 1 x 3.2) - (10 x 0.4 + 1 x 1.6) = 5.6 USD"
    );
    assert!(find(minutes).is_silent(Rule::Batch));
    let interactive = WorkloadArguments {
        latency: Some(Latency::Interactive),
        ..base
    };
    assert!(find(interactive).is_silent(Rule::Flex));
}

#[test]
fn priority_is_questioned() {
    // Nova Pro at priority is 1.75 x standard: 19.6 against 11.2.
    let mut priority = workload("amazon.nova-pro-v1:0", 1_000, 10_000, 1_000);
    priority.scenario.tier = Some(Tier::Priority);
    let low = saves(
        priority.clone(),
        Rule::PriorityOveruse,
        ["19.6", "11.2", "8.4"],
    );
    assert_eq!(low.confidence, Confidence::Low);
    priority.latency = Some(Latency::Minutes);
    let savings = find(priority);
    assert_eq!(
        savings.of(Rule::PriorityOveruse).confidence,
        Confidence::High
    );
    // Flex saves more, 14, and then there is no priority left.
    assert_eq!(savings.steps(), ["flex 14 5.6"]);
    let standard = find(workload("amazon.nova-pro-v1:0", 1_000, 10_000, 1_000));
    assert!(standard.is_silent(Rule::PriorityOveruse));
}

#[test]
fn global_routing_costs_ten_percent_less_where_it_exists() {
    // Haiku 4.5: regional 1.10/5.50, global 1/5. 1,000 x (10,000, 1,000): 11 + 5.5 = 16.5; 10 + 5 = 15.
    let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
    saves(
        workload(haiku, 1_000, 10_000, 1_000),
        Rule::GlobalRouting,
        ["16.5", "15", "1.5"],
    );
    let profile = format!("us.{haiku}");
    saves(
        workload(&profile, 1_000, 10_000, 1_000),
        Rule::GlobalRouting,
        ["16.5", "15", "1.5"],
    );
    let global = format!("global.{haiku}");
    assert!(find(workload(&global, 1, 1, 1)).is_silent(Rule::GlobalRouting));
    assert!(find(workload(NOVA_LITE, 1, 1, 1)).is_silent(Rule::GlobalRouting));
}
