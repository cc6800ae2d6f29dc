"""Durable deliveries per second on PostgreSQL: accepted, POSTed and recorded, each on disk.

The server is one of its own, with fsync and synchronous_commit on, on the same cores.
"""

import sys
from pathlib import Path

import uvloop
from delivery import run, with_turns

from hookswitch.store.postgres import PostgresStore

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from kit.postgres import cluster

SETTINGS = {"shared_buffers": "256MB", "synchronous_commit": "on", "fsync": "on"}


def main() -> None:
    known = with_turns(__doc__)
    # a claim and an outcome take longer on their way than in one process: more go side by side
    known.set_defaults(in_flight=1200, waiting=8000)
    given = known.parse_args()
    with cluster(SETTINGS) as server:
        uvloop.run(run(lambda _place: PostgresStore.open(server.url("postgres")), given))


if __name__ == "__main__":
    main()
