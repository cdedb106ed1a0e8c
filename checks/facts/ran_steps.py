"""Steps, environments, schemas and mutants, out of the documents of a run."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.hostile_json import Fields
from checks.facts.ran_values import (
    Command,
    Environment,
    Import,
    LeftOutPackage,
    MadeTable,
    Mutation,
    RanQuery,
    SchemaRun,
    StartedService,
    Step,
)

_NAMED = ("runner", "framework", "kind", "folder", "target", "engine", "settings")
_HOW = ("exit", "signal", "timeout", "output-too-large", "killed", "not-run")
MOST_TAIL = 8_000


def environment(given: Fields) -> Environment:
    """Return what the preparation of one part gave, from our own document."""
    return Environment(
        given.text("part", 200),
        given.flag("warm"),
        given.number("seconds"),
        given.texts("installed", 1_000),
        tuple(LeftOutPackage(p.text("text", 200), p.code("reason") or "unknown") for p in given.objects("left_out", 500)),
        given.texts("relaxed", 500),
        given.code("error"),
    )


def step(given: Fields, said: Fields, doubt: str | None) -> Step:
    """Return a step: how it ended is ours, its commands and services are the runner's."""
    what = given.inner("what")
    how = given.text("how", 30)
    return Step(
        given.count("n"),
        given.text("kind", 20),
        given.text("part", 200),
        _named(what),
        what.inner("place").text("path", 400),
        what.inner("place").line(),
        how if how in _HOW else "killed",
        given.whole("code"),
        given.code("reason"),
        given.number("seconds"),
        tuple(_command(c) for c in said.objects("commands", 40)),
        tuple(_service(s) for s in said.objects("services", 20)),
        doubt,
        tuple(dict.fromkeys(t.split(":")[0] for t in said.texts("trouble", 40, 60))),
    )


def _named(what: Fields) -> Mapping[str, str]:
    named = {name: what.text(name, 300) for name in _NAMED if what.text(name, 300)}
    targets = " ".join(what.texts("targets", 50, 200))
    return {**named, "targets": targets} if targets else named


def _command(given: Fields) -> Command:
    return Command(
        given.texts("argv", 200, 400),
        given.text("folder", 300),
        given.text("how", 20) or "exit",
        given.whole("code"),
        given.number("seconds"),
        given.tail("tail", MOST_TAIL),
    )


def _service(given: Fields) -> StartedService:
    return StartedService(given.text("kind", 30), given.text("state", 20), given.text("detail", 300))


def schema_run(made: Step, said: Fields) -> SchemaRun:
    """Return what our listing saw in the database."""
    tables = tuple(
        MadeTable(t.text("name", 200), t.texts("columns", 300, 100), t.whole("rows")) for t in said.objects("tables", 1_000)
    )
    imports = tuple(
        Import(i.text("script", 400), i.text("how", 20), i.whole("code"), i.count("rows_before"), i.count("rows_after"))
        for i in said.objects("imported", 50)
        if i.text("how", 20) != "absent"
    )
    queries = tuple(
        RanQuery(q.text("path", 400), q.line(), q.flag("ok"), q.whole("rows"), q.text("error", 400))
        for q in said.objects("queries", 200)
    )
    return SchemaRun(made, said.text("engine", 30), tables if said.has("tables") else None, imports, queries)


def mutation(made: Step, said: Fields) -> Mutation:
    """Return the figures of a mutation sample; more caught than made is none."""
    mutants, caught = said.count("mutants"), said.count("caught")
    survived = tuple((s.text("path", 400), s.line(), s.text("change", 200)) for s in said.objects("survived", 200))
    return Mutation(made, mutants, caught, survived) if caught <= mutants else Mutation(made)
