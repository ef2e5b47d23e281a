"""The thirteen faults of the book's program, each with the tests that show its absence in this program."""

import importlib

import pytest

FAULTS = {
    "1. A limit with a filter returns fewer rows than requested": [
        "contract/test_lists.py::test_limit_counts_the_rows_after_the_filter",
        "contract/test_lists.py::test_the_pages_together_contain_every_task_once",
    ],
    "2. A page of a category skips a task with an equal tid": [
        "contract/test_lists.py::test_tasks_with_equal_category_and_tid_are_listed_exactly_once",
    ],
    "3. Completing an unknown task creates an incomplete item, and lists fail on such items": [
        "contract/test_tasks.py::test_an_unknown_task_is_not_found_and_not_created",
        "contract/test_tasks.py::test_an_incomplete_item_of_another_program_is_listed_and_shown",
    ],
    "4. Completing a task again changes its day of completion": [
        "contract/test_tasks.py::test_a_task_is_completed_once_and_keeps_the_first_day",
    ],
    "5. Removing an unknown task or user succeeds": [
        "contract/test_tasks.py::test_an_unknown_task_is_not_found_and_not_created",
        "contract/test_users.py::test_an_unknown_user_is_not_found",
    ],
    "6. Tasks remain after the removal of their user": [
        "contract/test_users.py::test_a_user_with_tasks_is_not_removed_and_their_number_is_reported",
        "contract/test_users.py::test_a_user_is_removed_with_all_tasks_and_no_tasks_of_others",
    ],
    "7. A task is added to an unknown user": [
        "contract/test_users.py::test_an_unknown_user_is_not_found",
    ],
    "8. Invalid days are stored, and relative days are not accepted": [
        "contract/test_tasks.py::test_an_invalid_day_is_rejected_and_no_task_is_added",
        "contract/test_tasks.py::test_a_task_is_added_under_the_current_millisecond_and_shown",
    ],
    "9. An empty category has no error message of the program": [
        "contract/test_tasks.py::test_an_empty_category_is_rejected",
    ],
    "10. A task replaces another one that was added in the same millisecond": [
        "contract/test_tasks.py::test_tasks_of_one_millisecond_take_the_next_free_tids",
    ],
    "11. Errors end in a traceback, or have the exit status 0": [
        "contract/test_tasks.py::test_every_error_is_one_line_on_standard_error_and_an_exit_status",
        "contract/test_tables.py::test_every_command_on_missing_tables_reports_how_to_create_them",
    ],
    "12. Region and endpoint are fixed in the code": [
        "test_targets.py::test_aws_region_selects_the_region_and_takes_precedence_over_aws_default_region",
        "test_targets.py::test_an_endpoint_needs_neither_credentials_nor_region",
    ],
    "13. Two dashes do not separate arguments from options": [
        "contract/test_tasks.py::test_arguments_after_two_dashes_are_not_options",
    ],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_tests_of_each_fault_exist(fault: str) -> None:
    for test in FAULTS[fault]:
        path, name = test.split("::")
        module = importlib.import_module(f"tests.{path.removesuffix('.py').replace('/', '.')}")
        assert callable(getattr(module, name, None)), f"{test} does not exist"
