"""What cannot be done with customers' records, worded for the log and for whoever asked."""

from __future__ import annotations

from support.errors import DeskError


class UnknownCustomerError(DeskError):
    """There is no such customer."""

    key = "console.identity.unknown"

    def __init__(self, name: object) -> None:
        super().__init__(f"there is no customer {name}")


class OwnerChangedError(RuntimeError):
    """While a customer's copy was made, the chat it is for became another record's. Told in the log only."""

    def __init__(self, contact_id: int) -> None:
        super().__init__(f"contact point {contact_id} became another customer's while a copy was made: it is made anew")


class SameCustomerError(DeskError):
    """A record cannot be merged with itself."""

    key = "console.identity.same"

    def __init__(self, customer_id: int) -> None:
        super().__init__(f"customer {customer_id} cannot be merged with itself")


class ErasedCustomerError(DeskError):
    """Nothing is left of this customer, and nothing may come back."""

    key = "console.identity.erased"

    def __init__(self, customer_id: int) -> None:
        super().__init__(f"customer {customer_id} was erased")


class MergedAlreadyError(DeskError):
    """The record is part of another by now."""

    key = "console.identity.merged"

    def __init__(self, customer_id: int, into_id: int) -> None:
        super().__init__(f"customer {customer_id} was merged into customer {into_id}")


class NotMergedError(DeskError):
    """There is no merge that could be undone; perhaps it was undone already."""

    key = "console.identity.not_merged"

    def __init__(self, name: object) -> None:
        super().__init__(f"no merge of customer {name} holds, so there is none to undo")


class LaterMergeError(DeskError):
    """Merges are taken apart in the opposite order; `merge_id` is the one that comes first."""

    key = "console.identity.later_merge"

    def __init__(self, merge_id: int, gone_id: int, kept_id: int) -> None:
        super().__init__(f"undo a later merge first: that of customer {gone_id} into customer {kept_id}")
        self.merge_id = merge_id


class NotSuggestedError(DeskError):
    """Nothing speaks for these two being one any more."""

    key = "console.identity.not_suggested"

    def __init__(self, one_id: int, other_id: int) -> None:
        super().__init__(f"nothing says that customers {one_id} and {other_id} are the same")


class UnknownFactError(DeskError):
    """There is no such fact, or it is another customer's."""

    key = "console.fact.unknown"

    def __init__(self, fact_id: int) -> None:
        super().__init__(f"there is no fact {fact_id} of this customer")


class DecidedAlreadyError(DeskError):
    """Somebody else decided on the fact meanwhile."""

    key = "console.fact.decided"

    def __init__(self, fact_id: int) -> None:
        super().__init__(f"fact {fact_id} was decided on already")


class UnknownFactKindError(DeskError):
    """A form named a kind of fact that there is not."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"there is no kind of fact named {kind!r}")


class FactTooLongError(DeskError):
    """More than a card has room for."""

    key = "console.fact.too_long"

    def __init__(self, length: int, most: int) -> None:
        super().__init__(f"a fact of {length} characters", most=most)


class NoDueDayError(DeskError):
    """A promise without a day that can be read, or with one that is over."""

    key = "console.fact.no_day"

    def __init__(self) -> None:
        super().__init__("a promise needs a day to come")


class SeveralCustomersError(DeskError):
    """More than one customer has this phone or e-mail; told at a terminal only."""

    def __init__(self, words: str, ids: list[int]) -> None:
        super().__init__(f"{words} belongs to several customers; name one of them: {', '.join(map(str, ids))}")
