"""What the service tells the plugin of a form."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.subscriptions.making import make_newsletter


def test_a_form_says_its_words_and_topics(client: FlaskClient, session: Session) -> None:
    newsletter = make_newsletter(session)
    session.commit()
    said = client.get("/f/morning.json")
    assert said.mimetype == "application/json"
    assert said.headers["Cache-Control"] == "public, max-age=300"
    assert said.json is not None
    assert {
        "heading": newsletter.title,
        "button": "Sign up",
        "direction": "ltr",
        "asks": False,
    }.items() <= said.json.items()
    assert [topic["slug"] for topic in said.json["topics"]] == [topic.slug for topic in newsletter.topics]
