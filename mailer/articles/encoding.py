"""Bytes to characters. A wrong guess here is mojibake in a reader's inbox, so the order is by what can be proven."""

import codecs
import re

# Labels say less than their writers meant (as the WHATWG Encoding Standard has it): each stands for its superset.
SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# Python's own spellings of text: not character sets, and slow or unsafe to read strangers' bytes with.
NOT_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"})

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first "<" of a document without a mark.
WIDE = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))

MOSTLY = 4
"""How many characters of sound UTF-8 outweigh one stray byte. By chance other charsets reach a quarter of one."""

_STRAY = re.compile("[\udc80-\udcff]")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.IGNORECASE)


def decode(data: bytes, content_type: str) -> str:
    """The text of a document.

    A byte order mark decides. Then whatever is valid UTF-8, but for a few stray bytes, is UTF-8: no other text passes
    for it by chance, and many declarations are wrong. Then the document's own declaration, which its author wrote,
    before the header, which the server adds to every file. Then windows-1252.
    """
    for mark, charset in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(charset, "replace")
    for mark, charset in WIDE:
        if data.startswith(mark):
            return data.decode(charset, "replace")
    declared = [charset for label in _labels(data, content_type) if (charset := _charset(label))]
    other = next((charset for charset in declared if charset != "utf-8"), "")
    if other.startswith(("iso2022", "hz")):  # these look like ASCII, and so like UTF-8
        return data.decode(other, "replace")
    text = data.decode("utf-8", "surrogateescape")
    stray = len(_STRAY.findall(text))
    sound = len(text) - len(text.encode("ascii", "ignore")) - stray
    if stray == 0 or sound > MOSTLY * stray:
        return _STRAY.sub(lambda byte: _reread(byte[0], other or "cp1252"), text)
    return data.decode(other or "cp1252", "replace")


def _labels(data: bytes, content_type: str) -> list[str]:
    declaration = _DECLARED.match(data[:1024])
    header = _CHARSET.search(content_type)
    return [*([declaration[1].decode("ascii")] if declaration else []), *([header[1]] if header else [])]


def _charset(label: str) -> str:
    """Python's name of a character set, or "" for one it cannot read."""
    try:
        name = codecs.lookup(label).name
        "a".encode(name)  # refuses what is no charset at all, such as zlib
    except LookupError:
        return ""
    return "" if name in NOT_CHARSETS else SUPERSETS.get(name, name)


def _reread(stray: str, charset: str) -> str:
    return stray.encode("utf-8", "surrogateescape").decode(charset, "replace")
