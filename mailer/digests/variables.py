"""What a template of an editor can say: an issue as text, numbers, lists and dictionaries, and the reader's links.

docs/digests.md names each of them for editors: a name here is a promise.
"""

from typing import Any

from mailer import texts
from mailer.digests.printed import Advertisement, ArticleContent, IssueContent
from mailer.emails.languages import typography


def variables(content: IssueContent, *, date: str, preheader: str, links: dict[str, str]) -> dict[str, Any]:
    """The values by their names."""
    newsletter, type_ = content.newsletter, typography(content.newsletter.language)
    return {
        "subject": content.subject,
        "preheader": preheader,
        "date": date,
        "language": newsletter.language,
        "direction": type_.direction,
        "start": type_.start,
        "end": type_.end,
        "newsletter": {
            "title": newsletter.title,
            "publisher": newsletter.publisher,
            "logo_url": newsletter.brand.logo_url,
            "accent": newsletter.brand.accent,
            "accent_dark": newsletter.brand.accent_dark,
        },
        "note": list(content.note),
        "articles": [_article(article, layout) for article, layout in _laid_out(content)],
        "advertisement": _advertisement(content.advertisement),
        "footer": list(newsletter.footer),
        "imprint": newsletter.imprint,
        "links": links,
        "says": _says(content),
    }


def _laid_out(content: IssueContent) -> list[tuple[ArticleContent, str]]:
    return [(article, block.layout.value) for block in content.blocks for article in block.articles]


def _article(article: ArticleContent, layout: str) -> dict[str, str]:
    return {
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "brief": article.brief,
        "picture_url": article.picture_url,
        "picture_alt": article.picture_alt,
        "author": article.author,
        "section": article.section,
        "language": article.language,
        "direction": article.type.direction,
        "heading": article.heading,
        "layout": layout,
    }


def _advertisement(ad: Advertisement | None) -> dict[str, str] | None:
    if ad is None:
        return None
    return {"title": ad.title, "text": ad.text, "url": ad.url, "picture_url": ad.picture_url}


def _says(content: IssueContent) -> dict[str, str]:
    """Our sentences, in the language of the newsletter."""
    language = texts.choose(content.newsletter.language)
    weekly = content.rarest is not None and content.rarest.weekly
    less = texts.mark("Get it weekly instead") if weekly else texts.mark("Get it less often")
    why = texts.mark("You get this because you signed up for %(newsletter)s.")
    return {
        "view": texts.translate(language, "Read in your browser"),
        "read": texts.translate(language, "Read the full story"),
        "in_brief": texts.translate(language, "In brief"),
        "advertisement": texts.translate(language, "Advertisement"),
        "less": texts.translate(language, less),
        "change": texts.translate(language, "Change what you get"),
        "unsubscribe": texts.translate(language, "Unsubscribe"),
        "why": texts.translate(language, why, newsletter=content.newsletter.title),
    }
