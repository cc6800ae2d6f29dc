"""P7: how long Apply takes with many users, and the first start with that configuration."""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from hookswitch.app.server import running
from hookswitch.app.settings import Settings
from hookswitch.app.submission import Submission

SIZES = {"1000 users, 200 objects": (1000, 200, 1.0), "10000 users": (10_000, 20, 5.0)}


def document(users: int, objects: int, change: int) -> str:
    """JSON is YAML too; `change` tells it from the one before."""
    return json.dumps(
        {
            "hookswitch": 1,
            "users": [
                {
                    "name": f"User {n} {change}",
                    "extension": str(100_000 + n),
                    "devices": [{"username": f"u{n}", "password": f"password-{n}"}],
                }
                for n in range(users)
            ],
            "flows": [
                {
                    "name": "Flow",
                    "objects": [
                        {
                            "id": f"o{n}",
                            "kind": "user",
                            "name": f"Object {n}",
                            "user": str(100_000 + n),
                            "outputs": {"no_answer": f"o{n - 1}"} if n else {},
                        }
                        for n in range(objects)
                    ],
                }
            ],
        }
    )


async def measure(users: int, objects: int, folder: str) -> dict[str, float]:
    """Seconds of the first Apply, of one that renames every user, and of a start with it."""
    settings = Settings(data_dir=Path(folder), port=0, sip_port=0, log_level="error")
    taken: dict[str, float] = {}
    async with running(settings, say=lambda _text: None) as server:
        for name, change in (("first", 0), ("again", 1)):
            text = document(users, objects, change)
            began = time.perf_counter()
            await server.submit(Submission(by="bench", text=text))
            taken[name] = round(time.perf_counter() - began, 2)
    began = time.perf_counter()
    async with running(settings, say=lambda _text: None):
        taken["start"] = round(time.perf_counter() - began, 2)
    return taken


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--users", type=int, default=10_000, help="leave out what is larger")
    most: int = options.parse_args().users
    found: dict[str, Any] = {}
    ratio = 0.0
    for name, (users, objects, target) in SIZES.items():
        if users <= most:
            with tempfile.TemporaryDirectory() as folder:
                taken = await measure(users, objects, folder)
            found[name] = {**taken, "target": target}
            ratio = max(ratio, taken["again"] / target)
    print(json.dumps({"bench": "apply", "seconds": found, "lost": 0, "ratio": round(ratio, 3)}))


if __name__ == "__main__":
    asyncio.run(main())
