"""What there is to tell of an order, in the customer's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, tzinfo

from crm_store.models import Order
from faq.traditional import to_simplified
from support.words.texts import Texts
from support.words.times import day

NOON = time(12)
"""The hour given to an order of which only the day is known."""

STATUS_COLUMNS = ("status", "order status", "状态", "订单状态")
"""What shops call the column of an orders file, in small letters and simplified Chinese."""

_SAID: Mapping[str, str] = {
    "paid": "paid|payment received|已付款|已支付|付款成功|已付",
    "packed": "packed|packaged|ready to ship|已打包|已包装|待发货|备货中",
    "shipped": "shipped|dispatched|sent|in transit|on its way|已发货|已出货|已寄出|运输中|配送中",
    "delivered": "delivered|received|已送达|已签收|已收货|已到货",
    "returned": "returned|已退货|已退回",
    "cancelled": "cancelled|canceled|已取消|取消",
}
_STATUS = {words: status for status, said in _SAID.items() for words in said.split("|")}


def order_label(order: Order) -> str:
    """How a button names the order."""
    return f"{order.external_id} · {order.product}" if order.product else order.external_id


def order_day(order: Order, language: str, timezone: tzinfo, now: datetime) -> str:
    """The day of the order: "3 November", 11 月 3 日; with its year if that is not the present one."""
    return day(datetime.combine(order.date, NOON, timezone), language, timezone, now)


def order_status(texts: Texts, order: Order, language: str) -> str | None:
    """How far the order is, by the shop's own column; a word that we do not know is told as it stands."""
    said = _column(order.attributes, STATUS_COLUMNS)
    status = _STATUS.get(_folded(said))
    return texts.say(language, f"customer.order.status.{status}") if status else said or None


def _column(attributes: Mapping[str, object] | None, names: tuple[str, ...]) -> str:
    """The first of these columns that says anything."""
    told = {_folded(name): str(value).strip() for name, value in (attributes or {}).items() if value is not None}
    return next((told[name] for name in names if told.get(name)), "")


def _folded(words: str) -> str:
    return " ".join(to_simplified(words).casefold().replace("_", " ").split())
