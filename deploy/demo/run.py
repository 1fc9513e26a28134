"""`make demo`: a federation on loopback, one story, and a comparison with what was expected.

    python -m deploy.demo.run [--serve] [--folder demo-run]

Exit 0 when every fact equals `expected.json`, 1 otherwise. `--serve` leaves everything running until interrupted.
"""

import argparse
import json
import shutil
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.demo.asking import Analyst
from deploy.demo.federation import lay_out
from deploy.demo.processes import free_ports, running
from deploy.demo.regisseur import Regisseur
from deploy.demo.releasing import release
from deploy.demo.scenario import (
    Stage,
    audit,
    care_route,
    leave,
    match,
    preview,
    send,
    start,
    withdraw,
    wrong_purpose,
)
from deploy.demo.sources import plant, write_sources
from deploy.demo.story import Story

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "opa"
EXPECTED = Path(__file__).with_name("expected.json")
PORTS = (8400, 8401, 8402)


def main() -> int:
    """Run the story; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help="leave it running, with the web pages open to a browser")
    parser.add_argument("--folder", type=Path, default=ROOT / "demo-run", help="made anew at each run")
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    # A stop by a supervisor unwinds like Ctrl-C, so that no process stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    gateway, *custodians = (f"http://127.0.0.1:{port}" for port in (PORTS if options.serve else free_ports(3)))
    layout = lay_out(
        folder,
        POLICY / "bron" / "parties.json",
        gateway,
        (custodians[0], custodians[1]),
        datetime.now(UTC),
        seed=b"schakel demo",
        policy_dir=POLICY,
    )
    story = Story()
    with running(layout, folder / "logs") as federation:
        plan = plant()
        stage = Stage(federation, plan, write_sources(folder / "bron", plan), story)
        _play(stage)
        (folder / "facts.json").write_text(json.dumps(story.facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        differences = story.differences(json.loads(EXPECTED.read_text(encoding="utf-8")))
        _end(story, folder, gateway, differences)
        if options.serve:
            _wait(story, gateway)
    return 1 if differences else 0


def _play(stage: Stage) -> None:
    analyst = Analyst(stage.connector("riec"), stage.connector("gemeente"))
    start(stage)
    preview(stage)
    send(stage)
    match(stage, analyst)
    wrong_purpose(stage, analyst)
    care_route(stage, analyst)
    release(stage, Regisseur(stage.connector("regisseur")))
    withdraw(stage, analyst)
    leave(stage, analyst)
    audit(stage)


def _end(story: Story, folder: Path, gateway: str, differences: list[str]) -> None:
    story.step("Klaar.", "Done.")
    for difference in differences:
        story.console.print(f"[red]verschil / difference[/] {difference}", markup=True)
    if not differences:
        story.tell(
            f"Alle {len(story.facts)} feiten zijn zoals verwacht, in {story.seconds:.0f} seconden.",
            f"All {len(story.facts)} facts are as expected (deploy/demo/expected.json).",
        )
    story.tell(
        f"Bestanden, databases en logboeken: {folder.name}/. Webpagina's: make demo-serve, dan {gateway}/.",
        f"Files, databases and logs: {folder.name}/. Web pages: make demo-serve.",
    )


def _wait(story: Story, gateway: str) -> None:
    story.tell(f"De gateway draait op {gateway}/. Stop met Ctrl-C.", f"The gateway runs at {gateway}/. Ctrl-C stops.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    sys.exit(main())
