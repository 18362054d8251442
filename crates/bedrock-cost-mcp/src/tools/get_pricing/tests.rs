//! Prices from the book and from the simulated account's Price List, as a client asks for them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use crate::{aws::Aws, error::ToolError, tools::on_sample};
use rust_decimal::Decimal;
use sample_account::FaultPlan;
use serde_json::{Map, Value, json};

/// The guide's call 3, its arguments as they stand there.
fn guide_call() -> Value {
    json!({
        "service_code": "AmazonBedrock",
        "region": ["us-east-1", "us-west-2"],
        "filters": [{"Field": "productFamily", "Value": "Machine Learning", "Type": "EQUALS"}],
    })
}

fn operations(aws: &Aws) -> Vec<String> {
    let journal = aws.sample_account().journal();
    journal.into_iter().map(|entry| entry.operation).collect()
}

fn list<'a>(answer: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    answer
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn codes(answer: &Map<String, Value>) -> Vec<&str> {
    let warnings = list(answer, "warnings").iter();
    warnings
        .filter_map(|warning| warning.get("code")?.as_str())
        .collect()
}

/// The cells of one column in the rows that hold these cells.
fn cells(answer: &Map<String, Value>, wanted: &[(&str, &str)], column: &str) -> Vec<Value> {
    on_sample::records(answer)
        .iter()
        .filter(|row| wanted.iter().all(|(name, value)| row[*name] == *value))
        .map(|row| row[column].clone())
        .collect()
}

#[tokio::test]
async fn the_call_of_the_guide_gets_rates_although_its_filter_fits_nothing() {
    for day in ["2024-12-05", "2026-11-22"] {
        let aws = on_sample::account(day);
        let answer = on_sample::call(&aws, "get_pricing", guide_call())
            .await
            .unwrap();
        let journal = aws.sample_account().journal();
        let has =
            |input: &Option<Value>, text: &str| input.as_ref().unwrap().to_string().contains(text);
        let count = |name: &str, wanted: &dyn Fn(&Option<Value>) -> bool| {
            let asked = journal.iter().filter(|entry| entry.operation == name);
            asked.filter(|entry| wanted(&entry.input)).count()
        };
        // Three codes in two regions find nothing, the three say which values exist, then each is read.
        let filtered = count("GetProducts", &|input| has(input, "Machine Learning"));
        let first = count("GetProducts", &|input| {
            !has(input, "Machine Learning") && !has(input, "NextToken")
        });
        let further = count("GetProducts", &|input| has(input, "NextToken"));
        let values = count("GetAttributeValues", &|_| true);
        assert_eq!((filtered, values, first), (6, 3, 6), "{day}");
        assert_eq!(journal.len(), 15 + further);
        // 100 prices fill a page, and six pages of at most 100 hold what two years ago had.
        assert_eq!(
            further == 0,
            answer.get("prices").unwrap().as_u64().unwrap() < 600,
            "{day}"
        );
        assert_eq!(answer.get("aws_requests"), Some(&json!(15 + further)));
        assert_eq!(answer.get("aws_cost_usd"), Some(&json!(0)));
        assert_eq!(
            codes(&answer),
            ["filter_matched_nothing", "service_codes", "summary"]
        );
        assert_eq!(
            answer.get("attribute_values"),
            Some(&json!({"productFamily": ["Amazon Bedrock"]}))
        );
        assert_eq!(
            cells(&answer, &[("model", "Nova Micro")], "input"),
            [json!(0.035)]
        );
        assert!(!list(&answer, "rows").is_empty());
    }
}

#[tokio::test]
async fn models_of_both_units_are_priced_alike() {
    let aws = on_sample::account("2026-11-22");
    let ask = json!({
        "service_code": "AmazonBedrock",
        "model": ["Nova Pro", "Claude Haiku 4.5"],
        "tier": "standard",
        "detail": "full",
    });
    let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
    // AWS lists Nova Pro at 0.0008 per 1K tokens and Claude Haiku 4.5 at 1.1 per 1M.
    let input = |model, routing| {
        cells(
            &answer,
            &[("model", model), ("what", "input"), ("routing", routing)],
            "usd",
        )
    };
    assert_eq!(input("Nova Pro", "regional"), [json!(0.8)]);
    assert_eq!(input("Claude Haiku 4.5", "regional"), [json!(1.1)]);
    assert_eq!(input("Claude Haiku 4.5", "global"), [json!(1)]);
    let units = cells(&answer, &[("what", "input")], "unit");
    assert!(units.iter().all(|unit| unit == "1M tokens"), "{units:?}");
}

#[tokio::test]
async fn exact_scope_reads_one_code_and_says_who_is_missing() {
    let aws = on_sample::account("2026-11-22");
    let mut ask = guide_call();
    let members = ask.as_object_mut().unwrap();
    members.remove("filters");
    members.insert("bedrock_scope".into(), "exact".into());
    let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
    assert_eq!(
        answer.get("service_codes_read"),
        Some(&json!(["AmazonBedrock"]))
    );
    assert!(codes(&answer).contains(&"models_elsewhere"));
}

#[tokio::test]
async fn a_filter_that_fits_narrows_and_says_what_it_leaves_out() {
    let aws = on_sample::account("2026-11-22");
    let ask = json!({
        "service_code": "AmazonBedrock",
        "filters": "[{\"Field\": \"provider\", \"Value\": [\"Meta\", \"Amazon\"], \"Type\": \"ANY_OF\"}]",
        "limit": 200,
    });
    let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
    assert!(codes(&answer).contains(&"filter_leaves_out_marketplace"));
    assert!(!operations(&aws).contains(&"GetAttributeValues".to_owned()));
    let models = cells(&answer, &[], "model");
    assert!(models.contains(&json!("Nova Micro")));
    assert!(
        !models
            .iter()
            .any(|model| model.as_str().unwrap().starts_with("Mistral")),
        "{models:?}"
    );
}

#[tokio::test]
async fn filters_that_fit_only_apart_are_named_together() {
    let aws = on_sample::account("2026-11-22");
    let ask = json!({
        "service_code": "AmazonBedrock",
        "filters": [{"Field": "model", "Value": "Nova Pro"}, {"Field": "provider", "Value": "Meta"}],
    });
    let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
    let warning = list(&answer, "warnings").first().unwrap().to_string();
    assert!(
        warning.contains("model = Nova Pro and provider = Meta match no price together"),
        "{warning}"
    );
    assert!(!list(&answer, "rows").is_empty());
}

#[tokio::test]
async fn the_one_filter_that_excludes_everything_is_named() {
    let filter = |field: &str, value: &str| json!({"Field": field, "Value": value});
    for (region, filters, expected, absent) in [
        // The model is sold, and not in this region.
        (
            "eu-central-1",
            vec![
                filter("model", "Nova Premier"),
                filter("provider", "Amazon"),
            ],
            "model = Nova Premier matches no price in eu-central-1",
            "provider = Amazon",
        ),
        // Two of three fit one another.
        (
            "us-east-1",
            vec![
                filter("model", "Nova Pro"),
                filter("provider", "Meta"),
                filter("inferenceType", "Input tokens"),
            ],
            "model = Nova Pro and provider = Meta match no price together, though each does alone",
            "inferenceType",
        ),
    ] {
        let aws = on_sample::account("2026-11-22");
        let ask = json!({"service_code": "AmazonBedrock", "bedrock_scope": "exact", "region": region, "filters": filters});
        let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
        let warning = list(&answer, "warnings")
            .iter()
            .find(|warning| warning["code"] == "filter_matched_nothing");
        let warning = warning.unwrap().to_string();
        assert!(warning.contains(expected), "{warning}");
        assert!(!warning.contains(absent), "{warning}");
        assert!(!list(&answer, "rows").is_empty());
    }
}

#[tokio::test]
async fn a_model_by_two_names_is_answered_once_and_a_short_name_gets_offers() {
    let aws = on_sample::account("2026-11-22");
    let once = on_sample::call(&aws, "get_pricing", json!({"model": "Nova Pro"})).await;
    let twice = json!({"model": ["Nova Pro", "nova pro", "amazon.nova-pro-v1:0"]});
    let twice = on_sample::call(&aws, "get_pricing", twice).await;
    assert_eq!(twice.unwrap()["rows"], once.unwrap()["rows"]);
    for (given, family) in [
        ("sonnet", "sonnet"),
        ("Haiku", "haiku"),
        ("claude opus", "opus"),
    ] {
        let error = on_sample::call(&aws, "get_pricing", json!({"model": given})).await;
        let ToolError::UnknownModel { nearest, .. } = error.unwrap_err() else {
            unreachable!("{given} is no model")
        };
        assert!((2..=6).contains(&nearest.len()), "{nearest:?}");
        assert!(nearest.iter().all(|id| id.contains(family)), "{nearest:?}");
    }
    let ireland = json!({"model": "Nova Pro", "region": "Ireland"});
    let error = on_sample::call(&aws, "get_pricing", ireland)
        .await
        .unwrap_err();
    assert!(error.to_text().contains("eu-west-1"), "{}", error.to_text());
}

#[tokio::test]
async fn pages_of_a_full_answer_hold_every_price_once() {
    let aws = on_sample::account("2024-12-05");
    let mut seen = Vec::new();
    let mut cursor = json!(0);
    let total = loop {
        let ask = json!({"service_code": "AmazonBedrock", "detail": "full", "limit": 50, "cursor": cursor});
        let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
        seen.extend(list(&answer, "rows").to_vec());
        match answer.get("next_cursor") {
            Some(next) => cursor = next.clone(),
            None => break answer.get("prices").unwrap().as_u64().unwrap(),
        }
    };
    assert_eq!(u64::try_from(seen.len()).unwrap(), total);
}

#[tokio::test]
async fn the_price_book_and_the_price_list_tell_the_same_rates() {
    let aws = on_sample::account("2026-11-22");
    for model in [
        "Nova Pro",
        "Claude Opus 5.5",
        "Claude Haiku 4.5",
        "Llama 3.3 70B",
    ] {
        let book = on_sample::call(&aws, "get_pricing", json!({"model": model}))
            .await
            .unwrap();
        let live = json!({"service_code": "AmazonBedrock", "model": model, "detail": "full", "tier": "standard"});
        let live = on_sample::call(&aws, "get_pricing", live).await.unwrap();
        for kind in ["input", "output"] {
            let wanted = [("routing", "regional"), ("tier", "standard")];
            let in_book = cells(&book, &wanted, kind);
            let in_list = cells(&live, &[("routing", "regional"), ("what", kind)], "usd");
            assert_eq!(
                in_book.first().unwrap(),
                in_list.first().unwrap(),
                "{model} {kind}"
            );
        }
    }
}

#[tokio::test]
async fn the_price_book_answers_without_asking_anyone() {
    let aws = on_sample::account("2026-11-22");
    let ask = |arguments: Value| {
        let aws = aws.clone();
        async move { on_sample::call(&aws, "get_pricing", arguments).await }
    };
    // The table of the facts: Claude Opus 5.5 is 4/20 globally and 4.40/22 in a region, reads 0.20, writes 5 and 8.
    let opus = ask(json!({"model": "Claude Opus 5.5"})).await.unwrap();
    let rate = |routing, column| cells(&opus, &[("routing", routing)], column);
    assert_eq!(rate("global", "input"), [json!(4)]);
    assert_eq!(rate("regional", "output"), [json!(22)]);
    assert_eq!(rate("global", "cache_read"), [json!(0.2)]);
    assert_eq!(rate("global", "cache_write_1h"), [json!(8)]);
    assert_eq!(opus.get("source").unwrap().get("kind").unwrap(), "embedded");

    let profile = ask(
        json!({"model": "global.anthropic.claude-haiku-4-5-20251001-v1:0", "tier": "standard"}),
    )
    .await
    .unwrap();
    assert_eq!(cells(&profile, &[], "routing"), [json!("global")]);

    // A profile of Europe bills what its source region does: 0.92 in Ireland, 1.05 in Frankfurt, never Virginia's 0.80.
    let refused = ask(json!({"model": "eu.amazon.nova-pro-v1:0", "tier": "standard"}))
        .await
        .unwrap_err()
        .to_json();
    let corrected = refused.get("corrected_request").unwrap();
    let again = ask(corrected.get("arguments").unwrap().clone())
        .await
        .unwrap();
    assert_eq!(cells(&again, &[], "input"), [json!(0.92)]);
    let arn = "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-pro-v1:0";
    let arn = ask(json!({"model": arn, "tier": "standard"}))
        .await
        .unwrap();
    assert_eq!(cells(&arn, &[], "input"), [json!(1.05)]);

    // Nova Pro costs 1.05 in Frankfurt and 0.92 in Ireland.
    let nova = json!({"model": "Nova Pro", "region": "eu-central-1, eu-west-1", "tier": "standard", "routing": "regional"});
    let nova = ask(nova).await.unwrap();
    assert_eq!(cells(&nova, &[], "input"), [json!(1.05), json!(0.92)]);

    // One source only: the mark is in the answer.
    let single = ask(json!({"model": "Claude Fable 5.2"})).await.unwrap();
    assert!(codes(&single).contains(&"single_source"), "{single:?}");
    let disputed = ask(json!({"model": "qwen.qwen3-next-80b-a3b"}))
        .await
        .unwrap();
    assert!(
        codes(&disputed).contains(&"sources_disagree"),
        "{disputed:?}"
    );

    let all = ask(json!({})).await.unwrap();
    let prices = cells(&all, &[], "input");
    let numbers: Vec<Decimal> = prices
        .iter()
        .map(|price| price.to_string().parse().unwrap())
        .collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert_eq!(operations(&aws), Vec::<String>::new());
}

#[tokio::test]
async fn without_permission_the_price_book_stands_in() {
    let aws = on_sample::account("2026-11-22");
    aws.sample_account().deny(["pricing:*"]);
    let answer = on_sample::call(&aws, "get_pricing", guide_call())
        .await
        .unwrap();
    let warning = list(&answer, "warnings").last().unwrap();
    assert_eq!(warning.get("code").unwrap(), "answered_from_price_book");
    assert!(
        warning.to_string().contains("pricing:GetProducts"),
        "{warning}"
    );
    assert_eq!(
        answer.get("source").unwrap().get("kind").unwrap(),
        "embedded"
    );
    let other = json!({"service_code": "AWSLambda"});
    let error = on_sample::call(&aws, "get_pricing", other)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "access_denied");
}

/// The account with some of its answers failing.
fn disturbed(rules: &[&str]) -> Aws {
    let aws = on_sample::account("2026-11-22");
    let rules = rules.iter().map(|rule| rule.parse().unwrap());
    aws.sample_account().inject(rules.collect::<FaultPlan>());
    aws
}

#[tokio::test]
async fn a_throttled_page_loses_no_other() {
    let ask = json!({"service_code": "AmazonBedrock", "region": ["us-east-1", "us-west-2"]});
    let whole = on_sample::call(&disturbed(&[]), "get_pricing", ask.clone())
        .await
        .unwrap();
    // A request is tried three times; the last requests of the listing fail, whichever page they are for.
    let last = whole.get("aws_requests").unwrap().as_u64().unwrap();
    let aws = disturbed(&[&format!("pricing:GetProducts#{last}-=throttle")]);
    let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
    let prices = |answer: &Map<String, Value>| answer.get("prices").unwrap().as_u64().unwrap();
    assert!(codes(&answer).contains(&"prices_missing"), "{answer:?}");
    assert!(!codes(&answer).contains(&"answered_from_price_book"));
    assert!(prices(&answer) > 0 && prices(&answer) < prices(&whole));
    let warning = list(&answer, "warnings").iter();
    let mut warning = warning.filter(|warning| warning.get("code").unwrap() == "prices_missing");
    let warning = warning.next().unwrap().to_string();
    assert!(warning.contains("AmazonBedrock"), "{warning}");
    assert!(warning.contains("us-"), "{warning}");
}

#[tokio::test]
async fn a_price_list_that_fails_is_answered_by_the_price_book() {
    for rule in ["pricing:*=throttle", "pricing:*=error-503"] {
        let answer = on_sample::call(&disturbed(&[rule]), "get_pricing", guide_call())
            .await
            .unwrap();
        assert!(
            codes(&answer).contains(&"answered_from_price_book"),
            "{rule}"
        );
        assert!(!list(&answer, "rows").is_empty());
        let other = json!({"service_code": "AWSLambda"});
        on_sample::call(&disturbed(&[rule]), "get_pricing", other)
            .await
            .unwrap_err();
    }
}

#[tokio::test]
async fn a_filter_that_fits_nothing_is_told_although_its_values_cannot_be_read() {
    let aws = disturbed(&["pricing:GetAttributeValues=throttle"]);
    let answer = on_sample::call(&aws, "get_pricing", guide_call())
        .await
        .unwrap();
    assert!(codes(&answer).contains(&"filter_matched_nothing"));
    assert_eq!(
        cells(&answer, &[("model", "Nova Micro")], "input"),
        [json!(0.035)]
    );
}

#[tokio::test]
async fn an_answer_is_never_longer_than_its_reader_can_hold() {
    let aws = on_sample::account("2026-11-22");
    let regions = ["us-east-1", "us-west-2", "eu-west-1"];
    let ask = json!({"service_code": "AmazonBedrock", "region": regions, "detail": "full", "limit": 5_000_000});
    let answer = on_sample::call(&aws, "get_pricing", ask).await.unwrap();
    let prices = answer.get("prices").unwrap().as_u64().unwrap();
    assert!(prices > 500, "{prices} prices do not fill the page");
    assert_eq!(list(&answer, "rows").len(), 500);
    assert_eq!(answer.get("next_cursor"), Some(&json!("500")));
    let text = Value::Array(list(&answer, "rows").to_vec()).to_string();
    assert!(!text.contains("null"));
    assert!(
        list(&answer, "corrections")
            .iter()
            .any(|made| made.get("field").unwrap() == "limit")
    );
    for arguments in [
        json!({"cursor": 99_999_999}),
        json!({"model": "Nova Pro", "cursor": 99_999_999}),
        json!({"service_code": "AmazonBedrock", "cursor": 99_999_999}),
        json!({"service_code": "AmazonBedrock", "region": regions, "detail": "full", "cursor": prices}),
    ] {
        let answer = on_sample::call(&aws, "get_pricing", arguments.clone())
            .await
            .unwrap();
        assert!(codes(&answer).contains(&"cursor_past_end"), "{arguments}");
        assert!(list(&answer, "rows").is_empty(), "{arguments}");
    }
    let error = on_sample::call(&aws, "get_pricing", json!({"limit": -1}))
        .await
        .unwrap_err();
    assert!(error.to_text().contains("from 1 to 500"), "{error}");
    let nothing = json!({"region": "us-gov-east-1", "tier": "flex"});
    let answer = on_sample::call(&aws, "get_pricing", nothing).await.unwrap();
    assert!(list(&answer, "rows").is_empty(), "{answer:?}");
    assert!(codes(&answer).contains(&"no_prices"));
    let date = answer.get("source").unwrap().get("date").unwrap();
    assert!(date.as_str().unwrap().starts_with("202"), "{date}");
}

#[tokio::test]
async fn wrong_arguments_and_dry_runs_reach_no_one() {
    let aws = on_sample::account("2026-11-22");
    for (wrong, code) in [
        (json!({"service_code": "AmazonBedrok"}), "invalid_argument"),
        (
            json!({"service_code": "AmazonBedrock", "region": "us-est-1"}),
            "invalid_argument",
        ),
        (
            json!({"service_code": "AmazonBedrock", "region": ["us-east-1", 5]}),
            "invalid_argument",
        ),
        (
            json!({"service_code": "AmazonBedrock", "filters": "[{\"Field\": "}),
            "invalid_argument",
        ),
        (
            json!({"service_code": "AmazonBedrock", "filters": [{"Field": "model"}]}),
            "invalid_argument",
        ),
        (json!({"model": "claude opus 99"}), "unknown_model"),
        (
            json!({"model": "anthropic.claude-99-v1:0"}),
            "unknown_model",
        ),
        (
            json!({"model": "Claude Opus 5.5", "tier": "free"}),
            "invalid_argument",
        ),
        (
            json!({"model": "Claude Opus 5.5", "routing": "sideways"}),
            "invalid_argument",
        ),
        (
            json!({"model": "Claude Opus 5.5", "tier": "flex"}),
            "no_rate",
        ),
        (
            json!({"model": "Claude Opus 5.5", "max_pages": 0}),
            "invalid_argument",
        ),
        (
            json!({"model": "Claude Opus 5.5", "cursor": -1}),
            "invalid_argument",
        ),
        (json!({"modell": "x", "colour": 1}), "invalid_argument"),
        (json!({"model": "a\u{7}b"}), "unknown_model"),
    ] {
        let error = on_sample::call(&aws, "get_pricing", wrong.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{wrong}: {error}");
        assert!(!error.to_text().contains('\u{7}'), "{wrong}");
    }
    let mut dry = guide_call();
    dry.as_object_mut()
        .unwrap()
        .insert("dry_run".into(), true.into());
    let answer = on_sample::call(&aws, "get_pricing", dry).await.unwrap();
    assert!(answer.contains_key("effective_request"));
    assert_eq!(operations(&aws), Vec::<String>::new());
}

#[tokio::test]
async fn a_service_code_that_is_not_known_here_is_looked_up_first() {
    let aws = on_sample::account("2026-11-22");
    let ask = json!({"service_code": "AmazonLightsail"});
    let error = on_sample::call(&aws, "get_pricing", ask).await.unwrap_err();
    assert_eq!(error.code(), "invalid_argument");
    assert_eq!(operations(&aws), ["DescribeServices"]);
}
