"""What people do on their side of Telegram, and what a test may order or look at.

Every act takes and returns JSON values, so that it works alike inside one process and over HTTP.
Importing this package registers them all.
"""

from tests.telegram.acts import groups, talking, trouble, watching

__all__ = ["groups", "talking", "trouble", "watching"]
