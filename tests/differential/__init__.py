"""Compares the embedded engine with a reference engine: DynamoDB Local, or moto if Java or Maven is missing.

1. random_requests.py and random_expressions.py generate sequences of requests with hypothesis, most of them valid.
2. test_differential.py sends each sequence to both engines; requests.py sends and normalizes the responses.
3. comparison.py compares the two outcomes of each request: all pages, or the error code without its message.
4. known_differences.py lists where DynamoDB Local differs from DynamoDB, with sources. Any other difference fails.
   test_known_differences.py checks that the embedded engine follows DynamoDB there.
5. After each sequence both engines must hold the same items and index entries.
The package also fuzzes the engine (test_fuzz.py), kills its writers (test_crash.py) and runs many at once.
"""
