"""The words by which a message tells what it wants. Lower case; Chinese simplified, which stands for both scripts.

English entries match whole words, Chinese ones anywhere. `WHOLE` entries speak only where the message says nothing else.
"""

from itertools import product

# Said alone ----------------------------------------------------------------------------------------------------------

GREETINGS = {
    "en": """hi|hello|hey|hiya|howdy|yo|good morning|good afternoon|good evening|good day|greetings|hi there|hello there
        |hey there|is anyone there|is anybody there|is someone there|anyone there|anybody there|anyone here|anybody here
        |anyone home|are you there|you there|how are you""",
    "zh": """你好|您好|哈喽|哈啰|哈罗|嗨|喂|在吗|在么|在嘛|在不|在不在|在线吗|有人吗|有人么|有人在吗|有人在么|有人在嘛
        |有没有人|有没有人在|客服在吗|早|早安|早上好|上午好|中午好|午安|下午好|晚上好|晚安|大家好""",
}

THANKS = {
    "en": """thanks|thank you|thank u|thankyou|thx|thnx|tnx|ty|tysm|cheers|many thanks|much appreciated|appreciated
        |i appreciate it|thanks a lot|thanks a million|that helped|that helps""",
    "zh": "谢谢|谢了|谢啦|多谢|感谢|感恩|辛苦了|麻烦了|麻烦你了|麻烦您了|有劳了|唔该|唔该晒|多谢晒",
}

POLITE = {
    "en": """ok|okay|k|great|perfect|good|nice|cool|awesome|lovely|super|fine|alright|all right|got it|no|nope|yes|yep
        |no need|that's all|that is all|all good|bye|goodbye|so much|very much|a lot|again|everyone|all|team|guys|dear
        |bot|friend|sir|madam|please|there|and|oh|ah|wow|for your help|for the help|for helping|for the quick reply
        |for your reply|for your time|you|it works|it works now|have a nice day|have a good day""",
    "zh": """好|好的|好吧|嗯|哦|噢|喔|啊|呀|呢|哈|哈哈|啦|哟|了|吧|可以|可以了|行|没事|没事了|没有了|不用|不用了|不用啦
        |收到|知道了|明白|明白了|了解|了解了|懂了|太好了|请问|客服|老板|店家|亲|你|您|你们|大家|非常|十分|再见|拜拜|再会|太|的""",
}

WANTS_HUMAN_WHOLE = {
    "en": """human|a human|person|a person|agent|an agent|representative|operator|human agent|customer service
        |customer support|live support""",
    "zh": "人工|人|客服|客服人员|专员|专人",
}

# Said anywhere -------------------------------------------------------------------------------------------------------

_ASKING = """speak to|speak with|talk to|talk with|chat with|chat to|connect me to|connect me with|put me through to
    |transfer me to|pass me to|hand me over to|get me|give me|i want|i need|i would like|i'd like|can i get|can i have
    |could i get|could i have|let me have|is there"""
_SOMEBODY = """someone|somebody|human|human being|real human|actual human|person|real person|actual person|live person
    |agent|live agent|human agent|representative|rep|manager|supervisor|colleague|advisor|adviser|staff|staff member
    |member of staff|employee|real someone"""


def words(entries: str) -> list[str]:
    return [" ".join(entry.split()) for entry in entries.split("|")]


WANTS_HUMAN = {
    "en": [
        *(f"{asking} {somebody}" for asking, somebody in product(words(_ASKING), words(_SOMEBODY))),
        *words(
            """real person|real human|actual person|actual human|live agent|live person|live chat|human agent|human being
            |human please|human support|human help|agent please|person please|representative please|operator please
            |customer service representative|customer service agent|not bot|stop bot"""
        ),
    ],
    "zh": words(
        """转人工|转接人工|人工客服|人工服务|人工坐席|人工座席|人工接待|人工处理|找人工|要人工|接人工|叫人工|人工在吗|有人工吗|真人|活人
        |客户服务员|专人服务|专人处理|专人联系|找客服|转客服|接客服|叫客服|换客服|联系客服|联络客服|跟客服|和客服说|与客服
        |跟人说|跟人聊|和人说|和人聊|跟人讲|找个人|找人处理|换个人|叫你们经理|找你们经理|找主管|叫主管|找经理|叫经理|请同事回"""
    ),
}

COMPLAINT = {
    "en": words(
        """ridiculous|unacceptable|terrible|horrible|horrendous|awful|appalling|atrocious|disgusting|disgrace|disgraceful
        |pathetic|outrageous|outraged|useless|rubbish|lousy|worst|scam|scammers|scammed|rip off|ripoff|ripped off|fraudsters
        |complaint|complaints|complain|complaining|furious|angry|fed up|sick of|sick and tired|disappointed|disappointing
        |frustrated|frustrating|annoyed|infuriating|shame on you|how dare you|waste of money|waste of time|joke of
        |what joke|total joke|bad service|poor service|poor quality|worst service|never again|never buy from you
        |never ordering|broke again|broken again|breaks again|failed again|fails again|leaking again|leaks again
        |leaked again|stopped again|stopped working again|dead again|not working again|wrong again|late again|still broken
        |still not fixed|third time|second time this|i want my money back|i demand|give me my money back|money back now
        |demand refund|refund me now|refund now|want refund now|consumer protection|my lawyer|sue you|take legal action
        |wtf|bullshit|crap"""
    ),
    "zh": words(
        """投诉|客诉|申诉|举报|差评|太差|很差|真差|好差|差劲|太烂|好烂|真烂|很烂|烂透|垃圾产品|垃圾服务|垃圾公司|垃圾机器|真垃圾|太垃圾
        |又坏|又出问题|又出毛病|又出故障|又故障|又漏|又不行|又不能用|又不动|又没反应|又错|又是这样|再次坏|还是坏的|修了又|修过又|修了还
        |怎么修的|到底怎么|怎么搞的|搞什么|什么破|破机器|什么玩意|什么态度|什么服务|什么质量|态度恶劣|态度差|服务差|质量差|品质差|敷衍|推卸
        |骗子|骗人|欺骗|诈骗|坑人|坑爹|黑店|忽悠|无语|离谱|过分|气死|气愤|生气|愤怒|火大|恼火|失望|不像话|岂有此理|受不了|忍无可忍
        |不满意|很不满|非常不满|太扯|很扯|真扯|有够扯|太夸张|傻眼|恶心|有病|赔钱|退钱|立刻退款|马上退款|必须退款|要求赔偿|消协|消费者协会
        |消委会|消保官|消基会|消保会|12315|工商局|曝光|起诉|律师函|法院见|没人管|没人理|不理人|再也不买|再也不会买"""
    ),
}

URGENT = {
    "en": words(
        """urgent|urgently|urgency|asap|a.s.a.p|as soon as possible|emergency|right away|straight away|at once
        |need it today|need this today|need it now|need this now|need help now|in hurry|time critical"""
    ),
    "zh": words(
        """紧急|火急|着急|著急|很急|好急|太急|超急|急急|急死|急用|急需|急求|急件|急单|挺急|比较急|有点急|十万火急|火烧眉毛|赶紧|赶快
        |尽快|尽速|速回|速速|立刻|立即|马上处理|马上解决|马上回|在线等|等着用|加急处理|今天就要|现在就要"""
    ),
}
ALARM = "急"  # urgent where it ends a clause: 急！

# Denials -------------------------------------------------------------------------------------------------------------

DENIALS = {
    "en": words(
        """no|not|never|without|don't|dont|doesn't|doesnt|didn't|isn't|isnt|wasn't|aren't|ain't|won't|wouldn't|needn't
        |nothing|hardly|zero"""
    ),
    "zh": words("不用|不需要|不要|不必|不是|不想|不会|不算|不|没有|没|无需|无须|别|勿|并非|毫无"),
}

# What may stand between a denial and what it denies: "I do not want to talk to a human", 不是很急.
BETWEEN = {
    "en": words(
        """any|my|your|really|very|that|so|too|super|all|to|for|want|wanted|need|have|having|make|making|going|trying
        |think|say|this|is|it|it's|be|being|file|register|wish|like|would|in|at all|particularly|especially|bit|be|with
        |speak|talk|transfer me|reason"""
    ),
    "zh": words(
        "是|很|太|那么|这么|怎么|特别|有点|再|想|要|给我|帮我|让我|让人|觉得|打算|准备|什么|去|来|找|转|接|打|会|需要|用|急着"
    ),
}

# 为什么不转人工, 还不转人工, 要不转人工吧: here 不 urges instead of denying. 没有人工客服 regrets that there is none.
URGING_BEFORE_NOT = "么还要"
NO_DENIAL_OF_WANTING = frozenset({"没有", "没"})
