"""The public isemail suite, and that the policy for its oddities is written down."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer.subscriptions.address import BadAddress, parse
from tests.architecture.tree import HOME

SUITE = Path(__file__).with_name("isemail.tsv")


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Kind, diagnosis, our decision, address."""
    with SUITE.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["kind"], row["diagnosis"], row["decision"], json.loads(row["address"])


def taken(address: str) -> bool:
    try:
        parse(address)
    except BadAddress:
        return False
    return True


@pytest.mark.parametrize(("kind", "diagnosis", "decision", "address"), [*cases()])
def test_an_address_of_the_suite_is_taken_or_refused_as_decided(
    kind: str, diagnosis: str, decision: str, address: str
) -> None:
    assert taken(address) == (decision == "taken")


def test_the_suite_is_whole_and_only_oddities_are_left_to_us() -> None:
    kinds = [kind for kind, *_ in cases()]
    assert (kinds.count("valid"), kinds.count("erroneous"), kinds.count("oddity")) == (22, 76, 88)
    decided = {(kind, decision) for kind, _, decision, _ in cases() if kind != "oddity"}
    assert decided == {("valid", "taken"), ("erroneous", "refused")}


def test_the_policy_speaks_of_every_kind_of_oddity() -> None:
    policy = (HOME / "docs/addresses.md").read_text()
    assert {
        diagnosis for kind, diagnosis, *_ in cases() if kind == "oddity" and f"`{diagnosis}`" not in policy
    } == set()
