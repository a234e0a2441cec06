"""Issues to look at: one per language, with everything that may be missing missing somewhere."""

from datetime import UTC, datetime, time
from typing import Any

from mailer.articles.models import Correction
from mailer.digests.models import Issue, IssueArticle, IssueKind
from mailer.emails.compiled import Slot
from mailer.links import Links
from mailer.newsletters.models import Newsletter, Schedule

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
LINKS = Links("a secret of the tests, long enough to be one", "https://news.ledger.example")
TOKEN = "1234567-47.abcdefghijklmnopqrstuvwxyz_"
VALUES = {
    Slot.TO: "mara@posteo.example",
    Slot.MESSAGE_ID: "<47.1234.0123456789abcdef@ledger.example>",
    Slot.TOKEN: TOKEN,
}

Told = tuple[str, str, str, str]
"""Section, title, summary, author."""

ENGLISH: list[Told] = [
    (
        "City",
        "Port expansion vote splits the council after nine-hour debate",
        "Councillors backed dredging the north channel by a single vote. Opponents say they will take the "
        "€310 million plan to court before work can start in spring.",
        "Lena Fischer",
    ),
    (
        "Analysis",
        "What the single-vote majority means for the north channel",
        "Three questions the tender still has to answer, and the two dates that now matter.",
        "",
    ),
    ("", "Night trains return to the coast line after eleven years", "", ""),
    ("Region", "River falls below warning level", "Crews pumped out 140 houses overnight.", "Jonas Okafor"),
    ("Culture", "A museum of lost umbrellas opens on Rope Lane", "It has 4,000 exhibits and no roof.", ""),
    ("Science", "Divers map the eelgrass in the outer bay", "The meadow is twice as large as the charts say.", ""),
    ("Sport", "United win the derby with ten men", "A red card after 20 minutes, two goals after 70.", ""),
    ("City", "The library that never closes turns one", "", ""),
    ("Harvest", "Harvest is early, and so is the argument about who pays for water", "Growers want a quota.", ""),
]

ARABIC: list[Told] = [
    (
        "المدينة",
        "صوت واحد يحسم توسعة الميناء بعد نقاش دام تسع ساعات",
        "وافق المجلس على تعميق القناة بفارق صوت واحد. ويقول المعارضون إنهم سيلجأون إلى القضاء قبل بدء العمل في الربيع "
        "بكلفة 310 ملايين يورو.",
        "ليلى حداد",
    ),
    ("تحليل", "ماذا تعني الأغلبية بفارق صوت واحد للقناة الشمالية", "ثلاثة أسئلة لم يجب عنها العطاء بعد.", ""),
    ("نقل", "قطارات الليل تعود إلى خط الساحل بعد أحد عشر عاماً", "", ""),
    ("المنطقة", "النهر دون مستوى الإنذار", "ضخت الفرق المياه من 140 منزلاً.", ""),
    ("", "iPhone 18 يصل إلى أسواق المدينة", "تبدأ الأسعار من 999 يورو.", ""),
    ("رياضة", "يونايتد يفوز بالديربي بعشرة لاعبين", "بطاقة حمراء بعد 20 دقيقة.", ""),
    ("ثقافة", "المكتبة التي لا تغلق أبوابها تتم عامها الأول", "ثمانية آلاف عضو وباب مكسور.", ""),
    ("زراعة", "الحصاد مبكر، وكذلك الجدل حول المياه", "", ""),
]

AZERBAIJANI: list[Told] = [
    (
        "Şəhər",
        "Liman genişləndirilsin, ya yox: şura doqquz saat mübahisə etdi",
        "Şimal kanalının dərinləşdirilməsi bir səs fərqi ilə qəbul olundu. Əleyhdarlar işi məhkəməyə verəcəklər.",
        "Aysel İsmayılova",
    ),
    ("İqtisadiyyat", "Gecə qatarları on bir ildən sonra sahil xəttinə qayıdır", "Biletlər bazar ertəsi satılır.", ""),
    ("", "Çay xəbərdarlıq səviyyəsindən aşağı düşdü", "", ""),
]

RUSSIAN: list[Told] = [
    (
        "Город",
        "Голосование о расширении порта раскололо совет после девяти часов споров",
        "Углубление северного канала поддержали с перевесом в один голос. Противники обещают пойти в суд.",
        "Анна Петрова",
    ),
    ("Анализ", "Что большинство в один голос значит для северного канала", "Три вопроса и две даты.", ""),
    ("", "Ночные поезда возвращаются на прибрежную линию", "", ""),
]

CHINESE: list[Told] = [
    (
        "城市",
        "港口扩建表决：市议会辩论九小时后以一票之差通过",
        "议员们以一票之差支持疏浚北航道。反对者表示，他们将在春季开工之前，把这项耗资3.1亿欧元的计划告上法庭。",
        "陈伟",
    ),
    ("分析", "一票多数对北航道意味着什么", "招标仍需回答的三个问题，以及两个关键日期。", ""),
    ("", "夜班火车时隔十一年重返海岸线", "", ""),
]

LANGUAGES: dict[str, tuple[dict[str, str], dict[str, str], list[Told]]] = {
    "en": (
        {"title": "Morning Briefing", "publisher": "The Harbour Ledger", "timezone": "Europe/Berlin"},
        {
            "note": "Good morning. It took nine hours and a single vote, and the harbour looks different for it.\n\n"
            "Below: what was decided, what happens next, and good stories that have nothing to do with dredging.",
            "preview_line": "One vote decided it. What happens next.",
        },
        ENGLISH,
    ),
    "ar": (
        {"title": "نشرة الصباح", "publisher": "هاربر ليدجر"},
        {"note": "صباح الخير. إليكم ما تقرر وما سيحدث بعد ذلك."},
        ARABIC,
    ),
    "az": ({"title": "Səhər bülleteni", "publisher": "Liman qəzeti", "timezone": "Asia/Baku"}, {}, AZERBAIJANI),
    "ru": ({"title": "Утренний выпуск", "publisher": "Портовая газета"}, {"note": "Доброе утро."}, RUSSIAN),
    "zh": ({"title": "早间简报", "publisher": "港口日报", "timezone": "Asia/Shanghai"}, {}, CHINESE),
}


RHYTHMS = {"en": (0b0011111, 0b0100000), "ar": (0b0011111, 0b0100000), "az": (0b1111111, 0b1100000)}
"""Weekdays of the schedules, where there are some."""


def newsletter(language: str = "en", **given: Any) -> Newsletter:
    fields = {
        "slug": "morning",
        "sender_name": LANGUAGES[language][0]["publisher"],
        "sender_address": "briefing@ledger.example",
        "postal_address": "Quayside 4, 21107 Port Aster",
        "language": language,
        "timezone": "UTC",
        "created_at": NOW,
        "schedules": [schedule(weekdays) for weekdays in RHYTHMS.get(language, ())],
        **LANGUAGES[language][0],
    }
    return Newsletter(**{**fields, **given})


def schedule(weekdays: int) -> Schedule:
    """At seven on these days."""
    return Schedule(title="Sevens", weekdays=weekdays, hours=[time(7)], active=True, starts_at=NOW)


def issue(language: str = "en", **given: Any) -> Issue:
    """The issue of a language, in no database. The third article has neither picture, summary nor section."""
    _, fields, told = LANGUAGES[language]
    made = Issue(
        **{
            "id": 47,
            "newsletter": newsletter(language),
            "subject": told[0][1],
            "preview_line": "",
            "note": "",
            "created_at": NOW,
            "released_at": NOW,
            **fields,
            **given,
        }
    )
    for number, (section, title, summary, author) in enumerate(told):
        picture = f"https://ledger.example/pictures/{number}.jpg" if summary and number != 4 else ""
        article(made, title, section=section, summary=summary, author=author, picture_url=picture, language=language)
    return made


KINDS = ("digest", "sections", "brief", "single", "breaking", "correction", "retraction", "away")
"""Every look of the house; `sections` is the digest with all that an editor can add."""

SAID = {
    "en": ("The vote was 17 to 16, not 18 to 15.", "Kestrel Bank", "An account for people who would rather sail."),
    "ar": ("كانت نتيجة التصويت 17 مقابل 16، لا 18 مقابل 15.", "مصرف كستريل", "حساب لمن يفضلون الإبحار."),
    "az": ("Səsvermə 18-ə 15 yox, 17-yə 16 bitdi.", "Kestrel Bank", "Yelkən açmağı sevənlər üçün hesab."),
    "ru": ("За проголосовали 17 против 16, а не 18 против 15.", "Банк «Пустельга»", "Счёт для тех, кто любит море."),
    "zh": ("表决结果是17比16，而不是18比15。", "红隼银行", "为更愿意扬帆出海的人准备的账户。"),
}
"""A correction, and an advertisement: its title and its text."""


def of_kind(kind: str, language: str = "en") -> Issue:
    """An issue in one of the looks."""
    said, *sold = SAID[language]
    if kind in ("correction", "retraction"):
        correction = Correction(id=1, article_id=1, text=said, retracted=kind == "retraction", at=NOW)
        made = issue(language, kind=IssueKind.CORRECTION.value, template="correction", correction=correction, note="")
    elif kind == "away":
        made = issue(language, kind=IssueKind.AWAY.value, note="")
    else:
        made = issue(language, template="digest" if kind == "sections" else kind)
    if kind in ("correction", "retraction", "breaking", "single"):
        del made.articles[1:]
    if kind in ("sections", "brief"):
        made.ad_title, made.ad_text = sold
        made.ad_url = "https://kestrel-bank.example/terms"
        made.articles[0].heading, made.articles[-1].heading = made.articles[0].section, made.articles[1].section
    if kind == "sections":
        made.articles[1].layout = "text"
        made.newsletter.accent, made.newsletter.footer = "#8a1c3b", sold[0]
        made.newsletter.logo_url = "https://ledger.example/logo.png"
    return made


def article(issue: Issue, title: str, **given: Any) -> IssueArticle:
    """One more article at the end of an issue."""
    number = len(issue.articles)
    fields = {
        "position": number,
        "topics": 0,
        "url": f"https://ledger.example/2026/11/{number}?from=letter&no={number}",
        "summary": "",
        "picture_url": "",
        "picture_alt": "The harbour at dusk" if number == 0 else "",
        "author": "",
        "section": "",
        "language": "",
    }
    return IssueArticle(issue=issue, title=title, **{**fields, **given})
