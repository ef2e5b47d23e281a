"""Rows of test_messages.py for PartiQL: source, method, request and message. The sources are explained there.

"conformance": tests/tier3/error-messages/partiqlGrammar.test.ts and partiqlFunctions.test.ts, and tests/tier2/partiql.
"local": DynamoDB Local has one message for all statements that it cannot parse, which ends with the statement. AWS's
messages for them end with a detail; those that no public source has are "unknown".
"""

from __future__ import annotations

from typing import Any

from .support import TABLE

CONFORMANCE, QUOTED, LOCAL, UNKNOWN = "conformance", "quoted", "local", "unknown"

Row = tuple[str, str, dict[str, Any], str]

OF_ONE = "WHERE p = 'a' AND s = 1"
KEYED = f"SELECT * FROM {TABLE} {OF_ONE} AND "
LEFTOVER = "Unexpected token after expression"
NO_PATH = "Expected identifier for simple path"
INCOMPLETE = "Where clause does not contain a mandatory equality on all key attributes"
OVERLAP = "Overlapping conditions with range keys are not supported in where clause"
NO_WILDCARD = "Operator or function requires a document path; operator or function: attribute_exists"
RANGE = "magnitude {} than supported range"
OVERFLOW = f"Number overflow. Attempting to store a number with {RANGE.format('larger')}"
UNDERFLOW = f"Number underflow. Attempting to store a number with {RANGE.format('smaller')}"
TABLE_NAME = "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'."
NO_SEQUENCE = (
    "IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq with at "
    "least one member"
)
NO_STRUCT = (
    "Unsupported format in item expression. Please use struct format {...} to express item values for insert statement."
)
TYPES = "[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]"
COUNT = "Incorrect number of operands for operator or function; operator or function: {}, number of operands: {}"


def statement(source: str, text: str, message: str, **more: Any) -> Row:
    """Return the row for a statement."""
    return source, "execute_statement", {"Statement": text, **more}, message


def malformed(source: str, text: str, detail: str) -> Row:
    """Return the row for a statement that cannot be parsed."""
    return statement(source, text, f"Statement wasn't well formed, can't be processed: {detail}")


def where(source: str, condition: str, message: str, **more: Any) -> Row:
    """Return the row for a condition in a statement. @ in the message is the position of @ in the condition."""
    text = KEYED + condition
    if "@" in condition:
        column = text.index("@") + 1
        text = text.replace("@", "")
        message = message.replace("@", f"1:{column}")
    return statement(source, text, message, **more)


def update(source: str, change: str, message: str) -> Row:
    """Return the row for SET. @ is as in `where`."""
    text = f"UPDATE {TABLE} SET {change} {OF_ONE}"
    if "@" in change:
        message = message.replace("@", f"1:{text.index('@') + 1}")
        text = text.replace("@", "")
    return statement(source, text, message)


def insert(source: str, attributes: str, message: str) -> Row:
    """Return the row for INSERT of an item with these attributes. @ is as in `where`."""
    text = f"INSERT INTO {TABLE} VALUE {{'p': 'a', 's': 9{attributes}}}"
    if "@" in attributes:
        message = message.replace("@", f"1:{text.index('@') + 1}")
        text = text.replace("@", "")
    return statement(source, text, message)


def transaction(source: str, message: str, *statements: str) -> Row:
    """Return the row for a transaction."""
    request = {"TransactStatements": [{"Statement": each} for each in statements]}
    return source, "execute_transaction", request, message


def batch(source: str, message: str, *statements: str) -> Row:
    """Return the row for a batch."""
    return source, "batch_execute_statement", {"Statements": [{"Statement": each} for each in statements]}, message


GRAMMAR = [
    *(
        malformed(CONFORMANCE, text, LEFTOVER)
        for text in (
            f"{KEYED}n = 1 foo",
            f"{KEYED}n = 1 e5",
            f"INSERT INTO {TABLE} VALUE {{'p': 'a', 's': 9}} foo",
            f"INSERT INTO {TABLE} t VALUE {{'p': 'a', 's': 9}}",
            f"UPDATE {TABLE} SET a = 9 {OF_ONE} foo",
            f"DELETE FROM {TABLE} {OF_ONE} foo",
            f"{KEYED}n = 1)",
            f"DELETE FROM {TABLE} {OF_ONE} ORDER BY p",
            f"SELECT * FROM {TABLE} ORDER BY p WHERE p = 'a'",
            f"FROM {TABLE} SET c = 1 {OF_ONE}",
        )
    ),
    *(
        malformed(CONFORMANCE, KEYED + condition, "")
        for condition in ("n = 1e2147483648", "n = 1e99999999999", "n = 1.5e-2147483647", "n = 1 # x", "n = 1 /* x")
    ),
    *(
        malformed(CONFORMANCE, text, "Unexpected term")
        for text in (
            f"SELECT * FROM {TABLE} WHERE",
            f"SELECT * FROM {TABLE} WHERE;",
            f"UPDATE {TABLE} SET a = 1 WHERE  ",
            f"DELETE FROM {TABLE} WHERE",
            f"SELECT * FROM {TABLE} WHERE NOT",
            f"SELECT * FROM {TABLE} WHERE (",
            "SELECT * FROM nowhere WHERE",
            "SELECT * FROM",
        )
    ),
    malformed(CONFORMANCE, f"{KEYED}n = 1 AND", "Missing right-hand side expression of infix operator"),
    malformed(CONFORMANCE, f"{KEYED}n = 1 OR", "Missing right-hand side expression of infix operator"),
    malformed(CONFORMANCE, f"SELECT * FROM {TABLE} WHERE ORDER BY p", "Unexpected keyword"),
    malformed(CONFORMANCE, f"{KEYED}x IS FOO", "Expected type name"),
    malformed(CONFORMANCE, f"SELECT * FROM {TABLE} WHERE IS NULL", "Unexpected operator"),
    malformed(CONFORMANCE, f"SELECT * FROM {TABLE} WHERE p = LIKE", "Unexpected operator"),
    *(
        malformed(CONFORMANCE, text, NO_PATH)
        for text in ("DELETE FROM", "DELETE FROM  ", "DELETE FROM;", "DELETE FROM WHERE p = 'a'")
    ),
    malformed(CONFORMANCE, f"SLECT * FROM {TABLE}", "Expected data manipulation"),
    # awsdocs/aws-sdk-for-javascript-v3, issue 98.
    malformed(QUOTED, "UPDATE Payment-x SET active=? WHERE id=?", "Expected data manipulation"),
    # passren/PyDynamoDB, issue 26.
    malformed(QUOTED, "INSERT INTO urls KEY", "Unexpected keyword"),
    malformed(CONFORMANCE, f"{KEYED}attribute_exists(m.inner)", "Invalid path dot component"),
    malformed(UNKNOWN, f"SELECT p SET FROM {TABLE}", "Expected FROM"),
    malformed(UNKNOWN, f"UPDATE {TABLE} SET a 1", "Expected '=' in SET"),
    malformed(UNKNOWN, f"{KEYED}n BETWEEN 1 OR 2", "Expected AND after BETWEEN"),
    malformed(UNKNOWN, f"{KEYED}l['x' = 1", "Expected RIGHT_BRACKET"),
    malformed(UNKNOWN, f"{KEYED}l[x] = 1", "Unexpected path component"),
    malformed(UNKNOWN, f"{KEYED}m = {{'x': 1", "Expected RIGHT_CURLY"),
    malformed(UNKNOWN, f"{KEYED}m = {{'x' 1}}", "Expected COLON"),
    malformed(QUOTED, f"{KEYED}(n = 1", "Expected RIGHT_PAREN"),  # a change log of a database client
    *(
        statement(CONFORMANCE, text, "Aliasing is not supported")
        for text in (
            f"SELECT * FROM {TABLE} t {OF_ONE}",
            f"SELECT * FROM {TABLE} AS t {OF_ONE}",
            f"UPDATE {TABLE} t SET a = 3 {OF_ONE}",
            f"DELETE FROM {TABLE} t {OF_ONE}",
        )
    ),
    statement(LOCAL, f"SELECT p AS q FROM {TABLE}", "Aliasing is not supported"),
    where(CONFORMANCE, "n = 1e126", f"{OVERFLOW} under root"),
    where(CONFORMANCE, "n = 1e-131", f"{UNDERFLOW} under root"),
    where(
        CONFORMANCE,
        f"n = {'1' * 39}",
        "Attempting to store more than 38 significant digits in a Number under root",
    ),
    insert(CONFORMANCE, ", 'x': 1e126", f"{OVERFLOW} under root"),
    update(CONFORMANCE, "a = 1e-131", f"{UNDERFLOW} under root"),
    insert(CONFORMANCE, ", 'm': {'x': 1e126}", f"{OVERFLOW} under root.x"),
    insert(CONFORMANCE, ", 'l': [1, 1e126]", f"{OVERFLOW} under root[1]"),
]

CONDITIONS = [
    where(CONFORMANCE, "attribute_exists('ss')", NO_WILDCARD),
    where(CONFORMANCE, "attribute_exists(?)", NO_WILDCARD, Parameters=[{"S": "ss"}]),
    where(CONFORMANCE, "attribute_exists()", COUNT.format("attribute_exists", 0)),
    where(CONFORMANCE, "attribute_exists(ss, ns)", COUNT.format("attribute_exists", 2)),
    where(CONFORMANCE, "@EXISTS(ss)", "Unrecognized function: exists at @:6"),
    where(CONFORMANCE, "@set_add(ss, <<'x'>>) = ss", "Unrecognized function: set_add at @:7"),
    *(
        where(
            CONFORMANCE,
            f"x {operator} ?",
            f"Incorrect operand type for operator or function; operator or function: {operator}, operand type: BOOL",
            Parameters=[{"BOOL": True}],
        )
        for operator in ("<", "<=", ">", ">=")
    ),
    where(LOCAL, "list_append(a, b)", "The function is not allowed in a condition expression; function: list_append"),
    where(LOCAL, "n LIKE 'x'", "Unsupported operator in Condition Expression. Operator: like"),
    where(LOCAL, "n = 10 * 10", "Unsupported operator in Condition Expression. Operator: *"),
    where(LOCAL, "n = -x", COUNT.format("-", 1)),
    where(LOCAL, "n = MISSING", "MISSING must be compared using IS operator"),
    where(LOCAL, "n IN []", NO_SEQUENCE),
    where(LOCAL, "n IN ?", NO_SEQUENCE, Parameters=[{"L": []}]),
    where(
        LOCAL,
        f"n IN [{', '.join(['1'] * 101)}]",
        "The IN operator is provided with too many operands; number of operands: 101",
    ),
    where(
        LOCAL,
        "n @IS INTEGER",
        f"Unsupported data type for IS operator: INTEGER. Supported data types are {TYPES} at @:2",
    ),
    where(
        LOCAL,
        "size(n) IS NULL",
        "The left hand side argument to IS must be a Variable Reference, Literal, or Path",
    ),
    where(LOCAL, "n", "WHERE clause must contain an expression that resolves to a boolean"),
    where(LOCAL, "m.@* = 1", "Unpivot path component like a.*.b are not supported at @:1"),
    where(LOCAL, "l[@*] = 1", "Wildcard path component like a[*].b are not supported at @:1"),
    where(LOCAL, "l[-@1] = 1", "List index is not within the allowable range; index: [-1] at @:1"),
    where(LOCAL, 'n."" = 1', "Path component cannot be an empty string"),
    where(LOCAL, "foo(n)", f"Unrecognized function: foo at 1:{len(KEYED) + 1}:3"),
    where(LOCAL, "n = <<1, 'x'>>", f"Unsupported data type in Bag. DynamoDB only supports either "
          f"numbers or strings in bags at 1:{len(KEYED) + 10}:3"),
    where(CONFORMANCE, "ss = <<>>", "Empty bags are not supported"),
    where(LOCAL, "n = ?", "Number of parameters in request and statement don't match."),
    where(UNKNOWN, "n = 1", "Number of parameters in request and statement don't match.", Parameters=[{"S": "a"}]),
]  # fmt: skip

SELECT = [
    statement(
        CONFORMANCE, f"SELECT attribute_exists(x) FROM {TABLE}", "Unexpected path component at 1:8:16"
    ),
    statement(LOCAL, f"SELECT n + 1 FROM {TABLE}", "Unexpected path component at 1:10:1"),
    *(
        statement(LOCAL, f"SELECT COUNT(*){rest}", "Unexpected path component at 1:8:5")
        for rest in (
            f" FROM {TABLE}", f", n FROM {TABLE}", f' FROM {TABLE}."by-g"', f' FROM {TABLE}."no"', ' FROM nope."by-g"',
        )
    ),
    statement(LOCAL, f"SELECT VALUE n FROM {TABLE}", "Select projection doesn't support value or pivot keywords"),
    statement(LOCAL, f"SELECT DISTINCT n FROM {TABLE}", "Unsupported token in expression: DISTINCT"),
    statement(LOCAL, f"SELECT m.x, n.x FROM {TABLE}", "Duplicate identifiers in select clause: x"),
    statement(LOCAL, f"SELECT n FROM {TABLE}, flat", "Only select from a single table or index is supported."),
    statement(LOCAL, f"SELECT n FROM {TABLE} GROUP BY n", "Unsupported clause: GROUP BY"),
    statement(LOCAL, f"SELECT n FROM {TABLE} LIMIT 1", f"Unsupported clause: LIMIT at 1:{len(TABLE) + 22}:1"),
    statement(LOCAL, "SELECT n FROM 'x'", "Unexpected from source"),
    statement(LOCAL, f"SELECT n FROM {TABLE}[0]", "Invalid list expression in source."),
    statement(LOCAL, f"SELECT n FROM {TABLE}.x.y", "A path may contain at most 2 components in the FROM clause"),
    statement(LOCAL, 'SELECT n FROM "a b"', TABLE_NAME),
    statement(
        CONFORMANCE,
        f'SELECT x, n FROM {TABLE}."keys-g"',
        "One or more parameter values were invalid: Global secondary index keys-g does not project [n, x]",
    ),
    *(
        statement(CONFORMANCE, f"SELECT p FROM {TABLE} WHERE p = 'a' AND x {operator} 1 OR p = 'a' AND s = 2", OVERLAP)
        for operator in ("=", "<>")
    ),
    statement(
        LOCAL,
        f"SELECT * FROM {TABLE} WHERE p = 1",
        "Key attribute's data type should match its data type in table's schema: Key p",
    ),
    statement(
        UNKNOWN,
        f"SELECT * FROM {TABLE} WHERE p IN [{', '.join(repr(str(number)) for number in range(51))}]",
        "Too many decomposed read operations for a given query.",
    ),
    statement(
        LOCAL,
        f"SELECT * FROM {TABLE} ORDER BY s",
        "Must have WHERE clause in the statement when using ORDER BY clause.",
    ),
    statement(
        LOCAL,
        f"SELECT * FROM {TABLE} WHERE n = 1 ORDER BY s",
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
    ),
    statement(
        UNKNOWN,
        f"SELECT * FROM {TABLE} WHERE p IN ['a', 'b'] ORDER BY s",
        "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.",
    ),
    statement(
        LOCAL,
        f"SELECT * FROM {TABLE} WHERE p = 'a' ORDER BY n",
        "Variable reference n in ORDER BY clause must be part of the primary key",
    ),
    statement(
        LOCAL,
        f"SELECT * FROM {TABLE} WHERE p = 'a' ORDER BY s.x",
        "Argument to ORDER BY must be of type VariableReference. Type: PATH",
    ),
    statement(LOCAL, f"SELECT * FROM {TABLE}", "Invalid NextToken", NextToken="x"),
    # aws/aws-sdk-js-v3, issue 4424.
    statement(
        QUOTED,
        f"SELECT * FROM {TABLE}",
        "NextToken does not match request",
        NextToken="eyJzdGF0ZW1lbnQiOiJ4IiwicmFuZ2UiOjAsImtleSI6bnVsbH0=",
    ),
]  # fmt: skip

WRITES = [
    statement(LOCAL, f"INSERT INTO {TABLE} VALUE {{'p': 'a', 's': 1}}", "Duplicate primary key exists in table"),
    statement(
        LOCAL,
        f"INSERT INTO {TABLE} VALUE {{'p': 'a'}}",
        "Key attribute should be present in the item: Key s",
    ),
    statement(LOCAL, f"INSERT INTO {TABLE} VALUES ('a')", "Unsupported operation: InsertOp"),
    statement(LOCAL, f"INSERT INTO {TABLE} VALUE 1", f"{NO_STRUCT} at 1:{len(TABLE) + 20}:1"),
    statement(
        LOCAL, f"INSERT INTO {TABLE} VALUE {{'p': 'a'}} AT 1", "AT is not supported in insert statements. at 1:1:6"
    ),
    statement(
        LOCAL, f"INSERT INTO {TABLE} VALUE {{'p': 'a'}} RETURNING ALL OLD *", "RETURNING is not supported in INSERT"
    ),
    statement(
        LOCAL,
        f"INSERT INTO {TABLE}.x VALUE {{'p': 'a'}}",
        "FROM clause may only contain a single table name in data manipulation statements",
    ),
    insert(LOCAL, ", @'p': 'b'", "Duplicate keys in tuple. Key: p under root at @:3"),
    insert(LOCAL, ", @p: 'b'", "Tuple keys must be of type String. Actual type: VariableReference under root at @:1"),
    insert(LOCAL, ", 'x': @n", "Unsupported data type: n under key root at @:1"),
    insert(LOCAL, ", 'x': 1@+1", "Unsupported data type: + under key root at @:1"),
    insert(
        CONFORMANCE,
        ", 'ss': @set_add(<<'a'>>, <<'b'>>)",
        "Unsupported data type: set_add under key root at @:7",
    ),
    statement(CONFORMANCE, f"DELETE FROM {TABLE} WHERE n = 1", INCOMPLETE),
    statement(CONFORMANCE, f"FROM {TABLE} SET c = 1", INCOMPLETE),
    statement(CONFORMANCE, f"FROM {TABLE} REMOVE a", INCOMPLETE),
    statement(CONFORMANCE, f"FROM {TABLE} WHERE a = 1 SET c = 1", INCOMPLETE),
    statement(
        LOCAL,
        f"DELETE FROM {TABLE} {OF_ONE} AND s = 2",
        "Multiple conditions on same key s. Only single item Update/Insert/Delete are supported",
    ),
    statement(LOCAL, f'DELETE FROM {TABLE}."by-g" {OF_ONE}', "This operation is not supported on an index"),
    statement(
        CONFORMANCE,
        f"DELETE FROM {TABLE} {OF_ONE} RETURNING MODIFIED OLD *",
        "Invalid returning clause: RETURNING MODIFIED OLD *. "
        "Only RETURNING ALL OLD * is allowed in DELETE statements.",
    ),
    statement(
        LOCAL,
        f"UPDATE {TABLE} REMOVE n {OF_ONE} RETURNING ALL NEW n",
        "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause",
    ),
    statement(
        LOCAL,
        f"UPDATE {TABLE} REMOVE n {OF_ONE} RETURNING ALL NEW *, ALL OLD *",
        "Invalid syntax with multiple returning elements in RETURNING clause",
    ),
    update(
        CONFORMANCE,
        "t = @set_add(ss, <<'x'>>)",
        "The first argument to SET_ADD must equal the assignment value at @:7",
    ),
    update(
        CONFORMANCE,
        "t = @set_delete(ss, <<'a'>>)",
        "The first argument to SET_DELETE must equal the assignment value at @:10",
    ),
    update(
        CONFORMANCE,
        "ss = set_add(@ss, 'x')",
        "The second argument to SET_ADD must be a value with type SET at @:2",
    ),
    update(CONFORMANCE, "ss = @set_add(ss)", "SET_ADD must have exactly two arguments at @:7"),
    update(
        CONFORMANCE,
        "ss = set_add(ss, <<'x', 'x'>>)",
        "One or more parameter values were invalid: Input collection [x, x] contains duplicates.",
    ),
    update(CONFORMANCE, "ss = set_add(ss, <<>>)", "Empty bags are not supported"),
    update(CONFORMANCE, "gone[0] = 'x'", "The document path provided in the update expression is invalid for update"),
    update(LOCAL, "n = size(n)", "The function is not allowed in an update expression; function: size"),
    update(LOCAL, "n = n * 2", "Unsupported operator in Update Expression. Operator: *"),
    update(UNKNOWN, "n = (x = 1)", "Unsupported operator in Update Expression. Operator: ="),
    update(
        LOCAL,
        "n = 1, n = 2",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
        "path one: [n], path two: [n]",
    ),
    statement(CONFORMANCE, f"UPDATE {TABLE} SET n = 1 {OF_ONE} AND n = 99", "The conditional request failed"),
    statement(CONFORMANCE, f"FROM nowhere {OF_ONE} SET c = 1", "Requested resource not found"),
]  # fmt: skip

READ = f"SELECT * FROM {TABLE} {OF_ONE}"
CHANGE = f"UPDATE {TABLE} SET z = 1 WHERE p = 'b' AND s = 2"
EXISTS = f"EXISTS({READ}{{}})"
FAILED = "Validation failed in TransactStatements[{}]: {}"

SEVERAL = [
    *(
        statement(CONFORMANCE, f'SELECT * FROM {TABLE}."{name}"', message, ConsistentRead=True)
        for name, message in (
            ("by-g", "Strongly consistent read is not supported on Global Secondary Indexes"),
            ("none", "The table does not have the specified index"),
        )
    ),
    *(
        statement(
            CONFORMANCE,
            f'SELECT {projection} FROM many."many"{rest}',
            "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE "
            "keys.",
        )
        for projection in ("*", "COUNT(*)")
        for rest in ("", " WHERE g = 'x' AND h = 'x'", " WHERE g = 5", " WHERE k = 'x'", " WHERE g = 'x' ORDER BY a")
    ),
    statement(LOCAL, EXISTS.format(" AND n = 1"), "EXISTS can only be used in ExecuteTransaction write requests."),
    transaction(
        CONFORMANCE,
        FAILED.format(0, "EXISTS() must contain a single item read with additional condition"),
        EXISTS.format(""),
        CHANGE,
    ),
    transaction(
        LOCAL,
        FAILED.format(1, "Operations on indices are not supported in transactions"),
        CHANGE,
        f'EXISTS(SELECT * FROM {TABLE}."by-g" WHERE g = 1)',
    ),
    transaction(
        CONFORMANCE,
        FAILED.format(
            0, "Select statements within ExecuteTransaction must specify the primary key in the where clause."
        ),
        f"{KEYED}attribute_exists(ss)",
    ),
    transaction(
        CONFORMANCE,
        FAILED.format(0, "Statement wasn't well formed, can't be processed: Unexpected term"),
        f"SELECT * FROM {TABLE} WHERE",
    ),
    transaction(
        CONFORMANCE,
        FAILED.format(0, "Reads on indices are not supported within transactions."),
        f"SELECT * FROM {TABLE}.\"by-g\" WHERE g = 'x'",
    ),
    transaction(
        CONFORMANCE,
        FAILED.format(0, "RETURNING clause is not supported in ExecuteTransaction."),
        f"{CHANGE} RETURNING ALL NEW *",
    ),
    transaction(
        LOCAL,
        "ExecuteTransaction API does not support both read and write operations in the same request.",
        READ,
        CHANGE,
    ),
    batch(LOCAL, "Read and write requests together in the same batch is not supported.", READ, CHANGE),
    batch(LOCAL, "Provided list of item keys contains duplicates", READ, READ),
]

PARTIQL = [*GRAMMAR, *CONDITIONS, *SELECT, *WRITES, *SEVERAL]
