"""A process that kills itself while it creates a backup or restores a table.

`python -m tests.embedded.killed_backup FILE TABLE MOMENT STEP`. MOMENT: create or restore. STEP: it is killed before
the audit event with this number after the operation began. Python raises such an event for each system call on files
and for each connection to SQLite. A copy of the rows of a table
or an index is a step too.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from nodetodo import embedded
from nodetodo.embedded.storage.statements import Storage


def main(path: str, table: str, moment: str, step: str) -> None:
    client = embedded.connect(path)
    remaining = int(step)
    begun = False

    def count(*_: Any) -> None:
        nonlocal remaining
        if begun:
            remaining -= 1
            if remaining == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    copy_space: Any = Storage._copy_space

    def counted(*arguments: Any) -> Any:
        count()
        return copy_space(*arguments)

    setattr(Storage, "_copy_space", counted)  # noqa: B010 - the type checker rejects the assignment of a method
    # Everything is imported before, so that the steps are those of the operation.
    arn = f"arn:aws:dynamodb:embedded:000000000000:table/{table}/backup/kept"
    client.list_backups(TableName=table)
    begun = True
    if moment == "create":
        client.create_backup(TableName=table, BackupName="new")
    else:
        client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)


if __name__ == "__main__":
    main(*sys.argv[1:])
