"""Every Bedrock price of genai-prices and of litellm beside ours; a disagreement that nobody reviewed fails.

It walks their prices: how many of ours have one of theirs beside them is printed at the end. It is no independent
proof, as earlier versions of both were among the sources of our table; what it finds is what either side changed since.

usage: price_check.py BINARY WHEELS

WHEELS holds litellm's wheel: its price file is read out of the archive, and nothing of it is imported or run.
Reviewed disagreements are in price_differences.csv: which rows, their rates and ours (`a|b` where there are several), how
many of theirs that explains, and why ours stands. A rate more, less or other than that has to be reviewed again.
"""

import csv
import fnmatch
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

from genai_prices import data, types

AS_OF = "2026-11-22"
PRICE_FILE = "litellm/model_prices_and_context_window_backup.json"
REVIEWED = Path(__file__).with_name("price_differences.csv")
MILLION = Decimal(1_000_000)
# The finest rate has eight decimals; what binary floats add to theirs is far below.
PLACES = Decimal("0.00000001")

GEOGRAPHIES = {
    "us": ("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    "us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "eu": ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4", "ap-southeast-6"),
    "in": ("ap-south-1", "ap-south-2"),
    "ca": ("ca-central-1", "ca-west-1"),
    "apac": ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1",
             "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ap-east-1", "ap-east-2"),
}
EVERYWHERE = tuple(place for places in GEOGRAPHIES.values() for place in places)
COMMITMENTS = {"1-month-commitment": "1_month", "6-month-commitment": "6_months"}
TIERS = {"": "standard", "_batches": "batch", "_flex": "flex", "_priority": "priority"}
TOKENS = {
    "input_cost_per_token": ("input",),
    "output_cost_per_token": ("output",),
    "cache_read_input_token_cost": ("cache_read",),
    # Without a lifetime of its own, a write is what the model has by default.
    "cache_creation_input_token_cost": ("cache_write_5m", "cache_write_30m"),
    "cache_creation_input_token_cost_above_1hr": ("cache_write_1h",),
}
FIELD = re.compile(
    r"^(?P<token>" + "|".join(sorted(TOKENS, key=len, reverse=True)) + r")"
    r"(?P<long>_above_\d+k_tokens)?(?P<tier>_batches|_flex|_priority)?$"
)
# What is billed by something else than text tokens: words of our unit.
UNITS = {
    "output_cost_per_image": ("image",),
    "input_cost_per_image": ("image",),
    "input_cost_per_query": ("query", "queries", "search unit"),
    "input_cost_per_video_per_second": ("second of video",),
    "input_cost_per_audio_per_second": ("second of audio",),
    "input_cost_per_audio_token": ("speech input tokens",),
    "output_cost_per_audio_token": ("speech output tokens",),
    "input_audio_mtok": ("speech input tokens",),
    "output_audio_mtok": ("speech output tokens",),
    "guardrail_cost_per_unit": ("text unit",),
}
COUNTS = {"1,000": 1000, "1M": 1_000_000}


class Ours:
    """What `prices list --json` says, to be asked by model, place, routing and tier."""

    def __init__(self, binary):
        with tempfile.TemporaryDirectory() as home:
            # No overlay of this machine: the built-in rates are what is checked.
            done = subprocess.run(
                [binary, "prices", "list", "--json", "--as-of", AS_OF],
                env={"PATH": os.environ["PATH"], "XDG_DATA_HOME": home},
                capture_output=True, text=True, check=True, timeout=60,
            )
        listed = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
        self.cards = defaultdict(dict)
        for card in listed["rates"]:
            self.cards[card["model"]].setdefault((card["routing"], card["tier"]), {})[card["place"]] = card
        self.units = defaultdict(list)
        for unit in listed["unit_rates"]:
            self.units[unit["model"]].append(unit)
        self.others = listed["other_rates"]
        self.models = set(self.cards) | set(self.units)
        # Our token rates that stood beside one of theirs: model, routing, tier, place, long prompt, kind of token.
        self.met = set()

    def all(self):
        """All our token rates, by the same six."""
        return {
            (model, *served, place, long, token)
            for model, of in self.cards.items() for served, cards in of.items() for place, card in cards.items()
            for long in (False, True) for token in card.get("long_context_rates" if long else "rates", {})
        }

    def model(self, name):
        """Our id of a model that theirs calls by another form of it."""
        name = name.replace("@", "-")
        if name.startswith("claude-"):
            name = f"anthropic.{name}"
        forms = [name, name.removesuffix(":0"), re.sub(r"-v\d+(:\d+)?$", "", name), name.removesuffix("-instruct")]
        ends = ["", ":0", "-v1:0", "-1:0", "-v1"]
        known = next((form + end for end in ends for form in forms if form + end in self.models), None)
        if known is None:
            # Theirs may leave out the date of a model.
            dated = {model for model in self.models for form in forms if re.match(re.escape(form) + r"-20\d{6}", model)}
            known = dated.pop() if len(dated) == 1 else None
        return known or {"deepseek.v3.1": "deepseek.v3-v1:0", "moonshotai.kimi-k2-thinking": "moonshot.kimi-k2-thinking"}.get(name)

    def unit_rates(self, model, region, words):
        """Our rates per one unit whose name holds one of the words, in a region or anywhere."""
        units = [unit for unit in self.units[model] if region in (None, unit["place"])]
        units += [rate for rate in self.others if model in rate.get("models", []) and (region is None or region in rate["places"])]
        found = set()
        for unit in units:
            if any(word in unit["unit"] for word in words):
                count = COUNTS.get(unit["unit"].split(" ")[0], 1)
                found.add(Decimal(unit["usd"]) / count)
        return found

    def provisioned(self, model, region, term):
        """Our hourly rates of a model unit."""
        return {Decimal(rate["usd"]) for rate in self.others
                if rate["dimension"] == "provisioned_throughput" and rate.get("term") == term
                and model in rate.get("models", []) and (region is None or region in rate["places"])}

    def rates(self, model, places, routing, tier, tokens, long):
        """Our rates in these places, by what they are of."""
        found = {}
        cards = self.cards[model].get((routing, tier), {})
        for place in places:
            listed = place if place in cards or routing != "global" else "*"
            card = cards.get(listed)
            rates = card and card.get("long_context_rates" if long else "rates", {})
            for token in tokens:
                if rates and token in rates:
                    found[model, routing, tier, listed, bool(long), token] = Decimal(rates[token])
                    break
        return found


def region_of(name):
    """The region that the name of a row of theirs holds."""
    found = re.search(r"(?:^|/)([a-z]{2}(?:-gov)?-[a-z]+-\d)/", name)
    return found and found[1]


def reach(name):
    """Where a row of theirs is priced: the model's name, and the (routing, places) it can stand for, likeliest first."""
    parts = name.split("/")
    region = region_of(name)
    model = parts[-1]
    if region:
        return model, [("regional", (region,))]
    first, _, rest = model.partition(".")
    if first == "global":
        return rest, [("global", ("us-east-1",))]
    if first == "regional":
        return rest, [("regional", ("us-east-1", "us", "us-west-2"))]
    if first in GEOGRAPHIES and "." in rest:
        # A geographic profile bills the rate of its source region.
        return rest, [("regional", (first, *GEOGRAPHIES[first]))]
    # A bare id is the region's own price, or the global one for models that have a global profile.
    return model, [("regional", ("us-east-1",)), ("global", ("us-east-1",)), ("regional", EVERYWHERE)]


class Check:
    """Counts, and what is neither equal nor reviewed."""

    def __init__(self, source, ours, reviewed):
        self.source, self.ours, self.reviewed = source, ours, reviewed
        self.equal, self.explained, self.compared = 0, Counter(), 0
        self.open = []

    def review(self, name, field, theirs, ours):
        shown = " or ".join(f"{rate:f}" for rate in ours) if ours else "none"
        for row in self.reviewed:
            if (row["source"] in (self.source, "*") and fnmatch.fnmatchcase(name, row["row"])
                    and fnmatch.fnmatchcase(field, row["field"])
                    and f"{theirs:f}" in row["theirs"].split("|") and shown in row["ours"].split("|")):
                row["used"] += 1
                self.explained[row["why"]] += 1
                return
        self.open.append(f"{self.source}: {name} {field}: theirs {theirs:f}, ours {shown}")

    def token(self, name, field, theirs, tier, tokens, long):
        self.compared += 1
        theirs = clean(theirs)
        model, chances = reach(name)
        model = self.ours.model(model)
        seen = {}
        for routing, places in chances if model else []:
            if seen and places is EVERYWHERE:
                # Other regions speak only where the model is not in the first.
                break
            found = self.ours.rates(model, places, routing, tier, tokens, long)
            if theirs in found.values():
                self.equal += 1
                self.ours.met |= {of for of, rate in found.items() if rate == theirs}
                return
            seen = seen or found
        self.ours.met |= set(seen)
        self.review(name, field, theirs, sorted(set(seen.values())))

    def unit(self, name, field, theirs, ours):
        self.compared += 1
        if clean(theirs) in {clean(rate) for rate in ours}:
            self.equal += 1
        else:
            self.review(name, field, clean(theirs), sorted(clean(rate) for rate in ours))

    def hourly(self, name, field, per_second, ours):
        """Theirs are per second, cut or rounded after some digits."""
        self.compared += 1
        digits = Decimal(1).scaleb(per_second.as_tuple().exponent)
        seconds = {(rate / 3600).quantize(digits, rounding) for rate in ours for rounding in (ROUND_DOWN, ROUND_HALF_UP)}
        if per_second in seconds:
            self.equal += 1
        else:
            self.review(name, field, (per_second * 3600).normalize(), sorted(ours))

    def report(self):
        explained = sum(self.explained.values())
        print(f"{self.source}: {self.compared} rates compared, {self.equal} equal, {explained} explained, "
              f"{len(self.open)} not explained")
        for why, count in self.explained.most_common():
            print(f"  {count:4} {why}")
        for line in self.open:
            print(f"  ?    {line}")
        return not self.open


def clean(rate):
    """A decimal without the noise of binary floats."""
    rate = Decimal(rate).quantize(PLACES).normalize()
    return rate if rate.as_tuple().exponent <= 0 else rate.quantize(Decimal(1))


def against_litellm(wheels, ours, reviewed):
    [wheel] = glob.glob(os.path.join(wheels, "litellm-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        prices = json.loads(archive.read(PRICE_FILE), parse_float=Decimal, parse_int=Decimal)
    check = Check("litellm", ours, reviewed)
    for name, row in prices.items():
        if not str(row.get("litellm_provider", "")).startswith("bedrock"):
            continue
        for field, theirs in row.items():
            if "cost" not in field or not isinstance(theirs, Decimal) or field == "cost_per_second":
                continue
            known = FIELD.match(field)
            model = ours.model(reach(name)[0])
            if known:
                # A model without tokens has their price per token at 0: that is how they say so.
                if theirs == 0 and not ours.cards.get(model):
                    continue
                check.token(name, field, theirs * MILLION, TIERS[known["tier"] or ""], TOKENS[known["token"]], known["long"])
            elif field == "input_cost_per_second":
                term = next((ours_term for part, ours_term in COMMITMENTS.items() if part in name), "none")
                check.hourly(name, field, theirs, ours.provisioned(model, region_of(name), term))
            else:
                rates = ours.unit_rates(model, region_of(name), UNITS.get(field, ()))
                if theirs or rates:
                    check.unit(name, field, theirs, rates)
    return check


def in_force(prices):
    """The prices of a day, out of those that follow one another."""
    if not isinstance(prices, list):
        return prices
    held = [price for price in prices
            if price.constraint is None or price.constraint.start_date.isoformat() <= AS_OF]
    return held[-1].prices


def against_genai_prices(ours, reviewed):
    check = Check("genai-prices", ours, reviewed)
    [provider] = [provider for provider in data.providers if provider.id == "aws"]
    tokens = {"input_mtok": ("input",), "output_mtok": ("output",), "cache_read_mtok": ("cache_read",),
              "cache_write_mtok": ("cache_write_5m", "cache_write_30m"), "cache_write_1h_mtok": ("cache_write_1h",)}
    for model in provider.models:
        prices = in_force(model.prices)
        for field, theirs in vars(prices).items():
            if theirs is None or not isinstance(theirs, (Decimal, types.TieredPrices)):
                continue
            if field not in tokens:
                name = ours.model(reach(model.id)[0])
                check.unit(model.id, field, theirs / MILLION, ours.unit_rates(name, None, UNITS.get(field, ())))
                continue
            base, tiers = (theirs, []) if isinstance(theirs, Decimal) else (theirs.base, theirs.tiers)
            check.token(model.id, field, base, "standard", tokens[field], False)
            for tier in tiers:
                check.token(model.id, f"{field} above {tier.start}", tier.price, "standard", tokens[field], True)
    return check


def main():
    binary, wheels = sys.argv[1:]
    with REVIEWED.open(newline="") as file:
        reviewed = [dict(row, used=0) for row in csv.DictReader(file)]
    ours = Ours(binary)
    checks = [against_genai_prices(ours, reviewed), against_litellm(wheels, ours, reviewed)]
    agreed = [check.report() for check in checks]
    everything = ours.all()
    print(f"{len(ours.met & everything)} of {len(everything)} of our token rates have a counterpart of theirs")
    other = [row for row in reviewed if row["used"] != int(row["rates"])]
    for row in other:
        print(f"reviewed for {row['rates']} rates, and now it is {row['used']}: {row['source']} {row['row']} {row['field']}")
    sys.exit(0 if all(agreed) and not other else 1)


if __name__ == "__main__":
    main()
