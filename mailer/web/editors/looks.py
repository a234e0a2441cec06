"""The looks that an issue of a newsletter may have, as a form offers them."""

from collections.abc import Mapping

from mailer.db import db
from mailer.digests import own_templates
from mailer.digests.layout import OWN
from mailer.digests.models import Issue
from mailer.newsletters.models import Newsletter

LOOKS = {"digest": "Digest, with pictures", "brief": "Brief, text only", "single": "One article in full"}
"""Those of the house that an editor chooses; the others belong to breaking news, corrections and readers back."""


def looks(newsletter: Newsletter) -> Mapping[str, str]:
    """What an issue of the newsletter can look like: name, and word."""
    own = own_templates.choosable(db.session(), newsletter.id)
    return LOOKS | {template.name: f"{template.name}, your own" for template in own}


def look_of(issue: Issue) -> str:
    """The name of the look that an issue has."""
    return issue.own_template.name if issue.template == OWN and issue.own_template else issue.template
