//! Guardrail policies, directions, free filters and text units.

use super::*;

/// The guide's guardrail: 500 an hour, 10 hours, 21 days = 105,000 requests; 2 and 1 text units.
///
/// Content filters and denied topics 3 x 105,000 x 0.00015 = 47.25 each, PII 3 x 105,000 x 0.0001 = 31.5: 126.
fn guide() -> WorkloadArguments {
    let mut arguments = workload("Nova Micro", 105_000, 0, 0);
    arguments.scenario.guardrails = Some(GuardrailArguments {
        policies: vec![
            (GuardrailPolicy::ContentFilters, Direction::Both),
            (GuardrailPolicy::DeniedTopics, Direction::Both),
            (GuardrailPolicy::Pii, Direction::Both),
        ],
        input_chars: some("1500"),
        output_chars: some("400"),
    });
    arguments
}

#[test]
fn policies_stay_where_they_are_needed() {
    // PII on the input alone: 2 x 105,000 x 0.0001 = 21 instead of 31.5.
    let scope = WorkloadArguments {
        guardrails_needed: Some(vec![
            (GuardrailPolicy::ContentFilters, Direction::Both),
            (GuardrailPolicy::DeniedTopics, Direction::Both),
            (GuardrailPolicy::Pii, Direction::Input),
        ]),
        ..guide()
    };
    let finding = saves(scope, Rule::GuardrailScope, ["126", "115.5", "10.5"]);
    assert_eq!(finding.title, "guardrail: pii on input only");
    assert_eq!(finding.formula, "105000 x 0.0001 = 10.5 USD");
    // None at all: nothing is left, and nothing costs nothing.
    let none = WorkloadArguments {
        guardrails_needed: Some(Vec::new()),
        ..guide()
    };
    saves(none, Rule::GuardrailScope, ["126", "0", "126"]);
    let asked = find(guide());
    assert!(
        asked
            .question(Rule::GuardrailScope)
            .give
            .starts_with("guardrails_needed")
    );
    // All of it is needed.
    let all = WorkloadArguments {
        guardrails_needed: guide().scenario.guardrails.map(|known| known.policies),
        ..guide()
    };
    assert!(find(all).is_silent(Rule::GuardrailScope));
}

#[test]
fn free_filters_replace_paid_policies() {
    let free = WorkloadArguments {
        free_filters_cover: vec![GuardrailPolicy::DeniedTopics],
        ..guide()
    };
    saves(free, Rule::FreeFilters, ["126", "78.75", "47.25"]);
    assert!(
        find(guide())
            .question(Rule::FreeFilters)
            .give
            .starts_with("free_filters_cover")
    );
    // Scope and filters compound: without topics, PII on the input alone, 126 - 47.25 - 10.5.
    let both = find(WorkloadArguments {
        free_filters_cover: vec![GuardrailPolicy::DeniedTopics],
        guardrails_needed: Some(vec![
            (GuardrailPolicy::ContentFilters, Direction::Both),
            (GuardrailPolicy::DeniedTopics, Direction::Both),
            (GuardrailPolicy::Pii, Direction::Input),
        ]),
        ..guide()
    });
    assert_eq!(
        both.steps(),
        ["free_filters 47.25 78.75", "guardrail_scope 10.5 68.25"]
    );
}

#[test]
fn a_nearly_empty_text_unit_is_named() {
    let check = |input: &str, output: &str, expected: Option<&str>| {
        let mut arguments = guide();
        if let Some(guardrails) = &mut arguments.scenario.guardrails {
            guardrails.input_chars = some(input);
            guardrails.output_chars = some(output);
        }
        let savings = find(arguments);
        let found = savings
            .findings
            .iter()
            .find(|known| known.rule == Rule::TextUnits);
        let found = found.map(|known| format!("{}, {} USD", known.title, known.saving));
        assert_eq!(found.as_deref(), expected, "{input} {output}");
    };
    // One unit of 105,000 requests costs 105,000 x (0.00015 + 0.00015 + 0.0001) = 42.
    check(
        "1001",
        "400",
        Some("whole text units: 1 characters less input, 42 USD"),
    );
    check(
        "2100",
        "1050",
        Some("whole text units: 100 characters less input, 50 characters less output, 84 USD"),
    );
    check("1101", "400", None);
    check("1000", "400", None);
    check("50", "400", None);
}
