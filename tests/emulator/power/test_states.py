"""The states of a disk: equal to the definition where all are listed, and each rule of the model by itself."""

import random
from pathlib import Path

import pytest

from edgelearn.emulator.power.disk import Disk
from edgelearn.emulator.power.log import Op
from edgelearn.emulator.power.order import MOST, sets
from edgelearn.emulator.power.replay import Replay, materialise
from edgelearn.emulator.power.states import fair_share
from tests.emulator.power.disks import FOLDER, Files, create, naive, states, sync, truncate, write


def unique(found: list[Files]) -> set[tuple[tuple[str, bytes | None], ...]]:
    return {tuple(sorted(files.items())) for files in found}


def random_run(seed: int) -> list[Op]:
    """Return creations, writes of one byte (which cannot be torn), truncations, renames and syncs, as they come."""
    rng, inodes, ops, names = random.Random(seed), [], [], {}
    for step in range(11):
        kind = rng.choice(
            ["create", "write", "write", "write", "truncate", "rename", "remove", "sync", "folder"]
        )
        path = rng.choice("fgh")
        if kind == "create" and path not in names:
            names[path] = step + 1
            inodes.append(step + 1)
            ops.append(create(path, step + 1))
        elif kind == "write" and inodes:
            ops.append(write(rng.choice(inodes), rng.randrange(3), bytes([65 + step])))
        elif kind == "truncate" and inodes:
            ops.append(truncate(rng.choice(inodes), rng.randrange(3)))
        elif kind == "rename" and names:
            old = rng.choice(sorted(names))
            names[path + "2"] = names.pop(old)
            ops.append(Op("rename", path=old, other=path + "2"))
        elif kind == "remove" and names:
            old = rng.choice(sorted(names))
            del names[old]
            ops.append(Op("remove", path=old))
        elif kind == "sync" and inodes:
            ops.append(sync(rng.choice(inodes)))
        elif kind == "folder":
            ops.append(FOLDER)
    return ops


@pytest.mark.parametrize("seed", range(40))
def test_all_states_are_those_of_the_definition(seed: int) -> None:
    ops = random_run(seed)
    listed, defined = unique(states(ops)), unique(naive(ops))
    assert defined <= listed
    for extra in listed - defined:  # a length without its data: rule 2 of states.py
        assert any(b"\0" in (data or b"") for _, data in extra)


def test_a_sync_of_a_file_keeps_its_data_and_not_its_name() -> None:
    ops = [create("f", 1), write(1, 0, b"data"), sync(1), Op("ack", data=b"1")]
    after = states([*ops, FOLDER])
    assert {} in after
    assert {"f": b"data"} in after
    durable = Replay(Disk(), [*ops, FOLDER, Op("ack", data=b"2")], seed=0, limit=1000)
    last = [left for left in durable if left.acknowledged == 2]
    assert [(left.state.names, left.state.fates) for left in last] == [(0, {})]


def test_names_of_two_files_arrive_in_any_order_and_data_too() -> None:
    ops = [create("f", 1), write(1, 0, b"A"), create("g", 2), write(2, 0, b"B")]
    found = states(ops)
    assert {"f": b"", "g": b"B"} in found
    assert {"f": b"A", "g": b""} in found
    assert {"g": b"B"} in found
    assert not any("g" in files and "f" not in files for files in states(ops, model="ext4"))


def test_names_of_one_file_arrive_in_order() -> None:
    run = [create("new", 1), Op("rename", path="new", other="f"), create("new", 2)]
    found = states(run)
    assert {"new": b""} in found
    assert {"f": b"", "new": b""} in found
    gone = states([*run, Op("remove", path="f")])
    assert unique(gone) == unique(found)  # never the old name of what was removed under a new one


def test_a_removal_waits_for_the_rename_that_brought_what_it_removes() -> None:
    ops = [create("f", 1), write(1, 0, b"A"), sync(1), FOLDER, create("new", 2)]
    found = states([*ops, Op("rename", path="new", other="f"), Op("remove", path="f")])
    assert {"f": b"A", "new": b""} in found
    assert {} in found
    assert {"new": b""} not in found


@pytest.mark.parametrize("files", [3, 20])
def test_no_set_of_names_has_one_without_the_older_ones_of_its_file(files: int) -> None:
    about = [{place % files} for place in range(3 * files)]
    found = sets(about, kept=False)
    assert found.masks[:2] == [2 ** len(about) - 1, 0]
    assert len(set(found.masks)) == len(found.masks) <= MOST + 2
    assert found.every == (files == 3)  # 4 ** 3 sets, or far too many
    for mask in found.masks:
        there = [place for place in range(len(about)) if mask >> place & 1]
        assert all(older in there for place in there for older in range(place % files, place, files))
    if found.every:
        assert len(found.masks) == 4**files


def test_a_new_file_may_take_the_name_of_one_whose_rename_is_lost() -> None:
    ops = [create("f", 1), write(1, 0, b"A"), sync(1), FOLDER]
    ops += [Op("rename", path="f", other="old"), create("f", 2), write(2, 0, b"B"), sync(2)]
    assert {"f": b"B"} in states([*ops, Op("ack", data=b"1")])
    assert {"f": b"B"} not in states([*ops, Op("ack", data=b"1")], model="ext4")


def test_many_names_on_their_way_are_sampled() -> None:
    ops = [create(f"f{i}", i + 1) for i in range(40)]
    replay = Replay(Disk(), ops, seed=0, limit=10**6)
    assert not replay.exhaustive
    assert Replay(Disk("ext4"), ops, seed=0, limit=10**6).exhaustive
    found = [sorted(files) for files in states(ops)]
    assert ["f39"] in found  # alone
    assert sorted(f"f{i}" for i in range(40) if i != 39) in found
    assert max(len(disk.name_sets().masks) for _, _, disk in replay._moments()) <= MOST + 2


def test_a_folder_needs_a_sync_of_the_one_above() -> None:
    ops = [
        create("d", 1, node=1),
        create("d/f", 2),
        write(2, 0, b"x"),
        sync(2),
        sync(1, "d"),
        Op("ack", data=b"1"),
    ]
    assert {} in states(ops)
    with_parent = Replay(Disk(), [*ops[:-1], FOLDER, ops[-1]], seed=0, limit=1000)
    assert {left.state.names for left in with_parent if left.acknowledged} == {0}


def test_a_name_moved_between_folders_waits_for_both() -> None:
    ops = [create("d", 1, node=1), create("f", 2), FOLDER, Op("rename", path="f", other="d/f"), sync(1, "d")]
    disk = Disk()
    for op in ops:
        disk.apply(op)
    assert [naming.number for naming in disk.pending_names()] == [3]
    disk.apply(FOLDER)
    assert disk.pending_names() == []


def test_a_write_is_torn_at_sectors_and_never_outside_of_itself() -> None:
    ops = [create("f", 1), write(1, 0, b"a" * 9000), sync(1), FOLDER, write(1, 100, b"b" * 8000)]
    found = [files["f"] for files in states(ops) if len(files.get("f") or b"") == 9000]
    assert all(data[:100] == b"a" * 100 and data[8100:] == b"a" * 900 for data in found if b"b" in data)
    starts = {len(data) - len(data.lstrip(b"a")) for data in found if b"b" in data}
    assert {512, 7680, 4096} <= starts  # last parts: those that begin at a sector
    holes = {data[100:8100].strip(b"b") for data in found if data[100:101] == data[8099:8100] == b"b"}
    assert b"a" * (7680 - 512) in holes  # only the first sector and the last one arrived
    assert len(found) > 8


def test_a_longer_file_may_hold_zeros() -> None:
    assert {"f": bytes(6)} in states([create("f", 1), FOLDER, write(1, 0, b"a" * 6)])
    ops = [create("f", 1), FOLDER, write(1, 0, b"a" * 6), write(1, 6, b"b" * 6)]
    assert {"f": bytes(12)} in states(ops)
    two = [create("f", 1), create("g", 2), FOLDER, write(1, 0, b"a" * 6), write(2, 0, b"b" * 6)]
    assert {"f": bytes(6), "g": bytes(6)} in states(two)


def test_a_truncation_may_be_lost() -> None:
    ops = [create("f", 1), write(1, 0, b"abcdef"), sync(1), FOLDER, truncate(1, 0), write(1, 0, b"X")]
    assert {"f": b"Xbcdef"} in states(ops)


def test_a_durable_write_keeps_itself_and_the_lengths_before_it() -> None:
    ops = [create("f", 1), FOLDER, write(1, 0, b"A"), truncate(1, 3), write(1, 5, b"B", durable=True)]
    ops.append(Op("ack", data=b"1"))
    replay = Replay(Disk(), ops, seed=0, limit=1000)
    last = {left.digest for left in replay if left.acknowledged}
    assert len(last) == 2  # with A and without it
    assert {"f": b"\0\0\0\0\0B"} in states(ops)


def test_what_lay_there_before_is_durable(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "old").write_text("old")
    (tmp_path / "link").symlink_to("d/old")
    (tmp_path / "hard").hardlink_to(tmp_path / "d" / "old")
    disk = Disk(start=tmp_path)
    copy = tmp_path / "copy"
    copy.mkdir()
    (left,) = Replay(disk, [], seed=0, limit=10)
    materialise(disk, left.state, copy)
    assert (copy / "link").read_text() == "old"
    assert (copy / "hard").samefile(copy / "d" / "old")


def test_ext4_brings_names_with_a_sync() -> None:
    run = [create("f", 1), write(1, 0, b"1"), sync(1), Op("ack", data=b"1")]
    for model, names in (("ext4", [0]), ("posix", [1, 0])):
        disk = Disk(model)
        assert [
            left.state.names for left in Replay(disk, run, seed=0, limit=99) if left.acknowledged
        ] == names


def test_ext4_brings_data_before_a_name_that_replaces_another(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    run = [create("new", 2), write(2, 0, b"2"), Op("rename", path="new", other="f")]
    assert {"f": b""} in states(run, start=tmp_path)
    ext4 = states(run, start=tmp_path, model="ext4")
    assert {"f": b""} not in ext4
    assert {"f": b"2"} in ext4


def test_many_states_are_sampled_the_same_way_each_time() -> None:
    ops = [create("f", 1), FOLDER, *(write(1, 600 * i, bytes([i + 1]) * 600) for i in range(16))]
    replay = Replay(Disk(), ops, seed=3, limit=2000)
    assert not replay.exhaustive
    assert replay.total > 2**16
    first = [left.digest for left in replay]
    assert first == [left.digest for left in replay]
    assert len(first) <= 2000 + 4 * len(ops)
    other = {left.digest for left in Replay(Disk(), ops, seed=4, limit=2000)}
    assert set(first) != other
    nothing = [left for left in replay if left.state.cut == len(ops)]
    lost = [sum(fate is None for fate in left.state.fates.get(1, ())) for left in nothing]
    assert {0, 1, 15} <= set(lost)


def test_each_set_of_names_comes_with_all_writes_and_with_none_in_a_sample() -> None:
    ops = [create("f", 1), FOLDER, create("g", 2), create("h", 3)]
    ops += [write(1, 600 * i, bytes([i + 1]) * 600) for i in range(16)]
    found = [left.state for left in Replay(Disk(), ops, seed=0, limit=20_000) if left.state.cut == len(ops)]
    for names in range(4):
        kept = {sum(fate is not None for fate in state.fates[1]) for state in found if state.names == names}
        assert {1, 16} <= kept


def test_a_fair_share_spends_the_limit_where_there_is_much() -> None:
    assert fair_share([5, 7, 9], 100) == 9
    assert fair_share([5, 1000, 1000], 205) == 100
    assert fair_share([1000] * 10, 10) == 4
