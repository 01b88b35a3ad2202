"""What the Bot API can be asked to do; importing this package registers every method."""

from tests.telegram.methods import editing, places, receiving, sending, topics

__all__ = ["editing", "places", "receiving", "sending", "topics"]
