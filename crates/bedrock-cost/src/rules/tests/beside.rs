//! What was measured beside the requests, and what vendors claim.

use super::*;

#[test]
fn measured_charges_are_part_of_the_baseline_and_can_go() {
    // Haiku 3.5, 1,000 x (10,000, 1,000) = 12; 500 probes of (10,000, 1): 4 + 0.002 = 4.002; 7.25 for data.
    let mut arguments = workload(HAIKU_3_5, 1_000, 10_000, 1_000);
    arguments.measured = Measured {
        cross_region_usd: some("7.25"),
        token_count_probes: Some(Probes {
            requests: decimal("500"),
            input_tokens: decimal("10000"),
            output_tokens: decimal("1"),
        }),
        untagged_usd: some("9.5"),
        ..Measured::default()
    };
    let finding = saves(
        arguments.clone(),
        Rule::CountTokens,
        ["23.252", "19.25", "4.002"],
    );
    assert_eq!(finding.confidence, Confidence::High);
    let finding = saves(
        arguments.clone(),
        Rule::CrossRegionData,
        ["23.252", "16.002", "7.25"],
    );
    assert_eq!(finding.formula, "7.25 = 7.25 USD");
    // To be known, and nothing by itself.
    let untagged = saves(
        arguments.clone(),
        Rule::UntaggedSpend,
        ["23.252", "23.252", "0"],
    );
    assert_eq!(untagged.evidence, "9.5 USD a month are assigned to nobody");
    let savings = find(arguments);
    assert_eq!(savings.findings.last().unwrap().rule, Rule::UntaggedSpend);
    assert!(
        !savings
            .steps()
            .iter()
            .any(|step| step.starts_with("untagged"))
    );
    // Nothing measured, nothing said.
    let plain = find(workload(HAIKU_3_5, 1_000, 10_000, 1_000));
    for rule in [
        Rule::CountTokens,
        Rule::CrossRegionData,
        Rule::UntaggedSpend,
        Rule::IdleProvisioned,
    ] {
        assert!(plain.is_silent(rule), "{rule}");
    }
}

#[test]
fn only_claude_is_counted_by_count_tokens() {
    let mut nova = workload(NOVA_LITE, 1_000, 10_000, 1_000);
    nova.measured.token_count_probes = Some(Probes {
        requests: decimal("1000"),
        input_tokens: decimal("10000"),
        output_tokens: decimal("0"),
    });
    let savings = find(nova);
    let finding = savings.of(Rule::CountTokens);
    assert_eq!(finding.title, "estimate_tokens instead of billed requests");
    assert_eq!(finding.confidence, Confidence::Medium);
}

#[test]
fn claims_of_vendors_are_named_and_never_computed() {
    let savings = find(workload(HAIKU_3_5, 1_000, 10_000, 1_000));
    let claims: Vec<Rule> = savings.claims.iter().map(|claim| claim.rule).collect();
    assert_eq!(claims, [Rule::Distillation, Rule::PromptRouting]);
    for claim in &savings.claims {
        assert!(claim.claim.caveat.contains("not computed"));
    }
    assert!(!savings.has(Rule::Distillation) && !savings.has(Rule::PromptRouting));
    // No such feature for these.
    assert_eq!(find(workload("deepseek.v3.2", 1, 1, 1)).claims, []);
    assert_eq!(
        find(workload("amazon.titan-embed-text-v2:0", 1, 1, 0)).claims,
        []
    );
}
