"""What the tool definitions and default answers cost an assistant, in o200k tokens of the compact JSON.

usage: token_budget.py BINARY
"""

import json
import pathlib
import subprocess
import sys

import bpe_openai
from guide_calls import Tally, guide_calls

# The budgets of ARCHITECTURE.md.
MOST_IN_ALL = 4_000
MOST_FOR_ONE = 400
MOST_FOR_AN_ANSWER = 600

GUIDE_DAY = "2024-12-05"
TODAY = "2026-11-22"
BEDROCK = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}}
OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-11-01"}
MONTH = {"start_date": "-30d", "granularity": "DAILY"}
WORKLOAD = {"input_tokens": 2_000, "output_tokens": 500, "requests": 100_000}
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples/workloads"


def example(name):
    """A workload of the examples, as the arguments of find_savings."""
    return json.loads((EXAMPLES / f"{name}.json").read_text())


# What people ask first, beside the guide's calls.
QUESTIONS = [
    ("what each model cost", "bedrock_spend", {}),
    ("... of the guide's month", "bedrock_spend", {"start_date": "2024-11"}),
    ("by model and kind of token", "bedrock_spend", {"by": ["model", "token_type"]}),
    ("by day", "bedrock_spend", {"by": "day"}),
    ("by team", "bedrock_spend", {"by": "tag:Team"}),
    ("this month, with what lies around and a forecast", "bedrock_spend", {"start_date": "month_to_date", "service": "all", "forecast": True}),
    ("models of accounts", "bedrock_spend", {"by": ["account", "model"]}),
    ("billed beside metered", "bedrock_spend", {"compare": False, "reconcile": True}),
    ("what runs now", "bedrock_usage", {}),
    ("... in every region", "bedrock_usage", {"region": ["us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1"]}),
    ("... this week", "bedrock_usage", {"start_time": "-7d"}),
    ("what each usage type cost", "cost_explorer", OCTOBER | {"group_by": ["USAGE_TYPE"], "filters": BEDROCK}),
    ("... by service too", "cost_explorer", OCTOBER | {"group_by": ["SERVICE", "USAGE_TYPE"], "filters": BEDROCK}),
    ("what each model cost", "cost_explorer", OCTOBER | {"group_by": [{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}]}),
    ("services by day", "cost_explorer", MONTH | {"group_by": ["SERVICE"]}),
    ("Bedrock by day", "cost_explorer", MONTH | {"filters": BEDROCK}),
    ("accounts", "cost_explorer", OCTOBER | {"group_by": ["LINKED_ACCOUNT"]}),
    ("forecast", "cost_explorer", {"operation": "getCostForecast"}),
    (
        "forecast by day",
        "cost_explorer",
        {"operation": "getCostForecast", "granularity": "DAILY", "start_date": TODAY, "end_date": "2026-12-22"},
    ),
    ("last month and the one before", "cost_explorer", {"operation": "getCostAndUsageComparisons", "group_by": ["SERVICE"]}),
    ("what drove the difference", "cost_explorer", {"operation": "getCostComparisonDrivers"}),
    ("which services", "cost_explorer", {"operation": "getDimensionValues", "dimension": "SERVICE"}),
    ("which usage types", "cost_explorer", {"operation": "getDimensionValues", "dimension": "USAGE_TYPE"}),
    ("which tags", "cost_explorer", {"operation": "getTagsOrValues"}),
    ("a price", "get_pricing", {"model": "Nova Pro"}),
    ("all prices", "get_pricing", {"service_code": "AmazonBedrock"}),
    ("the price book", "get_pricing", {}),
    (
        "tokens by day",
        "get_metric_statistics",
        {"metric_name": "InputTokenCount", "statistics": ["Sum"], "start_time": "-30d", "period": 86_400},
    ),
    (
        "latency of a week",
        "get_metric_statistics",
        {"metric_name": "InvocationLatency", "statistics": ["Average", "Maximum"], "start_time": "-7d", "period": 3_600},
    ),
    ("cache hits of a week", "get_metric_statistics", {"metric_name": "CacheHitRate", "start_time": "-7d", "period": 3_600}),
    ("alarms", "describe_alarms", {}),
    ("budgets", "budgets", {}),
    ("budgets and how they went", "budgets", {"history": True}),
    ("anomalies", "cost_anomaly", {}),
    ("what nothing watches", "monitoring_plan", {}),
    ("a workload on one model", "scenario_estimate", WORKLOAD | {"models": ["Claude Sonnet 5"]}),
    ("a workload on three models", "scenario_estimate", WORKLOAD | {"models": ["Nova Pro", "Claude Sonnet 5", "Claude Haiku 4.5"]}),
    ("savings of the guide's chatbot", "find_savings", example("chatbot")),
    ("savings of the content platform", "find_savings", example("content-platform")),
    ("savings of the account", "find_savings", {"source": "account"}),
    ("tokens of a text", "estimate_tokens", {"text": "What did Bedrock cost last month, by model?"}),
]


def answer(binary, tool, arguments, day):
    """The answer of the sample account on a day; of a refused call, what the corrected one answers."""
    command = [binary, "call", tool, json.dumps(arguments), "--sample", "--as-of", day, "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(ended.stdout)
    if ended.returncode == 0:
        return found
    corrected = found["corrected_request"]
    return answer(binary, corrected["tool"], corrected["arguments"], day)


def main(binary):
    encoding = bpe_openai.get_encoding("o200k_base")

    def tokens(value):
        return len(encoding.encode(json.dumps(value, separators=(",", ":"), ensure_ascii=False)))

    listed = subprocess.run([binary, "tools", "--json"], capture_output=True, text=True, check=True)
    result = json.loads(listed.stdout)
    tally = Tally()
    for tool in result["tools"]:
        count = tokens(tool)
        print(f"{count:5} {tool['name']}")
        tally.check(count <= MOST_FOR_ONE, f"{tool['name']} takes {count} tokens, more than {MOST_FOR_ONE}")
    everything = tokens(result)
    print(f"{everything:5} in all, {len(json.dumps(result, separators=(',', ':')))} bytes")
    tally.check(everything <= MOST_IN_ALL, f"the list takes {everything} tokens, more than {MOST_IN_ALL}")

    asked = [(f"guide {number}", tool, arguments, GUIDE_DAY) for number, (_, tool, arguments) in enumerate(guide_calls(), 1)]
    asked += [(*question, TODAY) for question in QUESTIONS]
    for name, tool, arguments, day in asked:
        count = tokens(answer(binary, tool, arguments, day))
        print(f"{count:5} {tool}: {name}")
        tally.check(count <= MOST_FOR_AN_ANSWER, f"{tool}, {name}: {count} tokens, more than {MOST_FOR_AN_ANSWER}")
    return tally.close("token budget")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
