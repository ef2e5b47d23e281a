"""The columns of users, tasks and tables."""

from .. import dates
from ..model import Task
from .table import Column
from .text import DIM, RED, day, plain, printable


def _is_overdue(task: Task, today: int) -> bool:
    return task.completed is None and dates.is_day(task.due) and task.due < today


def _due(task: Task, today: int) -> str:
    return day(task.due) + ("!" if _is_overdue(task, today) else "")


def _due_or_done(task: Task, today: int) -> str:
    return _due(task, today) if task.completed is None else "done"


def _mark(task: Task, today: int) -> str:
    return "!" if _is_overdue(task, today) else "" if task.completed is None else "x"


def _done(task: Task, _today: int) -> str:
    return day(task.completed)


def _dim_if_done(task: Task, _today: int) -> str:
    return DIM if task.completed is not None else ""


def _red_if_overdue(task: Task, today: int) -> str:
    return RED if _is_overdue(task, today) else _dim_if_done(task, today)


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _endings(tasks: list[Task]) -> list[int]:
    from .endings import lengths  # here, because only terminals show them

    return lengths(tasks)


UID = Column("UID", lambda task, _: printable(task.uid), min_width=8, drop_order=4, style=_dim_if_done)
MARK = Column("", _mark, style=_red_if_overdue)
DUE_OR_DONE = Column("DUE", _due_or_done, drop_order=3, style=_red_if_overdue, narrow=MARK)
TASK = [
    Column("TID", lambda task, _: str(task.tid), style=_dim_if_done, endings=_endings),
    Column("DUE", _due, drop_order=2, style=_red_if_overdue, narrow=DUE_OR_DONE),  # replaced when DONE is left out
    Column("CATEGORY", lambda task, _: plain(task.category), min_width=8, drop_order=1, style=_dim_if_done),
    Column("DESCRIPTION", lambda task, _: plain(task.description), min_width=12, style=_dim_if_done),
    Column("DONE", _done, drop_order=2, style=_dim_if_done),
]
USER = [
    Column("UID", lambda user, _: printable(user.uid), min_width=8),
    Column("EMAIL", lambda user, _: plain(user.email), min_width=8),
    Column("PHONE", lambda user, _: plain(user.phone), min_width=8, drop_order=1),
]
LISTS = {"user-ls": USER, "task-ls": TASK, "task-la": [UID, *TASK]}
"""The columns of each list command."""

TABLE_STATUS = [
    Column("TABLE", lambda table, _: table.name),
    Column("STATUS", lambda table, _: printable(", ".join(filter(None, (table.status, table.difference))))),
    Column("ITEMS", lambda table, _: _number(table.items), right=True),
    Column("BYTES", lambda table, _: _number(table.bytes), drop_order=4, right=True),
    Column("BILLING", lambda table, _: table.billing or "-", drop_order=1),
    Column("READ", lambda table, _: _number(table.read), drop_order=2, right=True),
    Column("WRITE", lambda table, _: _number(table.write), drop_order=3, right=True),
]


def _setting(name: str, value: object) -> str:
    """Return the value of a setting of a table as text."""
    if name == "recovery_days" and value == 0:
        return "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    return _number(value) if isinstance(value, int) else str(value or "-")


SETTING_CHANGE = [
    Column("TABLE", lambda change, _: change.name),
    Column("SETTING", lambda change, _: change.setting.replace("_", " ")),
    Column("OLD", lambda change, _: _setting(change.setting, change.old)),
    Column("NEW", lambda change, _: _setting(change.setting, change.new)),
]
BACKUP = [
    Column("NAME", lambda backup, _: printable(backup.name), min_width=12),
    Column("CREATED", lambda backup, _: backup.created, drop_order=2),
    Column("STATUS", lambda backup, _: backup.status),
    Column("BYTES", lambda backup, _: _number(backup.bytes), drop_order=1, right=True),
]
