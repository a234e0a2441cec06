"""The catalogues: every sentence for readers, in every language, whole. `make texts` brings them up to the code."""

import re
from gettext import c2py

import pytest
from babel.messages.catalog import Catalog, Message

from bin.texts import bring_up, catalogue, collect, forms, languages

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-zA-Z%]")
COUNTED = range(1000)


@pytest.fixture(scope="module")
def sentences() -> Catalog:
    return collect()


@pytest.fixture(params=languages())
def ours(request: pytest.FixtureRequest, sentences: Catalog) -> Catalog:
    """The catalogue of one language, as `make texts` would leave it."""
    return bring_up(request.param, sentences)


def said(ours: Catalog) -> list[Message]:
    return [message for message in ours if message.id]


def english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def test_every_sentence_is_translated(ours: Catalog) -> None:
    assert [message.id for message in said(ours) if not all(forms(message))] == []


def test_no_translation_is_a_guess_or_left_over(ours: Catalog) -> None:
    assert [message.id for message in said(ours) if message.fuzzy] == []
    assert list(ours.obsolete) == []


def test_the_file_is_what_make_texts_would_write(ours: Catalog) -> None:
    stands = catalogue(str(ours.locale))
    assert list(stands.obsolete) == []
    assert {message.id for message in said(stands)} == {message.id for message in said(ours)}


def test_every_translation_has_the_values_of_the_english_sentence(ours: Catalog) -> None:
    for message in said(ours):
        wanted = [sorted(PLACEHOLDER.findall(text)) for text in english(message)]
        for form in forms(message):
            assert sorted(PLACEHOLDER.findall(form)) in wanted, message.id


def test_a_plural_form_that_stands_for_several_numbers_says_which(ours: Catalog) -> None:
    which = c2py(ours.plural_expr)
    several = {form for form in range(ours.num_plurals) if sum(which(number) == form for number in COUNTED) > 1}
    for message in said(ours):
        if isinstance(message.id, str) or "%(number)s" not in message.id[1]:
            continue
        assert len(forms(message)) == ours.num_plurals
        assert [form for form in several if "%(number)s" not in forms(message)[form]] == [], message.id


def test_a_translation_begins_and_ends_like_the_english_sentence(ours: Catalog) -> None:
    for message in said(ours):
        for form in filter(None, forms(message)):
            assert form == form.strip()
            assert form.endswith((".", "。")) == english(message)[0].endswith("."), form


def test_quotation_marks_are_those_of_the_language(ours: Catalog) -> None:
    for message in said(ours):
        for form in forms(message):
            assert '"' not in form, form
            assert "'" not in form, form
