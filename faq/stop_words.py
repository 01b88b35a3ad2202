"""Words, and Chinese characters, that customers need to form a sentence and that say nothing about its matter."""

_ENGLISH = """
a an the this that these those there
i im ive id me my we us our you your it its they them their
is are was were be been am do does did have has had can could will would should
to of in on at for from with by and or but so if not
what how please get got take let need want like just also about
"""
_CHINESE = "的了吗呢啊吧呀请问我你您们它要能可以是有在会么什怎就也还想一个这那没到得着过很都和"

_HELP = """
why when where which who help work works fix solve know tell doing done happen happens normal wrong now then ok yes no
"""
_CHINESE_HELP = "办该为处理解决做好知道说帮"

STOP_WORDS = frozenset(_ENGLISH.split()) | frozenset(_CHINESE)

ASKING_FOR_HELP = frozenset(_HELP.split()) | frozenset(_CHINESE_HELP)
"""Words that ask for help with whatever a message said before. By themselves they are of no matter; beside one they
are part of it ("fix my grinder", 解决), so they are no stop words where questions are put together by their matter.
"""
