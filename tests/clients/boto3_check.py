"""AWS's own Python client against the sample account.

Needs boto3 and a running account: AWS_ENDPOINT_URL names it, for example after
`eval "$(sample-account --listen 127.0.0.1:4566 | grep export)"`.
Prints each failed check, then `N passed, N failed`, and exits with 1 if any failed.
"""

import datetime
import json
import os
import sys
import urllib.request
from decimal import Decimal

for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
    os.environ.setdefault(name, "sample")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

import boto3  # noqa: E402
import botocore.exceptions  # noqa: E402
from botocore.config import Config  # noqa: E402

ENDPOINT = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
# What botocore would refuse itself must reach the account.
RAW = Config(parameter_validation=False, retries={"total_max_attempts": 1})

passed, failed = 0, 0


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name} {detail}")


def answered(name, call, **arguments):
    """The response of a call that has to succeed, or an empty one."""
    try:
        response = call(**arguments)
    except Exception as error:  # noqa: BLE001 - any error is the finding
        check(name, False, f"{type(error).__name__}: {error}")
        return {}
    check(name, True)
    return response


def refused(name, code, text, call, **arguments):
    """Checks that a call fails with that error code and text."""
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        got = error.response["Error"]
        check(name, got["Code"] == code and text in got.get("Message", ""), str(got))
    except Exception as error:  # noqa: BLE001
        check(name, False, f"{type(error).__name__}: {error}")
    else:
        check(name, False, f"answered, wanted {code}")


def own(method, path, body=None):
    """The account's own interface under /_sample/."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ENDPOINT + path, data=data, method=method)
    with urllib.request.urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def client(service, region="us-east-1", config=RAW):
    return boto3.client(service, region_name=region, config=config)


def first_of(day, months):
    """The first day of the month that many months from a day's."""
    count = day.year * 12 + day.month - 1 + months
    return datetime.date(count // 12, count % 12 + 1, 1)


AS_OF = datetime.datetime.fromisoformat(own("GET", "/_sample/requests")["as_of"].replace("Z", "+00:00"))
TODAY = AS_OF.date()
MONTH = (first_of(TODAY, -1).isoformat(), first_of(TODAY, 0).isoformat())
PERIOD = {"Start": MONTH[0], "End": MONTH[1]}
own("DELETE", "/_sample/requests")
own("DELETE", "/_sample/faults")


def dimension(key, *values):
    return {"Dimensions": {"Key": key, "Values": list(values)}}


def all_pages(call, token, **arguments):
    """Every page of a call, by the name of its page token."""
    pages, seen = [], None
    while True:
        if seen:
            arguments[token] = seen
        page = call(**arguments)
        pages.append(page)
        seen = page.get(token)
        if not seen:
            return pages


def cost_explorer():
    ce = client("ce")
    month = {"TimePeriod": PERIOD, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
    bill = own("GET", f"/_sample/ledger?start={MONTH[0]}&end={MONTH[1]}")["lines"]

    def ledger(matches):
        return sum((Decimal(line["unblended_usd"]) for line in bill if matches(line)), Decimal(0))

    def total(**more):
        (row,) = ce.get_cost_and_usage(**month, **more)["ResultsByTime"]
        return Decimal(row["Total"]["UnblendedCost"]["Amount"])

    def grouped(groups, **more):
        pages = all_pages(ce.get_cost_and_usage, "NextPageToken", **month, GroupBy=groups, **more)
        rows = [group for page in pages for row in page["ResultsByTime"] for group in row["Groups"]]
        return {tuple(r["Keys"]): Decimal(r["Metrics"]["UnblendedCost"]["Amount"]) for r in rows}

    def by(kind, key):
        return {"Type": kind, "Key": key}

    # The account's ledger, summed here, says what every question has to answer.
    def same(name, got, want):
        check(name, abs(got - want) < Decimal("0.000001"), f"{got} is not {want}")

    same("ce total", total(), ledger(lambda line: True))
    check("ce total is not zero", total() > 100)
    bedrock = "Amazon Bedrock"
    same("ce bedrock", total(Filter=dimension("SERVICE", bedrock)),
         ledger(lambda line: line["service"] == bedrock))
    services = grouped([by("DIMENSION", "SERVICE")])
    same("ce groups add up", sum(services.values()), ledger(lambda line: True))
    for (service,), amount in services.items():
        same(f"ce {service}", amount, ledger(lambda line, s=service: line["service"] == s))
    accounts = grouped([by("DIMENSION", "LINKED_ACCOUNT"), by("DIMENSION", "RECORD_TYPE")])
    for (account, kind), amount in accounts.items():
        same(f"ce {account} {kind}", amount, ledger(
            lambda line, a=account, k=kind: line["account"] == a and line["record_type"] == k))
    usage_types = grouped([by("DIMENSION", "USAGE_TYPE")], Filter=dimension("SERVICE", bedrock))
    same("ce usage types", sum(usage_types.values()), ledger(lambda line: line["service"] == bedrock))
    tagged = grouped([by("TAG", "ContentType")])
    for (key,), amount in tagged.items():
        want = key.removeprefix("ContentType$")
        same(f"ce tag {key}", amount, ledger(lambda line, w=want: line["tags"].get("ContentType", "") == w))
    upper = ce.get_cost_and_usage(**{**month, "Metrics": ["UNBLENDED_COST"]})["ResultsByTime"][0]["Total"]
    check("ce metric as enum", "UnblendedCost" in upper, str(upper))

    days = answered("ce daily", ce.get_cost_and_usage, **{**month, "Granularity": "DAILY"})
    rows = days.get("ResultsByTime", [])
    count = (first_of(TODAY, 0) - first_of(TODAY, -1)).days
    check("ce one row a day", len(rows) == count, str(len(rows)))
    same("ce days add up", sum(Decimal(r["Total"]["UnblendedCost"]["Amount"]) for r in rows),
         ledger(lambda line: True))

    values = answered("ce services", ce.get_dimension_values, TimePeriod=PERIOD, Dimension="SERVICE", SearchString="Bedrock")
    check("ce lists bedrock", bedrock in [v["Value"] for v in values.get("DimensionValues", [])])
    tags = answered("ce tags", ce.get_tags, TimePeriod=PERIOD)
    check("ce lists ContentType", "ContentType" in tags.get("Tags", []), str(tags.get("Tags")))
    answered("ce categories", ce.get_cost_categories, TimePeriod=PERIOD)
    answered("ce allocation tags", ce.list_cost_allocation_tags)
    answered("ce monitors", ce.get_anomaly_monitors)
    answered("ce subscriptions", ce.get_anomaly_subscriptions)
    window = {"StartDate": (TODAY - datetime.timedelta(days=60)).isoformat(), "EndDate": TODAY.isoformat()}
    answered("ce anomalies", ce.get_anomalies, DateInterval=window)
    ahead = {"Start": TODAY.isoformat(), "End": first_of(TODAY, 2).isoformat()}
    answered("ce forecast", ce.get_cost_forecast, TimePeriod=ahead, Metric="UNBLENDED_COST", Granularity="MONTHLY")
    months = {
        "BaselineTimePeriod": {"Start": first_of(TODAY, -2).isoformat(), "End": MONTH[0]},
        "ComparisonTimePeriod": PERIOD,
        "MetricForComparison": "UnblendedCost",
    }
    answered("ce comparison", ce.get_cost_and_usage_comparisons, **months)
    answered("ce drivers", ce.get_cost_comparison_drivers, **months)

    usage = ce.get_cost_and_usage
    bad = "ValidationException"
    refused("ce swapped", bad, "Start date (and hour) should be before end date", usage,
            **{**month, "TimePeriod": {"Start": MONTH[1], "End": MONTH[0]}})
    refused("ce beyond next month", bad, "end date past the beginning of next month", usage,
            **{**month, "TimePeriod": {"Start": MONTH[0], "End": first_of(TODAY, 2).isoformat()}})
    refused("ce granularity", bad, "enum value set: [DAILY, MONTHLY, HOURLY]", usage, **{**month, "Granularity": "WEEKLY"})
    refused("ce hourly dates", bad, "yyyy-MM-ddTHH:mm:ssZ", usage, **{**month, "Granularity": "HOURLY"})
    refused("ce three groups", bad, "two group definitions", usage, **month,
            GroupBy=[by("DIMENSION", key) for key in ("SERVICE", "REGION", "USAGE_TYPE")])
    refused("ce metric", bad, "Metric Nonsense is invalid", usage, **{**month, "Metrics": ["Nonsense"]})
    refused("ce one operand", bad, "And expression must have at least 2 operands", usage, **month,
            Filter={"And": [dimension("SERVICE", bedrock)]})
    refused("ce two roots", bad, "Only one root operator", usage, **month,
            Filter={**dimension("SERVICE", bedrock), "Tags": {"Key": "a", "Values": ["b"]}})
    refused("ce granularity as number", "SerializationException", "NUMBER_VALUE can not be converted to a String",
            usage, **{**month, "Granularity": 5})
    refused("ce without period", bad, "at 'timePeriod'", usage, Granularity="DAILY", Metrics=["UnblendedCost"])
    refused("ce forecast of the past", bad, "Requested Start", ce.get_cost_forecast, TimePeriod=PERIOD,
            Metric="UNBLENDED_COST", Granularity="MONTHLY")
    refused("ce usage forecast unit", "UnresolvableUsageUnitException", "UsageType", ce.get_usage_forecast,
            TimePeriod=ahead, Metric="USAGE_QUANTITY", Granularity="MONTHLY")
    refused("ce other operation", "UnknownOperationException", "", ce.get_reservation_coverage, TimePeriod=PERIOD)


def cloudwatch():
    for region in ("us-east-1", "us-west-2"):
        metrics = answered(f"cloudwatch metrics {region}", client("cloudwatch", region).list_metrics, Namespace="AWS/Bedrock")
        check(f"cloudwatch {region} has metrics", metrics.get("Metrics"), str(metrics)[:200])
    cloudwatch = client("cloudwatch")
    models = [
        d["Value"]
        for m in cloudwatch.list_metrics(Namespace="AWS/Bedrock", MetricName="InputTokenCount")["Metrics"]
        for d in m["Dimensions"]
        if d["Name"] == "ModelId" and len(m["Dimensions"]) == 1
    ]
    check("cloudwatch models", models, str(models))
    day = datetime.timedelta(days=1)
    asked = {
        "Namespace": "AWS/Bedrock",
        "MetricName": "InputTokenCount",
        "StartTime": AS_OF - 2 * day,
        "EndTime": AS_OF - day,
        "Period": 3600,
    }
    if models:
        points = {}
        one = [{"Name": "ModelId", "Value": models[0]}]
        hours = answered("cloudwatch hours", cloudwatch.get_metric_statistics, **asked, Dimensions=one, Statistics=["Sum"])
        points["hours"] = sum(p["Sum"] for p in hours.get("Datapoints", []))
        stamps = [p["Timestamp"] for p in hours.get("Datapoints", [])]
        check("cloudwatch times are times", all(isinstance(s, datetime.datetime) for s in stamps) and stamps)
        stat = {"Metric": {"Namespace": "AWS/Bedrock", "MetricName": "InputTokenCount", "Dimensions": one},
                "Period": 3600, "Stat": "Sum"}
        data = answered("cloudwatch data", cloudwatch.get_metric_data, StartTime=asked["StartTime"], EndTime=asked["EndTime"],
                        MetricDataQueries=[{"Id": "a", "MetricStat": stat}, {"Id": "b", "Expression": "a * 2"}])
        sums = {r["Id"]: sum(r["Values"]) for r in data.get("MetricDataResults", [])}
        check("cloudwatch data is the statistics", sums.get("a") == points["hours"] > 0, f"{sums} {points}")
        check("cloudwatch maths", sums.get("b") == 2 * sums.get("a", -1), str(sums))
    old = {**asked, "StartTime": AS_OF - 600 * day, "EndTime": AS_OF - 590 * day}
    empty = answered("cloudwatch beyond retention", cloudwatch.get_metric_statistics, **old, Statistics=["Sum"])
    check("cloudwatch keeps 455 days", empty.get("Datapoints") == [], str(empty)[:200])
    alarms = answered("cloudwatch alarms", cloudwatch.describe_alarms, AlarmNamePrefix="Bedrock-TokenUsage")
    check("cloudwatch has the alarms", alarms.get("MetricAlarms"), str(alarms)[:200])

    statistics = cloudwatch.get_metric_statistics
    refused("cloudwatch no statistic", "InvalidParameterCombination", "At least one of the parameters Statistics", statistics, **asked)
    refused("cloudwatch too many points", "InvalidParameterCombination", "exceeds the limit of 1440", statistics,
            **{**asked, "Period": 60, "StartTime": AS_OF - 3 * day}, Statistics=["Sum"])
    refused("cloudwatch period", "InvalidParameterValue", "Period", statistics, **{**asked, "Period": 90}, Statistics=["Sum"])
    refused("cloudwatch statistic", "ValidationError", "enum value set", statistics, **asked, Statistics=["Median"])
    refused("cloudwatch missing", "MissingParameter", "The parameter EndTime is required.", statistics,
            **{k: v for k, v in asked.items() if k != "EndTime"}, Statistics=["Sum"])
    refused("cloudwatch id", "ValidationError", "not matching the expected pattern", cloudwatch.get_metric_data,
            StartTime=asked["StartTime"], EndTime=AS_OF, MetricDataQueries=[{"Id": "A", "Expression": "1"}])
    refused("cloudwatch names and prefix", "InvalidParameterCombination", "", cloudwatch.describe_alarms,
            AlarmNames=["a"], AlarmNamePrefix="a")
    refused("cloudwatch region", "SignatureDoesNotMatch", "valid region", client("cloudwatch", "mars-north-1").list_metrics)


def budgets(account):
    budgets = client("budgets")
    found = answered("budgets", budgets.describe_budgets, AccountId=account, ShowFilterExpression=True)
    names = [budget["BudgetName"] for budget in found.get("Budgets", [])]
    check("budgets exist", names)
    for name in names:
        one = answered(f"budget {name}", budgets.describe_budget, AccountId=account, BudgetName=name)
        check(f"budget {name} is itself", one.get("Budget", {}).get("BudgetName") == name)
        answered(f"budget {name} notifications", budgets.describe_notifications_for_budget, AccountId=account, BudgetName=name)
    refused("budgets without account", "InvalidParameterException", "accountId", budgets.describe_budgets)
    refused("budgets of a name", "InvalidParameterException", r"\d{12}", budgets.describe_budgets, AccountId="sample")
    refused("budgets of others", "AccessDeniedException", "", budgets.describe_budgets, AccountId="123456789012")
    refused("no such budget", "NotFoundException", "", budgets.describe_budget, AccountId=account, BudgetName="no such budget")


def pricing():
    pricing = client("pricing")
    codes = [s["ServiceCode"] for page in all_pages(pricing.describe_services, "NextToken") for s in page["Services"]]
    check("pricing codes", {"AmazonBedrock", "AmazonBedrockFoundationModels"} <= set(codes), str(codes))
    where = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}]
    pages = all_pages(pricing.get_products, "NextToken", ServiceCode="AmazonBedrock", Filters=where, MaxResults=5)
    items = [json.loads(text) for page in pages for text in page["PriceList"]]
    check("pricing pages", len(pages) > 1 and all(len(page["PriceList"]) <= 5 for page in pages), str(len(pages)))
    check("pricing filters", all(i["product"]["attributes"]["regionCode"] == "us-east-1" for i in items))
    check("pricing skus once", len({i["product"]["sku"] for i in items}) == len(items) > 5)
    answered("pricing values", pricing.get_attribute_values, ServiceCode="AmazonBedrock", AttributeName="regionCode")
    lists = answered("pricing lists", pricing.list_price_lists, ServiceCode="AmazonBedrock", EffectiveDate=AS_OF, CurrencyCode="USD")
    for found in lists.get("PriceLists", [])[:1]:
        answered("pricing file", pricing.get_price_list_file_url, PriceListArn=found["PriceListArn"], FileFormat="json")
    bad = "InvalidParameterException"
    refused("pricing without code", bad, "serviceCode cannot be null or empty", pricing.get_products)
    refused("pricing max results", bad, "at 'maxResults'", pricing.get_products, ServiceCode="AmazonBedrock", MaxResults=101)
    refused("pricing filter type", bad, "at 'filters.1.member.type'", pricing.get_products, ServiceCode="AmazonBedrock",
            Filters=[{"Type": "LIKE", "Field": "a", "Value": "b"}])
    refused("pricing region", "InvalidSignatureException", "us-west-2", client("pricing", "us-west-2").describe_services)
    answered("pricing in Frankfurt", client("pricing", "eu-central-1").describe_services)


def bedrock():
    bedrock = client("bedrock")
    models = answered("bedrock models", bedrock.list_foundation_models, byProvider="Anthropic").get("modelSummaries", [])
    check("bedrock filters providers", models and all(m["providerName"] == "Anthropic" for m in models))
    profiles = answered("bedrock profiles", bedrock.list_inference_profiles, typeEquals="SYSTEM_DEFINED", maxResults=5)
    for profile in profiles.get("inferenceProfileSummaries", [])[:1]:
        check("bedrock times", isinstance(profile.get("createdAt"), datetime.datetime), str(profile))
        for name in (profile["inferenceProfileId"], profile["inferenceProfileArn"]):
            one = answered(f"bedrock profile {name}", bedrock.get_inference_profile, inferenceProfileIdentifier=name)
            check(f"bedrock profile {name} is itself", one.get("inferenceProfileId") == profile["inferenceProfileId"])
    for call in ("list_provisioned_model_throughputs", "list_model_invocation_jobs", "list_guardrails",
                 "get_model_invocation_logging_configuration"):
        answered(f"bedrock {call}", getattr(bedrock, call))
    refused("bedrock bad type", "ValidationException", "at 'typeEquals'", bedrock.list_inference_profiles, typeEquals="ANY")
    refused("bedrock no profile", "ResourceNotFoundException", "", bedrock.get_inference_profile, inferenceProfileIdentifier="us.no.such-model")

    runtime = client("bedrock-runtime")
    text = {"converse": {"messages": [{"role": "user", "content": [{"text": "How much is it? " * 20}]}]}}
    # Older models, all there is in an older account, cannot be asked for a count.
    claude = next((m["modelId"] for m in models if "claude-sonnet-4" in m["modelId"]), None)
    if claude:
        count = answered("bedrock tokens", runtime.count_tokens, modelId=claude, input=text)
        check("bedrock token count", count.get("inputTokens", 0) > 20, str(count))
    else:
        claude = models[0]["modelId"] if models else "anthropic.claude-v2"
        refused("bedrock tokens of an old model", "ValidationException", "doesn't support counting tokens",
                runtime.count_tokens, modelId=claude, input=text)
    refused("bedrock tokens of a profile", "ValidationException", "", runtime.count_tokens, modelId="us." + claude, input=text)
    refused("bedrock tokens of nova", "ValidationException", "doesn't support counting tokens", runtime.count_tokens,
            modelId="amazon.nova-lite-v1:0", input=text)
    refused("bedrock tokens of nothing", "ValidationException", "at 'input'", runtime.count_tokens, modelId=claude, input={})


def faults():
    month = {"TimePeriod": PERIOD, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
    retrying = client("ce", config=Config(retries={"mode": "standard", "total_max_attempts": 3}))

    def with_faults(*rules):
        own("POST", "/_sample/faults", list(rules))
        own("DELETE", "/_sample/requests")

    for fault in ("throttle", "error-500", "error-503", "reset"):
        with_faults(f"ce:GetCostAndUsage#1={fault}")
        answered(f"{fault} is retried", retrying.get_cost_and_usage, **month)
        counters = own("GET", "/_sample/requests")["counters"]
        check(f"{fault} costs two requests, one billed", (counters["requests"], counters["billed"]) == (2, 1), str(counters))
    with_faults("ce:*=throttle")
    refused("throttled", "LimitExceededException", "Rate limit exceeded", client("ce").get_cost_and_usage, **month)
    with_faults("*=expired-token")
    for service, call, code in (("ce", "get_cost_categories", "ExpiredTokenException"), ("sts", "get_caller_identity", "ExpiredToken"),
                                ("cloudwatch", "describe_alarms", "ExpiredToken"), ("bedrock", "list_guardrails", "ExpiredTokenException")):
        refused(f"{service} expired", code, "expired", getattr(client(service), call))
    with_faults("ce:GetCostAndUsage=data-unavailable")
    refused("unavailable", "DataUnavailableException", "", client("ce").get_cost_and_usage, **month)
    for fault in ("half-body", "wrong-content"):
        with_faults(f"ce:*={fault}")
        # botocore takes a body it cannot read for an empty answer.
        try:
            check(fault, "ResultsByTime" not in client("ce").get_cost_and_usage(**month), "got data")
        except botocore.exceptions.BotoCoreError:
            check(fault, True)
    own("DELETE", "/_sample/faults")


def main():
    identity = answered("sts", client("sts").get_caller_identity)
    account = identity.get("Account", "")
    check("sts account", len(account) == 12 and account in identity.get("Arn", ""), str(identity))
    for part in (cost_explorer, cloudwatch, pricing, bedrock):
        part()
    budgets(account)
    counters = own("GET", "/_sample/requests")["counters"]
    check("every output fits AWS's models", counters["broken_outputs"] == 0, str(counters))
    faults()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
