"""DynamoDB's limits and unit sizes.

Source, except where a comment names another one: "Quotas in Amazon DynamoDB", developer guide. KB and MB are powers of
1,024.
"""

# Capacity units ("DynamoDB read and write operations", developer guide)
READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024

# Throughput per second and size of a partition ("Partitions and data distribution", "Best practices for designing and
# using partition keys effectively", developer guide)
PARTITION_READ_UNITS = 3000
PARTITION_WRITE_UNITS = 1000
PARTITION_GB = 10

# Pages of Query and Scan
PAGE_BYTES = 1_048_576

# Items and attribute values
ITEM_BYTES = 409_600
ATTRIBUTE_NAME_BYTES = 65_535
PARTITION_KEY_BYTES = 2048
SORT_KEY_BYTES = 1024
NESTING_LEVELS = 32  # of lists and maps; the item itself is the first level

# Numbers: significant digits, and 0.digits x 10 ** point. AWS's range is 1E-130 to 9.99...9E+125.
NUMBER_DIGITS = 38
MIN_NUMBER_POINT = -129
MAX_NUMBER_POINT = 126

INTEGER = 2**31 - 1  # of a parameter that is an integer, such as ReadCapacityUnits

# Expressions
EXPRESSION_BYTES = 4096
EXPRESSION_OPERATORS = 300
IN_OPERANDS = 100

# Batches (API reference)
BATCH_GET_ITEMS = 100
BATCH_GET_BYTES = 16 * 1024 * 1024  # of a response; the other keys are in UnprocessedKeys
BATCH_WRITE_ITEMS = 25

# Transactions (API reference of TransactWriteItems)
TRANSACTION_ITEMS = 100
TRANSACTION_BYTES = 4 * 1024 * 1024
TOKEN_SECONDS = 600  # validity of a ClientRequestToken
TOKEN_LENGTH = 36

# PartiQL (API reference of ExecuteStatement and BatchExecuteStatement; "PartiQL arithmetic, comparison, and logical
# operators for DynamoDB", developer guide)
STATEMENT_LENGTH = 8192
BATCH_STATEMENTS = 25
PARTITIONS_IN_STATEMENT = 50
READS_PER_PAGE = 10  # of a statement that reads several partitions or several ranges of one

# Tables
NAME_LENGTH = 255  # of a table or an index
MIN_NAME_LENGTH = 3
TABLES_PER_PAGE = 100  # of ListTables (API reference)
# The units a second that a new table on demand supports ("DynamoDB on-demand capacity mode", developer guide)
ON_DEMAND_READ_UNITS = 12_000
ON_DEMAND_WRITE_UNITS = 4_000
INDEXES_PER_TABLE = 20  # global ones
LOCAL_INDEXES_PER_TABLE = 5
KEY_ATTRIBUTES = 4  # in each part of the key of a global index ("Using global secondary indexes", developer guide)
ITEM_COLLECTION_BYTES = 10 * 1024**3  # of a table with local indexes
RECOVERY_DAYS = 35  # the longest window of point-in-time recovery, and the default (API reference)
RECOVERY_DELAY_SECONDS = 300  # the latest restorable time is that long ago (API reference)
PROJECTED_ATTRIBUTES = 100  # NonKeyAttributes of all indexes of a table

# Settings of tables
TAGS_PER_TABLE = 50  # "Tagging restrictions in DynamoDB", developer guide
TAG_KEY_LENGTH = 128
TAG_VALUE_LENGTH = 256
TIME_TO_LIVE_NAME_LENGTH = 255  # API reference
EXPIRED_SECONDS = 5 * 365 * 86_400  # older items are not deleted ("Using time to live in DynamoDB", developer guide)
ACCOUNT_UNITS = 80_000  # capacity units a second of all provisioned tables, and of one table
TABLE_UNITS = 40_000

# Streams (API reference of DynamoDB Streams)
RECORD_SECONDS = 86_400  # after which records, and streams that were disabled, are removed
ITERATOR_SECONDS = 900  # validity of a shard iterator
RECORDS_PER_PAGE = 1000  # of GetRecords, which also returns at most 1 MB
RECORD_PAGE_BYTES = 1_048_576
STREAMS_PER_PAGE = 100  # of ListStreams, and shards of DescribeStream
