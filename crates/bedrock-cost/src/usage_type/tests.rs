//! Tests of usage types: AWS's own texts, and what is printed reads back.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Every usage type that was collected from AWS's Price List, with what a reader by hand made of it.
const COLLECTED: &str = include_str!("../../tests/fixtures/usage_types.json");

/// Compares one field of the collected classification with what was read.
fn check_field(text: &str, field: &str, expected: &Value, read: &UsageType<'_>) {
    let (token, modality) = match read.kind {
        UsageKind::Token { kind, modality } => (Some(kind), modality),
        _ => (None, None),
    };
    let direction = match read.kind {
        UsageKind::Token { kind, .. } => match kind {
            TokenKind::Input => "input",
            TokenKind::Output => "output",
            TokenKind::CacheRead => "cache_read",
            _ => "cache_write",
        },
        UsageKind::ReservedTpm { direction, .. } => direction.as_str(),
        _ => "none",
    };
    let found = match field {
        "kind" => json!(kind_name(read)),
        "family" => match read.family {
            Family::Mantle => json!("native"),
            family => json!(family.as_str()),
        },
        "mantle" => json!(read.family == Family::Mantle),
        "region" => json!(read.region.as_ref().and_then(Region::billing_prefix)),
        "model" => json!(read.model_segment),
        "direction" => json!(direction),
        "modality" => json!(modality.map(Modality::as_str)),
        // A cache write without a lifetime is collected as null and read as 5 minutes, AWS's default.
        "ttl" => match token {
            Some(TokenKind::CacheWrite1h) => json!("1h"),
            Some(TokenKind::CacheWrite30m) => json!("30m"),
            _ => Value::Null,
        },
        "tier" => {
            let tier = expected
                .as_str()
                .unwrap()
                .replace("latencyoptimized", "latency_optimized");
            assert_eq!(read.tier, tier.parse().unwrap(), "{text}");
            return;
        }
        "scope" => {
            assert_eq!(
                read.routing,
                expected.as_str().unwrap().parse().unwrap(),
                "{text}"
            );
            return;
        }
        "long_ctx" => json!(read.long_context),
        "custom_model" => json!(read.custom_model),
        "months" => match read.kind {
            UsageKind::ReservedTpm {
                term: ReservedTerm::OneMonth,
                ..
            } => json!("1"),
            UsageKind::ReservedTpm {
                term: ReservedTerm::ThreeMonths,
                ..
            } => json!("3"),
            _ => Value::Null,
        },
        "term" => {
            let UsageKind::ProvisionedModelUnits(commitment) = read.kind else {
                unreachable!("{text}")
            };
            let expected = match expected.as_str().unwrap() {
                "NoCommit" => Commitment::None,
                "1MonthCommit" | "1month" => Commitment::OneMonth,
                "6MonthsCommit" => Commitment::SixMonths,
                other => unreachable!("{other}"),
            };
            assert_eq!(commitment, expected, "{text}");
            return;
        }
        "policy" => {
            let expected = expected.as_str().unwrap();
            match read.kind {
                UsageKind::GuardrailTextUnits(policy) => {
                    assert_eq!(policy, expected.parse().unwrap(), "{text}");
                }
                UsageKind::GuardrailCheckTextUnits(check) => {
                    assert_eq!(check, expected.parse().unwrap(), "{text}");
                }
                _ => unreachable!("{text}"),
            }
            return;
        }
        "component" | "dim" => {
            let UsageKind::AgentCore {
                component,
                dimension,
            } = read.kind
            else {
                unreachable!("{text}")
            };
            json!(if field == "dim" { dimension } else { component })
        }
        other => unreachable!("field {other} of {text}"),
    };
    assert_eq!(&found, expected, "{field} of {text}");
}

fn kind_name(read: &UsageType<'_>) -> &'static str {
    match read.kind {
        UsageKind::Token {
            modality: Some(Modality::Image),
            ..
        } => "image_tokens",
        UsageKind::Token { .. } => "token",
        UsageKind::TrainingTokens(_) => "Model-Customization-input-tokens",
        UsageKind::ReservedTpm { .. } => "reserved_tpm",
        UsageKind::ProvisionedModelUnits(_) => "provisioned",
        UsageKind::GuardrailTextUnits(_) => "guardrail",
        UsageKind::GuardrailCheckTextUnits(_) => "guardrail_checks",
        UsageKind::Images { .. } => "created_image",
        UsageKind::SearchUnits => match (read.family, read.model_segment) {
            (Family::Marketplace, _) => "search_units",
            (_, Some("AmazonRerank-v1")) => "searchunits",
            _ => "search-units",
        },
        UsageKind::CustomModelStorage => "Customization-Storage",
        UsageKind::TrainingHours => "RFT-Training-Hours",
        UsageKind::WebGrounding => "nova-grounding",
        UsageKind::AgentCore { .. } => "agentcore",
        _ => "other",
    }
}

#[test]
fn collected_usage_types_are_read_as_collected() {
    let rows: Vec<Value> = serde_json::from_str(COLLECTED).unwrap();
    assert_eq!(rows.len(), 77);
    let mut unclassified = Vec::new();
    for row in &rows {
        let text = row["usagetype"].as_str().unwrap();
        match (&row["classified"], UsageType::parse(text)) {
            (Value::Object(fields), Ok(read)) => {
                for (field, expected) in fields {
                    check_field(text, field, expected, &read);
                }
            }
            (Value::Null, Err(Unclassified)) => unclassified.push(text),
            (_, read) => unreachable!("{text} read as {read:?}"),
        }
    }
    assert_eq!(unclassified, ["USE1-DataTransfer-Out-Bytes"]);
}

/// Reads a usage type and sums it up in one line.
fn check(text: &str, expected: &str) {
    let found = UsageType::parse(text).map_or_else(
        |error| error.to_string(),
        |read| {
            format!(
                "{} {} {:?} {} {}{}{} {:?}",
                read.region.as_ref().map_or("-", Region::as_str),
                read.model_segment.unwrap_or("-"),
                read.kind,
                read.tier,
                read.routing,
                if read.long_context { " long" } else { "" },
                if read.custom_model { " custom" } else { "" },
                read.unit(),
            )
        },
    );
    assert_eq!(found, expected, "{text}");
}

#[test]
fn texts_beside_the_collected_ones_are_read() {
    let thousand = "Tokens { per_unit: 1000 }";
    let million = "Tokens { per_unit: 1000000 }";
    check(
        "USW2-Mistral-Large-3-675b-Instruct-output-tokens-flex",
        &format!(
            "us-west-2 Mistral-Large-3-675b-Instruct Token {{ kind: Output, modality: None }} flex regional {thousand}"
        ),
    );
    check(
        "EU-TitanEmbeddingV2-Text-input-tokens",
        &format!(
            "eu-west-1 TitanEmbeddingV2-Text Token {{ kind: Input, modality: None }} standard regional {thousand}"
        ),
    );
    check(
        "USE1-xai.grok-4.3-mantle-input-tokens-standard",
        &format!(
            "us-east-1 xai.grok-4.3 Token {{ kind: Input, modality: None }} standard regional {million}"
        ),
    );
    check(
        "USE1-openai.gpt-6-sol-mantle-cache-write-tokens-30m-standard",
        &format!(
            "us-east-1 openai.gpt-6-sol Token {{ kind: CacheWrite30m, modality: None }} standard regional {thousand}"
        ),
    );
    check(
        "USE1-MP:USE1_cache_write_tokens_30m_global_standard-Units",
        &format!(
            "us-east-1 - Token {{ kind: CacheWrite30m, modality: None }} standard global {million}"
        ),
    );
    check(
        "R-MP:USE1_InputTokenCount-Units",
        "not a usage type of Amazon Bedrock that is known",
    );
    check(
        "QQQ9-NovaMicro-input-tokens",
        &format!(
            "- NovaMicro Token {{ kind: Input, modality: None }} standard regional {thousand}"
        ),
    );
    check(
        "USE1-NovaSonic-speech-understanding-input-token",
        &format!(
            "us-east-1 NovaSonic Token {{ kind: Input, modality: Some(Speech) }} standard regional {thousand}"
        ),
    );
    check(
        "USE1-Nova2.0Omni-input-video-token-count",
        &format!(
            "us-east-1 Nova2.0Omni Token {{ kind: Input, modality: Some(Video) }} standard regional {thousand}"
        ),
    );
    check(
        "USE1-Claude4.6Sonnet-reserved-3-month-input-tokens-per-minute-cross-region-global",
        "us-east-1 Claude4.6Sonnet ReservedTpm { direction: Input, term: ThreeMonths } standard global ThousandTpmHour",
    );
    check(
        "USE1-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits",
        "us-east-1 TitanText-Premier ProvisionedModelUnits(None) standard regional custom ModelUnitHour",
    );
    check(
        "USE1-Llama-CustomModelImport-Inference-v1:0",
        r#"us-east-1 Llama ImportedModelMinutes { version: "v1:0" } standard regional CustomModelUnitMinute"#,
    );
    check(
        "USE1-OSS-CustomModelImport-Storage-v2:0",
        r#"us-east-1 OSS ImportedModelStorage { version: "v2:0" } standard regional ModelMonth"#,
    );
    check(
        "USE1-NovaPro-Customization-Training",
        "us-east-1 NovaPro CustomModelTraining standard regional Other",
    );
    check(
        "USE1-NovaCanvas-T2I-1024-Premium",
        r#"us-east-1 NovaCanvas Images { direction: Output, variant: Some("T2I-1024-Premium") } standard regional Image"#,
    );
    check(
        "USE1-TitanEmbeddingsG1-Image-input-image",
        "us-east-1 TitanEmbeddingsG1-Image Images { direction: Input, variant: None } standard regional Image",
    );
    check(
        "USE1-Guardrail-ContentPolicyImageUnitsConsumed",
        "us-east-1 - GuardrailImages standard regional Image",
    );
    check(
        "USE1-DataAutomation-Custom-PagesProcessed-AddOnFields",
        r#"us-east-1 - DataAutomation("Custom-PagesProcessed-AddOnFields") standard regional Other"#,
    );
}

#[test]
fn other_texts_are_unclassified() {
    for text in [
        "",
        "USE1",
        "USE1-",
        "USE1-NovaMicro",
        "USE1--input-tokens",
        "NovaMicro-input-tokens",
        "GPT-OSS-20B-input-tokens",
        "USW2-Bedrock:InputTokens",
        "USE1-Requests-Tier1",
        "USE1-Lambda-GB-Second",
        "USE1-NovaMicro-input-tokens-sideways",
        "USE1-NovaMicro-input-tokens-batch-flex",
        "USE1-NovaMicro-input-tokens-1h",
        "USE1-Guardrail-HumourPolicyUnitsConsumed",
        "USE1-MP:USE1_InputTokenCount",
        "USE1-MP:nowhere_InputTokenCount-Units",
        "USE1-NovaMicro-input-tokens ",
        "USE1-Növa-input-tokens",
    ] {
        assert_eq!(UsageType::parse(text), Err(Unclassified), "{text}");
    }
    assert_eq!(
        UsageType::parse(&"USE1-".repeat(1_000_000)),
        Err(Unclassified)
    );
}

#[test]
fn models_in_usage_types_are_known() {
    let rows: Vec<Value> = serde_json::from_str(COLLECTED).unwrap();
    let unknown: Vec<&str> = rows
        .iter()
        .filter_map(|row| UsageType::parse(row["usagetype"].as_str().unwrap()).ok())
        .filter(|read| read.model_id().is_none())
        .filter_map(|read| read.model_segment)
        .collect();
    // Cohere's first reranker has no id in the price book.
    assert_eq!(unknown, ["cohere.rerank-english-v3"]);
}

#[test]
fn units_are_read_from_aws_text() {
    for (text, unit) in [
        ("1K tokens", Some(BilledUnit::Tokens { per_unit: 1_000 })),
        (
            "1M tokens",
            Some(BilledUnit::Tokens {
                per_unit: 1_000_000,
            }),
        ),
        ("1K TPM Hour", Some(BilledUnit::ThousandTpmHour)),
        ("TextUnit", Some(BilledUnit::TextUnit)),
        ("Units", None),
        ("1B tokens", None),
    ] {
        assert_eq!(BilledUnit::from_aws(text), unit, "{text}");
    }
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(values)
}

fn model_kinds() -> impl Strategy<Value = UsageKind<'static>> {
    let modality = proptest::option::of(one_of(Modality::ALL));
    prop_oneof![
        4 => (one_of(&TokenKind::ALL), modality).prop_map(|(kind, modality)| {
            let told_apart = matches!(kind, TokenKind::Input | TokenKind::Output);
            UsageKind::Token { kind, modality: modality.filter(|_| told_apart) }
        }),
        1 => one_of(Direction::ALL).prop_map(UsageKind::TrainingTokens),
        1 => (one_of(Direction::ALL), one_of(ReservedTerm::ALL))
            .prop_map(|(direction, term)| UsageKind::ReservedTpm { direction, term }),
        1 => one_of(Direction::ALL).prop_map(|direction| UsageKind::Images { direction, variant: None }),
        1 => one_of(&[
            UsageKind::SearchUnits,
            UsageKind::CacheStorage,
            UsageKind::CustomModelStorage,
            UsageKind::CustomModelTraining,
            UsageKind::TrainingHours,
            UsageKind::WebGrounding,
        ]),
    ]
}

/// Usage types whose flags all have a place in the text.
fn usage_types() -> impl Strategy<Value = UsageType<'static>> {
    let prefix = one_of(&["USE1", "EU", "EUW1", "APS3", "UGW1", "QQQ9"]);
    let segment = one_of(&[
        "NovaMicro",
        "Llama4-Maverick-17B",
        "zai.glm5",
        "gpt-oss-20b",
        "TitanEmbeddingV2-Text",
    ]);
    let family = one_of(&[Family::Native, Family::Mantle, Family::Marketplace]);
    let flags = (
        one_of(Tier::ALL),
        one_of(Routing::ALL),
        any::<bool>(),
        any::<bool>(),
    );
    let fixed = prop_oneof![
        one_of(GuardrailPolicy::ALL)
            .prop_map(|policy| (Family::Guardrails, UsageKind::GuardrailTextUnits(policy))),
        one_of(GuardrailCheck::ALL).prop_map(|check| (
            Family::Guardrails,
            UsageKind::GuardrailCheckTextUnits(check)
        )),
        Just((Family::Guardrails, UsageKind::GuardrailImages)),
        Just((
            Family::AgentCore,
            UsageKind::AgentCore {
                component: "Memory",
                dimension: "Short-Term-Memory"
            }
        )),
        Just((
            Family::Feature,
            UsageKind::DataAutomation("Standard-ImagesProcessed")
        )),
        Just((Family::Feature, UsageKind::KnowledgeBase("Storage-Hours"))),
        Just((
            Family::Native,
            UsageKind::ImportedModelMinutes { version: "v1:0" }
        )),
        Just((
            Family::Native,
            UsageKind::ImportedModelStorage { version: "v2:0" }
        )),
        Just((
            Family::Native,
            UsageKind::Images {
                direction: Direction::Output,
                variant: Some("I2I-2048-Standard")
            }
        )),
        one_of(Commitment::ALL).prop_map(|commitment| (
            Family::Marketplace,
            UsageKind::ProvisionedModelUnits(commitment)
        )),
        one_of(Commitment::ALL)
            .prop_map(|commitment| (Family::Native, UsageKind::ProvisionedModelUnits(commitment))),
    ];
    let with_flags = (family, model_kinds(), flags);
    let kinds = prop_oneof![
        3 => with_flags.prop_map(|(family, kind, flags)| (family, kind, flags)),
        1 => fixed.prop_map(|(family, kind)| (family, kind, (Tier::Standard, Routing::Regional, false, false))),
    ];
    (prefix, segment, kinds).prop_map(|(billing_prefix, segment, (family, kind, flags))| {
        UsageType {
            billing_prefix,
            region: Region::from_billing_prefix(billing_prefix),
            family,
            model_segment: matches!(family, Family::Native | Family::Mantle).then_some(segment),
            kind,
            tier: flags.0,
            routing: flags.1,
            long_context: flags.2,
            custom_model: flags.3,
        }
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(usage_type in usage_types()) {
        let text = usage_type.to_string();
        prop_assert_eq!(UsageType::parse(&text), Ok(usage_type), "{}", text);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}|(USE1|EU)[-_](MP:USE1_)?[A-Za-z0-9.:_-]{0,60}(-Units)?") {
        if let Ok(read) = UsageType::parse(&text) {
            let _ = (read.unit(), read.model_id());
            let printed = read.to_string();
            prop_assert_eq!(UsageType::parse(&printed).map(|read| read.kind), Ok(read.kind), "{}", printed);
        }
    }
}
