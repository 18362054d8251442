//! Inference profiles: those of AWS by geography, and the account's own by application.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::models::offered;
use super::{model_arn, paged, text};
use crate::catalog::CatalogModel;
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::calendar::midnight;
use crate::ledger::place::{Account, Region};
use crate::ledger::stream::Route;
use crate::pricing;

pub(super) fn list(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    // AWS's own profiles are listed unless the account's are asked for.
    let summaries = match text(input, "typeEquals") {
        Some("APPLICATION") => application_profiles(ledger, region),
        _ => system_profiles(ledger.today().date(), region),
    };
    paged(
        "ListInferenceProfiles",
        "inferenceProfileSummaries",
        input,
        summaries,
    )
}

pub(super) fn get(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let wanted = text(input, "inferenceProfileIdentifier").unwrap_or_default();
    system_profiles(ledger.today().date(), region)
        .into_iter()
        .chain(application_profiles(ledger, region))
        .find(|profile| {
            ["inferenceProfileId", "inferenceProfileArn"]
                .iter()
                .any(|member| text(profile, member) == Some(wanted))
        })
        .ok_or_else(|| {
            Fault::new(
                "ResourceNotFoundException",
                format!("Inference profile {wanted} not found"),
            )
            .with_status(404)
        })
}

/// Where a global profile sends requests beside its own region: farther than any geography reaches.
const FAR: [&str; 3] = ["us-west-2", "eu-west-1", "ap-southeast-2"];

/// The regions of a global profile, that of the caller first.
fn everywhere(region: &str) -> Vec<&str> {
    let mut regions = vec![region];
    regions.extend(FAR.into_iter().filter(|far| *far != region));
    regions
}

/// Where a geographic profile sends requests.
fn destinations(geography: &str) -> &'static [&'static str] {
    match geography {
        "us" => &["us-east-1", "us-east-2", "us-west-2"],
        "eu" => &["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"],
        _ => &["ap-northeast-1", "ap-northeast-3"],
    }
}

fn system_profiles(day: Date, region: &str) -> Vec<Value> {
    let Some(home) = Region::from_code(region) else {
        return Vec::new();
    };
    let mut profiles = Vec::new();
    for model in offered(day, region) {
        let is_american = model.provider() == "Meta" || model.provider() == "DeepSeek";
        let geography = home.geography();
        if model.has_geographic_profile()
            && (geography == "us" || !is_american)
            && pricing::is_priced_in(model.id, region, false)
        {
            profiles.push(system_profile(
                model,
                region,
                geography,
                destinations(geography),
            ));
        }
        if pricing::is_priced_in(model.id, region, true) {
            profiles.push(system_profile(model, region, "global", &everywhere(region)));
        }
    }
    profiles
}

fn system_profile(model: &CatalogModel, region: &str, prefix: &str, to: &[&str]) -> Value {
    let id = format!("{prefix}.{}", model.id);
    let models: Vec<Value> = to
        .iter()
        .map(|destination| json!({ "modelArn": model_arn(destination, model.id) }))
        .collect();
    let label = if prefix == "global" {
        "Global".to_owned()
    } else {
        prefix.to_uppercase()
    };
    let made = midnight(model.launch).as_second();
    json!({
        "inferenceProfileName": format!("{label} {} {}", model.provider(), plain(model.name)),
        "description": format!("Routes requests to {} {}.", model.provider(), plain(model.name)),
        "createdAt": made,
        "updatedAt": made,
        "inferenceProfileArn":
            format!("arn:aws:bedrock:{region}:{}:inference-profile/{id}", Account::PAYER.id()),
        "models": models,
        "inferenceProfileId": id,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    })
}

/// A name with what a profile's name may hold: letters, digits and single blanks.
fn plain(name: &str) -> String {
    let words: Vec<String> = name
        .split([' ', '-', '.'])
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The profiles that workloads of the caller's account call, from the day of their first call.
fn application_profiles(ledger: &Ledger, region: &str) -> Vec<Value> {
    let today = ledger.today();
    let mut profiles: Vec<Value> = Vec::new();
    for workload in ledger.workloads() {
        let stream = workload.stream;
        let (Route::Application(id) | Route::ApplicationGlobal(id)) = stream.route else {
            continue;
        };
        let first = stream.volume.first().map(|(day, _)| *day);
        let Some(made) = first.filter(|first| *first <= today) else {
            continue;
        };
        let is_known = profiles
            .iter()
            .any(|profile| text(profile, "inferenceProfileId") == Some(id));
        if stream.account != Account::PAYER || stream.region.code() != region || is_known {
            continue;
        }
        let made = made.start().as_second();
        // What was copied from a global profile sends to the same regions.
        let regions = if stream.is_global() {
            everywhere(region)
        } else {
            vec![region]
        };
        let models: Vec<Value> = regions
            .into_iter()
            .map(|region| json!({ "modelArn": model_arn(region, stream.model.id) }))
            .collect();
        profiles.push(json!({
            "inferenceProfileName": stream.key,
            "createdAt": made,
            "updatedAt": made,
            "inferenceProfileArn": workload.model_id,
            "models": models,
            "inferenceProfileId": id,
            "status": "ACTIVE",
            "type": "APPLICATION",
        }));
    }
    profiles
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap or index fails the test"
)]
mod tests {
    use super::*;

    fn today() -> Ledger {
        Ledger::new("2026-11-22T15:30:00Z".parse().unwrap())
    }

    #[test]
    fn every_model_id_of_the_metrics_resolves_to_its_model() {
        let ledger = today();
        let mut checked = 0;
        for workload in ledger.workloads() {
            let stream = workload.stream;
            let day = ledger.today();
            let live = stream
                .volume
                .first()
                .is_some_and(|(first, _)| *first <= day)
                && day < stream.until;
            if !live || stream.account != Account::PAYER || stream.route == Route::InRegion {
                continue;
            }
            let input = json!({ "inferenceProfileIdentifier": workload.model_id });
            let profile = get(&ledger, stream.region.code(), &input).unwrap();
            let arn = profile["models"][0]["modelArn"].as_str().unwrap();
            assert!(
                arn.ends_with(&format!("/{}", stream.model.id)),
                "{}",
                stream.key
            );
            checked += 1;
        }
        assert!(checked > 8, "{checked}");
    }

    #[test]
    fn own_profiles_are_listed_apart() {
        let ledger = today();
        let kinds = |input: Value| {
            let answer = list(&ledger, "us-east-1", &input).unwrap();
            let profiles = answer["inferenceProfileSummaries"].as_array().unwrap();
            let kinds: Vec<String> = profiles.iter().map(|one| one["type"].to_string()).collect();
            kinds
        };
        let own = kinds(json!({ "typeEquals": "APPLICATION" }));
        assert!(own.len() >= 3 && own.iter().all(|kind| kind.contains("APPLICATION")));
        let system = kinds(json!({}));
        assert!(system.len() > 20 && system.iter().all(|kind| kind.contains("SYSTEM_DEFINED")));
    }

    #[test]
    fn a_profile_copied_from_a_global_one_reaches_beyond_its_geography() {
        let models = |id: &str| {
            let input = json!({ "inferenceProfileIdentifier": id });
            let profile = get(&today(), "us-east-1", &input).unwrap();
            profile["models"].as_array().unwrap().len()
        };
        // Four regions of three geographies; a profile over the model of one region has that one.
        assert_eq!(models("d0csrch45g01"), 4);
        assert_eq!(models("q7m2short0cp1"), 1);
    }

    #[test]
    fn an_unknown_profile_is_not_found() {
        let input = json!({ "inferenceProfileIdentifier": "us.acme.model-v1:0" });
        let fault = get(&today(), "us-east-1", &input).unwrap_err();
        assert_eq!(
            (fault.error_type.as_str(), fault.http_status),
            ("ResourceNotFoundException", 404)
        );
    }
}
