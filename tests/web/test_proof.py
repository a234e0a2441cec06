"""Proofs of work and tickets: for one form, for one use, for a few minutes."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.web.readers import proof
from tests.conftest import SECRET

FORM = 7


def solve(challenge: dict[str, Any]) -> str:
    """The field `altcha`, solved by ALTCHA's own Python."""
    read = Challenge.from_dict(challenge)
    solution = solve_challenge(read)
    assert solution is not None
    return Payload(read, solution).to_base64()


@pytest.fixture(scope="module")
def payload() -> str:
    return solve(proof.challenge(SECRET, FORM, datetime.now(UTC)))


def test_a_solved_challenge_of_this_form_is_known_again(payload: str) -> None:
    nonce = proof.solved(SECRET, FORM, payload)
    assert nonce
    assert proof.solved(SECRET, FORM, payload) == nonce
    assert proof.solved(SECRET, FORM, solve(proof.challenge(SECRET, FORM, datetime.now(UTC)))) not in (None, nonce)


def test_a_challenge_of_another_form_or_another_house_is_worth_nothing(payload: str) -> None:
    assert proof.solved(SECRET, FORM + 1, payload) is None
    assert proof.solved("another secret", FORM, payload) is None


def test_a_challenge_is_worth_nothing_when_it_is_old() -> None:
    old = proof.challenge(SECRET, FORM, datetime.now(UTC) - proof.SOLVE_WITHIN - timedelta(seconds=1))
    assert proof.solved(SECRET, FORM, solve(old)) is None


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("solution", "derivedKey", "00" * 32),
        ("solution", "derivedKey", None),
        ("parameters", "cost", 1),
        ("parameters", "data", {"form": FORM + 1}),
        ("parameters", "expiresAt", 4_000_000_000),
        ("parameters", "keySignature", None),
        ("parameters", "keyPrefix", ""),
    ],
)
def test_a_proof_that_was_changed_is_worth_nothing(payload: str, part: str, name: str, value: object) -> None:
    data = json.loads(base64.b64decode(payload))
    (data["challenge"] if part == "parameters" else data)[part][name] = value
    assert proof.solved(SECRET, FORM, base64.b64encode(json.dumps(data).encode()).decode()) is None


def test_the_answer_cannot_be_read_from_the_challenge() -> None:
    made = proof.challenge(SECRET, FORM, datetime.now(UTC))["parameters"]
    assert len(made["keyPrefix"]) == 32  # half of the key; its number is nowhere
    assert set(made) == {
        "algorithm",
        "cost",
        "data",
        "expiresAt",
        "keyLength",
        "keyPrefix",
        "keySignature",
        "nonce",
        "salt",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["challenge", "solution", "parameters", "signature", "data", "nonce", "counter"])
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=200)
def test_whatever_json_a_stranger_sends_is_refused_quietly(data: object) -> None:
    assert proof.solved(SECRET, FORM, base64.b64encode(json.dumps(data).encode()).decode()) is None


@given(st.text(max_size=200))
def test_whatever_text_a_stranger_sends_is_refused_quietly(text: str) -> None:
    assert proof.solved(SECRET, FORM, text) is None
    assert proof.read_ticket(SECRET, FORM, text, datetime.now(UTC)) is None


def test_a_ticket_is_good_when_it_was_waited_for() -> None:
    ticket = proof.ticket(SECRET, FORM, datetime.now(UTC))
    young = proof.read_ticket(SECRET, FORM, ticket, datetime.now(UTC) + timedelta(seconds=12))
    assert young is not None
    assert timedelta(seconds=17) < young.wait < timedelta(seconds=19)
    good = proof.read_ticket(SECRET, FORM, ticket, datetime.now(UTC) + timedelta(seconds=31))
    assert good is not None
    assert (good.wait, good.nonce) == (timedelta(), young.nonce)
    assert proof.read_ticket(SECRET, FORM, ticket, datetime.now(UTC) + proof.TICKET_LIFE + timedelta(seconds=1)) is None


def test_a_ticket_is_of_one_form_and_of_this_house() -> None:
    ticket = proof.ticket(SECRET, FORM, datetime.now(UTC))
    assert proof.read_ticket(SECRET, FORM + 1, ticket, datetime.now(UTC)) is None
    assert proof.read_ticket("another secret", FORM, ticket, datetime.now(UTC)) is None
    assert proof.read_ticket(SECRET, FORM, "8" + ticket[1:], datetime.now(UTC)) is None
    assert proof.ticket(SECRET, FORM, datetime.now(UTC)) != ticket
