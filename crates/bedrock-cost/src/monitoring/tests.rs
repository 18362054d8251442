//! Coverage of made-up accounts, plans that close it, and texts that read back as what was meant.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accounts;
mod texts;

use super::*;
use accounts::{HAIKU, NOVA, alarm_on, bare, budget_of, sound, usage};
use rust_decimal::Decimal;

fn needs(coverage: &Coverage) -> Vec<String> {
    coverage
        .gaps
        .iter()
        .map(|gap| gap.need.to_string())
        .collect()
}

fn why(coverage: &Coverage, need: &Need) -> String {
    let gap = coverage.gaps.iter().find(|gap| gap.need == *need).unwrap();
    gap.why.clone()
}

#[track_caller]
fn check_flaw(existing: &Existing, name: &str, expected: &str) {
    let coverage = Coverage::of(existing, &usage());
    let flaw = coverage.flaws.iter().find(|flaw| flaw.name == name);
    assert_eq!(flaw.unwrap().problem, expected);
}

#[test]
fn an_account_that_watches_nothing_needs_everything() {
    let coverage = Coverage::of(&bare(), &usage());
    assert_eq!(
        needs(&coverage),
        [
            "budget",
            "anomaly monitor",
            "anomaly subscription",
            "input tokens a day",
            "output tokens a day",
            "throttles a day",
            "server errors a day",
            "client errors a day",
            &format!("cost a day of {HAIKU}"),
            &format!("cost a day of {NOVA}"),
        ]
    );
    assert_eq!(coverage.met, []);
}

#[test]
fn an_account_that_watches_everything_has_no_gap() {
    let coverage = Coverage::of(&sound(), &usage());
    assert_eq!((coverage.gaps, coverage.flaws), (vec![], vec![]));
    assert_eq!(coverage.met.len(), 10);
}

#[test]
fn what_was_not_read_is_no_gap() {
    let coverage = Coverage::of(&Existing::default(), &usage());
    assert_eq!(coverage, Coverage::default());
    let unread = Usage {
        metrics: None,
        spend: None,
        ..usage()
    };
    assert_eq!(
        needs(&Coverage::of(&bare(), &unread)),
        ["anomaly monitor", "anomaly subscription"]
    );
}

#[test]
fn a_budget_of_amazon_bedrock_does_not_see_claude() {
    let mut existing = sound();
    existing.budgets = Some(vec![budget_of("bedrock", &["Amazon Bedrock"])]);
    let coverage = Coverage::of(&existing, &usage());
    // Claude costs 300 of 400 USD a day.
    let problem = "does not count 75% of Bedrock's cost: Claude Haiku 4.5 (Amazon Bedrock Edition)";
    assert_eq!(
        why(&coverage, &Need::Budget),
        format!("no budget counts all of Bedrock: bedrock {problem}")
    );
    check_flaw(&existing, "bedrock", problem);
}

#[test]
fn the_budget_that_counts_most_is_named() {
    let mut existing = sound();
    existing.budgets = Some(vec![
        budget_of("native", &["Amazon Bedrock"]),
        budget_of("claude", &[accounts::CLAUDE]),
    ]);
    let coverage = Coverage::of(&existing, &usage());
    assert_eq!(
        why(&coverage, &Need::Budget),
        "no budget counts all of Bedrock: claude does not count 25% of Bedrock's cost: Amazon Bedrock"
    );
    assert!(coverage.needs_spend_by_day());
    assert!(!Coverage::of(&sound(), &usage()).needs_spend_by_day());
}

#[test]
fn a_budget_counts_only_where_it_is_alone_tells_and_is_kept_up_to_date() {
    let all = ["Amazon Bedrock", accounts::CLAUDE];
    let met = |change: fn(&mut WatchedBudget)| {
        let mut existing = sound();
        let mut budget = budget_of("b", &all);
        change(&mut budget);
        existing.budgets = Some(vec![budget]);
        let coverage = Coverage::of(&existing, &usage());
        coverage.met.contains(&Need::Budget)
    };
    assert!(met(|_| {}));
    // Notifications that were not read are not taken for missing.
    assert!(met(|budget| budget.notifies = None));
    assert!(!met(|budget| budget.notifies = Some(false)));
    assert!(!met(|budget| budget.healthy = false));
    assert!(!met(|budget| budget.counts_cost = false));
    assert!(!met(
        |budget| budget.scope = crate::cost_scope::CostScope::Everything
    ));
    let mut existing = sound();
    let mut wide = budget_of("company", &[]);
    wide.scope = crate::cost_scope::CostScope::Everything;
    existing.budgets = Some(vec![wide]);
    assert_eq!(
        why(&Coverage::of(&existing, &usage()), &Need::Budget),
        "no budget counts Bedrock alone: in company it is lost among other services"
    );
}

#[test]
fn a_budget_of_one_tag_counts_nothing_in_whole() {
    let mut existing = sound();
    let mut tagged = budget_of("team", &[]);
    tagged.scope = crate::cost_scope::CostScope::Is(crate::cost_scope::Test {
        field: crate::cost_scope::Field::Tag("Team".to_owned()),
        comparison: crate::cost_scope::Comparison::Equals,
        values: vec!["content".to_owned()],
    });
    existing.budgets = Some(vec![tagged]);
    let coverage = Coverage::of(&existing, &usage());
    assert_eq!(
        why(&coverage, &Need::Budget),
        "no budget that notifies somebody counts all of Bedrock"
    );
    // It is what it was made for.
    assert_eq!(coverage.flaws, []);
}

#[test]
fn anomalies_are_told_only_by_a_subscription_that_somebody_receives() {
    let subscribed = |change: fn(&mut WatchedSubscription)| {
        let mut existing = sound();
        existing.subscriptions.iter_mut().flatten().for_each(change);
        Coverage::of(&existing, &usage())
    };
    assert!(subscribed(|_| {}).gaps.is_empty());
    let silent = subscribed(|one| one.is_received = false);
    assert_eq!(needs(&silent), ["anomaly subscription"]);
    let elsewhere = subscribed(|one| one.monitors = vec!["another".to_owned()]);
    assert_eq!(needs(&elsewhere), ["anomaly subscription"]);
    let deaf = subscribed(|one| one.from_usd = Some(1000.into()));
    assert_eq!(
        why(&deaf, &Need::Subscription),
        "all: it tells only of 1000 USD and more, and all of Bedrock costs 400 a day"
    );
    let mut existing = sound();
    existing
        .monitors
        .iter_mut()
        .flatten()
        .for_each(|one| one.by_service = false);
    assert_eq!(
        needs(&Coverage::of(&existing, &usage())),
        ["anomaly monitor", "anomaly subscription"]
    );
}

#[test]
fn an_alarm_counts_only_where_it_works() {
    let input = Need::Region(Signal::Input);
    let met = |change: fn(&mut WatchedAlarm)| {
        let mut existing = sound();
        let alarms = existing.alarms.iter_mut().flatten();
        alarms.filter(|one| one.name == "input").for_each(change);
        let coverage = Coverage::of(&existing, &usage());
        coverage.met.contains(&input)
    };
    assert!(met(|_| {}));
    assert!(!met(|one| one.acts = false));
    assert!(!met(|one| one.rings_above = false));
    assert!(!met(|one| one.state = "INSUFFICIENT_DATA".to_owned()));
    // An alarm of today is what alarms are for; one of a week is noise.
    let ringing = |days| {
        move |one: &mut WatchedAlarm| {
            one.state = "ALARM".to_owned();
            one.days_in_state = Some(days);
        }
    };
    for (days, expected) in [(0, true), (6, true), (7, false), (300, false)] {
        let mut existing = sound();
        let alarms = existing.alarms.iter_mut().flatten();
        alarms
            .filter(|one| one.name == "input")
            .for_each(ringing(days));
        let coverage = Coverage::of(&existing, &usage());
        assert_eq!(coverage.met.contains(&input), expected, "{days}");
        if !expected {
            assert_eq!(
                why(&coverage, &input),
                format!("input: it has been ringing for {days} days")
            );
        }
    }
}

#[test]
fn an_alarm_without_an_action_may_be_part_of_one_that_has() {
    for (rule, expected) in [
        (r#"ALARM("input") OR ALARM("output")"#, true),
        (r"NOT OK(other) AND ALARM( input )", true),
        (
            r#"ALARM("arn:aws:cloudwatch:us-east-1:111122223333:alarm:input")"#,
            true,
        ),
        (r#"ALARM("input-2")"#, false),
    ] {
        let mut existing = sound();
        for one in existing.alarms.iter_mut().flatten() {
            one.acts &= one.name != "input";
        }
        existing.alarms.as_mut().unwrap().push(WatchedAlarm {
            name: "any".to_owned(),
            acts: true,
            rule: Some(rule.to_owned()),
            ..WatchedAlarm::default()
        });
        let coverage = Coverage::of(&existing, &usage());
        assert_eq!(coverage.gaps.is_empty(), expected, "{rule}");
    }
}

#[test]
fn an_alarm_on_a_model_that_is_gone_is_named() {
    let mut existing = sound();
    let mut old = alarm_on("old", INPUT, Some("amazon.titan-text-premier-v1:0"));
    old.state = "INSUFFICIENT_DATA".to_owned();
    old.days_in_state = Some(400);
    existing.alarms.as_mut().unwrap().push(old);
    check_flaw(
        &existing,
        "old",
        "amazon.titan-text-premier-v1:0 has not run for two weeks: the alarm is INSUFFICIENT_DATA for 400 days",
    );
}

#[test]
fn failures_are_watched_before_the_first() {
    // The made-up account has no series of client errors at all.
    assert_eq!(usage().days("InvocationClientErrors", None), None);
    let plan = plan_of(&bare());
    let alarm = planned(&plan, Signal::ClientErrors);
    // 1 percent of 2,000 requests.
    assert_eq!(alarm.threshold.value, 20.into());
}

fn plan_of(existing: &Existing) -> Plan {
    Plan::of(&Coverage::of(existing, &usage()), existing, &usage())
}

fn planned(plan: &Plan, signal: Signal) -> &PlannedAlarm {
    let is = |alarm: &&PlannedAlarm| alarm.need == Need::Region(signal);
    plan.alarms.iter().find(is).unwrap()
}

#[test]
fn the_plan_closes_every_gap_it_can() {
    for existing in [bare(), sound(), accounts::neglected()] {
        let before = Coverage::of(&existing, &usage());
        let plan = Plan::of(&before, &existing, &usage());
        assert_eq!(plan.open, []);
        let after = Coverage::of(&plan.applied_to(&existing), &usage());
        assert_eq!(after.gaps, [], "{before:?}");
        // What was wrong before is not repaired by new resources, and nothing new is wrong.
        assert_eq!(after.flaws, before.flaws);
        let again = Plan::of(&after, &existing, &usage());
        assert!(again.is_complete());
    }
}

#[test]
fn thresholds_stand_on_the_accounts_own_days() {
    let plan = plan_of(&bare());
    // 31 x (400 + 0): every made-up day costs 400 USD.
    let budget = plan.budget.as_ref().unwrap();
    assert_eq!(budget.limit.value, 13_000.into());
    assert_eq!(budget.services, [accounts::CLAUDE, "Amazon Bedrock"]);
    // Half of 400.
    assert_eq!(plan.subscription.as_ref().unwrap().from.value, 200.into());
    // 56 days of 3 million tokens.
    assert_eq!(
        planned(&plan, Signal::Input).threshold.value,
        4_500_000.into()
    );
    let model = plan
        .alarms
        .iter()
        .find(|alarm| alarm.need == Need::Model(HAIKU.to_owned()));
    let model = model.unwrap();
    // 2,000,000 tokens in at 1 USD and 100,000 out at 5 USD a million: 2.50 USD a day.
    assert_eq!(
        model.threshold.distribution.median,
        "2.5".parse::<Decimal>().unwrap()
    );
    assert_eq!(model.threshold.value, "3.8".parse::<Decimal>().unwrap());
    assert_eq!(model.unit, "USD at list rates");
    assert_eq!(
        model.description(),
        format!(
            "USD at list rates of a day of {HAIKU}: the greater of median + 4.45 MAD and 1.5 x median, \
             rounded up; 56 days: median 2.5, MAD 0, highest 2.5"
        )
    );
}

#[test]
fn a_model_without_a_rate_is_watched_by_its_tokens() {
    let mut usage = usage();
    usage.rates.retain(|(model, ..)| model != HAIKU);
    let existing = bare();
    let plan = Plan::of(&Coverage::of(&existing, &usage), &existing, &usage);
    let alarm = plan
        .alarms
        .iter()
        .find(|alarm| alarm.need == Need::Model(HAIKU.to_owned()));
    let alarm = alarm.unwrap();
    assert_eq!(alarm.unit, "tokens");
    // 2,100,000 x 1.5 = 3,150,000.
    assert_eq!(alarm.threshold.value, 3_200_000.into());
    assert_eq!(alarm.name, format!("bedrock-tokens-daily-{HAIKU}"));
}

#[test]
fn an_application_profile_is_called_by_its_name() {
    let arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc";
    let mut usage = usage();
    for series in usage.metrics.iter_mut().flatten() {
        if series.model.as_deref() == Some(HAIKU) {
            series.model = Some(arn.to_owned());
        }
    }
    let existing = bare();
    let planned = |usage: &Usage| {
        let coverage = Coverage::of(&existing, usage);
        let need = Need::Model(arn.to_owned());
        let plan = Plan::of(&coverage, &existing, usage);
        let alarm = plan
            .alarms
            .into_iter()
            .find(|one| one.need == need)
            .unwrap();
        (why(&coverage, &need), alarm)
    };
    let (gap, alarm) = planned(&usage);
    assert_eq!(gap, "no alarm tells of a dear day of abc");
    assert_eq!(alarm.name, "bedrock-tokens-daily-abc");
    usage
        .names
        .insert(arn.to_owned(), "content drafts".to_owned());
    let (gap, alarm) = planned(&usage);
    assert_eq!(gap, "no alarm tells of a dear day of content drafts");
    assert_eq!(alarm.name, "bedrock-tokens-daily-content-drafts");
    // CloudWatch knows it by its ARN alone.
    assert_eq!(alarm.terms.first().unwrap().model.as_deref(), Some(arn));
    assert!(!alarm.description().contains("111122223333"));
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let mut existing = accounts::neglected();
    existing.budgets = Some(vec![budget_of(
        "Bedrock-All-Models-Monthly",
        &["Amazon Bedrock"],
    )]);
    for name in ["bedrock-input-tokens-daily", "bedrock-input-tokens-daily-2"] {
        let mut one = alarm_on(name, "Latency", None);
        one.acts = false;
        existing.alarms.as_mut().unwrap().push(one);
    }
    let plan = plan_of(&existing);
    assert_eq!(
        plan.budget.as_ref().unwrap().name,
        "bedrock-all-models-monthly-2"
    );
    assert_eq!(
        planned(&plan, Signal::Input).name,
        "bedrock-input-tokens-daily-3"
    );
}

#[test]
fn models_used_on_few_days_or_less_dear_than_ten_others_get_no_alarm() {
    let mut usage = usage();
    let series = usage.metrics.as_mut().unwrap();
    let mut days = vec![Decimal::ZERO; 50];
    days.extend([Decimal::ONE_THOUSAND; 6]);
    series.push(MeteredSeries {
        metric: INPUT.to_owned(),
        model: Some("new".to_owned()),
        days,
    });
    for n in 10..22 {
        series.push(MeteredSeries {
            metric: INPUT.to_owned(),
            model: Some(format!("m{n}")),
            days: vec![Decimal::from(n); 56],
        });
        usage
            .rates
            .push((format!("m{n}"), INPUT, Decimal::ONE_HUNDRED));
    }
    let coverage = Coverage::of(&bare(), &usage);
    let models: Vec<String> = coverage
        .gaps
        .iter()
        .filter_map(|gap| match &gap.need {
            Need::Model(model) => Some(model.clone()),
            _ => None,
        })
        .collect();
    let dearest: Vec<String> = (12..22).rev().map(|n| format!("m{n}")).collect();
    assert_eq!(models, dearest);
    assert_eq!(coverage.left_out, ["m11", "m10", HAIKU, NOVA]);
}

#[test]
fn only_an_address_or_a_topic_is_told() {
    let read = |text: &str| text.parse::<Notify>();
    assert_eq!(
        read(" finops+bedrock@example.com "),
        Ok(Notify::Email(Some("finops+bedrock@example.com".to_owned())))
    );
    let topic = "arn:aws:sns:eu-west-1:111122223333:alerts_1";
    assert_eq!(read(topic), Ok(Notify::Topic(topic.to_owned())));
    assert!(read("arn:aws-us-gov:sns:us-gov-west-1:111122223333:a").is_ok());
    for wrong in [
        "",
        "finops",
        "@example.com",
        "a@b",
        "a@b@c.com",
        "a b@example.com",
        "a@exam\nple.com",
        "\"a\"@example.com; rm -rf",
        "$(id)@example.com",
        "{{resolve:ssm:x}}@example.com",
        "arn:aws:sns:us-east-1:1111:x",
        "arn:aws:sns:us-east-1:111122223333:",
        "arn:aws:sqs:us-east-1:111122223333:x",
        "arn:aws:sns:us-east-1:111122223333:x:5",
    ] {
        assert_eq!(read(wrong), Err(NotifyError), "{wrong:?}");
    }
}
