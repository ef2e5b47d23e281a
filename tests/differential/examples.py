"""The number of random examples. By default every run draws the same examples.

NODETODO_DIFFERENTIAL_EXAMPLES: the number of sequences to compare; the other tests draw in proportion. Default: 200.
NODETODO_DIFFERENTIAL_SEED: another seed draws other examples. Default: 1.
NODETODO_DIFFERENTIAL_SHRINK=1: shrink a failing example, which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings

EXAMPLES = int(os.environ.get("NODETODO_DIFFERENTIAL_EXAMPLES", "200"))
SEED = int(os.environ.get("NODETODO_DIFFERENTIAL_SEED", "1"))
PHASES = [Phase.generate, *([Phase.shrink] if os.environ.get("NODETODO_DIFFERENTIAL_SHRINK") else [])]


def examples(share: float = 1.0) -> Callable[[Any], Any]:
    """Decorate a test to draw `share` times EXAMPLES examples, without a deadline."""
    draw = settings(
        max_examples=max(1, round(EXAMPLES * share)),
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    return lambda test: hypothesis.seed(SEED)(draw(test))
