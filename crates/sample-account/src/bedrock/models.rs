//! `ListFoundationModels`: the catalog as a region shows it on the ledger's day.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{model_arn, text};
use crate::catalog::{CatalogModel, MODELS};
use crate::ledger::Ledger;
use crate::ledger::calendar::midnight;
use crate::pricing;

/// The models offered in a region on a day; each once.
pub(super) fn offered(day: Date, region: &str) -> impl Iterator<Item = &'static CatalogModel> {
    let mut seen = BTreeSet::new();
    MODELS.iter().filter(move |model| {
        model.is_offered(day)
            && (pricing::is_priced_in(model.id, region, false)
                || pricing::is_priced_in(model.id, region, true))
            && seen.insert(model.id)
    })
}

pub(super) fn list(ledger: &Ledger, region: &str, input: &Value) -> Value {
    let day = ledger.today().date();
    let summaries: Vec<Value> = offered(day, region)
        .map(|model| summary(model, region, day))
        .filter(|summary| passes(summary, input))
        .collect();
    json!({ "modelSummaries": summaries })
}

fn passes(summary: &Value, input: &Value) -> bool {
    let provider = text(input, "byProvider").is_none_or(|wanted| {
        text(summary, "providerName").is_some_and(|found| found.eq_ignore_ascii_case(wanted))
    });
    let lists = [
        ("byOutputModality", "outputModalities"),
        ("byInferenceType", "inferenceTypesSupported"),
        ("byCustomizationType", "customizationsSupported"),
    ];
    provider
        && lists.iter().all(|(filter, member)| {
            text(input, filter).is_none_or(|wanted| {
                summary
                    .get(member)
                    .and_then(Value::as_array)
                    .is_some_and(|found| found.iter().any(|value| value == wanted))
            })
        })
}

fn summary(model: &CatalogModel, region: &str, day: Date) -> Value {
    let sees = [
        "claude-",
        "nova-",
        "llama4",
        "pixtral",
        "gemma-3",
        "mistral-large-3",
    ];
    let blind = ["claude-instant", "claude-v2", "nova-micro"];
    let names = |parts: &[&str]| parts.iter().any(|part| model.id.contains(part));
    let input: &[&str] = if names(&sees) && !names(&blind) {
        &["TEXT", "IMAGE"]
    } else {
        &["TEXT"]
    };
    let output = if model.is_embedding() {
        "EMBEDDING"
    } else {
        "TEXT"
    };
    let inference: &[&str] = if model.is_profile_only() {
        &[]
    } else {
        &["ON_DEMAND"]
    };
    let tunable = [
        "nova-lite",
        "nova-micro",
        "nova-pro",
        "nova-2-lite",
        "llama3-1",
        "claude-3-haiku",
    ];
    let customizations: &[&str] = if names(&tunable) {
        &["FINE_TUNING"]
    } else {
        &[]
    };
    let mut lifecycle = json!({
        "status": if model.legacy.is_some_and(|legacy| legacy <= day) { "LEGACY" } else { "ACTIVE" },
        "startOfLifeTime": midnight(model.launch).as_second(),
    });
    if let Some(members) = lifecycle.as_object_mut() {
        // A date is announced with the mark, not before.
        let legacy = model.legacy.filter(|legacy| *legacy <= day);
        if let Some(legacy) = legacy {
            members.insert("legacyTime".to_owned(), midnight(legacy).as_second().into());
        }
        let end = model
            .end_of_life
            .filter(|_| legacy.is_some() || model.legacy.is_none());
        if let Some(end) = end {
            members.insert("endOfLifeTime".to_owned(), midnight(end).as_second().into());
        }
    }
    json!({
        "modelArn": model_arn(region, model.id),
        "modelId": model.id,
        "modelName": model.brand,
        "providerName": model.provider(),
        "inputModalities": input,
        "outputModalities": [output],
        "responseStreamingSupported": !model.is_embedding(),
        "customizationsSupported": customizations,
        "inferenceTypesSupported": inference,
        "modelLifecycle": lifecycle,
    })
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap or index fails the test"
)]
mod tests {
    use super::*;

    fn ids(as_of: &str, region: &str, input: &Value) -> Vec<String> {
        let ledger = Ledger::new(as_of.parse().unwrap());
        let answer = list(&ledger, region, input);
        let models = answer["modelSummaries"].as_array().unwrap();
        models
            .iter()
            .map(|model| model["modelId"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn models_come_and_go() {
        let has =
            |as_of: &str, id: &str| ids(as_of, "us-east-1", &json!({})).contains(&id.to_owned());
        let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
        assert!(!has("2025-10-14T23:59:00Z", haiku));
        assert!(has("2025-10-15T00:00:00Z", haiku));
        assert!(has("2024-12-05T12:00:00Z", "anthropic.claude-v2:1"));
        assert!(!has("2026-11-22T12:00:00Z", "anthropic.claude-v2:1"));
        assert!(ids("2026-11-22T12:00:00Z", "af-south-1", &json!({})).is_empty());
    }

    #[test]
    fn filters_narrow_the_list() {
        let as_of = "2026-11-22T12:00:00Z";
        let all = ids(as_of, "us-east-1", &json!({}));
        let unique: BTreeSet<&String> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        let anthropic = ids(as_of, "us-east-1", &json!({ "byProvider": "anthropic" }));
        assert!(anthropic.len() > 10 && anthropic.len() < all.len());
        assert!(anthropic.iter().all(|id| id.starts_with("anthropic.")));
        let vectors = ids(
            as_of,
            "us-east-1",
            &json!({ "byOutputModality": "EMBEDDING" }),
        );
        assert!(!vectors.is_empty() && vectors.iter().all(|id| id.contains("embed")));
        let none = ids(
            as_of,
            "us-east-1",
            &json!({ "byInferenceType": "PROVISIONED" }),
        );
        assert!(none.is_empty());
    }

    #[test]
    fn a_legacy_model_says_so_from_its_day_on() {
        let state = |as_of: &str| {
            let ledger = Ledger::new(as_of.parse().unwrap());
            let answer = list(&ledger, "us-east-1", &json!({}));
            let models = answer["modelSummaries"].as_array().unwrap().clone();
            let found = models
                .into_iter()
                .find(|model| model["modelId"] == "anthropic.claude-sonnet-4-20250514-v1:0");
            found.map(|model| model["modelLifecycle"].clone()).unwrap()
        };
        let before = state("2026-04-13T12:00:00Z");
        assert_eq!(
            (&before["status"], before.get("endOfLifeTime")),
            (&json!("ACTIVE"), None)
        );
        let after = state("2026-04-14T12:00:00Z");
        assert_eq!(after["status"], "LEGACY");
        // 2026-10-14T00:00:00Z
        assert_eq!(after["endOfLifeTime"], 1_791_936_000);
    }
}
