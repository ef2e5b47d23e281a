"""The commands on tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import dates
from ..errors import NodetodoError, WrongUsage
from ..model import Task, TaskFilter, TidEnding
from ..output.results import Details, Listing, Message
from ..output.text import day

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ..model import Number, Stored, Tid
    from ..output.results import Result
    from .context import Context


def task_add(context: Context, uid: str, description: str, category: str | None, dueat: int | None) -> Message:
    """Add a task to a user's list. It is created today."""
    created = dates.to_number(context.today)
    task = context.tasks.add(Task(uid, context.now, description, created, dueat, category, completed=None))
    category_stored = "" if task.category is None else f' in category "{task.category}"'
    due_stored = "" if task.due is None else f", due {day(task.due)}"
    return Message(f'task added with tid {task.tid}: "{task.description}"{category_stored}{due_stored}', task)


def _whole(context: Context, uid: str, tid: Tid) -> Number:
    """Return the whole tid of a task. Raises NotFound or AmbiguousEnding if an ending does not mean one task."""
    if not isinstance(tid, TidEnding):
        return tid
    from . import endings  # here, because a whole tid needs no request

    (found,) = endings.find(context, uid, [tid])
    if isinstance(found, NodetodoError):
        raise found
    return found


def task(context: Context, uid: str, tid: Tid) -> Details:
    """Show a task."""
    return Details(context.tasks.get(uid, _whole(context, uid, tid)))


def _change_each(context: Context, uid: str, tids: list[Tid], change: Callable[[Number], Message]) -> Result:
    """Change one task, or several in turn."""
    if len(tids) == 1:
        return change(_whole(context, uid, tids[0]))
    from . import several  # here, because most command lines name one task

    return several.change_each(context, uid, tids, change)


def task_done(context: Context, uid: str, tid: list[Tid]) -> Result:
    """Complete tasks today. A completed task keeps its date."""

    def complete(tid: Number) -> Message:
        task, changed = context.tasks.set_completed(uid, tid, dates.to_number(context.today))
        if changed:
            return Message(f"task completed with tid {tid}", task)
        return Message(f"task {tid} was already completed on {day(task.completed)}", task)

    return _change_each(context, uid, tid, complete)


def task_reopen(context: Context, uid: str, tid: list[Tid]) -> Result:
    """Make completed tasks pending again."""

    def reopen(tid: Number) -> Message:
        task, changed = context.tasks.set_completed(uid, tid, None)
        return Message(f"task reopened with tid {tid}" if changed else f"task {tid} was not completed", task)

    return _change_each(context, uid, tid, reopen)


def task_edit(
    context: Context,
    uid: str,
    tid: Tid,
    description: str | None,
    category: str | None,
    no_category: bool,
    dueat: int | None,
    no_dueat: bool,
) -> Message:
    """Change the given attributes of a task; no_category and no_dueat remove the attribute."""
    changes: dict[str, Stored] = {}
    if description is not None:
        changes["description"] = description
    if category is not None or no_category:
        changes["category"] = category
    if dueat is not None or no_dueat:
        changes["due"] = dueat
    if not changes:
        raise WrongUsage("nothing to change; pass --description, --category, --no-category, --dueat or --no-dueat")
    tid = _whole(context, uid, tid)
    return Message(f"task changed with tid {tid}", context.tasks.edit(uid, tid, changes))


def task_rm(context: Context, uid: str, tid: list[Tid]) -> Result:
    """Remove tasks. The text of each removed task contains the task-add line that adds it again."""
    from ..output import add_again  # here, because other commands do not need it

    def remove(tid: Number) -> Message:
        task, others = context.tasks.remove(uid, tid)
        return Message(
            f"task removed with tid {tid}", task, below=add_again.lines(task, others, context.target_options)
        )

    return _change_each(context, uid, tid, remove)


def task_ls(
    context: Context,
    uid: str,
    category: str | None,
    newest: bool,
    by_due: bool,
    limit: int,
    next: str | None,
    all: bool,
    **filters: Any,
) -> Listing:
    """List the tasks of a user by tid or by due date. Raises NoSuchUser if the user does not exist."""
    wanted = _filter(context.today, category=category, **filters)
    rows = None if all else limit
    if by_due:
        if wanted.without_due:
            raise WrongUsage("--by-due lists only tasks with a due date; leave out --by-due or --withoutdue")
        name = "task-ls --by-due"
        tasks = context.tasks.of_user_by_due(uid, wanted, limit=rows, start=_start(name, next, uid).get("start"))
    else:
        name = "task-ls --newest" if newest else "task-ls"
        tasks = context.tasks.of_user(uid, wanted, newest=newest, limit=rows, **_start(name, next, uid))
    if not next and not tasks.evaluated:
        context.users.require(uid)  # the user has no tasks or does not exist
    return Listing(name, tasks, context.today)


def task_la(
    context: Context, category: str, newest: bool, limit: int, next: str | None, all: bool, **filters: Any
) -> Listing:
    """List the tasks of all users in a category by tid."""
    wanted = _filter(context.today, **filters)
    name = "task-la --newest" if newest else "task-la"
    tasks = context.tasks.of_category(
        category, wanted, newest=newest, limit=None if all else limit, **_start(name, next, category)
    )
    return Listing(name, tasks, context.today)


def _start(name: str, next: str | None, *shared: str) -> dict[str, Any]:
    """Return the arguments of a repository's list that make it begin after a cursor."""
    if next is None:
        return {}
    from .. import cursors  # here, because most lists begin at the start

    return cursors.decode(name, next, *shared)._asdict()


def _filter(
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
    contains: str | None,
    category: str | None = None,
) -> TaskFilter:
    if dueafter is not None and duebefore is not None and dates.next_day(dueafter) >= duebefore:
        after, before = dates.to_text(dueafter), dates.to_text(duebefore)
        raise WrongUsage(f"no day is after {after} (--dueafter) and before {before} (--duebefore)")
    number = dates.to_number(today)
    return TaskFilter(
        category,
        due=number if due else None,
        due_after=number if futuredue else dueafter,
        due_before=number if overdue else duebefore,
        without_due=withoutdue,
        contains=contains,
        completed=completed if pending or completed else None,
    )
