"""The rules by which a fact is heard in a customer's words: small, in English and Chinese, and sure rather than many.

A rule speaks of habits, never of a single day ("call after six", not "call after six today"), of what the writer wants
for themselves, and never of what they only ask about. Its patterns are searched in plain words
(`fact_values.plain_words`). What it cannot read for certain it leaves to the quoted words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from support.customers import fact_values as values

Reader = Callable[[re.Match[str], str], values.Value | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`read` makes the fact's value for programs of what a pattern found, and of the chat's language.

    Without one of the `cues` no pattern finds anything; looking for them costs next to nothing.
    """

    name: str
    kind: str
    cues: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    read: Reader

    def search(self, words: str) -> re.Match[str] | None:
        """What the first of the patterns finds."""
        if not any(cue in words for cue in self.cues):
            return None
        return next((found for pattern in self.patterns if (found := pattern.search(words))), None)


_PLEASE = (
    r"(?:^|[,;:] ?|\b(?:please|pls|kindly|only|just|better|rather|can you|could you|would you|you can|so|but|and) )"
)
_NEVER = r"(?P<never>(?:do not|don't|never|no|stop) )"
_END = r"(?= ?(?:$|[,;:()–-]|please|pls|thanks|thank you|because|as i|since i|when i))"
_HOUR = (
    rf"(?P<hour>\d{{1,2}}|noon|{'|'.join(values.HOURS)})(?:[:.](?P<minute>[0-5]\d))?(?: ?o'clock)?"
    r" ?(?P<half>a\.?m\.?|p\.?m\.?|in the (?:morning|afternoon|evening))?"
)
_DAY = rf"(?:weekends?|public holidays|{'|'.join(f'{day}s' for day in values.DAYS)})"
_DAYS_EN = rf"(?P<days>{_DAY}(?:(?:,| or| and|, or|, and) {_DAY})*)"
_WAY = rf"(?P<way>{values.one_of(values.CHANNELS)})"
_TONGUE = rf"(?P<language>{values.one_of(values.LANGUAGES)})"

_ZH_PLEASE = r"(?:^|[,、:;]|请|麻烦|最好|只能|尽量|希望|还是|以后|直接|都)(?:你们|您|你)?"
_ZH_END = r"(?:吧|就好|就行|即可|谢谢|好吗|哦|喔|了)*(?=$|[,、;!~])"
_ZH_NEVER = r"(?P<never>不要|别|请勿|勿)"
_ZH_HOUR = (
    r"(?P<half>早上|上午|中午|下午|傍晚|晚上|晚|夜里)?"
    r"(?P<hour>\d{1,2})(?:点|时|:(?=\d))(?P<minute>[0-5]\d|半)?[分钟整]*"
)
_ZH_SIDE = r"(?P<side>以后|之后|过后|后|以前|之前|前)"
_ZH_CALL = r"(?:给我|跟我|和我)?(?:打个?电话|来电话?|回个?电话?|致电|电话联系|电联)(?:给我|过来|联系我|联系)?"
_ZH_DAYS = r"(?P<days>周末|双休日|节假日)"

_IDEA_HEAD = r"(?:(?:i think|i feel|maybe|perhaps|honestly|an idea|just an idea|suggestion|my suggestion)[,:]? )?"
_VERBS = "add|offer|sell|stock|carry|introduce|launch|open|support|bring back|build"
_DOING = rf"(?:{_VERBS}) "
_DOING_IF = rf"(?:{_VERBS}|added|offered|sold|stocked|carried|introduced|launched|opened|supported|brought back|built) "
_NOT_OWN = r"(?!(?:\w+ ){0,8}(?:my|me|mine|us|our|order|orders|parcel|package|refund|invoice|receipt|ticket)\b)"
_ZH_YOU = r"(?:你们|贵店|贵公司|店家|店里)(?:以后|将来|今后|也|都|可以|能够|能|会|应该|最好){0,3}"
_ZH_DOING = r"(?:增加|增设|新增|加上|加个|加一|推出|开发|引进|上架|多出|出一|出个|开通|开设|支持|设计)"
_ZH_NOT_OWN = r"(?![^,、]{0,20}(?:我的|给我|帮我|为我|订单|退款|退货|赔|发票))"

_WRITTEN: tuple[tuple[str, str, str, Reader, tuple[str, ...]], ...] = (
    (
        "call_hours",
        "quiet_hours",
        "after before 后 前",
        values.hours,
        (
            rf"{_PLEASE}{_NEVER}?(?:call|phone|ring)(?: me| us)?(?: back)?(?: only)?"
            rf" (?P<side>after|before) {_HOUR}{_END}",
            r"\bi(?:'m| am|'m only| am only) (?:available|reachable|free|home|at home)(?: only)?"
            rf" (?P<side>after|before) {_HOUR}{_END}",
            rf"{_ZH_PLEASE}在?{_ZH_HOUR}{_ZH_SIDE}[再才请]?{_ZH_NEVER}?再?{_ZH_CALL}{_ZH_END}",
            rf"{_ZH_NEVER}在?{_ZH_HOUR}{_ZH_SIDE}{_ZH_CALL}{_ZH_END}",
            rf"(?:^|[,、])(?:打?电话|来电)请?在?{_ZH_HOUR}{_ZH_SIDE}再?打?{_ZH_END}",
        ),
    ),
    (
        "days_off",
        "quiet_hours",
        "weekend days 周末 双休 假日",
        values.days_off,
        (
            rf"{_PLEASE}{_NEVER}(?:calls?|phone|ring|contact|message|text|write|disturb|e-?mails?)(?: me| us)?"
            rf" (?:on|at|during|over) (?:the )?{_DAYS_EN}{_END}",
            rf"^(?:please,? |but |just )*not (?:on|at|during|over) (?:the )?{_DAYS_EN}{_END}",
            rf"{_ZH_PLEASE}{_ZH_DAYS}[请都就]?(?:不要|别|请勿|勿|不方便)再?(?:给我)?"
            rf"(?:打电话|来电|联系我?|打扰我?|发消息|发信息|接电话){_ZH_END}",
            rf"{_ZH_NEVER}在?{_ZH_DAYS}(?:给我)?(?:打电话|来电|联系我?|打扰我?|发消息|发信息){_ZH_END}",
        ),
    ),
    (
        "channel",
        "channel",
        "mail call phone ring text sms whatsapp telegram 邮 电话 短信 简讯 微信",
        values.channel,
        (
            rf"{_PLEASE}(?P<way>e-?mail|text|sms|whatsapp) (?:me|us)(?: instead| only| from now on| in future)*{_END}",
            rf"{_PLEASE}(?P<way>call|phone|ring) (?:me|us)(?: instead| only| from now on| in future)+{_END}",
            rf"{_PLEASE}{_NEVER}(?P<way>call|phone|ring|e-?mail|text|sms|whatsapp) (?:me|us)"
            rf"(?: again| any ?more| ever)*{_END}",
            rf"{_PLEASE}(?:contact|reach|answer|reply to|inform|notify|write to)(?: me| us)? (?:only )?"
            rf"(?:by|via|over|on) {_WAY}(?: only| instead)?{_END}",
            rf"\bi(?:'d| would)? (?:much )?prefer (?:to be contacted (?:by|via|over) )?"
            rf"(?P<way>e-?mails?|phone calls?|text messages?|sms|telegram|whatsapp){_END}",
            rf"{_ZH_PLEASE}发?(?P<way>电子邮件|邮件|电邮|e-?mail|短信|简讯|微信)给我{_ZH_END}",
            rf"{_ZH_PLEASE}(?:用|通过|以)?{_WAY}(?:联系|联络|通知|回复|沟通)我?{_ZH_END}",
            rf"{_ZH_NEVER}再?(?:给我)?(?:打|发)(?P<way>电话|短信|简讯|邮件|微信)(?:给我)?{_ZH_END}",
        ),
    ),
    (
        "language",
        "language",
        "english chinese mandarin cantonese japanese korean german french spanish 文 语 话 体",
        values.tongue,
        (
            rf"(?:{_PLEASE}|\b(?:can|could) we )(?:speak|talk|write|reply|answer|continue|switch|use|chat)"
            rf"(?: to me| with me)?(?: in| to)? {_TONGUE}(?: instead| only| from now on)?{_END}",
            rf"^(?:in )?{_TONGUE},? please$",
            rf"(?:请|麻烦|希望|最好|以后)(?:你们|您|你)?都?(?:用|说|讲|改用|换成|以){_TONGUE}"
            rf"(?:来)?(?:回复我?|回答我?|沟通|交流|说|讲|写|联系我?|跟我说|聊)?{_ZH_END}",
        ),
    ),
    (
        "constraint",
        "constraint",
        "allergic allergy intolerance can't cannot deaf hearing blind vegan vegetarian diabetic"
        " 过敏 不能 没法 无法 听力 乳糖 色盲 吃素 素食 不方便",
        values.nothing,
        (
            r"\bi(?:'m| am) (?:very |severely )?allergic to \w",
            r"\bi have an? (?:\w+ ){0,2}(?:allergy|intolerance)\b",
            r"\bi (?:can't|cannot) (?:eat|drink|tolerate|digest)"
            r" (?!this|that|it|the|these|those|my|your|any ?more)\w",
            r"\bi (?:can't|cannot) (?:take|answer|receive) (?:phone )?calls\b",
            r"\bi(?:'m| am) (?:deaf|hard of hearing|blind|colou?r-?blind|vegan|vegetarian|diabetic)\b",
            r"我(?:对|有)?[^,、吗]{1,10}过敏(?!吗)",
            r"我(?:不能|没法|无法)[吃喝](?!这|那|了|的|到|你们)[^,、]",
            r"我(?:听力(?:不好|障碍)|乳糖不耐|是?色盲|吃素|是素食者|(?:上班|平时)?(?:不方便|不能)接电话)",
        ),
    ),
    (
        "preference",
        "preference",
        "prefer like love 喜欢 偏 习惯",
        values.nothing,
        (
            r"\bi (?:always |usually |generally |really |much )*prefer (?!to (?:speak|talk|chat)|if|that you)\w",
            r"\bi (?:always |usually |really |do not |don't )*(?:like|love) (?:my |to drink |drinking )?"
            r"(?!it|this|that|the|them|these|those|your?|to\b|how|what|when|and|but)\w+(?: \w+){0,5}$",
            r"我(?:个人|比较|更|最|还是|很|特别|一直|平时|只|不|都)*(?:喜欢|偏爱|偏好|习惯[喝用])"
            r"(?!你|您|这|那|吗|上|它)[^,、吗]{1,30}",
        ),
    ),
    (
        "idea",
        "idea",
        "you suggest 你们 建议",
        values.nothing,
        (
            rf"^{_IDEA_HEAD}you (?:guys |really |all )?(?:should|could) (?:really |also |maybe )?{_DOING}{_NOT_OWN}\w",
            rf"^(?:it|that) would be (?:so |really |very )?(?:great|nice|good|lovely|helpful|useful) if you"
            rf" (?:guys )?(?:could |would |also )?{_DOING_IF}{_NOT_OWN}\w",
            rf"^i(?: wish|'d love it if|'d like it if) you (?:guys )?(?:would |could |also )?{_DOING_IF}{_NOT_OWN}\w",
            rf"^(?:i|we)(?:'d| would)? suggest (?:that )?you (?:also )?{_DOING}{_NOT_OWN}\w",
            rf"^(?:我|我们)?(?:想|有个|提个|给你们提个|给你们)?建议:?{_ZH_YOU}{_ZH_DOING}{_ZH_NOT_OWN}[^,、吗]{{2,40}}",
            rf"^(?:我|我们)?(?:很|真)?希望{_ZH_YOU}{_ZH_DOING}{_ZH_NOT_OWN}[^,、吗]{{2,40}}",
        ),
    ),
)

RULES = tuple(
    Rule(name, kind, tuple(cues.split()), tuple(map(re.compile, patterns)), read)
    for name, kind, cues, read, patterns in _WRITTEN
)
