"""Telegram's error table ("Sending" in docs/architecture.md): which tests hold the whole bot to each of its rows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIALOGUES, FAULTS, WORKERS = "tests/dialogues", "tests/faults", "tests/workers"
WAITS, REFUSALS = f"{FAULTS}/test_telegram_waits.py", f"{FAULTS}/test_telegram_refusals.py"
TOPICS, MAYBE = f"{FAULTS}/test_telegram_topics.py", f"{FAULTS}/test_telegram_maybe_sent.py"
DELIVERY, TROUBLE = f"{DIALOGUES}/test_delivery.py", f"{DIALOGUES}/test_forum_trouble.py"
SENDING, OUTCOMES = f"{DIALOGUES}/test_sending.py", f"{WORKERS}/test_outcomes.py"

ROWS: dict[str, list[tuple[str, str]]] = {
    "429 with retry_after": [
        (WAITS, "test_429_with_retry_after"),
        (WAITS, "test_429_pauses_the_bulk_lane"),
        (SENDING, "test_what_waits_keeps_its_order_and_holds_up_no_other"),
    ],
    "429 without retry_after": [
        (WAITS, "test_429_without_retry_after"),
        (OUTCOMES, "test_told_to_wait_without_a_time_backs_off"),
    ],
    "400 migrate_to_chat_id": [
        (TOPICS, "test_migrate_to_chat_id"),
        (TROUBLE, "test_the_bot_stays_in_its_group_after_it_moved_and_leaves_others"),
    ],
    "403 bot was blocked by the user": [
        (REFUSALS, "test_403_blocked"),
        (REFUSALS, "test_403_blocked_while_answers_wait"),
        (DELIVERY, "test_a_customer_who_blocked_the_bot_is_marked_and_reached_again"),
        (TROUBLE, "test_a_customer_who_blocks_is_shown_and_comes_back"),
    ],
    "403 user is deactivated": [(REFUSALS, "test_403_deactivated_and_400_chat_not_found")],
    "403 kicked, not a member, group deleted": [
        (REFUSALS, "test_403_kicked"),
        (REFUSALS, "test_403_kicked_and_let_in_unnoticed"),
    ],
    "400 not enough rights, CHAT_WRITE_FORBIDDEN": [
        (REFUSALS, "test_400_not_enough_rights"),
        (REFUSALS, "test_400_not_enough_rights_until_they_are_given"),
    ],
    "400 chat not found, 403 can't initiate conversation": [
        (REFUSALS, "test_403_deactivated_and_400_chat_not_found"),
        (SENDING, "test_a_chat_that_never_began"),
    ],
    "400 message thread not found, TOPIC_DELETED": [
        (TROUBLE, "test_nothing_said_is_lost_and_order_is_kept"),
        (TROUBLE, "test_a_new_topic_deleted_before_its_words_came"),
        (TOPICS, "test_400_message_thread_not_found_and_none_can_be_made"),
        (TOPICS, "test_a_first_topic_that_cannot_be_made"),
        (TOPICS, "test_words_decided_in_the_moment_in_which_their_topic_fails"),
    ],
    "TOPIC_CLOSED": [(TROUBLE, "test_nothing_said_is_lost_and_order_is_kept")],
    "200 but wrong thread": [(TOPICS, "test_200_but_wrong_thread")],
    "400 message is not modified": [(REFUSALS, "test_400_message_is_not_modified")],
    "400 message to edit not found, can't be edited": [(REFUSALS, "test_400_edit_gone")],
    "400 message to be replied not found": [(REFUSALS, "test_400_message_to_be_replied_not_found")],
    "400 can't parse entities": [(REFUSALS, "test_400_cant_parse_entities")],
    "400 message or caption is too long": [
        (REFUSALS, "test_400_too_long_keeps_entities_over_their_words"),
        (REFUSALS, "test_400_caption_is_too_long"),
        (f"{DIALOGUES}/test_bad_input.py", "test_long_words_reach_agents_and_customers_whole"),
    ],
    "400 message text is empty": [
        (REFUSALS, "test_400_message_text_is_empty"),
        ("tests/handlers/test_recording.py", "test_a_text_in_which_there_is_nothing_to_see_is_refused"),
    ],
    "400 query is too old": [(REFUSALS, "test_400_query_is_too_old")],
    "400 wrong file_id, file is too big, 413": [(REFUSALS, "test_413_and_wrong_file")],
    "401, 404 on method": [
        (WAITS, "test_401_and_404"),
        (DELIVERY, "test_a_wrong_token_ends_the_start_with_a_clear_sentence"),
    ],
    "409 Conflict": [(WAITS, "test_409_conflict"), (SENDING, "test_another_program_polls_the_same_bot")],
    "DNS, connect refused, TLS": [
        (WAITS, "test_not_sent"),
        (WAITS, "test_not_sent_until_nobody_wants_it"),
        (DELIVERY, "test_telegram_away_at_the_start_keeps_the_web_and_comes_back"),
    ],
    "read timeout, reset, 5xx, HTML 502, kill in sending": [
        (MAYBE, "test_maybe_sent"),
        (MAYBE, "test_maybe_sent_kill"),
        (DELIVERY, "test_an_answer_that_may_not_have_arrived_is_repeated_once"),
        (DELIVERY, "test_an_answer_that_arrived_behind_a_broken_line_is_doubled_at_most_once"),
        (TROUBLE, "test_an_agents_words_are_not_repeated_by_themselves"),
    ],
    "200 undecodable": [
        (MAYBE, "test_200_undecodable"),
        (OUTCOMES, "test_a_message_number_is_dug_out_of_an_answer_that_broke_off"),
    ],
}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_test(row: str) -> None:
    for file, name in ROWS[row]:
        assert name in functions_of(ROOT / file), f"{file} has no {name}"


def functions_of(file: Path) -> set[str]:
    found = ast.parse(file.read_text("utf-8")).body
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
