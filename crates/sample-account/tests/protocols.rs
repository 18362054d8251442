//! The account in process: what each wire protocol answers, the journal, and faults on request.
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use sample_account::{
    Disturbance, FaultPlan, FaultRule, JournalEntry, Outcome, SampleAccount, WireFailure,
};
use serde_json::{Value, json};

fn account() -> SampleAccount {
    SampleAccount::new("2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap())
}

/// A request as an SDK signs it; the signature's value is not looked at.
fn signed(method: &str, uri: &str, scope: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("x-amz-date", "20261122T120000Z")
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential=AKID/20261122/{scope}/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature=00"
            ),
        )
}

fn json_request(scope: &str, version: &str, target: &str, body: &Value) -> Request<Bytes> {
    signed("POST", "/", scope)
        .header("content-type", format!("application/x-amz-json-{version}"))
        .header("x-amz-target", target)
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

fn cost_and_usage(changes: &[(&str, Value)]) -> Request<Bytes> {
    let mut body = json!({
        "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
    });
    for (name, value) in changes {
        body.as_object_mut()
            .unwrap()
            .insert((*name).to_owned(), value.clone());
    }
    json_request(
        "us-east-1/ce",
        "1.1",
        "AWSInsightsIndexService.GetCostAndUsage",
        &body,
    )
}

fn cbor(operation: &str, body: &Value) -> Request<Bytes> {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes).unwrap();
    let uri = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    signed("POST", &uri, "eu-central-1/monitoring")
        .header("content-type", "application/cbor")
        .header("smithy-protocol", "rpc-v2-cbor")
        .body(Bytes::from(bytes))
        .unwrap()
}

async fn answer(account: &SampleAccount, request: Request<Bytes>) -> Response<Bytes> {
    account.respond(request).await.unwrap()
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

fn parsed(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn last(account: &SampleAccount) -> JournalEntry {
    account.journal().pop().unwrap()
}

#[tokio::test]
async fn aws_json_refuses_in_its_form() {
    let account = account();
    let response = answer(&account, cost_and_usage(&[("Metrics", json!([]))])).await;
    assert_eq!(response.status(), 400);
    assert_eq!(
        header(&response, "content-type"),
        "application/x-amz-json-1.1"
    );
    assert_eq!(
        header(&response, "x-amzn-requestid"),
        last(&account).request_id
    );
    let want =
        json!({"__type": "ValidationException", "message": "Selected metrics cannot be null."});
    assert_eq!(parsed(&response), want);

    // Cost Explorer's own errors have a capital Message.
    let old = json!([{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}]);
    let period = json!({"Start": "2026-08-01", "End": "2026-09-01"});
    let request = cost_and_usage(&[("GroupBy", old), ("TimePeriod", period)]);
    let body = parsed(&answer(&account, request).await);
    assert_eq!(body.get("__type"), Some(&json!("DataUnavailableException")));
    assert!(body.get("Message").is_some(), "{body}");

    let garbled = json_request(
        "us-east-1/ce",
        "1.1",
        "AWSInsightsIndexService.GetTags",
        &json!(1),
    )
    .map(|_| Bytes::from_static(b"{\"TimePeriod\": "));
    let body = parsed(&answer(&account, garbled).await);
    assert_eq!(body, json!({"__type": "SerializationException"}));

    let target = "AWSInsightsIndexService.GetSomething";
    let unknown = json_request("us-east-1/ce", "1.1", target, &json!({}));
    let body = parsed(&answer(&account, unknown).await);
    assert_eq!(body, json!({"__type": "UnknownOperationException"}));
}

#[tokio::test]
async fn cloudwatch_refuses_in_both_its_protocols() {
    let account = account();
    let alarms = json!({"MaxRecords": 101});
    let response = answer(&account, cbor("DescribeAlarms", &alarms)).await;
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "content-type"), "application/cbor");
    assert_eq!(header(&response, "smithy-protocol"), "rpc-v2-cbor");
    assert_eq!(
        header(&response, "x-amzn-query-error"),
        "ValidationError;Sender"
    );
    let body: Value = ciborium::from_reader(response.body().as_ref()).unwrap();
    assert_eq!(
        body.get("__type"),
        Some(&json!("com.amazonaws.cloudwatch#ValidationException"))
    );
    let message = body.get("message").and_then(Value::as_str).unwrap();
    assert!(
        message.starts_with("1 validation error detected: Value '101' at 'maxRecords'"),
        "{message}"
    );
    assert_eq!(last(&account).region.as_deref(), Some("eu-central-1"));

    let target = "GraniteServiceVersion20100801.DescribeAlarms";
    let request = json_request("eu-central-1/monitoring", "1.0", target, &alarms);
    let response = answer(&account, request).await;
    assert_eq!(
        header(&response, "content-type"),
        "application/x-amz-json-1.0"
    );
    assert_eq!(
        parsed(&response).get("__type"),
        Some(&json!("ValidationException"))
    );

    let broken = cbor("DescribeAlarms", &json!({})).map(|_| Bytes::from_static(b"\xff"));
    let response = answer(&account, broken).await;
    let body: Value = ciborium::from_reader(response.body().as_ref()).unwrap();
    assert_eq!(
        body,
        json!({"__type": "com.amazonaws.cloudwatch#SerializationException"})
    );

    // Without the protocol header it is no operation.
    let mut plain = cbor("DescribeAlarms", &json!({}));
    plain.headers_mut().remove("smithy-protocol");
    assert_eq!(answer(&account, plain).await.status(), 404);
}

#[tokio::test]
async fn rest_and_query_refuse_in_their_forms() {
    let account = account();
    let uri = "/inference-profiles?type=NONE";
    let request = signed("GET", uri, "us-west-2/bedrock")
        .body(Bytes::new())
        .unwrap();
    let response = answer(&account, request).await;
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "x-amzn-errortype"), "ValidationException");
    assert!(
        text(&response).contains("at 'typeEquals'"),
        "{}",
        text(&response)
    );

    let request = Request::post("/")
        .header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .body(Bytes::from_static(
            b"Action=GetCallerIdentity&Version=2011-06-15",
        ))
        .unwrap();
    let response = answer(&account, request).await;
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "content-type"), "text/xml");
    assert!(text(&response).contains("<Code>MissingAuthenticationToken</Code>"));

    let request = signed("POST", "/", "us-east-1/sts")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from_static(
            b"Action=GetSessionToken&Version=2011-06-15",
        ))
        .unwrap();
    assert!(text(&answer(&account, request).await).contains("<Code>InvalidAction</Code>"));

    let request = signed("GET", "/nothing/here", "us-east-1/bedrock")
        .body(Bytes::new())
        .unwrap();
    let response = answer(&account, request).await;
    assert_eq!(response.status(), 404);
    assert_eq!(
        header(&response, "x-amzn-errortype"),
        "UnknownOperationException"
    );
}

#[tokio::test]
async fn only_signed_requests_are_looked_at() {
    let account = account();
    let mut request = cost_and_usage(&[]);
    request.headers_mut().remove("authorization");
    let response = answer(&account, request).await;
    assert_eq!(response.status(), 400);
    let want = json!({"__type": "MissingAuthenticationTokenException", "message": "Missing Authentication Token"});
    assert_eq!(parsed(&response), want);
    assert_eq!(last(&account).input, None);

    for (scope, target) in [
        ("us-west-2/pricing", "AWSPriceListService.DescribeServices"),
        (
            "eu-west-1/budgets",
            "AWSBudgetServiceGateway.DescribeBudgets",
        ),
        (
            "us-east-1/execute-api",
            "AWSInsightsIndexService.GetCostAndUsage",
        ),
    ] {
        let body = parsed(&answer(&account, json_request(scope, "1.1", target, &json!({}))).await);
        assert_eq!(
            body.get("__type"),
            Some(&json!("InvalidSignatureException")),
            "{scope}"
        );
    }
}

#[tokio::test]
async fn denied_actions_are_named() {
    let account = account();
    account.deny(["ce:GetCostForecast", "budgets:*", "bedrock:CountTokens"]);
    let forecast = json_request(
        "us-east-1/ce",
        "1.1",
        "AWSInsightsIndexService.GetCostForecast",
        &json!({}),
    );
    let body = parsed(&answer(&account, forecast).await);
    assert_eq!(body.get("__type"), Some(&json!("AccessDeniedException")));
    let message = body.get("message").and_then(Value::as_str).unwrap();
    assert!(
        message.contains("is not authorized to perform: ce:GetCostForecast"),
        "{message}"
    );

    let budgets = json_request(
        "us-east-1/budgets",
        "1.1",
        "AWSBudgetServiceGateway.DescribeBudgets",
        &json!({}),
    );
    let body = parsed(&answer(&account, budgets).await);
    let message = body.get("Message").and_then(Value::as_str).unwrap();
    assert!(message.contains("budgets:ViewBudget"), "{message}");

    let count = signed("POST", "/model/a/count-tokens", "us-east-1/bedrock")
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    let response = answer(&account, count).await;
    assert_eq!(response.status(), 403);
    assert_eq!(
        header(&response, "x-amzn-errortype"),
        "AccessDeniedException"
    );

    account.deny(Vec::<String>::new());
    let response = answer(&account, cost_and_usage(&[("Metrics", json!([]))])).await;
    assert_eq!(
        parsed(&response).get("__type"),
        Some(&json!("ValidationException"))
    );
}

#[tokio::test]
async fn the_journal_holds_what_was_asked_and_how_it_ended() {
    let account = account();
    answer(
        &account,
        cost_and_usage(&[("Metrics", json!([])), ("Unknown", json!(1))]),
    )
    .await;
    let entry = last(&account);
    assert_eq!((entry.ordinal, entry.service.as_str()), (1, "ce"));
    assert_eq!(entry.operation, "GetCostAndUsage");
    assert_eq!(entry.protocol, "awsJson1.1");
    assert_eq!(entry.region.as_deref(), Some("us-east-1"));
    assert!(!entry.billed);
    let input = entry.input.unwrap();
    assert_eq!(input.get("Granularity"), Some(&json!("MONTHLY")));
    assert_eq!(input.get("Unknown"), None);
    let want = Outcome::Refused {
        error_type: "ValidationException".to_owned(),
        message: "Selected metrics cannot be null.".to_owned(),
    };
    assert_eq!(entry.outcome, want);

    answer(&account, cost_and_usage(&[("Metrics", json!(1))])).await;
    let counters = account.counters();
    assert_eq!((counters.requests, counters.billed), (2, 0));
    assert_eq!(counters.by_operation.get("ce:GetCostAndUsage"), Some(&2));
    account.clone().clear_journal();
    assert_eq!(account.counters().requests, 0);
    answer(&account, cost_and_usage(&[("Metrics", json!(1))])).await;
    assert_eq!(last(&account).ordinal, 3);
}

/// Injects one rule and sends a request that would otherwise be refused as invalid.
async fn disturbed(
    rule: &str,
    request: Request<Bytes>,
) -> (SampleAccount, Result<Response<Bytes>, WireFailure>) {
    let account = account();
    account.inject(FaultPlan::from(vec![rule.parse::<FaultRule>().unwrap()]));
    let response = account.respond(request).await;
    (account, response)
}

#[tokio::test]
async fn faults_come_as_each_service_sends_them() {
    let costs = || cost_and_usage(&[]);
    let alarms = || cbor("DescribeAlarms", &json!({}));
    let models = || {
        signed("GET", "/foundation-models", "us-east-1/bedrock")
            .body(Bytes::new())
            .unwrap()
    };
    for (rule, request, status, want) in [
        (
            "*=throttle",
            costs(),
            400,
            r#"{"__type":"LimitExceededException","Message":"Rate limit exceeded"}"#,
        ),
        (
            "*=throttle",
            models(),
            429,
            r#"{"message":"Rate exceeded"}"#,
        ),
        ("*=throttle", alarms(), 400, "ThrottlingException"),
        (
            "*=error-500",
            costs(),
            500,
            r#"{"__type":"InternalFailure"}"#,
        ),
        ("*=error-500", alarms(), 500, "InternalServiceFault"),
        ("*=error-503", costs(), 503, "ServiceUnavailableException"),
        ("*=expired-token", costs(), 400, "ExpiredTokenException"),
        (
            "*=expired-token",
            models(),
            403,
            "The security token included in the request is expired",
        ),
        (
            "*=data-unavailable",
            costs(),
            400,
            "DataUnavailableException",
        ),
        ("*=wrong-content", costs(), 200, "<!DOCTYPE html>"),
    ] {
        let (account, response) = disturbed(rule, request).await;
        let response = response.unwrap();
        assert_eq!(response.status(), status, "{rule}");
        let body = String::from_utf8_lossy(response.body());
        assert!(body.contains(want), "{rule}: {body}");
        let fault = rule.trim_start_matches("*=").to_owned();
        assert_eq!(last(&account).outcome, Outcome::Disturbed { fault });
    }
}

#[tokio::test]
async fn an_answered_request_is_billed_as_aws_bills_it() {
    let account = account();
    let response = answer(&account, cost_and_usage(&[])).await;
    assert_eq!(response.status(), 200);
    assert!(parsed(&response).get("ResultsByTime").is_some());
    assert!(last(&account).billed);
    assert_eq!(last(&account).charge_usd.to_string(), "0.01");
    assert_eq!(last(&account).outcome, Outcome::Answered);

    let request = json_request(
        "us-east-1/pricing",
        "1.1",
        "AWSPriceListService.DescribeServices",
        &json!({}),
    );
    assert_eq!(answer(&account, request).await.status(), 200);
    assert!(!last(&account).billed);
    assert_eq!(account.counters().charge_usd.to_string(), "0.01");

    let stat = |metric: &str| {
        json!({"Period": 3600, "Stat": "Sum",
            "Metric": {"Namespace": "AWS/Bedrock", "MetricName": metric}})
    };
    let queries = json!([
        {"Id": "a", "MetricStat": stat("Invocations")},
        {"Id": "b", "MetricStat": stat("InputTokenCount")},
        {"Id": "c", "Expression": "b / a"},
    ]);
    let data =
        json!({"StartTime": 1_795_262_400, "EndTime": 1_795_348_800, "MetricDataQueries": queries});
    let response = answer(&account, cbor("GetMetricData", &data)).await;
    assert_eq!(response.status(), 200, "{:?}", last(&account));
    assert_eq!(last(&account).charge_usd.to_string(), "0.00002");
}

#[tokio::test]
async fn a_fault_meets_only_its_turn() {
    let (account, first) = disturbed(
        "ce:GetCostAndUsage#2=throttle",
        cost_and_usage(&[("Metrics", json!([]))]),
    )
    .await;
    let kind = |response: &Response<Bytes>| parsed(response).get("__type").unwrap().clone();
    assert_eq!(kind(&first.unwrap()), "ValidationException");
    let second = answer(&account, cost_and_usage(&[("Metrics", json!([]))])).await;
    assert_eq!(kind(&second), "LimitExceededException");
    let third = answer(&account, cost_and_usage(&[("Metrics", json!([]))])).await;
    assert_eq!(kind(&third), "ValidationException");
}

#[tokio::test]
async fn cut_responses_are_failures_of_the_wire() {
    let (account, reset) = disturbed("*=reset", cost_and_usage(&[])).await;
    assert!(matches!(reset, Err(WireFailure::ConnectionReset)));
    let fault = "reset".to_owned();
    assert_eq!(last(&account).outcome, Outcome::Disturbed { fault });
    assert!(!last(&account).billed);

    let (_, half) = disturbed("*=half-body", cost_and_usage(&[("Metrics", json!([]))])).await;
    let Err(WireFailure::BodyCut { received }) = half else {
        unreachable!("{half:?}")
    };
    let announced: usize = header(&received, "content-length").parse().unwrap();
    assert_eq!(received.body().len(), announced / 2);
    assert!(announced > 1);
}

#[tokio::test]
async fn a_delay_passes_before_the_answer() {
    const DELAY: std::time::Duration = std::time::Duration::from_millis(300);
    let account = account();
    let rule = FaultRule::nth("ce:*", 1, Disturbance::Delay(DELAY));
    account.inject(FaultPlan::from(vec![rule]));
    let before = std::time::Instant::now();
    answer(&account, cost_and_usage(&[("Metrics", json!([]))])).await;
    assert!(before.elapsed() >= DELAY);
    // Twenty more would wait for twenty delays if any but the first were disturbed.
    let after = std::time::Instant::now();
    for _ in 0..20 {
        answer(&account, cost_and_usage(&[("Metrics", json!([]))])).await;
    }
    assert!(after.elapsed() < DELAY * 20);
}
