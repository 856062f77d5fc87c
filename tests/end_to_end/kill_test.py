"""Kills the engine in the middle of its work, again and again; nothing may be lost or made up.

usage: kill_test.py NEXTE_SYNC [SEED [ROUNDS]]

The first rounds hit the initial sync, the later ones full refreshes and polls, while records are
edited, created and archived at the provider. No refresh follows the last kill: a checkpoint that
once ran ahead of its records would leave a hole that shows in the comparison.
"""

import contextlib
import random
import subprocess
import sys
import tempfile

from processes import STREAMS, Engine, Simulators, call, wait_until, write_config

RECORDS = 700  # per stream: seven pages, so that a kill falls between pages
ROUNDS = 50
LIFE_MAX = 0.4  # seconds from being up to the kill
SETTLE_MAX = 60  # seconds to catch up at the end: the quota is what takes time


def live(engine, integration, stream):
    rows = engine.pages(f"/v1/integrations/{integration}/records/{stream}", "records")
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)), f"{stream} holds a record twice"
    return {row["id"]: row for row in rows if not row["deleted"]}


def difference(here, there):
    """What tells the engine's live records from the provider's; empty when nothing does."""
    lost = sorted(there.keys() - here.keys())
    invented = sorted(here.keys() - there.keys())
    stale = sorted(i for i in here.keys() & there.keys()
                   if here[i]["body"]["updatedAt"] != there[i]["updatedAt"])
    named = {"lost": lost, "invented": invented, "stale": stale}
    return {what: ids[:5] for what, ids in named.items() if ids}


def disturb(simulators, dice, known, serial):
    """Something happens at the provider: an edit, a new record or an archived one."""
    stream = dice.choice(STREAMS)
    name = {"contacts": "firstname", "companies": "name", "deals": "dealname"}[stream]
    kind = dice.choice(("edit", "edit", "create", "archive"))
    if kind == "create":
        simulators.admin("create", type=stream, properties={name: f"New {serial}"})
        return
    record = dice.choice(sorted(known[stream]))
    if kind == "archive":
        known[stream].discard(record)
        simulators.admin("archive", type=stream, id=record)
    else:
        simulators.admin("edit", type=stream, id=record, properties={name: f"Edit {serial}"})


def one_life(program, config, simulators, integration, dice, known, number):
    """Starts the engine, gives it work and kills it at a moment of the dice."""
    engine = Engine(program, config)
    try:
        if number > 10 and dice.random() < 0.4:
            status, answer = call(f"{engine.origin}/v1/integrations/{integration}/refresh", "POST",
                                  {}, engine.token)
            assert 200 <= status < 300, f"refresh: {status} {answer}"
        disturb(simulators, dice, known, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            engine.process.child.wait(dice.uniform(0, LIFE_MAX))
            raise AssertionError(f"it ended by itself:\n{engine.process.output()}")
    finally:
        engine.kill()


def check_feed(engine, records):
    """The feed names each record once, in ascending order."""
    after, seen = 0, set()
    while True:
        entries = engine.ask("GET", f"/v1/changes?after={after}&limit=1000")["changes"]
        if not entries:
            break
        for entry in entries:
            assert entry["sequence"] > after, "the feed is out of order"
            after = entry["sequence"]
            key = (entry["stream"], entry["record"])
            assert key not in seen, f"the feed names {key} twice"
            seen.add(key)
    missing = {(s, i) for s, rows in records.items() for i in rows} - seen
    assert not missing, f"not in the feed: {sorted(missing)[:5]}"


def settle(engine, simulators, integration):
    """Waits for polls to catch up, then compares everything."""
    def differences():
        here = {s: live(engine, integration, s) for s in STREAMS}
        found = {s: difference(here[s], there[s]) for s in STREAMS}
        return {s: d for s, d in found.items() if d}

    there = {s: simulators.objects(s) for s in STREAMS}
    try:
        wait_until("equal records", lambda: not differences(), SETTLE_MAX)
    except AssertionError:
        status = engine.ask("GET", f"/v1/integrations/{integration}")
        raise AssertionError(f"{differences()}\n{status}\n{engine.process.output()}") from None
    def connected():
        status = engine.ask("GET", f"/v1/integrations/{integration}")
        return status if status["state"] == "connected" else None

    # The records may be equal while the last request still waits out a 429: the kills took what the
    # limiter knew, and the provider's windows were spent by the processes before.
    status = wait_until("a green state", connected, SETTLE_MAX)
    for stream in status["streams"]:
        assert stream["records"] == len(there[stream["name"]]), stream
    check_feed(engine, there)


def main(program, seed, rounds):
    dice = random.Random(seed)
    simulators = Simulators(program, RECORDS, seed)
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = write_config(folder, simulators.hubspot, simulators.reached["ca_file"])
            known = {s: set(simulators.objects(s)) for s in STREAMS}
            engine = Engine(program, config)
            try:
                integration = engine.ask("POST", "/v1/integrations",
                                         {"workspace": "w1", "provider": "hubspot"})["id"]
                engine.connect(integration, simulators.tls)
            finally:
                engine.kill()
            for number in range(rounds):
                one_life(program, config, simulators, integration, dice, known, number)
            engine = Engine(program, config)
            try:
                settle(engine, simulators, integration)
            finally:
                code = engine.stop()
            assert code == 0, f"stopped with {code}:\n{engine.process.output()}"
    except BaseException:
        print(f"failed with seed {seed}", file=sys.stderr)
        raise
    finally:
        simulators.stop()
    print(f"{rounds} kills, seed {seed}: every record is here once, as the provider has it")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1,
         int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS)
