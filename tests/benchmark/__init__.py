"""How fast nodetodo is, as ratios of one run: `make bench`, or `python -m tests.benchmark start-up memory …` for parts.

Nothing here is a test: a machine is busier at one moment than at the next, so figures are printed beside their limits
and never asserted. What is compared runs in turn (A B A B …), and a ratio is the median of those of the single pairs.
"""
