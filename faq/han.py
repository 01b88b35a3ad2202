"""Chinese characters, wherever a text is told apart by script."""

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""For a regular expression's brackets: 〇, the unified ideographs with all their extensions, the compatibility ones."""

CJK = f"\u3040-\u30ff{HAN}"
"""The same with kana: characters that are written without spaces between words."""
