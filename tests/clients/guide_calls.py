"""The guide's calls, and what counts as an answer to one of them."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The guide's servers, each this one binary with its group of tools.
TOOLSETS = {
    "awslabs.billing-cost-management-mcp-server": "billing",
    "awslabs.aws-pricing-mcp-server": "pricing",
    "awslabs.cloudwatch-mcp-server": "cloudwatch",
}


def guide_calls(path=ROOT / "examples" / "guide-calls.md"):
    """Every call as (server, tool, arguments), in order."""
    bodies = re.findall(r"usePower\((.*?\n})\)", path.read_text(encoding="utf-8"), re.DOTALL)
    calls = []
    for body in bodies:
        _power, server, tool, arguments = json.loads(f"[{body}]")
        calls.append((server, tool, arguments))
    return calls


def rows(value):
    """How many rows, points or items an answer holds."""
    if isinstance(value, dict):
        return sum(rows(item) for item in value.values())
    if isinstance(value, list):
        return len(value)
    return 0


def has_data(answer):
    """True where the answer's own fields hold at least one row."""
    around = {"warnings", "corrections", "effective_request", "source", "columns"}
    return rows({name: value for name, value in answer.items() if name not in around}) > 0


class Tally:
    """Counts checks and prints the closing line."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, ok, what):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}")

    def close(self, name):
        print(f"{name}: {self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
