import pytest

from mailer.articles.pictures import NO_PICTURE, Picture, first_in, is_shown, widest

BASE = "https://ledger.example/city/"


@pytest.mark.parametrize(
    ("markup", "picture"),
    [
        ('<p>x</p><img alt="A &quot;tram&quot;" src="/t.jpg"/>', Picture("https://ledger.example/t.jpg", 'A "tram"')),
        ("<IMG SRC=t.jpg width=620 height=282>", Picture("https://ledger.example/city/t.jpg")),
        ("<img src='https://i.example/p?id=1&amp;w=2'>", Picture("https://i.example/p?id=1&w=2")),
        ('<img src="data:image/gif;base64,R0" data-src="//i.example/t.png">', Picture("https://i.example/t.png")),
        (
            '<img src="https://c.example/count.png" width="1" height="1"><img src="/t.jpg">',
            Picture(f"{BASE[:-5]}t.jpg"),
        ),
        ('<img src="https://0.gravatar.com/avatar/1.jpg">', NO_PICTURE),
        ('<img src="/spacer.gif">', NO_PICTURE),
        ('<img src="/logo.svg"><img src="/t.webp"><img src="/t.AVIF?x"><img src="/t.jpg?format=webp">', NO_PICTURE),
        ('<img src="http://i.example/a.jpg"><img src="/b.jpg">', Picture("https://ledger.example/b.jpg")),
        ('<img src="http://i.example/a.jpg">', Picture("http://i.example/a.jpg")),
        ('<img src="javascript:alert(1)">', NO_PICTURE),
        ('<img width="100%" src="http://[broken">', NO_PICTURE),
        ("<img", NO_PICTURE),
        ("", NO_PICTURE),
    ],
)
def test_the_first_picture_of_a_story(markup: str, picture: Picture) -> None:
    assert first_in(markup, BASE) == picture


@pytest.mark.parametrize(
    ("offers", "name"),
    [
        (
            [{"url": "s.jpg", "width": "140"}, {"url": "l.jpg", "width": "1100"}, {"url": "m.jpg", "width": "460"}],
            "l.jpg",
        ),
        ([{"url": "original.jpg", "width": "4000"}, {"url": "m.jpg", "width": "460"}], "m.jpg"),
        ([{"url": "huge.jpg", "width": "9000"}, {"url": "large.jpg", "width": "3000"}], "large.jpg"),
        ([{"url": "film.mp4", "type": "video/mp4"}, {"url": "p", "medium": "image"}], "p"),
        ([{"href": "sound.mp3"}, {"href": "p.png?x=1"}], "p.png?x=1"),
        ([{"url": "dot.png", "width": "1"}, {"url": "p.png", "width": "auto"}], "p.png"),
        ([{"url": "a", "type": "image/webp", "medium": "image"}, {"url": "b", "type": "image/jpeg; x"}], "b"),
        ([{"url": "a.webp", "width": "900"}, {"url": "b.jpg", "width": "300"}], "b.jpg"),
        ([{"url": "a.jpg", "filesize": "1000001"}, {"url": "b.jpg", "length": "1000000"}], "b.jpg"),
        ([{"url": "http://ledger.example/city/a.jpg", "width": "900"}, {"url": "b.jpg", "width": "300"}], "b.jpg"),
        ([{}, {"url": "http://[broken.jpg"}, {"url": "p.jpg"}], "p.jpg"),
    ],
)
def test_the_best_of_several_sizes(offers: list[dict[str, object]], name: str) -> None:
    assert widest(offers, BASE) == Picture(BASE + name)


def test_no_offer_is_no_picture() -> None:
    assert widest([], BASE) == widest([{"type": "audio/mpeg", "url": "a.mp3"}], BASE) == NO_PICTURE


@pytest.mark.parametrize(
    "address", ["", "/p.jpg", "http://i.example/p.jpg", "https://i.example/p.svg", "data:image/png,x"]
)
def test_a_picture_that_some_mail_programs_do_not_show(address: str) -> None:
    assert not is_shown(address)
    assert is_shown("https://i.example/p.jpg?w=1")
