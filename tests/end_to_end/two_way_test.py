"""Both sides edit at once: HubSpot's and Pipedrive's own SDKs there, the control API and the
command line here, and the engine is killed in between.

usage: two_way_test.py NEXTE_SYNC FOLDER; the pinned npm packages are installed into FOLDER.

Every value is written once only, so each can be told in the audit log. First both sides edit the
same records at once while the engine is killed. Then they edit unseen by each other, in an order
that says which of them must win, and the engine is killed with all of it unsent: each loser must be
in the audit log, once. At the end both sides are equal and nothing more is written.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from npm_packages import install
from processes import Engine, Simulators, wait_until, write_config

HERE = Path(__file__).resolve().parent
RECORDS = 40  # per stream
EDITED = 8  # per provider
STORM_EDITS = 20  # per side and provider
SETTLE_MAX = 30  # seconds until both sides are equal
SILENCE = 4  # seconds, as many polls
CLOCKS = 2.5  # seconds that tell two edits apart, though clocks show and skew is told in whole ones
PACE = 0.05  # seconds between two local edits of the storm
LOOK = 1  # seconds between two looks at both sides: they cost the quota that the engine needs


class Side:
    """One provider: its SDK, its integration here, and the field that both sides edit."""

    def __init__(self, name, stream, field, script):
        self.name, self.stream, self.field, self.script = name, stream, field, script
        self.integration = None
        self.records = []
        self.serial = 0

    def value(self, who):
        self.serial += 1
        return f"{self.name} {who} {self.serial}"

    def shown(self, row):
        body = row["body"]
        return (body.get("properties") or body).get(self.field)


def start_sdk(folder, simulators, side, edits, pause_ms=60):
    """The SDK's process, which carries out `edits` in order."""
    listed = folder / f"{side.name}-{time.monotonic_ns()}.json"
    listed.write_text(json.dumps({"pause_ms": pause_ms,
                                  "edits": [{"id": i, "value": v} for i, v in edits]}))
    environment = dict(os.environ, NODE_EXTRA_CA_CERTS=simulators.reached["ca_file"])
    return subprocess.Popen(["node", side.script, "line.json", listed.name], cwd=folder,
                            env=environment, stdin=subprocess.DEVNULL)


def finish(processes):
    for process in processes:
        assert process.wait(60) == 0, f"an SDK ended with {process.returncode}"


def put(engine, side, record, value):
    path = f"/v1/integrations/{side.integration}/records/{side.stream}/{record}"
    engine.ask("PUT", path, {side.field: value})


def put_by_hand(program, config, side, record, value):
    """As a person would at the command line."""
    subprocess.run([program, "put", side.integration, side.stream, f"{side.field}={value}",
                    "--record", record, "--config", config], check=True, timeout=20,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def rows(engine, side):
    path = f"/v1/integrations/{side.integration}/records/{side.stream}"
    return {row["id"]: row for row in engine.pages(path, "records") if not row["deleted"]}


def there(simulators, side):
    """Record → the field, as the provider has it."""
    if side.name == "hubspot":
        return {i: o["properties"]["firstname"]
                for i, o in simulators.objects(side.stream).items()}
    return {str(p["id"]): p["name"] for p in simulators.persons()}


def losers(engine, side):
    """How often each value is in the audit log as the one that lost."""
    lost, after = Counter(), ""
    while after is not None:
        page = engine.ask("GET", f"/v1/conflicts?integration={side.integration}&limit=1000{after}")
        lost.update(side.shown(one["loser"]) for one in page["conflicts"])
        following = page.get("next")
        after = None if following is None else f"&after={following}"
    return lost


def wait_for_equal(engine, simulators, sides):
    def is_equal(side):
        status = engine.ask("GET", f"/v1/integrations/{side.integration}")
        if status["edits"]["pending"] > 0:
            return False
        theirs, ours = there(simulators, side), rows(engine, side)
        return all(side.shown(ours[i]) == theirs[i] for i in side.records)

    def look():
        time.sleep(LOOK)
        return all(is_equal(side) for side in sides)

    wait_until("both sides are equal", look, SETTLE_MAX)


def storm(program, folder, config, simulators, sides, dice):
    """Both sides edit the same records; the engine is killed twice in between."""
    sdks = [start_sdk(folder, simulators, side,
                      [(dice.choice(side.records), side.value("theirs"))
                       for _ in range(STORM_EDITS)])
            for side in sides]
    engine = Engine(program, config)
    for number in range(STORM_EDITS):
        for side in sides:
            put(engine, side, dice.choice(side.records), side.value("ours"))
        time.sleep(PACE)
        if number % (STORM_EDITS // 2) == STORM_EDITS // 4:
            engine.kill()
            engine = Engine(program, config)
    finish(sdks)
    for side in sides:
        put_by_hand(program, config, side, side.records[0], side.value("ours"))
    wait_for_equal(engine, simulators, sides)
    for side in sides:
        twice = [v for v, times in losers(engine, side).items() if times > 1]
        assert not twice, f"archived more than once: {twice}"
    return engine


def apart(program, folder, config, simulators, sides, engine):
    """Half of the records are edited here first, half there; yields who must have lost."""
    for side in sides:
        engine.ask("PUT", f"/v1/integrations/{side.integration}/mode", {"mode": "paused"})
    must_lose = {side.name: [] for side in sides}

    def edit_here(begin, end, lose):
        for side in sides:
            for record in side.records[begin:end]:
                value = side.value("ours")
                put(engine, side, record, value)
                must_lose[side.name] += [value] if lose else []

    def edit_there(begin, end, lose):
        sdks = []
        for side in sides:
            edits = [(record, side.value("theirs")) for record in side.records[begin:end]]
            must_lose[side.name] += [value for _, value in edits] if lose else []
            sdks.append(start_sdk(folder, simulators, side, edits, pause_ms=0))
        finish(sdks)

    half = EDITED // 2
    edit_here(0, half, lose=True)
    time.sleep(CLOCKS)  # what orders them is the provider's clock
    edit_there(0, EDITED, lose=False)
    must_lose_there = {side.name: [there(simulators, side)[r] for r in side.records[half:]]
                       for side in sides}
    time.sleep(CLOCKS)
    edit_here(half, EDITED, lose=False)
    engine.kill()
    engine = Engine(program, config)
    for side in sides:
        must_lose[side.name] += must_lose_there[side.name]
        engine.ask("PUT", f"/v1/integrations/{side.integration}/mode", {"mode": "real_time"})
    return engine, must_lose


def expect_silence(simulators, sides):
    def writes():
        return {side.name: simulators.admin("stats", side.name)["writes"] for side in sides}

    before = writes()
    time.sleep(SILENCE)
    assert writes() == before, f"edits have stopped, and it goes on writing: {before} {writes()}"


def run(program, folder, simulators, work):
    sides = [Side("hubspot", "contacts", "firstname", "two_way_hubspot.mjs"),
             Side("pipedrive", "persons", "name", "two_way_pipedrive.mjs")]
    dice = random.Random(1)
    config = write_config(work, simulators.hubspot, simulators.reached["ca_file"],
                          pipedrive=simulators.reached["pipedrive"])
    engine = Engine(program, config)
    for side in sides:
        side.integration = engine.ask("POST", "/v1/integrations",
                                      {"workspace": "w1", "provider": side.name})["id"]
        engine.connect(side.integration, simulators.tls)
    for side in sides:
        all_there = there(simulators, side)
        wait_until(f"the first sync of {side.name}",
                   lambda side=side, count=len(all_there): len(rows(engine, side)) == count,
                   SETTLE_MAX)
        side.records = sorted(all_there)[:EDITED]
    engine.kill()
    engine = storm(program, folder, config, simulators, sides, dice)
    before = {side.name: losers(engine, side) for side in sides}
    engine, must_lose = apart(program, folder, config, simulators, sides, engine)
    wait_for_equal(engine, simulators, sides)
    for side in sides:
        lost = losers(engine, side) - before[side.name]
        assert lost == Counter(must_lose[side.name]), f"{lost}\n{must_lose[side.name]}"
    expect_silence(simulators, sides)
    code = engine.stop()
    assert code == 0, f"stopped with {code}:\n{engine.process.output()}"
    return {side.name: sum(losers_of.values()) for side, losers_of in
            ((side, before[side.name]) for side in sides)}


def main(program, folder):
    folder = Path(folder)
    install(HERE, folder)
    for script in ("two_way_hubspot.mjs", "two_way_pipedrive.mjs"):
        shutil.copy(HERE / script, folder / script)
    simulators = Simulators(program, RECORDS, 1, providers="hubspot,pipedrive")
    try:
        (folder / "line.json").write_text(json.dumps(simulators.reached), encoding="utf-8")
        with tempfile.TemporaryDirectory() as work:
            archived = run(program, folder, simulators, work)
    finally:
        simulators.stop()
    print(f"both sides are equal, each loser is archived once; in the storm: {archived}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
