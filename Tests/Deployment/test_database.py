"""PostgreSQL with the files of compose/: who gets in, and what the roles may do together."""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from places import COMPOSE, ROOT, LiveTestCase, free_port, listens, make_secrets, other_user, required, running, wait_until

VERSIONS = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)


class Database(LiveTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder.chmod(0o755)
        cls.secrets = make_secrets(cls.folder / "secrets")
        cls.secrets.chmod(0o755)
        cls.port = free_port()
        cls.data, cls.sockets = cls.folder / "data", cls.folder / "run"
        for place in (cls.data, cls.sockets):
            place.mkdir(mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(place, "nobody", "nogroup")
        # The server's user is not called postgres here, so the local rule is for whoever runs it.
        (cls.folder / "pg_hba.conf").write_text((COMPOSE / "postgres/pg_hba.conf").read_text().replace("peer", "trust"))
        cls.command(required("initdb", *VERSIONS), "-D", cls.data, "-U", "postgres", "-A", "trust", "--no-sync")
        cls.command("install", "-m", "600", cls.secrets / "postgres-key.pem", cls.sockets / "server.key")
        places = {
            "hba_file": cls.folder / "pg_hba.conf", "ssl_cert_file": cls.secrets / "postgres-cert.pem",
            "ssl_key_file": cls.sockets / "server.key", "unix_socket_directories": cls.sockets, "listen_addresses": "127.0.0.1",
            "port": cls.port,
        }
        log = cls.folder / "log"
        process = cls.stack.enter_context(running(
            required("postgres", *VERSIONS), "-c", f"config_file={COMPOSE / 'postgres/postgresql.conf'}",
            *(part for name, value in places.items() for part in ("-c", f"{name}={value}")),
            log=log, env={"PGDATA": str(cls.data), "PATH": os.environ["PATH"]}, **other_user(),
        ))
        wait_until(lambda: listens(cls.port) or process.poll() is not None, "PostgreSQL")
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        wait_until(lambda: cls.local("SELECT 1").returncode == 0, "PostgreSQL")
        local = {"PGHOST": str(cls.sockets), "PGPORT": str(cls.port), "PATH": os.environ["PATH"]}
        cls.command(
            required("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-f", COMPOSE / "postgres/roles.sql",
            env=local,
        )
        cls.set_passwords = [COMPOSE / "postgres/set-passwords"]
        cls.local_environment = {**local, "SECRETS": str(cls.secrets)}
        cls.command(*cls.set_passwords, env=cls.local_environment)

    @classmethod
    def command(cls, *command, **options):
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=False, cwd="/", **other_user(), **options
        )
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")

    @classmethod
    def local(cls, statement: str):
        return cls.ask(statement, "postgres", f"host={cls.sockets} dbname=postgres")

    @classmethod
    def ask(cls, statement: str, user: str, place: str, password: str = ""):
        return subprocess.run(
            [required("psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, f"{place} port={cls.port} user={user}"],
            capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"},
        )

    def over_network(self, statement: str, user: str, password: str | None = None, ssl: str = "verify-full", database="swiftscale"):
        if password is None:
            password = (self.secrets / f"database-password-{user}").read_text()
        place = f"host=localhost hostaddr=127.0.0.1 dbname={database} sslmode={ssl} sslrootcert={self.secrets / 'ca.pem'}"
        return self.ask(statement, user, place, password)

    def test_services_share_what_each_makes(self):
        made = self.over_network("CREATE TABLE shared (n int); INSERT INTO shared VALUES (1)", "policy")
        self.assertEqual(made.returncode, 0, made.stderr)
        changed = self.over_network("ALTER TABLE shared ADD m int; INSERT INTO shared VALUES (2, 3)", "registry")
        self.assertEqual(changed.returncode, 0, changed.stderr)
        self.assertEqual(self.over_network("SELECT count(*) FROM shared", "policy").stdout.strip(), "2")
        self.assertEqual(
            self.over_network("SELECT session_user || ' as ' || current_user", "registry").stdout.strip(),
            "registry as swiftscale",
        )

    def test_who_does_not_get_in(self):
        refused = [
            ("without TLS", self.over_network("SELECT 1", "registry", ssl="disable")),
            ("with another's password", self.over_network("SELECT 1", "registry",
                                                          (self.secrets / "database-password-policy").read_text())),
            ("into another database", self.over_network("SELECT 1", "registry", database="postgres")),
            ("as the superuser", self.over_network("SELECT 1", "postgres")),
            ("as the owner", self.over_network("SELECT 1", "swiftscale", "")),
        ]
        for how, answer in refused:
            self.assertNotEqual(answer.returncode, 0, how)
        self.assertEqual(self.over_network("SELECT 1", "registry").stdout.strip(), "1")

    def test_services_are_no_superusers(self):
        for statement in ("CREATE ROLE other", "COPY (SELECT 1) TO PROGRAM 'true'", "CREATE DATABASE other"):
            self.assertNotEqual(self.over_network(statement, "registry").returncode, 0, statement)

    def test_a_backup_brings_everything_back(self):
        """As docs/operations.md says."""
        made = self.over_network("CREATE TABLE kept (n int PRIMARY KEY); INSERT INTO kept VALUES (7)", "registry")
        self.assertEqual(made.returncode, 0, made.stderr)
        place = {"PGHOST": str(self.sockets), "PGPORT": str(self.port), "PATH": os.environ["PATH"]}
        dump = self.sockets / "dump"
        self.command(required("pg_dump", *VERSIONS), "-U", "postgres", "-Fc", "-f", dump, "swiftscale", env=place)
        guide = (ROOT / "docs/operations.md").read_text()
        statements = re.findall(r"""-c (?:'([^']+)'|"([^"]+)")""", guide.split("## Restore")[1].split("## ")[0])
        self.assertEqual(len(statements), 3)
        for quoted, double in statements:
            done = self.local(quoted or double)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual(self.over_network("SELECT n FROM kept", "registry").returncode, 0)
        self.command(required("pg_restore", *VERSIONS), "-U", "postgres", "-d", "swiftscale", dump, env=place)
        self.assertEqual(self.over_network("UPDATE kept SET n = 8 RETURNING n", "policy").stdout.split()[0], "8")

    def test_a_password_can_be_changed(self):
        file = self.secrets / "database-password-policy"
        old = file.read_text()
        file.unlink()
        make_secrets(self.secrets)
        self.secrets.chmod(0o755)
        self.command(*self.set_passwords, env=self.local_environment)
        self.assertEqual(self.over_network("SELECT 1", "policy").returncode, 0)
        self.assertNotEqual(self.over_network("SELECT 1", "policy", old).returncode, 0)


if __name__ == "__main__":
    unittest.main()
