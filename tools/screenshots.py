"""Makes the pictures of the terminal application in docs/pictures from a real run of the bundled model.

    python tools/screenshots.py [--scenes 100] [--db FILE]

Asks the bundled model about the first bundled scenes (a minute or two on two cores), or with --db looks
at the newest run of a warehouse that is there, and draws the screens named in SHOTS. Prints for each picture
what it shows, to be compared with the words beside it in README.md.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ |= {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
os.environ.pop("NO_COLOR", None)

# name: size, and the keys that lead there; w lists what the model got wrong
SHOTS = {
    "workbench": ((132, 40), ("3", "w")),
    "question": ((120, 34), ("3", "w", "enter", "right", "right", "right", "right")),
    "layers": ((120, 36), ("5",)),
}


def run_bundled(database: Path, scenes: int) -> None:
    words = ["run", "--db", str(database), "--name", "bundled", "--max-samples", str(scenes)]
    command = [sys.executable, "-m", "relcli", *words, "--variants", "raw,masked,blank"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


async def shoot(database: Path, out: Path) -> None:
    from relcli.tui.app import RelcliApp
    from tests.tui.tui_driver import Driver

    for name, (size, keys) in SHOTS.items():
        app = RelcliApp(database)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            await driver.press(*keys)
            app.clear_notifications()
            await driver.settle()
            target = out / f"{name}.svg"
            target.write_text(app.export_screenshot(title="relcli tui"), encoding="utf-8")
            said = driver.text("#verdicts") if name != "layers" else ""
            print(f"{target.relative_to(ROOT)}: {driver.screen.subtitle}. {said}".rstrip(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--db", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RELCLI_CONFIG"] = str(Path(folder) / "config.toml")  # not a person's own theme
        database = options.db
        if database is None:
            database = Path(folder) / "relcli.duckdb"
            run_bundled(database, options.scenes)
        asyncio.run(shoot(database.resolve(), ROOT / "docs" / "pictures"))


if __name__ == "__main__":
    main()
