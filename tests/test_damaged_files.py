"""Commands on files with flipped bytes: each ends normally or reports an error message, and none in a traceback."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo.embedded.errors import DamagedDataError
from nodetodo.embedded.storage import codecs

from .program import EMMA, Program

COMMANDS = (
    ("user-ls", "--json"),
    ("task-ls", "emma", "--json"),
    ("task-la", "shopping", "--limit=1"),
    ("table-ls",),
    ("task-add", "emma", "x", "shopping"),
)
RANDOM_PLACES = 60

# Texts of the definitions of the tables and of items. Each byte near them is flipped once, and one command runs.
TEXTS = (b'{"AttributeDefinitions"', b'"KeySchema"', b'"Projection"', b'"Space"', b'"email"', b'"tid"', b'"category"')


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of an intact file with a user and three tasks."""
    file = tmp_path_factory.mktemp("damaged") / "tasks.db"
    program = Program(None, target=f"local:{file}")
    program.good("user-add", *EMMA)
    for number in range(3):
        program.good("task-add", "emma", f"buy milk {number}", "shopping", "--dueat=tomorrow")
    return file.read_bytes()


def places(content: bytes) -> Iterator[int]:
    """Yield the positions of bytes to flip."""
    yield from range(100)  # SQLite's header
    for text in TEXTS:
        at = content.rindex(text)
        yield from range(at - 8, at + 24)
    used = [at for at in range(len(content)) if any(content[max(0, at - 8) : at + 8])]
    yield from random.Random(7).sample(used, RANDOM_PLACES)


def test_a_flipped_byte_causes_no_traceback_and_no_other_error_than_an_unusable_database(
    content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.db"
    program = Program(None, target=f"local:{file}")
    statuses = set()
    source = random.Random(8)
    for number, at in enumerate(places(content)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << source.randrange(8)
        for path in tmp_path.iterdir():
            path.unlink()
        file.write_bytes(damaged)
        result = program(*COMMANDS[number % len(COMMANDS)])
        statuses.add(result.status)
        # 3: the flipped byte is in a key, so that the item is not found.
        assert result.status in (0, 3, 5), (at, result)
        assert result.err.count("\n") <= 1, (at, result)
        assert "there is no database yet" not in result.err, (at, result)
        if result.status == 5:
            assert str(file) in result.err, (at, result)
    assert statuses >= {0, 5}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"buy milk 1"', b'"buy\xffmilk 1"'),
        (b'"buy milk 1"', b'buy milk 1""'),
        (b'{"S":"buy milk 1"}', b'{"R":"buy milk 1"}'),
        (b'{"S":"buy milk 1"}', b'{"L":"buy milk 1"}'),
        (b'{"N":"', b'{"N":x'),
        (b'{"N":"', b'{"N"::'),
        (b'"uid"', b'"uie"'),
    ],
)
def test_a_damaged_item_is_reported_with_the_file_and_what_can_be_done(
    content: bytes, tmp_path: Path, old: bytes, new: bytes
) -> None:
    file = tmp_path / "tasks.db"
    found = re.search(rb'{"uid":[^}]*},"tid":[^}]*},"description":{"S":"buy milk 1"}', content)
    assert found
    file.write_bytes(content.replace(found[0], found[0].replace(old, new, 1)))
    result = Program(None, target=f"local:{file}")("task-ls", "emma")
    assert result.status == 5
    assert result.err.startswith(f"nodetodo: {file} is damaged (")
    assert "restore a backup" in result.err
    assert "sqlite3 <file> .recover" in result.err


@pytest.mark.parametrize(
    ("old", "new"), [(b'"KeySchema"', b'"KeyScheme"'), (b'"HASH"', b'"HASI"'), (b"Attr", b"\xffttr")]
)
def test_a_damaged_definition_is_reported(content: bytes, tmp_path: Path, old: bytes, new: bytes) -> None:
    file = tmp_path / "tasks.db"
    file.write_bytes(content.replace(old, new))
    result = Program(None, target=f"local:{file}")("table-ls")
    assert result.status == 5
    assert "is damaged (" in result.err


@pytest.mark.parametrize("argv", [*COMMANDS, ("user", "emma"), ("user-add", "bob", "a@b", "123"), ("table-add",)])
def test_a_damaged_name_of_a_table_is_reported_and_the_file_stays(
    content: bytes, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    file = tmp_path / "tasks.db"
    for name in (b"todo-user", b"todo-task"):
        for damaged_name in (b"s" + name[1:], name[:-1] + b"x"):
            for path in tmp_path.iterdir():
                path.unlink()
            damaged = re.sub(name + b'(?!")', damaged_name, content)  # in quotes: the copy in the definition
            file.write_bytes(damaged)
            program = Program(None, target=f"local:{file}")
            result = program(*argv)
            if result.status:  # a command that needs only the other table succeeds
                assert result.status == 5, result
                assert "is damaged (" in result.err
                assert not program.slept
                assert file.read_bytes() == damaged
            assert program("table-ls").status == 5


def test_a_damaged_name_out_of_order_is_reported_without_a_second_copy_of_the_name(
    content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.db"
    as_of_an_older_version = content.replace(b'"TableName"', b'"Otherwise"')
    file.write_bytes(re.sub(b'todo-user(?!")', b"sodo-user", as_of_an_older_version))
    result = Program(None, target=f"local:{file}")("user", "emma")
    assert result.status == 5
    assert "is damaged (" in result.err


@pytest.mark.parametrize(
    "value",
    [
        *(
            '{"S":1}',
            '{"N":"x"}',
            '{"N":1}',
            '{"B":5}',
            '{"BOOL":1}',
            '{"NULL":"x"}',
            '{"L":{}}',
            '{"L":[1]}',
            '{"M":[]}',
        ),
        *('{"SS":"a"}', '{"SS":[1]}', '{"NS":["x"]}', '{"BS":[5]}', '{"X":"a"}', "{}", "[]", "5", '{"S":"a","N":"1"}'),
    ],
)
@pytest.mark.parametrize("as_blob", [False, True])
def test_decoding_rejects_whatever_is_not_an_attribute_value(value: str, as_blob: bool) -> None:
    stored = f'{{"k":{{"S":"x"}},"a":{value}}}'
    with pytest.raises(DamagedDataError):
        codecs.decode_item(stored.encode() if as_blob else stored, (("k", "S"),))
