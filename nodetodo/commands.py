"""One function per usage line of cli.txt; each reads as the specification of its command.

Parameters are the arguments of the usage line by name, as values. What comes back is shown by render.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import cursors, dates
from .errors import NodetodoError, NoSuchUser, NotFound, WrongUsage
from .model import Capacity, DueFilter, Task, User, Wanted
from .render import Listing, Said, Shown, Statuses

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal
    from typing import Protocol

    from .capacity.text import Compared
    from .design.page import Written
    from .design.text import Drawn
    from .render import Output
    from .repositories.tables import Tables
    from .repositories.tasks import Tasks
    from .repositories.users import Users

    class Result(Protocol):
        """What a command gives."""

        def show(self, output: Output) -> None: ...


class Todo:
    """What commands work with.

    tables: brings their repository, which few commands need.
    now: milliseconds since 1970. where: the database, as it is written after --db=. progress: told how many more tasks
    are gone. told: a sentence for people meanwhile.
    confirmed: asks a question and gives the answer; raises WrongUsage where nobody can answer.
    """

    def __init__(
        self,
        users: Users,
        tasks: Tasks,
        tables: Callable[[], Tables],
        today: date,
        now: int,
        where: str,
        progress: Callable[[int], object],
        told: Callable[[str], object],
        confirmed: Callable[[str], bool],
    ) -> None:
        self.users, self.tasks, self.tables = users, tasks, tables
        self.today, self.now, self.where = today, now, where
        self.progress, self.told, self.confirmed = progress, told, confirmed


def user_add(todo: Todo, uid: str, email: str, phone: str) -> Said:
    user = User(uid, email, phone)
    added = todo.users.add(user)
    return Said(f"user added with uid {uid}" if added else f"user {uid} was there already, just the same", user)


def user(todo: Todo, uid: str) -> Shown:
    return Shown(todo.users.get(uid))


def user_ls(todo: Todo, limit: int, next: str | None, all: bool) -> Listing:
    start = cursors.read("user-ls", next).start
    users = todo.users.all(limit=None if all else limit, start=start)
    return Listing("user-ls", users, todo.today)


def user_edit(todo: Todo, uid: str, email: str | None, phone: str | None) -> Said:
    changes = {name: new for name, new in (("email", email), ("phone", phone)) if new is not None}
    if not changes:
        raise WrongUsage("nothing to change; name --email or --phone")
    return Said(f"user changed with uid {uid}", todo.users.edit(uid, changes))


def user_rm(todo: Todo, uid: str, with_tasks: bool) -> Said:
    if with_tasks:
        return _user_rm_with_tasks(todo, uid)
    todo.tasks.require_none(uid)
    with todo.users.removed_if(uid) as removed:
        todo.tasks.require_none(uid)  # again, for a task that was added while the user was still there
    return Said(f"user removed with uid {uid}", removed)


def _user_rm_with_tasks(todo: Todo, uid: str) -> Said:
    removed = todo.users.remove(uid)  # first, so that no task can be added while the tasks go
    count = todo.tasks.remove_all(uid, todo.now, lambda: not todo.users.is_there(uid), todo.progress)
    tasks = "1 task" if count == 1 else f"{count} tasks"
    if removed:
        return Said(f"user removed with uid {uid}, and {tasks}", removed, note=f"{tasks} removed")
    if count:
        return Said(f"{tasks} removed of {uid}, a user who was gone already", User(uid, None, None), f"{tasks} removed")
    raise NoSuchUser(uid)


def task_add(todo: Todo, uid: str, description: str, category: str | None, dueat: int | None) -> Said:
    created = dates.number(todo.today)
    task = todo.tasks.add(Task(uid, todo.now, description, created, dueat, category, completed=None))
    return Said(f"task added with tid {task.tid}", task)


def task(todo: Todo, uid: str, tid: int) -> Shown:
    return Shown(todo.tasks.get(uid, tid))


def task_done(todo: Todo, uid: str, tid: int) -> Said:
    task, changed = todo.tasks.set_completed(uid, tid, dates.number(todo.today))
    if changed:
        return Said(f"task completed with tid {tid}", task)
    return Said(f"task {tid} was completed already, on {dates.shown(task.completed)}", task)


def task_reopen(todo: Todo, uid: str, tid: int) -> Said:
    task, changed = todo.tasks.set_completed(uid, tid, None)
    return Said(f"task reopened with tid {tid}" if changed else f"task {tid} was not completed", task)


def task_edit(
    todo: Todo,
    uid: str,
    tid: int,
    description: str | None,
    category: str | None,
    no_category: bool,
    dueat: int | None,
    no_dueat: bool,
) -> Said:
    named = {
        "description": description is not None,
        "category": category is not None or no_category,
        "due": dueat is not None or no_dueat,
    }
    new: dict[str, str | int | None] = {"description": description, "category": category, "due": dueat}
    changes = {name: new[name] for name, is_named in named.items() if is_named}
    if not changes:
        raise WrongUsage("nothing to change; name --description, --category, --no-category, --dueat or --no-dueat")
    return Said(f"task changed with tid {tid}", todo.tasks.edit(uid, tid, changes))


def task_rm(todo: Todo, uid: str, tid: int) -> Said:
    return Said(f"task removed with tid {tid}", todo.tasks.remove(uid, tid))


def task_ls(
    todo: Todo, uid: str, category: str | None, limit: int, next: str | None, all: bool, **filters: Any
) -> Listing:
    tasks = todo.tasks.of_user(
        uid,
        _wanted(todo.today, category=category, **filters),
        limit=None if all else limit,
        **cursors.read("task-ls", next, uid)._asdict(),
    )

    def none_at_all() -> None:
        if not next and not tasks.evaluated:
            todo.users.require(uid)  # an unknown uid is not an empty list

    return Listing("task-ls", tasks, todo.today, when_empty=none_at_all)


def task_la(todo: Todo, category: str, limit: int, next: str | None, all: bool, **filters: Any) -> Listing:
    tasks = todo.tasks.of_category(
        category,
        _wanted(todo.today, **filters),
        limit=None if all else limit,
        **cursors.read("task-la", next, category)._asdict(),
    )
    return Listing("task-la", tasks, todo.today)


def _wanted(
    today: date,
    *,
    pending: bool,
    completed: bool,
    overdue: bool,
    due: bool,
    withoutdue: bool,
    futuredue: bool,
    dueafter: int | None,
    duebefore: int | None,
    category: str | None = None,
) -> Wanted:
    day = dates.number(today)
    due_filter = None
    if overdue:
        due_filter = DueFilter("<", day)
    elif due:
        due_filter = DueFilter("=", day)
    elif futuredue:
        due_filter = DueFilter(">", day)
    elif dueafter is not None:
        due_filter = DueFilter(">", dueafter)
    elif duebefore is not None:
        due_filter = DueFilter("<", duebefore)
    elif withoutdue:
        due_filter = DueFilter("", 0)
    return Wanted(category, due_filter, completed if pending or completed else None)


def table_add(todo: Todo, on_demand: bool, read: int | None, write: int | None) -> Statuses:
    return Statuses(todo.tables().add(Capacity(on_demand, read, write), todo.told))


def table_ls(todo: Todo) -> Statuses:
    return Statuses(todo.tables().all())


def table_rm(todo: Todo, yes: bool) -> Said:
    tables = todo.tables()
    names = tables.names_there()
    if not names:
        raise NotFound(f"neither {' nor '.join(tables.names())} is there")
    question = f"Delete {' and '.join(names)} from {todo.where}, with all users and tasks?"
    if not yes and not todo.confirmed(question):
        raise NodetodoError("nothing is deleted")
    tables.remove(names)
    return Said(f"deleted {' and '.join(names)}", {"deleted": names})


def capacity(
    todo: Todo,
    table: bool,
    item_size: int | None,
    storage: Decimal | None,
    region: str,
    consistent: bool,
    **rates: Decimal | None,
) -> Compared:
    from .capacity import comparison, load  # here, because other commands count no money
    from .capacity.text import Compared
    from .prices import prices

    base, peak = load.rates(**rates)
    known = prices(region)
    item, stored = load.measured(todo.tables().require_all()) if table else load.assumed(item_size)
    whole = load.Load(base, peak, item, consistent, stored if storage is None else storage)
    return Compared(comparison.compare(whole, known))


def design(todo: Todo, html: str | None, sample: bool) -> Drawn | Written:
    from .design import page, patterns, picture, text  # here, because other commands draw nothing
    from .design import sample as built_in

    if sample:
        users, tasks, origin = built_in.users(), built_in.tasks(), built_in.ORIGIN
    else:
        (users, all_users), (tasks, all_tasks) = todo.users.first(picture.ITEMS), todo.tasks.first(picture.ITEMS)
        origin = picture.origin(len(users), all_users, len(tasks), all_tasks)
    prefix = todo.tables().prefix
    drawn = picture.draw(users, tasks, prefix, patterns.patterns(prefix), origin)
    return text.Drawn(drawn) if html is None else page.Written(drawn, html)


COMMANDS: dict[str, Callable[..., Result]] = {
    "user-add": user_add,
    "user": user,
    "user-ls": user_ls,
    "user-edit": user_edit,
    "user-rm": user_rm,
    "task-add": task_add,
    "task": task,
    "task-done": task_done,
    "task-reopen": task_reopen,
    "task-edit": task_edit,
    "task-rm": task_rm,
    "task-ls": task_ls,
    "task-la": task_la,
    "table-add": table_add,
    "table-ls": table_ls,
    "table-rm": table_rm,
    "capacity": capacity,
    "design": design,
}
