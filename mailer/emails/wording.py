"""What our mails say of themselves, per language. One table, until message catalogues take its place.

In braces: values that the templates fill in.
"""

from dataclasses import dataclass

from mailer.emails.languages import FALLBACK, locale


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language."""

    read_in_browser: str
    read_on: str
    in_brief: str
    because: str
    unsubscribe: str
    confirm_subject: str
    confirm_request: str
    confirm_button: str
    confirm_lifetime: str
    confirm_stranger: str
    login_subject: str
    login_request: str
    login_button: str
    login_stranger: str


_TABLE = {
    "en": Wording(
        read_in_browser="Read in your browser",
        read_on="Read the full story",
        in_brief="In brief",
        because="You get this because you signed up for {newsletter}.",
        unsubscribe="Unsubscribe",
        confirm_subject="Confirm your sign-up for {newsletter}",
        confirm_request="Somebody, most likely you, asked for {newsletter} at this address. Say yes, and it will come.",
        confirm_button="Yes, send it",
        confirm_lifetime="The link works for {days} days.",
        confirm_stranger="Not you? Do nothing, and nothing will come.",
        login_subject="Your way into {house}",
        login_request="This link lets you in once, within {minutes} minutes.",
        login_button="Log in",
        login_stranger="Not you? Do nothing. Nobody comes in without this link, so keep it to yourself.",
    ),
    "az": Wording(
        read_in_browser="Brauzerdə oxuyun",
        read_on="Davamını oxuyun",
        in_brief="Qısaca",
        because="Bu məktubu “{newsletter}” bülleteninə abunə olduğunuz üçün alırsınız.",
        unsubscribe="Abunəlikdən çıxın",
        confirm_subject="Abunəliyi təsdiqləyin: {newsletter}",
        confirm_request="Kimsə, çox güman ki siz, “{newsletter}” bülletenini bu ünvana istəyib. "
        "Təsdiqləyin və bülleten gəlməyə başlasın.",
        confirm_button="Abunəliyi təsdiqləyin",
        confirm_lifetime="Keçid {days} gün işləyir.",
        confirm_stranger="Siz deyilsiniz? Heç nə etməyin, heç nə gəlməyəcək.",
        login_subject="{house}: giriş keçidiniz",
        login_request="Bu keçid sizi bir dəfə, {minutes} dəqiqə ərzində içəri buraxır.",
        login_button="Daxil olun",
        login_stranger="Siz deyilsiniz? Heç nə etməyin. "
        "Bu keçid olmadan heç kim daxil ola bilmir, onu heç kimə verməyin.",
    ),
    "ru": Wording(
        read_in_browser="Читать в браузере",
        read_on="Читать полностью",
        in_brief="Коротко",
        because="Вы получили это письмо, потому что подписались на «{newsletter}».",
        unsubscribe="Отписаться",
        confirm_subject="Подтвердите подписку: {newsletter}",
        confirm_request="Кто-то, скорее всего вы, попросил присылать «{newsletter}» на этот адрес. "
        "Подтвердите, и письма начнут приходить.",
        confirm_button="Да, присылайте",
        confirm_lifetime="Ссылка действует {days} дн.",
        confirm_stranger="Это не вы? Ничего не делайте, и ничего не придёт.",
        login_subject="{house}: ваша ссылка для входа",
        login_request="Эта ссылка впустит вас один раз, в течение {minutes} мин.",
        login_button="Войти",
        login_stranger="Это не вы? Ничего не делайте. Без этой ссылки никто не войдёт, не передавайте её никому.",
    ),
    "ar": Wording(
        read_in_browser="اقرأ في المتصفح",
        read_on="اقرأ القصة كاملة",
        in_brief="باختصار",
        because="تصلك هذه الرسالة لأنك اشتركت في «{newsletter}».",
        unsubscribe="إلغاء الاشتراك",
        confirm_subject="أكّد اشتراكك في «{newsletter}»",
        confirm_request="طلب أحدهم، وأنت على الأرجح، إرسال «{newsletter}» إلى هذا العنوان. "
        "أكّد الطلب لتبدأ الرسائل بالوصول.",
        confirm_button="نعم، أرسلوها",
        confirm_lifetime="صلاحية الرابط: {days} أيام.",
        confirm_stranger="لست أنت؟ لا تفعل شيئًا، ولن يصلك شيء.",
        login_subject="رابط دخولك إلى {house}",
        login_request="يتيح لك هذا الرابط الدخول مرة واحدة خلال {minutes} دقيقة.",
        login_button="الدخول",
        login_stranger="لست أنت؟ لا تفعل شيئًا. لا يدخل أحد من دون هذا الرابط، فلا تعطه لأحد.",
    ),
    "zh": Wording(
        read_in_browser="在浏览器中阅读",
        read_on="阅读全文",
        in_brief="简讯",
        because="您收到这封邮件，是因为您订阅了《{newsletter}》。",
        unsubscribe="退订",
        confirm_subject="请确认订阅《{newsletter}》",
        confirm_request="有人（很可能是您本人）希望用这个邮箱接收《{newsletter}》。确认之后，我们就会开始发送。",
        confirm_button="确认订阅",
        confirm_lifetime="链接在 {days} 天内有效。",
        confirm_stranger="不是您本人？什么都不用做，也不会收到任何邮件。",
        login_subject="{house} 登录链接",
        login_request="此链接可登录一次，{minutes} 分钟内有效。",
        login_button="登录",
        login_stranger="不是您本人？什么都不用做。没有此链接，任何人都无法登录，请勿转发。",
    ),
}


def wording(tag: str) -> Wording:
    """The sentences of a language, or English ones."""
    known = locale(tag)
    return _TABLE.get(known.language if known else FALLBACK, _TABLE[FALLBACK])
