"""The trained part: which entry a question belongs to, given how alike it is to each phrasing.

Kernel logistic regression: an entry's score is a weighted sum of likenesses to all phrasings, those of other entries
counting against it, so that what sets entries apart weighs more than what they share. On splits of BANKING77 and
CLINC150 with ten phrasings an entry this is worth ten points over the nearest phrasing.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]

OUTSIDE = np.iinfo(np.intp).max
"""The owner of what no entry is about; greater than any entry, so that owners can ascend."""
SHARPNESS = 20.0
"""Likenesses of 0..1 times this are what the regression sees; 10 to 100 do alike."""
RIDGE = 0.05
"""How strongly weights are held down; .01 to .5 do alike."""
STEPS = 40
"""Half as many cost two points on ten phrasings an entry; twice as many add nothing."""


def train(likeness: Floats, owners: Numbers, entries: int, steps: int = STEPS) -> Floats:
    """Weights (phrasings × entries) from the likeness of all phrasings to each other and the entry of each; phrasings
    of OUTSIDE belong to none.

    Nesterov's accelerated gradient in the space that the kernel spans; deterministic.
    """
    kernel = likeness.astype(np.float32) * np.float32(SHARPNESS)
    right = np.zeros((len(owners), entries), np.float32)
    ours = np.flatnonzero(owners != OUTSIDE)
    right[ours, owners[ours]] = 1.0
    bound = np.float32(0.5 * _largest_eigenvalue(kernel) + RIDGE)
    weights, ahead = np.zeros_like(right), np.zeros_like(right)
    for step in range(steps):
        gradient = shares(kernel @ ahead) - right + np.float32(RIDGE) * ahead
        moved = np.asarray(ahead - gradient / bound, np.float32)
        ahead = np.asarray(moved + np.float32(step / (step + 3)) * (moved - weights), np.float32)
        weights = moved
    return np.asarray(weights * np.float32(SHARPNESS), np.float32)


def shares(scores: NDArray[np.floating]) -> Floats:
    """Scores (questions × entries) as each entry's share; what is missing to one is the share of "none of them".

    "None" has the score 0, which is what a question unlike all phrasings gives to every entry.
    """
    highest = scores.max(axis=1, keepdims=True, initial=0)
    raised = np.exp(scores - highest)
    return np.asarray(raised / (raised.sum(axis=1, keepdims=True) + np.exp(-highest)), np.float32)


def _largest_eigenvalue(kernel: Floats) -> float:
    """By power iteration; a few rounds bound the step well enough."""
    vector = np.full(len(kernel), 1 / np.sqrt(len(kernel)), np.float32)
    length = 1.0
    for _ in range(12):
        vector = kernel @ vector
        length = float(np.linalg.norm(vector)) or 1.0
        vector = vector / np.float32(length)
    return length
