"""The limits and unit sizes of DynamoDB.

Source: AWS's developer guide, "Quotas in Amazon DynamoDB" and "DynamoDB item sizes and formats".
"""

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024
PAGE_BYTES = 1_048_576  # evaluated by one Query or Scan

ITEM_BYTES = 409_600
ATTRIBUTE_NAME_BYTES = 65_535
PARTITION_KEY_BYTES = 2048
SORT_KEY_BYTES = 1024
NESTING_LEVELS = 32  # of lists and maps, and of document paths

EXPRESSION_BYTES = 4096
EXPRESSION_OPERATORS = 300
IN_OPERANDS = 100
