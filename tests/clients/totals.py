"""Five questions asked three ways: through boto3, through the binary, and of the ledger itself. Equal to the digit.

And Bedrock under all its names, asked at once.

usage: totals.py BINARY SAMPLE_ACCOUNT
"""

import json
import sys
from collections import defaultdict
from decimal import Decimal

import boto3
from guide_calls import Tally
from sample_program import CREDENTIALS, call, get_json, sample_account

AS_OF = "2024-12-05"
START, END = "2024-11-01", "2024-12-01"

BEDROCK = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}}
USAGE = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}


def is_bedrock(line):
    return line["service"] == "Amazon Bedrock"


# What is asked, how Cost Explorer is asked for it, and which lines of the ledger, under which name, answer it.
QUESTIONS = [
    ("Amazon Bedrock as one service", "MONTHLY", ("DIMENSION", "SERVICE"), BEDROCK, is_bedrock, lambda line: line["service"]),
    ("everything by service", "MONTHLY", ("DIMENSION", "SERVICE"), None, lambda line: True, lambda line: line["service"]),
    ("Bedrock by account, day by day", "DAILY", ("DIMENSION", "LINKED_ACCOUNT"), BEDROCK, is_bedrock, lambda line: line["account"]),
    ("usage by usage type", "MONTHLY", ("DIMENSION", "USAGE_TYPE"), USAGE, lambda line: line["record_type"] == "Usage", lambda line: line["usage_type"]),
    ("everything by content type", "MONTHLY", ("TAG", "ContentType"), None, lambda line: True, lambda line: line["tags"].get("ContentType", "")),
]


def from_boto3(url, granularity, group, expression):
    """Sums by group, over every page; a tag's group is called by its value alone."""
    client = boto3.client(
        "ce",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    request = {
        "TimePeriod": {"Start": START, "End": END},
        "Granularity": granularity,
        "Metrics": ["UnblendedCost"],
        "GroupBy": [dict(zip(("Type", "Key"), group))],
    }
    if expression:
        request["Filter"] = expression
    sums = defaultdict(Decimal)
    while True:
        page = client.get_cost_and_usage(**request)
        for period in page["ResultsByTime"]:
            for found in period["Groups"]:
                name = found["Keys"][0].removeprefix(f"{group[1]}$")
                sums[name] += Decimal(found["Metrics"]["UnblendedCost"]["Amount"])
        if "NextPageToken" not in page:
            return sums
        request["NextPageToken"] = page["NextPageToken"]


def from_binary(binary, url, granularity, group, expression):
    """The total, and sums by group where the answer gives every row."""
    arguments = {
        "start_date": START,
        "end_date": END,
        "granularity": granularity,
        "metrics": ["UnblendedCost"],
        "group_by": json.dumps([dict(zip(("Type", "Key"), group))]),
        "detail": "full",
    }
    if expression:
        arguments["filters"] = json.dumps(expression)
    answer = call(binary, url, AS_OF, "cost_explorer", arguments)
    if "next_cursor" in answer:
        raise RuntimeError(f"the answer leaves rows out, {answer['more_rows']} of them")
    columns = answer["columns"]
    shared = answer.get("in_every_row", {})
    name = next(column for column in [*columns, *shared] if group[1].lower() in column.lower())
    sums = defaultdict(Decimal)
    for cells in answer["rows"]:
        row = shared | dict(zip(columns, cells))
        sums[row[name]] += Decimal(row["UnblendedCost"])
    return Decimal(answer["total"]["UnblendedCost"]), sums


def from_ledger(url, wanted, name):
    sums = defaultdict(Decimal)
    for line in get_json(f"{url}/_sample/ledger?start={START}&end={END}")["lines"]:
        if wanted(line):
            sums[name(line)] += Decimal(line["unblended_usd"])
    return sums


def bedrock_by_service(tally, binary, url):
    """`bedrock_spend` beside the ledger: each service, the total, what was given back, and the parts of the change."""
    is_any = lambda line: "Bedrock" in line["service"]
    is_charge = lambda line: is_any(line) and line["record_type"] not in ("Credit", "Refund")
    name = lambda line: line["service"]
    answer = call(binary, url, AS_OF, "bedrock_spend", {"by": "service", "detail": "full"})
    charged = {service: usd for service, usd in from_ledger(url, is_charge, name).items() if usd}
    shared = answer.get("in_every_row", {})
    rows = [shared | dict(zip(answer["columns"], cells)) for cells in answer["rows"]]
    found = {row["service"]: Decimal(row["usd"]) for row in rows if Decimal(row["usd"])}
    print(f"bedrock_spend by service: {sum(charged.values())} USD")
    tally.check(found == charged, f"bedrock_spend: {found} and {charged}")
    tally.check(Decimal(answer["total_usd"]) == sum(charged.values()), f"bedrock_spend: total {answer['total_usd']}")
    net = sum(from_ledger(url, is_any, name).values())
    tally.check(Decimal(answer["net_usd"]) == net, f"bedrock_spend: net {answer['net_usd']}, the ledger {net}")
    change = {part: Decimal(usd) for part, usd in answer["change"].items()}
    parts = change["volume_usd"] + change["rate_usd"] + change["mix_usd"]
    tally.check(parts == change["change_usd"], f"bedrock_spend: the parts are {parts} of {change['change_usd']}")
    tally.check(change["previous_usd"] + parts == sum(charged.values()), "bedrock_spend: before and change are not after")
    tally.check(answer["aws_cost_usd"] == "0.03", f"bedrock_spend cost {answer['aws_cost_usd']} USD")


def main(binary, program):
    tally = Tally()
    with sample_account(program, AS_OF) as url:
        bedrock_by_service(tally, binary, url)
        for question, granularity, group, expression, wanted, name in QUESTIONS:
            ledger = from_ledger(url, wanted, name)
            python = from_boto3(url, granularity, group, expression)
            total, rust = from_binary(binary, url, granularity, group, expression)
            # The one group without a value has a name of its own in the answer.
            if group[0] == "TAG" and "" in ledger:
                (unnamed,) = set(rust) - set(ledger)
                rust[""] = rust.pop(unnamed)
            book = sum(ledger.values())
            print(f"{question}: {book} USD")
            tally.check(book != 0, f"{question}: the ledger has nothing")
            tally.check(sum(python.values()) == book, f"{question}: boto3 {sum(python.values())}")
            tally.check(total == book, f"{question}: total {total}")
            for group_name in sorted(set(ledger) | set(python) | set(rust)):
                amounts = [sums.get(group_name, Decimal(0)) for sums in (ledger, python, rust)]
                tally.check(len(set(amounts)) == 1, f"{question}, {group_name}: {amounts}")
    return tally.close("totals")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
