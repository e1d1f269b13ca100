"""A day in a company with several workbooks, drawn from a seed: what its people, programs and
managers do, and what goes wrong.
"""

from __future__ import annotations

import shutil
from typing import Any

from tests.outside.day import FAULTS
from tests.outside.fleet import BOOKS, Fleet
from tests.outside.fleet_ledger import FIELDS, seen, wrongs
from tests.outside.fleet_staff import FleetStaff, Requests
from tests.outside.ledger import plain

TROUBLES = (*FAULTS, {"kind": "status", "status": 401})
PUT_BACK = ("E-BOOK-OLD", "E-STORE-OLD")


class FleetDay(FleetStaff):
    """One day under way; `wrong` is what no promise allows."""

    def __init__(self, fleet: Fleet, seed: object) -> None:
        super().__init__(fleet, seed)
        self._aside = False
        sight = seen(fleet)
        self.ledger.births = len(sight.live) + len(sight.archived)
        for view in sight.views.values():
            for row in view.rows:
                self.ledger.own[row["mark"]] = row["mine"]
                self.ledger.join(row["mark"], row["id"])
                for name in FIELDS:
                    self.ledger.say(row["mark"], name, plain(name, row.get(name)), None)

    def live(self, steps: int) -> None:
        """Lets so many things happen, then rests."""
        for _ in range(steps):
            kind = self.chance.random()
            if kind < 0.45:
                self._staff_now()
            elif kind < 0.60:
                self._program()
            elif kind < 0.88:
                self._run()
            else:
                self._manage()
            if self.wrong:
                return
        self.rest()

    # Programs and managers.

    def _program(self) -> None:
        fleet, ledger = self.fleet, self.ledger
        if self.chance.random() < 0.2:
            self.note(self.contacts.program())
            return
        rows = fleet.sql(
            "select id from clients where archived_at is null and id is not null order by id"
        )
        kinds = ("update", "insert", "hand over", "archive", "delete", "careless")
        kind = self.chance.choices(kinds, (12, 4, 4, 2, 1, 2))[0]
        self.met[f"sql {kind}"] += 1
        people = [key for (key,) in fleet.sql("select id from employees order by id")]
        if kind == "insert":
            name, phone = ledger.token("full_name"), ledger.token("phone")
            fleet.sql(
                "insert into clients (full_name, phone, kind, status, owner)"
                " values (?, ?, 'customer', 'cold', ?)",
                name,
                phone,
                self.chance.choice(people),
            )
            ledger.births += 1
            ledger.said[name] = ledger.said[phone] = {f"inserted {name}"}
            ledger.known |= {name, phone}
            self.ledger.doubtful.add(f"inserted {name}")
            self.note(f"insert {name}")
            return
        if not rows:
            return
        record_id = self.chance.choice(rows)[0]
        self.note(f"{kind} {record_id}")
        if kind == "update":
            name = self.chance.choice(FIELDS)
            value = ledger.token(name)
            fleet.sql(f"update clients set {name} = ? where id = ?", value, record_id)
            ledger.say(record_id, name, value, None)
            ledger.known.add(value)
        elif kind == "hand over":
            employee = self.chance.choice([*people, None])
            fleet.sql("update clients set owner = ? where id = ?", employee, record_id)
        elif kind == "careless":
            name, value = self.chance.choice(
                (
                    ("city", ""),
                    ("note", "  blanks  "),
                    ("phone", "none yet"),
                    ("status", "nonsense"),
                    ("owner", "E-999999"),
                    ("email", "no address"),
                    ("touch_every_days", "often"),
                )
            )
            fleet.sql(f"update clients set {name} = ? where id = ?", value, record_id)
            ledger.doubtful.add(record_id)
        elif kind == "archive":
            fleet.sql("update clients set archived_at = '2026-01-01' where id = ?", record_id)
            ledger.doubtful.add(record_id)
        else:
            fleet.sql("delete from clients where id = ?", record_id)
            ledger.doubtful.add(record_id)

    def _manage(self) -> None:
        acts = [
            (5, self._resolve),
            (2, self._undo),
            (2, self._restore),
            (1, self._backup),
            (1, self._store_goes_back),
            (1, self._books_go_back),
            (1, self._look_only),
        ]
        weights, kinds = zip(*acts, strict=True)
        act = self.chance.choices(kinds, weights)[0]
        self.met[act.__name__] += 1
        act()

    def _must(self, *argv: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        self.note(" ".join(argv))
        done = self.fleet.crm_sync(*argv)
        if done["code"] not in codes:
            self.wrong.append(f"{argv} ended with {done['code']}: {done['said']}")
        return done

    def _resolve(self) -> None:
        for chosen in self.fleet.json("conflicts", "list")["conflicts"][:2]:
            side = self.chance.choice(("store", "sheet"))
            self._must("conflicts", "resolve", str(chosen["id"]), "--take", side, codes=(0, 2))
            self.met["resolved"] += 1
            self.ledger.doubtful.add(chosen["record"])
            if side == "store":
                self.ledger.replaced |= set(self._cells(chosen["workbook"], chosen["record"]))

    def _cells(self, book: str, record_id: str) -> list[str]:
        """What stands in the rows of a record now."""
        return [
            value
            for row in self.fleet.look(book).rows
            if row.get("id") == record_id
            for name in FIELDS
            if (value := plain(name, row.get(name))) is not None
        ]

    def _undo(self) -> None:
        runs = self.fleet.sql("select run from runs where finished_at is not null order by run")
        if runs:
            for name, *_ in self.fleet.sql("select id from clients"):
                self.ledger.doubtful.add(name)
            self._must("undo", str(runs[-1][0]), codes=(0, 2, 3))

    def _restore(self) -> None:
        gone = self.fleet.sql("select id from clients where archived_at is not null order by id")
        if gone:
            record_id = self.chance.choice(gone)[0]
            self.ledger.doubtful.add(record_id)
            self._must("restore", record_id)

    def _look_only(self) -> None:
        """Commands that only look: they must not change anything."""
        # Whatever opens the store first gives ids to the rows that programs inserted.
        self._must("status", codes=(0, 3, 5))
        before = self.fleet.sql("select max(seq), count(*) from history")
        for argv in (("sync", "--dry-run"), ("log",), ("problems", "list")):
            self._must(*argv, codes=(0, 3, 5))
        self._must("recover", "--dry-run", codes=(0, 1, 3))
        if self.fleet.sql("select max(seq), count(*) from history") != before:
            self.wrong.append("a command that only looks changed the store")

    def _backup(self) -> None:
        self._must("backup", "make")

    def _store_goes_back(self) -> None:
        """The store goes back to its newest backup: what it alone knew since then is gone."""
        if not list((self.fleet.home / "data/backups").glob("crm-*.db")):
            return
        self._must("backup", "restore", "--yes")
        self._forgive()
        self._must("recover")

    def _books_go_back(self) -> None:
        """All workbooks go back to what they were when somebody last put them aside."""
        home = self.fleet.home / "data"
        aside = home / "aside.db"
        if not self._aside:
            self.note("the workbooks are put aside")
            self.fleet.sql("select 1")
            self.fleet.close()
            shutil.copyfile(home / "workbook.db", aside)
            self._words = {name: dict(words) for name, words in self.fleet.words.items()}
            self.fleet.open()
            self._aside = True
            return
        self.note("the workbooks go back")
        self.fleet.close()
        shutil.copyfile(aside, home / "workbook.db")
        self.fleet.words = {name: dict(words) for name, words in self._words.items()}
        self.fleet.open()
        self.fleet.find_books()
        self._forgive()
        self._must("recover")

    def _forgive(self) -> None:
        """Whatever stands nowhere now went with what was put back, and is nobody's loss but of who
        put it back; what comes to stand in another row than before cannot be judged.
        """
        sight = seen(self.fleet)
        for value in [*self.ledger.said, *self.ledger.own.values()]:
            found = value.translate(dict.fromkeys(map(ord, " ()-"), None))
            if found not in sight.sheets and found not in sight.kept:
                self.ledger.replaced.add(value)
                self.ledger.known.discard(value)
            elif found not in sight.kept:
                self.ledger.known.discard(value)
        standing = {str(row.get("mark", "")) for view in sight.views.values() for row in view.rows}
        self.ledger.doubtful |= {*self.ledger.own, *standing, *sight.live, *sight.archived} - {""}
        self.ledger.births += 20
        for view in sight.views.values():
            for row in view.rows:
                if row.get("mark"):
                    self.ledger.own[str(row["mark"])] = str(row.get("mine", ""))

    # Runs.

    def _run(self) -> None:
        death: dict[str, Any] | None = None
        clock = 0.0
        pending: Requests = []
        book = self.chance.choice(BOOKS)
        kind = self.chance.random()
        if kind < 0.40:
            pending = self._race(book)
        elif kind < 0.72:
            for _ in range(self.chance.choice((1, 1, 2))):
                fault = dict(self.chance.choice(TROUBLES)) | {"nth": self.chance.randrange(1, 16)}
                fault["when"] = self.chance.choice(("before", "after"))
                self.note(f"fault {fault}")
                self.met[f"fault {fault['kind']}"] += 1
                self.fleet.fault(**fault)
        if 0.60 < kind < 0.95:
            if self.chance.random() < 0.5:
                death = {"request": self.chance.randrange(1, 22)}
                death["after"] = self.chance.random() < 0.5
            else:
                death = {"seconds": self.chance.random() * 1.2}
        if self.chance.random() < 0.1:
            clock = self.chance.choice((-86400.0, -600.0, 600.0, 86400.0 * 3))
        names = [book] if self.chance.random() < 0.2 else []
        self.note(f"sync {names} {death} {clock}")
        done = self.fleet.crm_sync("sync", *names, death=death, clock=clock)
        self.fleet.calm()
        if pending and not self.fleet.acted():
            self._sent(book, pending)
        self.met["killed" if done["signal"] else f"ended {done['code']}"] += 1

    def _race(self, book: str) -> Requests:
        """Staff will act just before the next run reads, or writes, their workbook."""
        self.note(f"meanwhile, in {book}:")
        requests = self._act(book)
        if requests:
            self.met["raced"] += 1
            file = self.fleet.at(book).book
            path = f"/v4/spreadsheets/{file}:batchUpdate"
            action = {"method": "POST", "path": path, "body": {"requests": requests}}
            where = self.chance.choice(
                (f"files/{file}", f"{file}.*batchGet", f"{file}:batchUpdate")
            )
            self.fleet.fault(kind="staff", nth=1, when="before", path=where, actions=[action])
        return requests

    def rest(self) -> None:
        """Two undisturbed runs; then all must be as it was promised."""
        for _ in range(2):
            self._undisturbed()
        third = self.fleet.json("sync")
        busy = {
            item["workbook"]: item["outcome"] + str(item["tabs"])
            for item in third["workbooks"]
            if item["outcome"] != "unchanged"
        }
        if busy:
            self.wrong.append(f"the third run was no rest: {busy}")
        sight = seen(self.fleet)
        self.met["waiting"] += len(sight.waiting)
        self.wrong.extend(wrongs(self.ledger, sight, self.language))
        self.wrong.extend(self.contacts.wrongs(sight))

    def _undisturbed(self) -> None:
        for _ in range(3):
            told = self.fleet.json("sync")
            errors = [item for item in told["workbooks"] if item["error"]]
            stops = {
                tab["stop"]["allow"]
                for item in told["workbooks"]
                for tab in item["tabs"]
                if tab.get("stop") and tab["stop"]["allow"]
            }
            if any(item["error"]["code"] in PUT_BACK for item in errors):
                self.met["recovered"] += 1
                self._must("recover")
            elif errors:
                self.wrong.append(f"an undisturbed run failed: {errors}")
                return
            elif stops:
                self.met["stopped"] += 1
                flags = [flag for limit in sorted(stops) for flag in ("--allow", limit)]
                self._must("sync", *flags, codes=(0, 3))
                return
            else:
                return
