"""The words by which a message tells what it wants, by signal and language.

Lower case, without articles. English phrases match whole words, Chinese ones anywhere in the text; Chinese is written
simplified and stands for both scripts. Words that a plain question uses as well (立即, right away, 很差) are left out
unless their neighbours make them clear.
"""

from collections.abc import Mapping

Lexicon = Mapping[str, str]

# Greetings, thanks and polite words count only where a message consists of nothing else.
GREETING: Lexicon = {
    "en": """hi|hello|hey|hiya|howdy|yo|morning|good morning|good afternoon|good evening|good day|greetings
        |is anyone there|is anybody there|is someone there|is there anyone there|is there anybody there|anyone there
        |anybody there|anyone here|anybody here|anyone home|are you there|you there|how are you""",
    "zh": """你好|您好|哈喽|哈啰|哈罗|嗨|喂|在吗|在么|在嘛|在不|在不在|在线吗|有人吗|有人么|有人在吗|有人在么|有人在嘛
        |有没有人|有没有人在|客服在吗|早|早安|早上好|上午好|中午好|午安|下午好|晚上好|晚安|大家好""",
}

THANKS: Lexicon = {
    "en": """thanks|thank you|thank u|thankyou|thx|thnx|tnx|ty|tysm|cheers|much appreciated|appreciated|i appreciate it
        |that helped|that helps""",
    "zh": "谢谢|谢了|谢啦|多谢|感谢|感恩|辛苦了|麻烦了|麻烦你了|麻烦您了|有劳了|唔该|唔该晒|多谢晒",
}

POLITE: Lexicon = {
    "en": """ok|okay|k|great|perfect|good|nice|cool|awesome|lovely|super|fine|alright|all right|got it|no|nope|yes|yep
        |no need|that's all|that is all|all good|so much|very much|lot|million|many|again|everyone|all|team
        |guys|dear|bot|friend|sir|madam|please|there|and|oh|ah|wow|for help|for helping|for quick reply|for reply
        |for time|it works|it works now""",
    "zh": """好|好的|好吧|嗯|哦|噢|喔|啊|呀|呢|哈|哈哈|啦|哟|了|吧|可以|可以了|行|没事|没事了|没有了|不用|不用了|不用啦
        |收到|知道了|明白|明白了|了解|了解了|懂了|太好了|请问|客服|老板|店家|亲|你|您|你们|大家|非常|十分|太""",
}

FAREWELL: Lexicon = {
    "en": """bye|bye bye|goodbye|good bye|cya|see you|see ya|see you later|see you soon|take care|farewell|so long
        |have nice day|have good day|have great day|have nice evening|have good one""",
    "zh": "再见|拜拜|拜|回见|回头见|下次见|改天聊|先这样|先走了|祝好|掰掰|掰",
}

# Asking who answers here, and nothing else.
ASKING_WHO: Lexicon = {
    "en": """are you bot|are you robot|are you machine|are you computer|are you ai|are you real|are you human
        |are you person|are you real person|are you real human|are you human being|are you human or bot
        |are you bot or human|is this bot|is this real person|is this human|is this automated|is this ai
        |am i talking to bot|am i talking to robot|am i talking to human|am i talking to person
        |am i talking to real person|am i talking with bot|am i talking with human|am i speaking to bot
        |am i speaking to human|am i speaking with human|am i chatting with bot|who are you|what are you|who is this
        |who am i talking to""",
    "zh": """你是谁|您是谁|您哪位|你哪位|你是什么|你是机器人|您是机器人|是机器人|是不是机器人|你是人|您是人|你是不是人
        |是不是人|是真人|你是真人|您是真人|是不是真人|你是人工|您是人工|是人工|你是ai|您是ai|是ai|你是活人|是活人
        |是自动回复""",
}
OR_WHAT_ELSE: Lexicon = {
    "en": "or bot|or human|or robot|or machine|or person|or real person|or what",
    "zh": "还是机器人|还是机器|还是真人|还是人|还是人工|还是ai|吗|么|嘛",
}

# Insults that mean nothing else, wherever they stand; and words that are one only if nothing else is said.
INSULT: Lexicon = {
    "en": """idiots|you idiot|stupid bot|stupid robot|stupid company|dumb bot|morons|moron|asshole|assholes|bastard
        |bastards|dickhead|dickheads|motherfucker|motherfuckers|fuck you|fuck off|fucking|fuckers|screw you|piss off
        |go to hell|you suck|you stupid|you fools|you liars|shut up""",
    "zh": """傻逼|傻比|煞笔|傻屄|沙雕|白痴|蠢货|蠢猪|笨蛋|滚蛋|滚开|王八蛋|混蛋|他妈的|你妈的|妈的|操你|草泥马|尼玛|智障
        |脑残|去死|狗屎|去你的|干你娘|混账|人渣|畜生""",
}
INSULT_ALONE: Lexicon = {
    "en": """idiot|stupid|dumb|fool|fools|liar|liars|jerk|fuck|fck|shit|damn|damn it|damn you|bitch|sucks|suck|hate you
        |loser|losers|silly|clown|clowns""",
    "zh": "滚|蠢|笨|傻|操|草|靠|卧槽|我靠|我操|废物|垃圾|神经病|有病|闭嘴|傻瓜|烂人|白目|北七|三小|神经|放屁|废话",
}
CALLED_NAMES: Lexicon = {
    "en": "you|you are|you're|u|ur|are|is|it|this|this bot|bot|robot|machine|so|such|really|i|what|of|all|very",
    "zh": "你|您|你们|您们|这|这个|个|是|真|真是|真的|太|好|就是|机器人|客服|东西|的|了|啊|吧|一群|群|都|死|给我|吗",
}

# Answers to "do you mean …?", typed instead of pressed.
YES: Lexicon = {
    "en": "yes|yes please|yep|yeah|yup|sure|right|correct|exactly|that's it|that one",
    "zh": "是|是的|对|对的|对啊|没错|嗯|嗯嗯|就是|就是这个|好|好的|可以",
}
NO: Lexicon = {
    "en": "no|nope|nah|neither|no thanks|not really|wrong|none|none of them|something else",
    "zh": "不|不是|不是的|不对|都不对|没有|不是这个|错了|别的|其他",
}

# Opening words of who goes on with the last matter; and those that do so in a few words alone: to Spain, on Sundays.
FOLLOWING: Lexicon = {
    "en": """and|or|but|also|so|ok|okay|then|what about|how about|what if|in that case|same for|same with|only|or else
        |thanks|thank you|great|good""",
    "zh": "那么|那|如果|要是|换成|换作|改成|还有|而|或者|不过|同样|也|谢谢|好的|嗯",
}
ABOUT_WHERE_AND_WHEN: Lexicon = {
    "en": """to|for|from|in|on|at|with|without|by|into|within|after|before|during|via|over|under|outside|if""",
    "zh": "寄到|送到|发到|到|去|从|在|用",
}

# What asks for more of the last matter and names none: how much is it, 要多久.
ASKING_FURTHER: Lexicon = {
    "en": """how much|how long|how many|how often|when|where|why|how|what|does|do|is|are|will|would|can|it|that|this
        |they|cost|costs|take|price|be|for it|for that""",
    "zh": "多少钱|多少|多久|几天|什么时候|怎么|为什么|哪里|要|需要|会|得|大概|一般|它|这个|那个|这|价格|费用|收费",
}

# Days and hours: alone, they ask about the last matter then (周日呢, what about the weekend).
WHEN: Lexicon = {
    "en": """monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|thursdays|fridays
        |saturdays|sundays|weekend|weekends|weekday|weekdays|holiday|holidays|public holidays|bank holidays|today
        |tonight|tomorrow|next week|this week|next month|morning|mornings|afternoon|afternoons|evening|evenings|night
        |noon|christmas|easter|new year""",
    "zh": """周一|周二|周三|周四|周五|周六|周日|周天|周末|星期一|星期二|星期三|星期四|星期五|星期六|星期日|星期天
        |礼拜一|礼拜二|礼拜三|礼拜四|礼拜五|礼拜六|礼拜日|礼拜天|平日|工作日|节假日|假日|假期|节日|国定假日|公休日
        |今天|今晚|明天|明晚|后天|这周|下周|本周|下个月|早上|上午|中午|下午|傍晚|晚上|夜里|春节|过年|国庆|中秋|元旦""",
}

# Signs that are words by themselves.
THANKFUL_SIGNS = frozenset("👍🙏👌❤💕💖💗😊☺🥰😍😘🤗👏💐🌹")
UPSET_SIGNS = frozenset("😡🤬😠😤👎💢🖕😒🙄😞😣😖😩😫💩")

HUMAN_ALONE: Lexicon = {
    "en": "human|person|agent|representative|operator|customer service|customer support|live support",
    "zh": "人工|客服|客服人员|专员|专人",
}

# A wish for a human is also any of TURNING_TO before SOMEBODY, or of WISHING_FOR before A_HUMAN.
TURNING_TO = """speak to|speak with|talk to|talk with|chat with|chat to|connect me to|connect me with|put me through to
    |transfer me to|pass me to|pass me on to|hand me over to"""
SOMEBODY = """someone|somebody|anyone|anybody|staff|manager|supervisor|colleague|advisor|adviser|employee|operator|rep
    |representative|human|human being|real human|person|real person|live person|agent|live agent|human agent"""
WISHING_FOR = (
    "get me|give me|i want|i need|i would like|i'd like|can i get|can i have|could i get|could i have|is there"
)
A_HUMAN = """someone i can|somebody i can|someone to talk|somebody to talk|manager|supervisor|representative
    |human|person|live person|agent|live agent"""

HUMAN: Lexicon = {
    "en": """real person|real human|real someone|actual person|actual human|live agent|live person|live chat|human agent
        |human being|human please|human support|human help|agent please|person please|representative please
        |operator please|customer service representative|customer service agent|ask colleague""",
    "zh": """转人工|转接人工|人工客服|人工服务|人工坐席|人工座席|人工接待|人工处理|找人工|我要人工
        |想要人工|需要人工|接人工|叫人工|人工在吗|有人工吗|真人|活人|客户服务员|专人服务|专人处理|专人联系|找客服|转客服|接客服|叫客服|换客服|联系客服|联络客服|跟客服说|跟客服聊
        |跟客服讲|和客服说|和客服聊|与客服沟通|和客服沟通|跟人说|跟人聊|跟人讲|和人说|和人聊|找个人|找人处理|换个人
        |找主管|叫主管|找经理|叫经理|叫你们经理|找你们经理|请同事""",
}

COMPLAINT: Lexicon = {
    "en": """ridiculous|unacceptable|terrible|horrible|horrendous|awful|appalling|atrocious|disgusting|disgrace
        |disgraceful|pathetic|outrageous|outraged|useless|rubbish|lousy|worst|scammers|scammed|rip off|ripoff|ripped off
        |complaint|complaints|complain|complaining|furious|angry|fed up|sick of|sick and tired|disappointed
        |disappointing|frustrated|frustrating|annoyed|infuriating|shame on you|how dare you|waste of money|waste of time
        |what joke|total joke|this is joke|bad service|poor service|poor quality|never buy from you|never buying
        |never ordering|broke again|broken again|breaks again|failed again|fails again|leaking again|leaks again
        |leaked again|stopped again|stopped working again|dead again|not working again|wrong again|late again
        |still broken|still not fixed|for third time|for fourth time|i want my money back|give me my money back
        |money back now|i demand|demand refund|refund me now|want refund now|consumer protection|my lawyer|sue you
        |legal action|wtf|bullshit|crap""",
    "zh": """投诉|客诉|申诉|举报|差评|太差|真差|差劲|太烂|好烂|真烂|很烂|烂透|太垃圾|真垃圾|垃圾产品|垃圾服务|垃圾公司
        |垃圾机器|又坏|又出问题|又出毛病|又出故障|又故障|又漏|又不行|又不能用|又不动|又没反应|又错|又是这样|还是坏的|修了又|修过又
        |修了还|还没修好|还没处理|还没解决|怎么修的|怎么搞的|你们怎么回事|搞什么|什么破|破机器|什么玩意|什么态度
        |这是什么服务|这叫什么服务|什么质量啊|这什么质量|态度恶劣|态度差|态度很差|服务差|服务很差|质量差|质量很差|品质差|品质很差|敷衍|推卸|没人管|没人理|不理人
        |骗子|骗人|欺骗|诈骗|坑人|坑爹|黑店|忽悠|无语|离谱|太过分|过分了|气死|气愤|生气|愤怒|火大|恼火|失望|不像话|岂有此理
        |受不了|忍无可忍|很不满|非常不满|十分不满|太扯|很扯|真扯|有够扯|太夸张|傻眼|恶心|还我钱|退我钱|给我退钱|马上退钱|赶紧退钱
        |必须退|立刻退款|马上退款|赔我|要求赔|消协|消费者协会|消委会|消保官|消基会|消保会|工商局|曝光|起诉|律师函|法院见
        |再也不买|再也不会买""",
}

URGENT: Lexicon = {
    "en": """urgent|urgently|asap|as soon as possible|emergency|in hurry|time critical|need it today|need this today
        |need it now|need this now|need help now""",
    "zh": """紧急|火急|着急|著急|很急|好急|太急|超急|挺急|比较急|有点急|急急|急死|急用|急需|急求|急件|急单|火烧眉毛|赶紧
        |赶快|请尽快|麻烦尽快|尽快回|尽快处理|尽快解决|尽快联系|尽快给|尽快安排|尽速|速回|请立即|请立刻|立即处理|立刻处理|立即解决|立刻解决
        |马上处理|马上解决|马上回|在线等|等着用|加急处理|今天就要|现在就要""",
}

# A denial takes a word back, with no more between the two than this: "I do not want to talk to a human", 不是很急.
DENIAL: Lexicon = {
    "en": """no|no need|not|never|without|don't|dont|doesn't|doesnt|didn't|isn't|isnt|wasn't|aren't|ain't|won't|wouldn't
        |needn't|nothing|hardly|zero""",
    "zh": "不用|不需要|不要|不必|不是|不想|不会|不算|不|没有|没|无需|无须|别|勿|并非|毫无",
}
BETWEEN: Lexicon = {
    "en": """any|my|really|very|that|so|too|super|all|at all|to|for|want|wanted|need|have|having|make|making|going
        |trying|think|say|this|is|it|it's|be|being|file|register|wish|like|would|particularly|especially|bit|reason""",
    "zh": "是|很|太|那么|这么|怎么|特别|有点|再|想|要|给我|帮我|让我|让人|觉得|打算|准备|什么|去|来|找|转|接|打",
}

# Asking about humans is no wish for one.
ASKING_ABOUT: Lexicon = {
    "en": """are you|you are|you're|am i speaking with|am i speaking to|am i talking with|am i talking to|do i have to
        |do i need to|must i|should i""",
    "zh": "你是|您是|你们是|是不是",
}

# Of a human, these regret or object instead of denying: 没有人工客服吗, "no I want a human".
REGRETS = frozenset({"没有", "没", "no"})
# After these, 不 urges instead of denying: 为什么不转人工, 还不转人工, 要不转人工吧.
BEFORE_URGING = "么还要"


def entries(words: str) -> list[str]:
    """The phrases of a lexicon's text."""
    return [" ".join(entry.split()) for entry in words.split("|")]
