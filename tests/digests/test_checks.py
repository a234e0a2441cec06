"""What an editor is told before an issue leaves."""

from typing import Any

import pytest

from mailer.digests.checks import Level, check

READY: dict[str, Any] = {
    "subject": "The ferry sails again",
    "articles": 7,
    "sender_address": "briefing@ledger.example",
    "postal_address": "Quayside 4, Port Aster",
    "html_bytes": 14_000,
}


def test_a_good_issue_has_nothing_to_do() -> None:
    assert check(**READY) == []


@pytest.mark.parametrize(
    ("wrong", "level", "part"),
    [
        ({"subject": " "}, Level.FIX, "no subject"),
        ({"subject": "x" * 91}, Level.LOOK, "91 characters"),
        ({"articles": 0}, Level.FIX, "no article"),
        ({"sender_address": ""}, Level.FIX, "sender"),
        ({"postal_address": ""}, Level.LOOK, "postal address"),
        ({"html_bytes": 86_000}, Level.LOOK, "86 KB"),
        ({"html_bytes": 100_001}, Level.FIX, "Drop an article"),
    ],
)
def test_each_thing_that_is_wrong_is_said(wrong: dict[str, Any], level: Level, part: str) -> None:
    (finding,) = check(**{**READY, **wrong})
    assert finding.level is level
    assert part in f"{finding.sentence} {finding.todo}"


def test_an_issue_nobody_rendered_yet_has_no_size() -> None:
    assert check(**{**READY, "html_bytes": None}) == []


def test_the_worst_comes_first() -> None:
    findings = check(subject="x" * 200, articles=0, sender_address="", postal_address="")
    assert [finding.level for finding in findings] == [Level.FIX, Level.FIX, Level.LOOK, Level.LOOK]
