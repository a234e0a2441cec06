import codecs

import pytest

from mailer.articles.encoding import decode

RUSSIAN = "Трамвай снова ходит по старой линии, сообщила мэрия."
FRENCH = "L'été dernier à Besançon, la fête « Côté cœur »"


def document(text: str, declared: str = "") -> str:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    return f"{declaration}<rss><title>{text}</title></rss>"


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("windows-1251", "windows-1251", "text/xml"),
        ("windows-1251", "", "text/xml; charset=windows-1251"),
        ("windows-1251", "windows-1251", "application/xml; charset=ISO-8859-1"),
        ("koi8-r", "KOI8-R", ""),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "windows-1251", 'application/rss+xml; charset="windows-1251"'),
        ("utf-8", "", "text/xml; charset=us-ascii"),
        ("utf-8-sig", "windows-1251", "text/xml; charset=koi8-r"),
        ("utf-16", "utf-16", ""),
        ("utf-16-be", "utf-16", ""),
        ("utf-16-le", "", "application/xml"),
        ("utf-32", "utf-32", ""),
    ],
)
def test_russian_stays_russian(charset: str, declared: str, header: str) -> None:
    assert RUSSIAN in decode(document(RUSSIAN, declared).encode(charset), header)


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (FRENCH, "windows-1252", ""),
        (FRENCH, "windows-1252", "ISO-8859-1"),
        ("这是一个测试，臺灣", "gb18030", "gb2312"),
        ("東京の電車", "shift_jis", "Shift_JIS"),
        ("東京の電車", "iso2022_jp", "ISO-2022-JP"),
        ("서울의 전차", "euc_kr", "euc-kr"),
        ("İstanbul'da tramvay yeniden başladı", "iso8859-9", "ISO-8859-9"),
    ],
)
def test_other_charsets_are_read_as_declared_or_as_what_writers_mean(text: str, charset: str, declared: str) -> None:
    assert text in decode(document(text, declared).encode(charset), "")


def test_a_stray_byte_does_not_spoil_a_document() -> None:
    data = document(RUSSIAN + "$" + RUSSIAN, "ISO-8859-1").encode().replace(b"$", b"\xf8")
    assert RUSSIAN + "ø" + RUSSIAN in decode(data, "")


def test_a_document_cut_inside_a_character_keeps_the_rest() -> None:
    assert RUSSIAN[:-1] in decode(document(RUSSIAN[:-1], "utf-8").encode() + b"\xd0", "text/xml; charset=utf-8")


@pytest.mark.parametrize("label", ["no-such-charset", "rot13", "zlib", "idna", "punycode", "unicode_escape", "utf-7"])
def test_a_label_that_is_no_charset_is_not_followed(label: str) -> None:
    data = document(FRENCH, label).encode("windows-1252")
    assert FRENCH in decode(data, f"text/xml; charset={label}")


def test_a_mark_is_not_part_of_the_text() -> None:
    assert decode(codecs.BOM_UTF8 + b"<rss/>", "") == "<rss/>"
