"""The plans of monitoring_plan, given to what reads their languages: cfn-lint, an HCL parser with the arguments of the
Terraform provider, and a shell whose `aws` hands every request to AWS's own models. The three say the same.

usage: monitoring_plan.py BINARY
"""

import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile

import botocore.session
import hcl2
import yaml
from botocore import xform_name
from botocore.validate import ParamValidator
from guide_calls import Tally

TODAY = "2026-11-22"
GUIDE_DAY = "2024-12-05"
TOPIC = "arn:aws:sns:us-east-1:111122223333:given"
# What is asked, and when: a plan with everything in it, one for a topic that exists, other regions and days.
CASES = [
    ({}, TODAY),
    ({"notify": "finops+bedrock@example.com"}, GUIDE_DAY),
    ({"notify": TOPIC, "region": "eu-central-1"}, TODAY),
    ({"region": "us-west-2", "weeks": 4}, GUIDE_DAY),
    # Nothing runs there: billing alone.
    ({"region": "sa-east-1", "notify": TOPIC}, TODAY),
    # CloudFormation makes no budgets there.
    ({"region": "eu-north-1"}, TODAY),
]
SCHEMA = json.loads(pathlib.Path(__file__).with_name("terraform_schema.json").read_text())
# Arguments that every resource has.
META = {"depends_on", "lifecycle"}
# A stand-in that writes down what it was called with and answers what `--query` asks for.
AWS = """#!/bin/sh
"{python}" - "$@" <<'END'
import json, sys
with open("{log}", "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
answers = {{"Account": "111122223333", "TopicArn": "{topic}", "MonitorArn": "arn:aws:ce::111122223333:anomalymonitor/new"}}
for asked, answer in zip(sys.argv, sys.argv[1:]):
    if asked == "--query":
        print(answers[answer])
END
"""


def answer(binary, arguments, day):
    command = [binary, "call", "monitoring_plan", json.dumps(arguments), "--sample", "--as-of", day, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


class Template:
    """A CloudFormation template: what cfn-lint says of it, and its resources."""

    def __init__(self, text, region, folder):
        path = folder / "template.yaml"
        path.write_text(text)
        lint = [pathlib.Path(sys.executable).with_name("cfn-lint"), "--template", path, "--regions", region]
        # Informational remarks count too.
        done = subprocess.run([*lint, "--include-checks", "I"], capture_output=True, text=True, check=False)
        self.findings = (done.stdout + done.stderr).strip()
        self.code = done.returncode
        self.resources = yaml.safe_load(text)["Resources"]

    def alarms(self):
        properties = [one["Properties"] for one in self.resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
        return {one["AlarmName"]: one["Threshold"] for one in properties}

    def budgets(self):
        found = [one["Properties"]["Budget"] for one in self.resources.values() if one["Type"] == "AWS::Budgets::Budget"]
        return {one["BudgetName"]: (str(one["BudgetLimit"]["Amount"]), one["CostFilters"]["Service"]) for one in found}


class Configuration:
    """A Terraform configuration: its resources, and what the provider would refuse of them."""

    def __init__(self, text):
        self.resources = []
        for block in hcl2.loads(text)["resource"]:
            ((kind, named),) = block.items()
            ((_, body),) = named.items()
            self.resources.append((json.loads(kind), body))

    def refused(self):
        for kind, body in self.resources:
            yield from (f"{kind}: {problem}" for problem in self.problems(body, SCHEMA[kind], top=True))

    def problems(self, body, schema, top=False):
        known = {name.rstrip("!"): wanted for name, wanted in schema.items()}
        given = {name for name in body if not name.startswith("__")} - (META if top else set())
        yield from (f"has no argument {name}" for name in given - known.keys())
        needed = {name.rstrip("!") for name in schema if name.endswith("!")}
        yield from (f"lacks {name}" for name in needed - given)
        for name in given & known.keys():
            wanted, value = known[name], body[name]
            if isinstance(wanted, dict):
                for inner in value:
                    yield from (f"{name}: {problem}" for problem in self.problems(inner, wanted))
            elif not KINDS[wanted](value):
                yield f"{name} is no {wanted}: {value!r}"

    def of(self, kind):
        return [body for name, body in self.resources if name == kind]

    def alarms(self):
        return {plain(one["alarm_name"]): one["threshold"] for one in self.of("aws_cloudwatch_metric_alarm")}

    def budgets(self):
        return {
            plain(one["name"]): (plain(one["limit_amount"]), [plain(value) for value in one["cost_filter"][0]["values"]])
            for one in self.of("aws_budgets_budget")
        }


def plain(text):
    """The parser leaves texts in their quotes, and escapes as they are."""
    return json.loads(text)


def is_text(value):
    return isinstance(value, str) and (value.startswith('"') or value.startswith("${"))


KINDS = {
    "string": is_text,
    "strings": lambda value: isinstance(value, list) and all(map(is_text, value)),
    "map": lambda value: isinstance(value, dict) and all(map(is_text, value.values())),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
}


class Script:
    """A script for the AWS CLI, run by a shell with another `aws`."""

    session = botocore.session.get_session()

    def __init__(self, text, folder):
        path, log, program = folder / "plan.sh", folder / "log", folder / "aws"
        path.write_text(text)
        log.write_text("")
        program.write_text(AWS.format(python=sys.executable, log=log, topic=TOPIC))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}", "EMAIL": "finops@example.com"}
        done = subprocess.run(["sh", path], env=environment, capture_output=True, text=True, check=False)
        self.error = done.stderr.strip() or (done.returncode and f"ended with {done.returncode}")
        self.requests = []
        for line in log.read_text().splitlines():
            service, operation, *rest = json.loads(line)
            options = dict(zip(rest[::2], rest[1::2]))
            self.requests.append((service, operation, json.loads(options.get("--cli-input-json", "{}"))))

    def refused(self):
        for service, operation, request in self.requests:
            model = self.session.get_service_model(service)
            (name,) = [name for name in model.operation_names if xform_name(name, "-") == operation]
            shape = model.operation_model(name).input_shape
            report = ParamValidator().validate(request, shape).generate_report() if shape else ""
            yield from (f"{name}: {problem}" for problem in [report, *strict(request, shape)] if problem)

    def of(self, operation):
        return [request for _, name, request in self.requests if name == operation]

    def alarms(self):
        return {one["AlarmName"]: one["Threshold"] for one in self.of("put-metric-alarm")}

    def budgets(self):
        found = [one["Budget"] for one in self.of("create-budget")]
        return {one["BudgetName"]: (one["BudgetLimit"]["Amount"], one["CostFilters"]["Service"]) for one in found}


def strict(value, shape):
    """What botocore leaves to AWS: patterns, lengths and words."""
    rules = getattr(shape, "metadata", {}) if shape else {}
    if isinstance(value, str):
        if shape.type_name == "string":
            if shape.enum and value not in shape.enum:
                yield f"{shape.name} has no {value}"
            if not rules.get("min", 0) <= len(value) <= rules.get("max", 1 << 30):
                yield f"{shape.name} has {len(value)} characters"
            pattern = rules.get("pattern")
            # Python has flags in front only; the pattern of addresses is for any text.
            if pattern and "(?i)" not in pattern and not re.fullmatch(pattern.replace("\\p", ""), value):
                yield f"{shape.name} does not match {pattern}: {value}"
    elif isinstance(value, list):
        if len(value) > rules.get("max", 1 << 30):
            yield f"{shape.name} has {len(value)} items"
        for one in value:
            yield from strict(one, shape.member)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from strict(one, shape.value if shape.type_name == "map" else shape.members[name])


def main(binary):
    tally = Tally()
    for arguments, day in CASES:
        name = f"{json.dumps(arguments)} on {day}"
        with tempfile.TemporaryDirectory() as made:
            folder = pathlib.Path(made)

            def text(language):
                return answer(binary, arguments | {"format": language}, day)["text"]

            region = arguments.get("region", "us-east-1")
            template = Template(text("cloudformation"), region, folder)
            print(f"cfn-lint, {name}: exit {template.code}, {len(template.resources)} resources {template.findings}")
            tally.check(template.code == 0 and not template.findings, f"{name}: cfn-lint: {template.findings}")
            configuration = Configuration(text("terraform"))
            refused = list(configuration.refused())
            tally.check(not refused, f"{name}: terraform: {refused}")
            script = Script(text("cli"), folder)
            tally.check(not script.error, f"{name}: sh: {script.error}")
            refused = list(script.refused())
            tally.check(not refused, f"{name}: cli: {refused}")
            print(f"  {len(configuration.resources)} of Terraform, {len(script.requests)} requests of the CLI")
            for what in ("alarms", "budgets"):
                three = [getattr(one, what)() for one in (template, configuration, script)]
                if what == "budgets" and region == "eu-north-1":
                    tally.check(three[0] == {} and three[1], f"{name}: {three}")
                    three[0] = three[1]
                tally.check(three[0] == three[1] == three[2], f"{name}: {what} differ: {three}")
            planned = answer(binary, arguments | {"detail": "full"}, day)
            rows = [dict(zip(planned["columns"], row)) | planned.get("in_every_row", {}) for row in planned["rows"]]
            rows = {row["name"]: row["above"] for row in rows if row["new"] == "alarm"}
            tally.check(rows == template.alarms(), f"{name}: the rows have other alarms: {rows}")
            tally.check(bool(rows) == (region not in ("sa-east-1", "eu-north-1")), f"{name}: {len(rows)} alarms")
    return tally.close("monitoring plans")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
