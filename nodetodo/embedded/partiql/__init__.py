"""PartiQL: statements become the operations and the expression trees of the other requests.

lexer.py and grammar.py parse a statement into the nodes of nodes.py; tokens.py, values.py and conditions.py have the
parts of the parser. key_access.py finds its key or the ranges of keys that it reads. expressions/translation.py writes
its conditions as those of a request. reads.py and writes.py carry it out, and operations.py has the three operations.
The source of the language is "PartiQL - a SQL-compatible query language for Amazon DynamoDB", developer guide.
"""
