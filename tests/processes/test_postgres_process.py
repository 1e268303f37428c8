"""The PostgreSQL that tests start is one whose crashes mean something."""

from __future__ import annotations

from contextlib import closing

import psycopg
from postgres_process import PostgresProcess


def test_a_crashed_database_comes_back_with_what_was_committed() -> None:
    with PostgresProcess() as server:
        url = server.create("crash")
        with closing(psycopg.connect(url)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.commit()
            connection.execute("UPDATE kept SET answer = 43")
            server.crash()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
