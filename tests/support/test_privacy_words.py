"""Who asks for their own data, or why they came first, is understood in three languages; who asks about data is not."""

from __future__ import annotations

import time

import pytest

from support.words.privacy_words import privacy_wish

FORGET = """delete my data|Please delete all my data!|can you erase my personal information?|forget me|remove my account
    |I want you to delete everything about me|wipe my chat history please|删掉我的资料
    |请删除我的资料|請刪除我的資料|把我的数据删掉
    |我想删除我的账号|請把我的個資刪除|我的聊天记录全部删除|忘记我吧|刪除我所有的對話紀錄"""
DATA = """send me a copy|Send me a copy of my data|please export my data|what data do you have about me?|show me my data
    |what do you know about me|give me a copy of all my information|导出我的资料|请把我的数据发给我
    |你们存了我的哪些资料|請匯出我的個資
    |我要下载我的数据|傳給我我的資料"""
WHY = """why was i put first?|Why was I put first|why am i first|why did you answer me first|why me first
    |why was I moved up|为什么先接待我|為什麼先接待我|为什么先回复我|为什么我排在前面|為什麼我排第一|怎么先找我"""
NEITHER = """how do i delete a photo from the app|delete my order 5512|send me a copy of the invoice|my data is wrong
    |why was my parcel late|where is my data sheet|why is it so slow|how do I erase the memory of the grinder|删除订单
    |怎么清除咖啡渍|我的资料不对|为什么不先发货|为什么这么慢|send me the link
    |怎么删除我的收藏|有什么资料|你们有什么信息吗|delete|why|forget it|||…"""


def of(texts: str) -> list[str]:
    return [each.strip() for each in texts.split("|")]


@pytest.mark.parametrize("text", of(FORGET))
def test_wants_to_be_forgotten(text: str) -> None:
    assert privacy_wish(text) == "forget"


@pytest.mark.parametrize("text", of(DATA))
def test_wants_a_copy(text: str) -> None:
    assert privacy_wish(text) == "data"


@pytest.mark.parametrize("text", of(WHY))
def test_wants_to_know_why(text: str) -> None:
    assert privacy_wish(text) == "why_first"


@pytest.mark.parametrize("text", of(NEITHER))
def test_asks_for_something_else(text: str) -> None:
    assert privacy_wish(text) is None


@pytest.mark.parametrize("text", ["please " * 11, "请" * 80, "can you " * 9 + "delete", "我的" * 40, "so " * 26])
def test_odd_words_take_no_time(text: str) -> None:
    begun = time.perf_counter()
    assert privacy_wish(text) is None
    assert time.perf_counter() - begun < 0.05
