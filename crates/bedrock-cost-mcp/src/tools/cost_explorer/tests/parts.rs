//! Answers in parts: pages of AWS that are merged or cut, pages of rows, and the days of a month.

use super::*;

#[tokio::test]
async fn groups_and_periods_add_up_to_the_total_and_pages_are_merged() {
    let mut question =
        json!({"granularity": "DAILY", "group_by": ["USAGE_TYPE"], "detail": "full"});
    let mut answer = ask(DECEMBER, guide(&question)).await.unwrap();
    let total = number(at(&answer, "total/UnblendedCost"));
    let mut rows = on_sample::records(&answer.json);
    while let Some(cursor) = answer.json.get("next_cursor") {
        question["cursor"] = cursor.clone();
        answer = ask(DECEMBER, guide(&question)).await.unwrap();
        rows.extend(on_sample::records(&answer.json));
    }
    let sum: Decimal = rows.iter().map(|row| number(&row["UnblendedCost"])).sum();
    assert_eq!(sum, total);
    let mut seen: Vec<(String, String)> = rows
        .iter()
        .map(|row| (row["start"].to_string(), row["usage_type"].to_string()))
        .collect();
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all, "a group of a day came twice");
    assert!(
        at(&answer, "aws_requests").as_u64().unwrap() > 2,
        "the month fits one page: nothing was merged"
    );
}

#[tokio::test]
async fn a_page_limit_is_kept_and_said() {
    let arguments =
        guide(&json!({"granularity": "DAILY", "group_by": ["USAGE_TYPE"], "max_pages": 1}));
    let answer = ask(DECEMBER, arguments).await.unwrap();
    assert_eq!(at(&answer, "aws_requests"), &json!(2));
    assert!(codes(&answer).contains(&"pages_cut"));
}

#[tokio::test]
async fn pages_that_were_paid_for_are_kept_when_a_later_one_fails() {
    let account = aws(DECEMBER);
    // Three attempts of the second page.
    let rule: sample_account::FaultRule = "ce:GetCostAndUsage#2-4=throttle".parse().unwrap();
    account.sample_account().inject(vec![rule].into());
    let question = guide(
        &json!({"granularity": "DAILY", "group_by": ["USAGE_TYPE"], "bedrock_scope": "exact"}),
    );
    let answer = on_sample::call(&account, Arguments::NAME, question)
        .await
        .unwrap();
    assert!(
        answer["partial"]
            .as_str()
            .unwrap()
            .starts_with("only to 2024-11-")
    );
    assert!(number(&answer["total"]["UnblendedCost"]) > Decimal::ZERO);
    let warning = answer["warnings"].as_array().unwrap().first().unwrap();
    assert_eq!(warning["code"], "pages_cut");
    let text = warning["message"].as_str().unwrap();
    assert!(
        text.contains("page 2 could not be read") && text.contains("too low"),
        "{text}"
    );
    assert_eq!(answer["aws_cost_usd"], json!(0.01));
}

#[tokio::test]
async fn rows_come_in_parts_that_make_up_the_whole() {
    let question = json!({"group_by": ["USAGE_TYPE"]});
    let whole = ask(
        DECEMBER,
        guide(&json!({"group_by": ["USAGE_TYPE"], "limit": 500})),
    )
    .await
    .unwrap();
    let mut parts = Vec::new();
    let mut cursor = None;
    loop {
        let mut arguments = guide(&question);
        arguments["limit"] = json!(7);
        if let Some(cursor) = &cursor {
            arguments["cursor"] = json!(cursor);
        }
        let part = ask(DECEMBER, arguments).await.unwrap();
        parts.extend(at(&part, "rows").as_array().unwrap().clone());
        match at(&part, "next_cursor").as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(&Value::Array(parts), at(&whole, "rows"));
}

#[tokio::test]
async fn the_days_of_a_month_are_told_by_week_and_add_up() {
    let question = json!({"granularity": "DAILY", "detail": "full"});
    let full = ask(DECEMBER, guide(&question)).await.unwrap();
    let rows = on_sample::records(&full.json);
    let days: Decimal = rows.iter().map(|row| number(&row["UnblendedCost"])).sum();
    assert_eq!(days, number(at(&full, "total/UnblendedCost")));
    let short = ask(DECEMBER, guide(&json!({"granularity": "DAILY"})))
        .await
        .unwrap();
    let weeks = at(&short, "by_day_from").as_object().unwrap();
    let starts: Vec<&String> = weeks.keys().collect();
    assert_eq!(
        starts,
        [
            "2024-11-01",
            "2024-11-08",
            "2024-11-15",
            "2024-11-22",
            "2024-11-29"
        ]
    );
    let told: Vec<Decimal> = weeks
        .values()
        .flat_map(|week| week.as_array().unwrap())
        .map(number)
        .collect();
    assert_eq!(told.len(), 30);
    let mut day = date(2024, 11, 1);
    for told in told {
        let next = day.tomorrow().unwrap();
        let expected = ledger(DECEMBER, day, next, |charge| {
            charge.line.service == "Amazon Bedrock"
        });
        assert_eq!(told, expected.round_dp(2), "{day}");
        day = next;
    }
}
