"""New samples from a trained run, as people look at them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from builder.errors import DataError
from builder.train.recipes.options import Draw
from builder.train.trained import Trained

MOST = 4096


def generate(
    trained: Trained,
    *,
    count: int,
    seed: int = 0,
    label: int | None = None,
    settings: Mapping[str, int | float] | None = None,
) -> NDArray[np.float32]:
    """Pictures (count, H, W, C) in 0..1, or numbers (count, F) as a network sees them; the same for the same seed.

    Raises:
        DataError: too many are asked for, or a class there is not.
        TrainError: the recipe makes no new samples, or does not take these settings.
    """
    if not 1 <= count <= MOST:
        raise DataError(f"Ask for 1 to {MOST:,} new samples, not {count:,}.")
    classes = trained.schema.target.labels
    options = trained.recipe.options(trained.project.training)
    if label is not None and not (trained.recipe.can_ask(options) and 0 <= label < len(classes)):
        raise DataError(f"This run cannot make samples of class {label}.")
    made = trained.generate(Draw(count, seed, label, settings or {}))
    shown: NDArray[np.float32] = trained.preparation.pictures(made.float().cpu()).numpy()
    return shown
