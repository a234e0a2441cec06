"""An address is parsed once, and its key guesses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.subscriptions.address import BadAddress, parse, readable


@pytest.mark.parametrize(
    ("text", "address", "key"),
    [
        ("mara@ledger.example", "mara@ledger.example", "mara@ledger.example"),
        ("  Mara.K@Ledger.Example\t", "Mara.K@ledger.example", "mara.k@ledger.example"),
        ("\u202amara@ledger.example\u202c\u00a0", "mara@ledger.example", "mara@ledger.example"),
        ("Почта@Пример.РФ", "Почта@xn--e1afmkfd.xn--p1ai", "почта@xn--e1afmkfd.xn--p1ai"),
        ("zoe\u0308@ledger.example", "zoë@ledger.example", "zoë@ledger.example"),
        ("n@ai", "n@ai", "n@ai"),
        ("mara+news@gmail.com", "mara+news@gmail.com", "mara+news@gmail.com"),
        ("m.a.r.a@gmail.com", "m.a.r.a@gmail.com", "m.a.r.a@gmail.com"),
        ("mara@bücher.example", "mara@xn--bcher-kva.example", "mara@xn--bcher-kva.example"),
        ("mara@straße.de", "mara@xn--strae-oqa.de", "mara@xn--strae-oqa.de"),
        ("straße@ledger.example", "straße@ledger.example", "straße@ledger.example"),
        ("محمد@ledger.example", "محمد@ledger.example", "محمد@ledger.example"),
        ("o'brien@ledger.example", "o'brien@ledger.example", "o'brien@ledger.example"),
        ("reader@newsroom.test", "reader@newsroom.test", "reader@newsroom.test"),
    ],
)
def test_an_address_is_kept_as_written_and_known_by_its_key(text: str, address: str, key: str) -> None:
    parsed = parse(text)
    assert (parsed.address, parsed.key, parsed.domain) == (address, key, key.rpartition("@")[2])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Type your"),
        ("mara", "has an @"),
        ("mara@ledger", "not complete"),
        ("mara@com", "not complete"),
        ("ы" * 33 + "@ledger.example", "too long"),
        ("mara@ledger.example\n", "no spaces"),
        ("mara@", "not complete"),
        ("mara k@ledger.example", "no spaces"),
        ("Mara <mara@ledger.example>", "no spaces"),
        ("@ledger.example", "typing error"),
        ("=?utf-8?q?mara=0ABcc?=@ledger.example", "typing error"),
        ("mara@@ledger.example", "typing error"),
        ("mara..k@ledger.example", "typing error"),
        ("mara@ledger..example", "typing error"),
        ("mara@-ledger.example", "typing error"),
        ('"mara"@ledger.example', "typing error"),
        ("mara@[192.0.2.7]", "typing error"),
        ("mara@ledger.example\r\nBcc: all@ledger.example", "no spaces"),
        ("mara\u2028@ledger.example", "no spaces"),
        ("mara\u0085@ledger.example", "no spaces"),
        ("mara\0@ledger.example", "typing error"),
        ("mara@ledger.example\0", "typing error"),
        ("=?UTF-8?Q?=0A?=@ledger.example, x@y.example", "no spaces"),
        ("m" * 1_000_000 + "@ledger.example", "too long"),
    ],
)
def test_what_is_not_an_address_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(BadAddress, match=says) as refusal:
        parse(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("почта@xn--e1afmkfd.xn--p1ai", "почта@пример.рф"),
        ("mara@news.xn--bcher-kva.example", "mara@news.bücher.example"),
        ("mara@ledger.example", "mara@ledger.example"),
        ("mara@xn--0.example", "mara@xn--0.example"),
    ],
)
def test_a_domain_is_shown_in_the_letters_of_its_people(address: str, shown: str) -> None:
    assert readable(address) == shown


@given(st.text(max_size=300))
def test_whatever_is_typed_is_an_address_or_refused(text: str) -> None:
    try:
        parsed = parse(text)
    except BadAddress:
        return
    assert parse(parsed.address) == parsed
    assert parse(readable(parsed.address)) == parsed
    assert not any(character in parsed.address for character in "\r\n\0<> ")
