//! Provisioned throughput, idle hours and reserved tokens a minute.

use super::*;

fn provisioned(units: &str, commitment: Commitment) -> ProvisionedArguments {
    ProvisionedArguments {
        model_units: decimal(units),
        commitment,
    }
}

#[test]
fn the_guides_provisioned_throughput_costs_more_than_on_demand() {
    // Claude 2.1, 5M x (3,000, 500): 120,000 + 60,000 = 180,000. 5 x 63 x 730 = 229,950.
    let mut sessions = workload("Claude 2.1", 5_000_000, 3_000, 500);
    sessions.scenario.provisioned = Some(provisioned("5", Commitment::OneMonth));
    let savings = find(sessions.clone());
    assert_eq!(
        savings.reason(Rule::Provisioned),
        "provisioned throughput: 5 model units, 1_month: would cost 49950 USD more a month"
    );
    // It is cheaper with 3 units: 137,970.
    sessions.scenario.provisioned = Some(provisioned("3", Commitment::OneMonth));
    let finding = saves(
        sessions.clone(),
        Rule::Provisioned,
        ["180000", "137970", "42030"],
    );
    assert!(finding.assumption.contains("not published"));
    assert!(
        finding.excludes.contains(&Rule::Batch) && !finding.excludes.contains(&Rule::Provisioned)
    );
    // In use, the same five units are what on-demand is compared with.
    sessions.scenario.provisioned = Some(provisioned("5", Commitment::OneMonth));
    sessions.provisioned_in_use = true;
    saves(sessions, Rule::Provisioned, ["229950", "180000", "49950"]);
}

#[test]
fn idle_hours_are_not_paid_for_without_a_commitment() {
    // Llama 3.1 8B: 24 an hour. 2 x 24 x 730 = 35,040; 300 hours off: 2 x 24 x 430 = 20,640.
    let mut llama = workload(
        "meta.llama3-1-8b-instruct-v1:0",
        1_000_000_000,
        10_000,
        1_000,
    );
    llama.scenario.provisioned = Some(provisioned("2", Commitment::None));
    llama.measured.idle_provisioned_hours = some("300");
    let finding = saves(
        llama.clone(),
        Rule::IdleProvisioned,
        ["35040", "20640", "14400"],
    );
    assert_eq!(
        finding.lines,
        ["provisioned throughput, none: 2 model units x 430 hours x 24 USD = 20640 USD"]
    );
    llama.scenario.provisioned = Some(provisioned("2", Commitment::SixMonths));
    let savings = find(llama);
    assert_eq!(
        savings.reason(Rule::IdleProvisioned),
        "300 idle hours are billed until the commitment of 6_months ends: do not renew it"
    );
}

#[test]
fn rules_about_tokens_do_not_speak_of_capacity() {
    let mut llama = workload("meta.llama3-1-8b-instruct-v1:0", 1_000, 10_000, 1_000);
    llama.scenario.provisioned = Some(provisioned("2", Commitment::None));
    llama.provisioned_in_use = true;
    llama.latency = Some(Latency::Hours);
    llama.task = Some(Task::Simple);
    llama.removable.data_tokens = some("5000");
    let savings = find(llama);
    let rules: Vec<Rule> = savings.findings.iter().map(|known| known.rule).collect();
    assert_eq!(rules, [Rule::Provisioned]);
    assert_eq!(savings.claims, []);
}

#[test]
fn reserved_capacity_pays_around_the_clock() {
    // Haiku 4.5 global: 100 requests a minute of (1,000, 200) for 24 hours on 31 days, 4,464,000 requests.
    // 4,464 x 1 + 892.8 x 5 = 8,928. Reserved 100 and 20 thousand a minute: 730 x (100 x 0.06 + 20 x 0.30) = 8,760;
    // for three months 0.9 x: 7,884.
    let mut haiku = workload(
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        1,
        1_000,
        200,
    );
    haiku.scenario.requests = per_minute("100", "24", "31");
    let finding = saves(haiku.clone(), Rule::Reserved, ["8928", "7884", "1044"]);
    assert_eq!(finding.title, "reserved capacity, 3_months");
    // Eight hours a day do not pay for 24: 8,928 / 3 = 2,976 against 7,884, 4,908 more.
    haiku.scenario.requests = per_minute("100", "8", "31");
    assert_eq!(
        find(haiku).reason(Rule::Reserved),
        "reserved capacity, 3_months: would cost 4908 USD more a month"
    );
    let monthly = find(workload(
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        1,
        1_000,
        200,
    ));
    assert!(
        monthly
            .question(Rule::Reserved)
            .give
            .starts_with("requests")
    );
    assert!(find(workload(NOVA_LITE, 1, 1, 1)).is_silent(Rule::Reserved));
}
