//! Workloads that contradict themselves or have no price.

use super::*;

#[track_caller]
fn refused(arguments: WorkloadArguments, expected: &str) {
    let book = PriceBook::embedded();
    let found = Workload::new(book, arguments, TODAY).and_then(|known| find_savings(book, &known));
    assert_eq!(found.unwrap_err().to_string(), expected);
}

fn base() -> WorkloadArguments {
    workload(HAIKU_3_5, 1_000, 10_000, 1_000)
}

#[test]
fn one_model_is_in_use() {
    let mut two = base();
    two.scenario.models.push(NOVA_LITE.to_owned());
    refused(
        two,
        "2 models are named: savings are looked for on the one model in use, others are target_models",
    );
    let mut none = base();
    none.scenario.models.clear();
    refused(
        none,
        "no model was named: give `models`, for example [\"amazon.nova-lite-v1:0\"]",
    );
}

#[test]
fn unknown_models_are_never_priced() {
    refused(
        workload("amazon.nova-light-v1:0", 1, 1, 1),
        "unknown model \"amazon.nova-light-v1:0\"; nearest: amazon.nova-lite-v1:0, amazon.nova-2-lite-v1:0, amazon.nova-micro-v1:0",
    );
    refused(
        WorkloadArguments {
            target_models: vec![("anthropic.claude-99".to_owned(), None)],
            ..base()
        },
        "unknown model \"anthropic.claude-99\"; nearest: anthropic.claude-v1, anthropic.claude-v2, anthropic.claude-v2:1",
    );
}

#[test]
fn shares_are_shares() {
    let targets = |shares: &[Option<&str>]| WorkloadArguments {
        target_models: shares
            .iter()
            .map(|share| (NOVA_LITE.to_owned(), share.map(decimal)))
            .collect(),
        ..base()
    };
    refused(
        targets(&[Some("0.7"), Some("0.4")]),
        "the shares of target_models add up to 1.1, which is above 1",
    );
    refused(
        targets(&[Some("0.7"), None]),
        "target_models names amazon.nova-lite-v1:0 without a share beside others that have one",
    );
    refused(
        targets(&[Some("0")]),
        "target_models is 0, it must be above 0",
    );
    refused(
        targets(&[Some("-1")]),
        "target_models is -1, outside 0 to 1",
    );
    let deferrable = |share: &str| WorkloadArguments {
        deferrable_share: some(share),
        ..base()
    };
    refused(deferrable("1.5"), "deferrable_share is 1.5, outside 0 to 1");
    refused(
        deferrable("-0.1"),
        "deferrable_share is -0.1, outside 0 to 1",
    );
    refused(
        deferrable("0.123456"),
        "deferrable_share is 0.123456, which has more than 4 decimal places",
    );
}

#[test]
fn no_more_can_go_than_there_is() {
    let removable = |prompt: &str, data: &str, output: &str| WorkloadArguments {
        removable: Removable {
            prompt_tokens: some(prompt),
            data_tokens: some(data),
            output_tokens: some(output),
        },
        ..base()
    };
    refused(
        removable("10001", "0", "0"),
        "removable.prompt_tokens is 10001, above the 10000 tokens there are",
    );
    refused(
        removable("6000", "5000", "0"),
        "removable.data_tokens is 5000, above the 4000 tokens there are",
    );
    refused(
        removable("0", "0", "1001"),
        "removable.output_tokens is 1001, above the 1000 tokens there are",
    );
    refused(
        removable("0.5", "0", "0"),
        "removable.prompt_tokens is 0.5, which is not a whole number",
    );
    refused(
        WorkloadArguments {
            shared_prefix_tokens: some("10001"),
            ..base()
        },
        "shared_prefix_tokens is 10001, above the 10000 tokens there are",
    );
}

#[test]
fn measured_facts_fit_what_is_described() {
    let mut idle = base();
    idle.measured.idle_provisioned_hours = some("10");
    refused(
        idle.clone(),
        "measured.idle_provisioned_hours needs provisioned {model_units, commitment}",
    );
    idle.measured.idle_provisioned_hours = some("731");
    refused(
        idle,
        "measured.idle_provisioned_hours is 731, outside 0 to 730",
    );
    refused(
        WorkloadArguments {
            provisioned_in_use: true,
            ..base()
        },
        "provisioned_in_use needs provisioned {model_units, commitment}",
    );
    let mut negative = base();
    negative.measured.untagged_usd = some("-1");
    refused(
        negative,
        "measured.untagged_usd is -1, outside 0 to 1000000000000",
    );
    let grounding = WorkloadArguments {
        free_filters_cover: vec![GuardrailPolicy::ContextualGrounding],
        ..base()
    };
    refused(
        grounding,
        "free_filters_cover names contextual_grounding, which no word filter or regular expression replaces",
    );
    // Capacity in use that is not listed leaves no baseline.
    let mut unlisted = base();
    unlisted.provisioned_in_use = true;
    unlisted.scenario.provisioned = Some(ProvisionedArguments {
        model_units: decimal("1"),
        commitment: Commitment::OneMonth,
    });
    let book = PriceBook::embedded();
    let known = Workload::new(book, unlisted, TODAY).unwrap();
    let error = find_savings(book, &known).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "the workload as it is has no price: no provisioned throughput (1_month) rate is listed"
        ),
        "{error}"
    );
}
