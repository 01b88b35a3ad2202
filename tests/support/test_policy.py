"""Who reaches a human: every rule, and what must hold whatever is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.matcher import Decision
from support.judging.house_rules import DEFAULT, Weights, changed
from support.policy import Act, Reason, Standing, Verdict, judge, priority_reasons
from support.words.signals import Signals
from support.words.texts import Texts

ANYBODY = Standing()
QUESTION = Signals()
STANDINGS = st.builds(
    Standing,
    tier=st.sampled_from([None, "vip", "major", "ordinary", "small"]),
    stage=st.sampled_from([None, "awareness", "consideration", "purchase", "use", "loyalty", "churn"]),
    at_risk=st.booleans(),
    queued=st.booleans(),
    claimed=st.booleans(),
    failures=st.integers(0, 5),
)
SIGNALS = st.builds(Signals, *[st.booleans()] * 5)
DECISIONS = st.sampled_from(Decision)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


@pytest.mark.parametrize("decision", Decision)
def test_everyone_else_is_answered_asked_back_or_told_that_we_do_not_know(decision: Decision) -> None:
    for standing in (ANYBODY, Standing(tier="ordinary"), Standing(tier="small", stage="use"), Standing(failures=1)):
        assert judge(standing, QUESTION, decision) == Verdict(Act(decision.value))


@pytest.mark.parametrize(("signals", "act"), [(Signals(greeting=True), Act.GREET), (Signals(thanks=True), Act.THANK)])
@pytest.mark.parametrize(
    "who", [ANYBODY, Standing(tier="vip"), Standing(at_risk=True, failures=9), Standing(stage="churn", queued=True)]
)
def test_greetings_and_thanks_never_escalate_whoever_writes_them(signals: Signals, act: Act, who: Standing) -> None:
    for decision in Decision:
        assert judge(who, signals, decision) == Verdict(act)


@pytest.mark.parametrize(
    ("signals", "code", "urgent"),
    [
        (Signals(wants_human=True), "asked_human", False),
        (Signals(complaint=True), "complaint", True),
        (Signals(urgent=True), "urgent", True),
    ],
)
def test_a_wish_a_complaint_or_haste_gets_a_human_and_no_faq_answer(signals: Signals, code: str, urgent: bool) -> None:
    for decision in Decision:
        verdict = judge(ANYBODY, signals, decision)
        assert (verdict.act, codes(verdict), verdict.urgent) == (Act.HUMAN, [code], urgent)


@pytest.mark.parametrize(("failures", "act"), [(0, Act.ANSWER), (1, Act.ANSWER), (2, Act.HUMAN), (7, Act.HUMAN)])
def test_two_failed_answers_on_one_matter_get_a_human(failures: int, act: Act) -> None:
    verdict = judge(Standing(failures=failures), QUESTION, Decision.ANSWER)
    assert verdict.act is act
    if act is Act.HUMAN:
        assert verdict.reasons == (Reason("failed_answers", {"count": failures}),)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (Standing(tier="vip"), "vip"),
        (Standing(tier="major"), "major"),
        (Standing(at_risk=True), "at_risk"),
        (Standing(stage="churn"), "churned"),
        (Standing(tier="small", at_risk=True), "at_risk"),
    ],
)
def test_a_customer_worth_it_is_answered_and_queued_or_queued_at_once(who: Standing, code: str) -> None:
    answered = judge(who, QUESTION, Decision.ANSWER)
    assert (answered.act, codes(answered)) == (Act.ANSWER, [code, "confident_answer"])
    for decision in (Decision.SUGGEST, Decision.REFUSE):
        queued = judge(who, QUESTION, decision)
        assert (queued.act, codes(queued)) == (Act.HUMAN, [code, "no_answer"])
        assert not queued.urgent


@pytest.mark.parametrize("who", [{"stage": "churn"}, {"at_risk": True}, {"service_risk": 0.9}])
def test_a_small_customer_sees_the_bot_first_whatever_is_feared_of_them(who: dict[str, Any]) -> None:
    policy = changed(DEFAULT, {"policy": {"escalation": {"bot_first": True}}}).policy
    small = Standing(tier="small", **who)
    for failures in range(policy.failures_until_human("small")):
        for decision in (Decision.SUGGEST, Decision.REFUSE):
            assert judge(replace(small, failures=failures), QUESTION, decision, policy) == Verdict(Act(decision.value))
    assert judge(replace(small, failures=3), QUESTION, Decision.REFUSE, policy).act is Act.HUMAN
    assert judge(small, QUESTION, Decision.ANSWER, policy).reasons, "a sure answer is given, and they are queued"
    assert judge(small, Signals(wants_human=True), Decision.REFUSE, policy).act is Act.HUMAN
    assert judge(replace(small, tier="ordinary"), QUESTION, Decision.REFUSE, policy).act is Act.HUMAN


def test_all_reasons_are_named() -> None:
    who = Standing(tier="vip", at_risk=True, failures=3)
    verdict = judge(who, Signals(wants_human=True, complaint=True, urgent=True), Decision.ANSWER)
    assert codes(verdict) == ["vip", "at_risk", "asked_human", "complaint", "urgent", "failed_answers"]


def test_who_is_gone_is_not_at_risk_as_well() -> None:
    assert [reason.code for reason in priority_reasons(Standing(stage="churn", at_risk=True))] == ["churned"]


def test_in_the_queue_only_a_sure_answer_is_given() -> None:
    for who in (Standing(queued=True), Standing(queued=True, tier="vip")):
        assert judge(who, QUESTION, Decision.ANSWER) == Verdict(Act.ANSWER)
        assert judge(who, QUESTION, Decision.SUGGEST) == Verdict(Act.SILENT)
        assert judge(who, QUESTION, Decision.REFUSE) == Verdict(Act.SILENT)


def test_in_the_queue_a_complaint_is_still_heard() -> None:
    assert codes(judge(Standing(queued=True), Signals(complaint=True), Decision.ANSWER)) == ["complaint"]


@given(STANDINGS, SIGNALS, DECISIONS)
def test_while_an_agent_holds_the_bot_is_silent(who: Standing, signals: Signals, decision: Decision) -> None:
    assert judge(replace(who, claimed=True), signals, decision) == Verdict(Act.SILENT)


@given(STANDINGS, SIGNALS, DECISIONS)
def test_what_always_holds(who: Standing, signals: Signals, decision: Decision) -> None:
    verdict = judge(who, signals, decision)
    assert all(0 < reason.data()["weight"] <= 1 for reason in verdict.reasons)
    assert len(set(codes(verdict))) == len(verdict.reasons), "no reason twice"
    if verdict.act is Act.HUMAN:
        assert verdict.reasons, "nobody is handed over without a reason"
    if verdict.act in (Act.GREET, Act.THANK, Act.SILENT, Act.SUGGEST, Act.REFUSE):
        assert not verdict.reasons
    if verdict.act is Act.ANSWER:
        assert decision is Decision.ANSWER, "nothing is answered that the FAQ is not sure of"
    assert not verdict.urgent or verdict.act is Act.HUMAN


def test_a_reason_is_stored_with_its_weight_and_facts() -> None:
    assert Reason("failed_answers", {"count": 2}).data() == {
        "code": "failed_answers",
        "facts": {"count": 2},
        "weight": Weights().failed_answers,
    }


def test_every_reason_can_be_worded() -> None:
    said = Texts.load()
    for language in said.languages:
        for code in Weights.model_fields:
            assert said.say(language, f"reason.{code}", count=2, days=3, usual=1, gap=1, share=1, agent="Bob")
