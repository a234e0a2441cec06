"""What a page holds, read as a browser reads it, as far as forms go."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Found:
    """One element: its attributes, and what is inside of it."""

    name: str
    attributes: dict[str, str]
    inside: list["Found"] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list["Found"]:
        found = [self] if self.name == name else []
        return found + [each for child in self.inside for each in child.all(name)]

    def names(self) -> set[str]:
        return {self.name}.union(*(child.names() for child in self.inside))

    def fields(self) -> dict[str, str]:
        """Hidden fields by name."""
        return {
            i.attributes["name"]: i.attributes["value"] for i in self.all("input") if i.attributes["type"] == "hidden"
        }

    def ticked(self) -> list[str]:
        return [i.attributes["value"] for i in self.all("input") if "checked" in i.attributes]


class _Reader(HTMLParser):
    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

    def __init__(self) -> None:
        super().__init__()
        self.open = [Found("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Found(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in {element.name for element in self.open[1:]}:
            while self.open.pop().name != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read(html: str) -> Found:
    reader = _Reader()
    reader.feed(html)
    return reader.open[0]


def forms(html: str) -> list[Found]:
    return read(html).all("post-signup")


def modules(html: str, address: str) -> list[Found]:
    """The scripts of a page that have this address."""
    return [script for script in read(html).all("script") if script.attributes.get("src") == address]
