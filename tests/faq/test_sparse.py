"""Sparse rows do as the table of all their numbers would."""

import numpy as np
import pytest
from numpy.typing import NDArray

from faq.sparse import AT_ONCE, Sparse

HEIGHTS = (0, 1, 3, AT_ONCE + 1)


def table(height: int, seed: int = 0) -> NDArray[np.float32]:
    """Mostly 0, with rows and columns that are nothing else."""
    dice = np.random.default_rng(seed)
    numbers = dice.random((height, 9)) * (dice.random((height, 9)) < 0.2)
    numbers[1:2] = 0
    numbers[:, 4] = 0
    return numbers.astype(np.float32)


def sparse(numbers: NDArray[np.float32]) -> Sparse:
    rows, columns = np.nonzero(numbers)
    lengths = np.bincount(rows, minlength=len(numbers))
    return Sparse.of(numbers[rows, columns], columns.astype(np.int32), lengths, numbers.shape[1])


def dense(rows: Sparse) -> NDArray[np.float32]:
    numbers = np.zeros((len(rows), rows.width), np.float32)
    numbers[rows.rows, rows.columns] = rows.values
    return numbers


@pytest.mark.parametrize("height", HEIGHTS)
def test_products(height: int) -> None:
    some, others = table(height), table(7, seed=1)
    assert np.allclose(sparse(some).times_each(sparse(others)), some @ others.T)
    assert np.allclose(sparse(others).times_each(sparse(some)), others @ some.T)
    assert np.allclose(sparse(some).times_themselves(), some @ some.T)
    for row in others:
        assert np.allclose(sparse(some).times(sparse(row[None])), some @ row)


@pytest.mark.parametrize("height", HEIGHTS)
def test_rows_and_columns_change_places(height: int) -> None:
    numbers = table(height)
    wanted = np.arange(9) != 2
    turned = sparse(numbers).turned(wanted)
    assert (dense(turned) == (numbers * wanted).T).all()
    weights = np.arange(9, dtype=np.float32)
    assert np.allclose(turned.sum(weights), (numbers * wanted) @ weights)


@pytest.mark.parametrize("height", HEIGHTS)
def test_rows_are_chosen_and_stacked(height: int) -> None:
    numbers = table(height)
    backwards = np.arange(height)[::-1]
    assert (dense(sparse(numbers).only(backwards)) == numbers[backwards]).all()
    both = Sparse.stacked([sparse(numbers), sparse(table(4))], 9)
    assert (dense(both) == np.vstack([numbers, table(4)])).all()
