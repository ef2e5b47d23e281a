"""How many examples are drawn, and which: the same few for the gate, more and others where the environment asks.

NODETODO_WITNESS_EXAMPLES is the number of sequences that are compared, to which the other tests are in proportion;
NODETODO_WITNESS_SEED draws others. A failing example is shown as it was drawn, for shrinking it takes minutes:
NODETODO_WITNESS_SHRINK=1 does so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings

EXAMPLES = int(os.environ.get("NODETODO_WITNESS_EXAMPLES", "200"))
SEED = int(os.environ.get("NODETODO_WITNESS_SEED", "1"))
PHASES = [Phase.generate, *([Phase.shrink] if os.environ.get("NODETODO_WITNESS_SHRINK") else [])]


def examples(share: float = 1.0) -> Callable[[Any], Any]:
    """Draw so many times EXAMPLES; none has a deadline, for it takes as long as its requests."""
    drawn = settings(
        max_examples=max(1, round(EXAMPLES * share)),
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    return lambda test: hypothesis.seed(SEED)(drawn(test))
