"""Words that must stay on one line."""


def shortened(text: str, length: int) -> str:
    """One line of at most so many characters; an ellipsis stands for what is left out."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
