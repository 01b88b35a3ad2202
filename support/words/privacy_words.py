"""Whether a message asks for its writer's own data: to have it deleted, to get a copy, or why they were put first.

Whole messages only, so that a question that merely speaks of data goes to the FAQ. Read as plain text: lower case,
simplified, without articles.
"""

from __future__ import annotations

import re
from typing import Literal

from support.words.phrases import plain

Wish = Literal["forget", "data", "why_first"]

LONGEST_WISH = 80  # characters; whoever writes more has more to say than this

# What stands before and after a wish in English, and what it is about.
_PLEASE = (
    r"(?:(?:hi|hello|please|pls|kindly|now|so|ok|(?:can|could|would|will) you|i (?:want|need) you to|you must|i want to"
    r"|i want|i(?:'d| would) like(?: you)? to)[ .]+)*"
)
_THANKS = r"(?:[ .]+(?:please|pls|now|thanks|thank you|from (?:you )?(?:systems?|database|records)))*"
_ALL_MINE = r"(?:(?:all|everything|all of|every) )?(?:of )?my (?:personal |private |own |customer )?"
_DATA = r"(?:data|information|info|details|account|profile|records?|(?:chat )?history|messages)"
_OF_ME = r"everything (?:you (?:have|know|keep) )?about me"
_WHICH = r"what (?:personal )?(?:data|information|info|details)? ?"
_KNOWN = r"(?:do )?(?:you )?(?:have|know|keep|store|hold|save)(?: you)? (?:about|on|of) me"
_TO_FRONT = (
    r"(?:first|ahead|in front|(?:at|to) front|before (?:others|everyone)|up|so (?:quickly|fast)|next)"
    r"(?: of (?:others|everyone|line|queue))?(?: in (?:line|queue))?"
)
_BROUGHT = r"(?:(?:been|put|served|serve|answered|answer|taken|take|moved|move|get|go|come) ?)*"

# The same in Chinese.
_QING = (
    r"(?:请|麻烦|拜托|帮我|帮忙|我要|我想|我想要|我希望|希望|可以|能不能|能否|可不可以|能|你们?|您|立刻|马上|把|将"
    r"|[ .])*"
)
_XIEXIE = r"(?:吗|么|嘛|吧|了|掉|谢谢|谢谢您|好吗|一下|[ .])*"
_WO_DE = r"(?:关于)?(?:我|本人)(?:的|所有|全部|一切|这里|在你们这里)*"
_ZILIAO = (
    r"(?:个人|所有|全部)?"
    r"(?:资料|数据|信息|讯息|个资|账号|账户|帐号|帐户|记录|纪录|聊天记录|对话纪录|对话记录|隐私)"
)
_SHAN = r"(?:全部|全都|都|彻底|永久)?(?:删除|删掉|删了|删|清除|清掉|清空|抹掉|抹除|移除|注销)"
_DAOCHU = r"(?:导出|汇出|下载|发给我|传给我|寄给我|发送|给我|提供|查看|看看|拿到|要|调取|取得)(?:一份|一下)?"
_NAXIE = r"(?:着|了|有)?(?:(?:我的?|关于我的?)(?:哪些|什么|多少)|(?:哪些|什么|多少)(?:关于)?我的)"
_WEISHENME = r"(?:请问|那|但是|可是)?(?:为什么|为何|为啥|怎么|怎么会|凭什么)(?:会|要|是|你们|您|你|把)*"
_JIEDAI = r"(?:接待|服务|回复|处理|招呼|接|找|联系|回|答复|接听|轮到)"
_ZUIQIAN = r"(?:最)?(?:前面|第一个?|第一位|前头|先|优先|插队)"
_NE = r"(?:呢|啊|呀|了)?"

_WISHES: dict[Wish, tuple[str, ...]] = {
    "forget": (
        rf"{_PLEASE}(?:delete|erase|remove|wipe|destroy|clear) (?:{_ALL_MINE}{_DATA}|{_OF_ME}){_THANKS}",
        rf"{_PLEASE}(?:forget (?:me|about me|everything about me)|i want to be forgotten){_THANKS}",
        rf"{_QING}{_SHAN}{_WO_DE}{_ZILIAO}{_XIEXIE}",
        rf"{_QING}{_WO_DE}{_ZILIAO}{_SHAN}{_XIEXIE}",
        rf"{_QING}(?:忘记我|忘掉我|忘了我){_XIEXIE}",
    ),
    "data": (
        rf"{_PLEASE}(?:send|give|get|have|receive|mail)(?: me)? copy(?: of {_ALL_MINE}{_DATA})?{_THANKS}",
        rf"{_PLEASE}(?:send|give|get|show|export|download|see)(?: me)? {_ALL_MINE}(?:data|information|info){_THANKS}",
        rf"{_PLEASE}(?:(?:show|tell) me )?{_WHICH}{_KNOWN}{_THANKS}",
        rf"{_QING}{_DAOCHU}{_WO_DE}(?:全部|所有)?{_ZILIAO}(?:的?副本|备份)?{_XIEXIE}",
        rf"{_QING}{_WO_DE}{_ZILIAO}(?:发给我|传给我|寄给我|导出|汇出)(?:来|一份)?{_XIEXIE}",
        rf"{_QING}(?:保存|存|存储|储存|记|留|收集|有){_NAXIE}{_ZILIAO}{_XIEXIE}",
    ),
    "why_first": (
        rf"(?:(?:so|but|hi|hello|and) )?why (?:was|am|were|did|do|is) (?:i|you|me|we|it) {_BROUGHT}(?:me )?{_TO_FRONT}",
        r"why me first|why do i (?:skip|jump) (?:queue|line)",
        rf"{_WEISHENME}(?:先|优先|第一个|首先)(?:来)?{_JIEDAI}(?:了)?我(?:的)?{_NE}",
        rf"{_WEISHENME}我(?:会|被|可以|能)*(?:排|放|安排)?(?:在|到)?{_ZUIQIAN}{_NE}",
    ),
}
_PATTERNS = {wish: re.compile("|".join(f"(?:{each})" for each in found)) for wish, found in _WISHES.items()}


def privacy_wish(text: str) -> Wish | None:
    """What the writer wants of their own data; None for anything else."""
    if len(text) > LONGEST_WISH:
        return None
    words = plain(text)
    return next((wish for wish, pattern in _PATTERNS.items() if pattern.fullmatch(words)), None)
