"""Short answers to a form's questions: yes, no, skip this one, leave it altogether (as in support.words.lexicon)."""

from __future__ import annotations

import re

from support.words.lexicon import POLITE, THANKS, Lexicon
from support.words.phrases import any_of, nothing_but, plain

LONGEST = 60  # characters; whatever is longer says more than yes or no

YES: Lexicon = {
    "en": """yes|yeah|yep|yup|ya|y|sure|of course|certainly|ok|okay|right|correct|that's right|that is right|true
        |please do|yes please|definitely|absolutely|indeed|no problem|yes it is|yes it does|yes i do|yes i have|it is
        |it does|i do|i have""",
    "zh": "是|是的|是啊|对|对的|好|好的|好啊|可以|行|嗯|嗯嗯|要|要的|需要|有|有的|当然|没错|没问题|确定|确认|能|会",
}
NO: Lexicon = {
    "en": """no|nope|nah|n|not|not really|no thanks|no thank you|never|no it isn't|no it is not|no it doesn't|no i don't
        |no i haven't|it isn't|it doesn't|i don't|i haven't|false""",
    "zh": "不|不是|不是的|不对|不要|不用|不用了|不需要|不需要了|没有|没|否|不行|不可以|不能|不会|不了|不好|无|不同意",
}
SKIP: Lexicon = {
    "en": """skip|skip it|skip this|pass|next|none|nothing|no|nope|n a|na|no idea|i don't know|don't know|dont know
        |dunno|not sure|i'm not sure|rather not|rather not say|no comment""",
    "zh": "跳过|略过|下一个|下一题|没有|没|无|不知道|不清楚|不记得|不记得了|忘了|不方便|不方便说|不想说|不填|不说了",
}
LEAVE: Lexicon = {
    "en": """never mind|nevermind|nvm|cancel|cancel it|cancel this|cancel that|cancel form|forget it|forget about it
        |stop|stop it|stop this|leave it|leave|quit|exit|abort|not now|no thanks|no thank you|changed my mind
        |i changed my mind|i've changed my mind""",
    "zh": """算了|先算了|还是算了|不用了|不用|不用啦|先不用|先不用了|不需要|不需要了|取消|不要了|不填了|先不填了|不弄了
        |不办了|不退了|不修了|不了|退出|停止|放弃|改天|改天再说|下次再说|以后再说""",
}

_TAIL: Lexicon = {
    "en": "please|thanks|thank you|thx|then|i think|i guess|actually",
    "zh": "的|了|吧|啊|呀|呢|哦|喔|谢谢|请|谢了|感谢|我|就|那",
}


def says_yes(text: str) -> bool | None:
    """True for yes, False for no, None for anything else."""
    if _is(text, NO, _TAIL):
        return False
    return True if _is(text, YES, _TAIL) else None


def wants_to_skip(text: str) -> bool:
    return _is(text, SKIP, _TAIL)


def wants_to_leave(text: str) -> bool:
    """Nothing more than a wish to stop here, however politely."""
    return _is(text, LEAVE, _TAIL, POLITE, THANKS)


def _is(text: str, meant: Lexicon, *around: Lexicon) -> bool:
    words = plain(text[: 2 * LONGEST])
    if not words or len(words) > LONGEST or not re.search(any_of(meant), words):
        return False
    return nothing_but(meant, *around).fullmatch(words) is not None
