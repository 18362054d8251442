//! The three texts, read back by readers of their languages: every value is what was meant, whatever is in it.

use super::super::shape::{self, Node};
use super::super::{hcl, yaml, *};
use super::accounts::{bare, usage};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Text that languages could read as something else, and any other.
fn awkward() -> impl Strategy<Value = String> {
    let telling = prop::sample::select(vec![
        "${", "%{", "$${", "$", "%", "{", "}", "\"", "'", "\\", "\n", "\r\n", "\t", "`", "$(id)",
        "#", ": ", "- ", "!Ref x", "&a", "*a", "|", ">", "yes", "null", "~", "1e3", "0x1f", "{{",
        "\u{0}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{fffe}", "é", "漢", "😀",
        " ", "a", "<<", "@", "?", ",", "[", "]", "EOF", "\\u0024{", "//",
    ]);
    let parts = prop_oneof![
        telling.prop_map(str::to_owned),
        any::<char>().prop_map(String::from)
    ];
    prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat())
}

fn plan_with(name: &str) -> Plan {
    let existing = bare();
    let usage = usage();
    let mut plan = Plan::of(&Coverage::of(&existing, &usage), &existing, &usage);
    let budget = plan.budget.as_mut().unwrap();
    budget.services = vec![name.to_owned(), "Amazon Bedrock".to_owned()];
    let subscription = plan.subscription.as_mut().unwrap();
    subscription.monitor = Some(format!("arn:{name}"));
    for alarm in &mut plan.alarms {
        alarm.name = format!("{name}{}", alarm.name);
        for term in &mut alarm.terms {
            term.model = Some(name.to_owned());
        }
    }
    plan
}

fn email() -> Notify {
    Notify::Email(None)
}

/// A tree without references as JSON.
fn plain(node: &Node) -> Value {
    serde_json::from_str(&cli::json(node)).unwrap()
}

#[track_caller]
fn read_yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_template_holds_the_requests() {
    let plan = plan_with("x");
    let template = read_yaml(&template(&plan, &email()));
    let resources = template.get("Resources").unwrap().as_object().unwrap();
    let kinds: Vec<&str> = resources
        .values()
        .map(|one| one.get("Type").unwrap().as_str().unwrap())
        .collect();
    let of_kind = |kind: &str| kinds.iter().filter(|one| **one == kind).count();
    assert_eq!(of_kind("AWS::CloudWatch::Alarm"), plan.alarms.len());
    for kind in [
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
        "AWS::Budgets::Budget",
        "AWS::CE::AnomalyMonitor",
        "AWS::CE::AnomalySubscription",
        "AWS::CloudWatch::Dashboard",
    ] {
        assert_eq!(of_kind(kind), 1, "{kind}");
    }
    let model = resources
        .get("Model6Alarm")
        .unwrap()
        .get("Properties")
        .unwrap();
    assert_eq!(
        model.pointer("/Metrics/0/Expression"),
        Some(&json!("FILL(m1, 0) * 0.000001 + FILL(m2, 0) * 0.000005"))
    );
    assert_eq!(
        model.pointer("/AlarmActions/0/Ref"),
        Some(&json!("AlertTopic"))
    );
    let budget = resources.get("BedrockBudget").unwrap();
    assert_eq!(
        budget.pointer("/Properties/Budget/BudgetLimit"),
        Some(&json!({"Amount": 13000, "Unit": "USD"}))
    );
    assert_eq!(budget.get("DependsOn"), Some(&json!("AlertTopicPolicy")));
    let subscription = resources.get("AnomalySubscription").unwrap();
    let threshold = subscription
        .pointer("/Properties/ThresholdExpression")
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(threshold.as_str().unwrap()).unwrap(),
        json!({"Dimensions": {"Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": ["200"]}})
    );
}

#[test]
fn a_budget_is_left_out_where_cloudformation_has_none() {
    let mut plan = plan_with("x");
    assert!(!leaves_out_budget(&plan));
    plan.region = "eu-north-1".to_owned();
    assert!(leaves_out_budget(&plan));
    assert!(!template(&plan, &email()).contains("AWS::Budgets::Budget"));
    assert!(configuration(&plan, &email()).contains("aws_budgets_budget"));
    plan.budget = None;
    assert!(!leaves_out_budget(&plan));
}

#[test]
fn a_topic_that_exists_is_used_and_not_made() {
    let plan = plan_with("x");
    let topic: Notify = "arn:aws:sns:us-east-1:111122223333:t".parse().unwrap();
    let made = template(&plan, &topic);
    assert!(!made.contains("AWS::SNS"), "{made}");
    let template = read_yaml(&made);
    assert_eq!(
        template.pointer("/Parameters/TopicArn/Default"),
        Some(&json!("arn:aws:sns:us-east-1:111122223333:t"))
    );
    assert!(!configuration(&plan, &topic).contains("aws_sns_topic"));
    let script = commands(&plan, &topic);
    assert!(!script.contains("aws sns"), "{script}");
    assert!(
        script.contains("TOPIC='arn:aws:sns:us-east-1:111122223333:t'\n"),
        "{script}"
    );
}

/// The commands of a script as words, with variables replaced by their names.
fn words_of(script: &str) -> Vec<Vec<String>> {
    // A line of the script is one command: JSON has no line break in it.
    script
        .lines()
        .filter_map(|line| line.find("aws ").map(|at| line.split_at(at).1))
        .map(|line| {
            let line = line.split(" --query ").next().unwrap();
            shlex::split(line).unwrap_or_else(|| panic!("{line}"))
        })
        .collect()
}

fn input_of<'a>(words: &'a [Vec<String>], operation: [&str; 2]) -> Vec<(Value, &'a str)> {
    words
        .iter()
        .filter(|words| words.get(1..3).is_some_and(|two| two == operation))
        .map(|words| {
            let json = words.last().unwrap();
            let value =
                serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
            (value, json.as_str())
        })
        .collect()
}

#[test]
fn the_commands_hold_the_requests() {
    let plan = plan_with("x");
    let words = words_of(&commands(&plan, &email()));
    let (policy, _) = input_of(&words, ["sns", "set-topic-attributes"]).remove(0);
    let policy = policy.get("AttributeValue").unwrap().as_str().unwrap();
    let policy: Value = serde_json::from_str(policy).unwrap();
    assert_eq!(
        policy.pointer("/Statement/0/Resource"),
        Some(&json!("$TOPIC"))
    );
    assert_eq!(
        policy.pointer("/Statement/0/Condition/StringEquals"),
        Some(&json!({"aws:SourceAccount": "$ACCOUNT"}))
    );
    let (budget, _) = input_of(&words, ["budgets", "create-budget"]).remove(0);
    assert_eq!(budget.get("AccountId"), Some(&json!("$ACCOUNT")));
    assert_eq!(
        budget.pointer("/Budget/BudgetLimit/Amount"),
        Some(&json!("13000"))
    );
    assert_eq!(
        budget.pointer("/NotificationsWithSubscribers/2/Subscribers/0/Address"),
        Some(&json!("$TOPIC"))
    );
    assert_eq!(
        input_of(&words, ["cloudwatch", "put-metric-alarm"]).len(),
        plan.alarms.len()
    );
}

#[test]
fn the_dashboard_is_json_that_shows_every_kind_of_token() {
    let body: Value = serde_json::from_str(&shape::dashboard(&plan_with("x"))).unwrap();
    let text = body.to_string();
    for metric in TOKEN_METRICS {
        assert!(text.contains(metric), "{metric}");
    }
    assert_eq!(body.get("widgets").unwrap().as_array().unwrap().len(), 6);
}

fn text_of(expression: &::hcl::Expression) -> String {
    match expression {
        ::hcl::Expression::String(text) => text.clone(),
        // The reader keeps templates as they are written: there must be none.
        other => panic!("{other:?}"),
    }
}

proptest! {
    // Each case writes and reads a whole plan.
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn yaml_reads_back(text in awkward(), key in awkward(), number in any::<i64>(), flag in any::<bool>()) {
        let tree = Node::Map(vec![
            (format!("k{key}"), Node::Text(text.clone())),
            ("list".to_owned(), Node::List(vec![
                Node::Text(text.clone()),
                Node::Map(vec![("inner".to_owned(), Node::Text(text.clone())), ("n".to_owned(), Node::Number(number.into()))]),
                Node::List(vec![Node::Flag(flag), Node::Text(text)]),
                Node::Map(Vec::new()),
                Node::List(Vec::new()),
            ])),
        ]);
        let mut out = String::new();
        yaml::write(&tree, &mut out);
        prop_assert_eq!(read_yaml(&out), plain(&tree), "{}", out);
    }

    #[test]
    fn templates_hold_any_text(name in awkward()) {
        let plan = plan_with(&name);
        let template = read_yaml(&template(&plan, &email()));
        prop_assert_eq!(
            template.pointer("/Resources/BedrockBudget/Properties/Budget/CostFilters/Service/0"),
            Some(&json!(name))
        );
        prop_assert_eq!(
            template.pointer("/Resources/Model6Alarm/Properties/Metrics/1/MetricStat/Metric/Dimensions/0/Value"),
            Some(&json!(name))
        );
    }

    #[test]
    fn hcl_reads_back(text in awkward()) {
        let mut out = String::new();
        hcl::Block::new("resource", [("value", text.as_str().into())])
            .labelled(["kind", "name"])
            .write(0, &mut out);
        let body: ::hcl::Body = ::hcl::from_str(&out).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{out}"))
        })?;
        let value = body.blocks().next().unwrap().body().attributes().next().unwrap().expr();
        prop_assert_eq!(text_of(value), text, "{}", out);
    }

    #[test]
    fn configurations_hold_any_text(name in awkward()) {
        let text = configuration(&plan_with(&name), &email());
        let body: ::hcl::Body = ::hcl::from_str(&text).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{text}"))
        })?;
        let budget = body.blocks().find(|block| block.labels().iter().any(|one| one.as_str() == "aws_budgets_budget")).unwrap();
        let filter = budget.body().blocks().find(|block| block.identifier() == "cost_filter").unwrap();
        let values = filter.body().attributes().find(|one| one.key() == "values").unwrap().expr();
        let ::hcl::Expression::Array(values) = values else { panic!("{values:?}") };
        prop_assert_eq!(text_of(values.first().unwrap()), name);
    }

    #[test]
    fn commands_hold_any_text(name in awkward()) {
        // No argument of a program holds this character.
        prop_assume!(!name.contains('\u{0}'));
        let script = commands(&plan_with(&name), &email());
        let words = words_of(&script);
        let budgets = input_of(&words, ["budgets", "create-budget"]);
        prop_assert_eq!(budgets.first().unwrap().0.pointer("/Budget/CostFilters/Service/0"), Some(&json!(name)));
        let alarms = input_of(&words, ["cloudwatch", "put-metric-alarm"]);
        prop_assert_eq!(alarms.first().unwrap().0.pointer("/Dimensions/0/Value"), Some(&json!(name)));
        // All that a shell could replace are the four names.
        for word in words.iter().flatten().filter(|_| !name.contains('$')) {
            let known = ["$TOPIC", "$ACCOUNT", "$EMAIL", "$MONITOR"];
            let mut rest = word.clone();
            for variable in known {
                rest = rest.replace(variable, "");
            }
            prop_assert!(!rest.contains('$'), "{word}");
        }
    }
}
