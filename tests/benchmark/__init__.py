"""Measures nodetodo: `make bench`, or `python -m tests.benchmark start-up memory …` for some parts.

This is not a test. Figures are printed beside their limits and not asserted, because the load of a machine varies. Most
are ratios of two processes that run in turn (A B A B …). A ratio is the median of the ratios of the pairs.
"""
