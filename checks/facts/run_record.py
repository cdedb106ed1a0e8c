"""What was run, told for people: each step with the command that does it again, how it ended, and what it gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from checks.facts.answers import Answers
from checks.facts.failures import Sorted
from checks.facts.ran_values import Mutation, Ran, SchemaRun, Server, StartedService, Step
from checks.facts.test_outcomes import SuiteOutcomes, TestOutcomes, tally
from checks.run_reasons import why
from grader.plan import Plan
from grader.plurals import agree
from grader.values import FailedTest, LeftOutRequirement, Run, RunService, Screenshot, Text, Tried

MOST_FAILURES = 60
MOST_SCREENSHOTS = 6
_NOT_PREPARED = {"no-environment", "no-vitest", "no-jest"}
_SERVICES = ("postgresql", "redis", "mysql", "mongodb")
_WHOSE = {
    "candidate": Text("le projet", "the project"),
    "sandbox": Text("le bac à sable", "the sandbox"),
    "undetermined": Text("indéterminé", "undetermined"),
}


def run_record(ran: Ran, test_outcomes: TestOutcomes, answers: Answers, plan: Plan) -> Run | None:
    """Return the account of what was run; None when nothing was."""
    if not ran.whole:
        return None
    by_step = {s.run.step.n: _suite(s, plan) for s in test_outcomes.suites}
    by_step |= {s.step.n: _server(s, answers.endings.get(s.step.n)) for s in ran.servers}
    by_step |= {s.step.n: _schema(s, answers.endings.get(s.step.n)) for s in ran.schemas}
    by_step |= {m.step.n: _mutation(m) for m in ran.mutations}
    steps = tuple(by_step.get(s.n) or _tried(s, "", why(s.reason or s.doubt)) for s in ran.steps)
    errors = {e.part: e.error for e in ran.environments if e.error}
    return Run(
        ran.sandbox,
        tuple(_explained(tried, step, errors) for tried, step in zip(steps, ran.steps, strict=True)),
        tuple(_together(_left_out(ran, plan))),
        tuple(dict.fromkeys(r for e in ran.environments for r in e.relaxed)),
        tuple(dict.fromkeys(RunService(s.kind, s.state) for step in ran.steps for s in step.services if _is_known(s))),
        tuple(Screenshot(s.step.part, s.step.what.get("target", ""), s.screenshot) for s in ran.servers if s.screenshot)[
            :MOST_SCREENSHOTS
        ],
    )


def _is_known(service: StartedService) -> bool:
    """Tell whether a service is of a kind and in a state that our runner tells: its word may be forged."""
    return service.kind in _SERVICES and service.state in ("started", "absent", "failed")


def _listed(*figures: tuple[int, str, str]) -> Text:
    """Return figures with their words, those of zero left out: (12, "table(s)", "table(s)")."""
    shown = [(n, fr, en) for n, fr, en in figures if n]
    return Text(", ".join(f"{n} {fr}" for n, fr, _ in shown), ", ".join(f"{n} {en}" for n, _, en in shown))


def _left_out(ran: Ran, plan: Plan) -> Iterator[LeftOutRequirement]:
    """Yield what was declared and never asked of an index (addresses, options, paths…), then what the index could not give."""
    for part in plan.parts:
        yield from (LeftOutRequirement(p.text, part.folder, p.reason) for p in part.left_out)
    for made in ran.environments:
        yield from (LeftOutRequirement(p.text, made.part, p.reason) for p in made.left_out)


def _together(left_out: Iterable[LeftOutRequirement]) -> Iterator[LeftOutRequirement]:
    """Yield what was left out, once with the parts that ask for it."""
    parts: dict[tuple[str, str], list[str]] = {}
    for one in left_out:
        parts.setdefault((one.text, one.reason), []).append(one.part)
    for (text, reason), where in parts.items():
        folders = list(dict.fromkeys(where))
        yield LeftOutRequirement(text, ", ".join(f or "." for f in folders) if len(folders) > 1 else folders[0], reason)


def _explained(tried: Tried, step: Step, errors: Mapping[str, str]) -> Tried:
    """Add why the part has no environment, where that is what kept a step from running."""
    code = errors.get(step.part)
    if not code or not _NOT_PREPARED & {step.reason, *step.trouble}:
        return tried
    text = why(code)
    return replace(tried, summary=Text(f"{tried.summary.fr} {text.fr}", f"{tried.summary.en} {text.en}"))


def _tried(
    step: Step,
    command: str,
    summary: Text,
    counts: Mapping[str, int] | None = None,
    failures: tuple[FailedTest, ...] = (),
    reason: str | None = None,
) -> Tried:
    return Tried(
        step.kind,
        step.part,
        " ".join(filter(None, (step.what.get("runner") or step.what.get("framework") or step.what.get("kind"), _target(step)))),
        command,
        step.how,
        step.reason or step.doubt or reason,
        round(step.seconds, 1),
        Text(agree(summary.fr, "fr"), agree(summary.en, "en")),
        step.path,
        step.line,
        dict(counts or {}),
        failures,
    )


def _target(step: Step) -> str:
    targets = step.what.get("targets", "").split()
    many = f"{targets[0]} … ({len(targets)})" if len(targets) > 3 else " ".join(targets)  # the command names them all
    return step.what.get("target") or many or step.what.get("folder", "")


def _as_in_chain(suite: SuiteOutcomes, plan: Plan) -> Text:
    """Say what the tests were given of their chain, where that helped them; empty texts for nothing."""
    place = (suite.run.step.path, suite.run.step.line, suite.run.step.what.get("runner"))
    asked = next((s for p in plan.parts for s in p.suites if (s.place.path, s.place.line, s.runner) == place), None)
    if asked is None or not suite.run.given or not (asked.variables or asked.before):
        return Text("", "")
    shown = ", ".join([*(v.name for v in asked.variables[:6]), *(" ".join(b.words)[:80] for b in asked.before)])
    path = [*(b.place for b in asked.before), *(v.place for v in asked.variables)][0].path
    return Text(f" Comme dans {path} : {shown}.", f" As in {path}: {shown}.")


def _beside(target: str) -> Text:
    """Say which application was started for the tests; empty texts for none."""
    if not target:
        return Text("", "")
    return Text(f" L'application {target} a été lancée pour eux.", f" The application {target} was started for them.")


def _folders(made: tuple[str, ...]) -> Text:
    """Say which folders were made first; empty texts for none."""
    shown = ", ".join(made)
    several = len(made) > 1
    fr = f" {'Dossiers absents du dépôt, créés' if several else 'Dossier absent du dépôt, créé'} d'abord : {shown}."
    en = f" {'Folders' if several else 'Folder'} absent from the repository, made first: {shown}."
    return Text(fr, en) if made else Text("", "")


def _suite(suite: SuiteOutcomes, plan: Plan) -> Tried:
    step = suite.run.step
    if suite.doubt and not suite.partial:
        return _tried(step, suite.command, suite.why, reason=suite.doubt)
    found = tally(suite.partial if suite.doubt else suite.all)
    counts = {
        "passed": len(found.passed),
        "failed_theirs": len(found.theirs),
        "failed_ours": len(found.ours),
        "failed_undetermined": len(found.unsure),
        "skipped": found.skipped,
    }
    statements = sum(n for _, n in suite.run.coverage.values())
    if statements:
        counts |= {"covered": sum(c for c, _ in suite.run.coverage.values()), "statements": statements}
    failures = tuple(
        FailedTest(o.path, o.line, o.name, o.sorted.whose, o.sorted.code, o.sorted.text)
        for o in (*found.theirs, *found.unsure, *found.ours)
        if o.sorted
    )
    share = f"{100 * counts['covered'] / statements:.0f}" if statements else ""
    covered = Text(f" Code exécuté : {share} %.", f" Code run: {share}%.") if share else Text("", "")
    skipped = Text(f", {found.skipped} sauté(s)", f", {found.skipped} skipped") if found.skipped else Text("", "")
    chain, made, beside = _as_in_chain(suite, plan), _folders(suite.run.folders), _beside(suite.run.beside)
    summary = Text(
        f"{counts['passed']} passe(nt), {len(failures)} échoue(nt){_shares(failures, 'fr')}{skipped.fr}.{covered.fr}{chain.fr}{made.fr}{beside.fr}",
        f"{counts['passed']} pass(es|), {len(failures)} fail(s|){_shares(failures, 'en')}{skipped.en}.{covered.en}{chain.en}{made.en}{beside.en}",
    )
    if suite.doubt:
        doubt, ended = suite.why, len(suite.partial)
        summary = Text(
            f"{doubt.fr} Avant l'arrêt, {ended} test(s) étai(t|ent) fini(s) : {summary.fr}",
            f"{doubt.en} Before the stop, {ended} test(s) had ended: {summary.en}",
        )
    return _tried(step, suite.command, summary, counts, failures[:MOST_FAILURES], suite.doubt)


def _shares(failures: tuple[FailedTest, ...], language: str) -> str:
    """Say whose the failures are: " (the project: 2, the sandbox: 1)"."""
    counted = Counter(f.whose for f in failures)
    colon = " :" if language == "fr" else ":"
    told = ", ".join(f"{_WHOSE[whose].in_(language)}{colon} {count}" for whose, count in counted.items())
    return f" ({told})" if told else ""


def _server(server: Server, ending: Sorted | None) -> Tried:
    step, what = server.step, server.step.what
    folder = f"cd {what['folder']} && " if what.get("folder") not in (None, "", ".") else ""
    target = what.get("target", "")
    start = {
        "fastapi": f"python -m uvicorn {target}",
        "starlette": f"python -m uvicorn {target}",
        "flask": f"python -m flask --app {target} run",
        "django": "python manage.py runserver",
        "streamlit": f"python -m streamlit run {target}",
        "gradio": f"python {target}",
        "express": f"node {target}",
    }.get(what.get("framework", ""), target)
    counts = {
        "calls": len(server.exchanges),
        "generated": server.cases,
        "server_errors": sum((e.status or 0) >= 500 for e in server.exchanges),
    }
    if not server.reached:
        text = (
            ending.text
            if ending
            else why(
                step.reason or step.doubt or next(iter(step.trouble), "") or ("not-reached" if server.ready else "not-ready")
            )
        )
        return _tried(step, folder + start, text, counts, reason=ending.code if ending else "not-ready")
    told = _listed(
        (counts["calls"], "appel(s)", "call(s)"),
        (counts["generated"], "demande(s) engendrée(s)", "generated request(s)"),
        (counts["server_errors"], "erreur(s) du serveur", "server error(s)"),
    )
    prepared = Text(" Son schéma a d'abord été créé.", " Its schema was created first.") if server.prepared else Text("", "")
    made = _folders(server.folders)
    prepared = Text(prepared.fr + made.fr, prepared.en + made.en)
    summary = (
        Text(f"Répond : {told.fr}.{prepared.fr}", f"Answers: {told.en}.{prepared.en}")
        if told.fr
        else Text(f"Répond.{prepared.fr}", f"Answers.{prepared.en}")
    )
    return _tried(step, folder + start, summary, counts)


def _schema(schema: SchemaRun, ending: Sorted | None) -> Tried:
    step, what = schema.step, schema.step.what
    folder = f"cd {what['folder']} && " if what.get("folder") not in (None, "", ".") else ""
    target = what.get("target", "")
    apply = {
        "alembic": "alembic upgrade head",
        "django": "python manage.py migrate",
        "ddl": f"psql -f {target}" if schema.engine == "postgresql" else f"sqlite3 base.db < {target}",
    }.get(what.get("kind", ""), f"python -c 'import {target}'" if target else "")
    if schema.tables is None:
        text = ending.text if ending else why(step.reason or step.doubt or next(iter(step.trouble), "unsorted"))
        return _tried(step, folder + apply, text, reason=ending.code if ending else next(iter(step.trouble), "unsorted"))
    rows = sum(i.after - i.before for i in schema.imports if i.after > i.before)
    asked = [q for q in schema.queries if not q.table_absent]
    fine, absent = sum(q.ok for q in asked), len(schema.queries) - len(asked)
    counts = {
        "tables": len(schema.tables),
        "rows_imported": rows,
        "queries_run": fine,
        "queries": len(schema.queries),
        "queries_without_table": absent,
    }
    told = _listed(
        (rows, "ligne(s) importée(s)", "row(s) imported"),
        (len(asked), f"requête(s) essayée(s), dont {fine} sans erreur", f"quer(y|ies) tried, {fine} without error"),
        (absent, "requête(s) sur une table que ce schéma n'a pas", "quer(y|ies) of a table that this schema does not have"),
    )
    tables = counts["tables"]
    none = Text(", aucune du projet", ", none of the project's") if tables and not schema.own else Text("", "")
    summary = Text(
        f"{tables} table(s){none.fr}{', ' if told.fr else ''}{told.fr}.",
        f"{tables} table(s){none.en}{', ' if told.en else ''}{told.en}.",
    )
    return _tried(step, folder + apply, summary, counts)


def _mutation(mutation: Mutation) -> Tried:
    counts = {"mutants": mutation.mutants, "caught": mutation.caught}
    if not mutation.mutants:
        return _tried(
            mutation.step,
            "",
            why(mutation.step.reason or mutation.step.doubt or next(iter(mutation.step.trouble), "no-fault")),
            counts,
        )
    summary = Text(
        f"{mutation.caught} faute(s) remarquée(s) par les tests, sur {mutation.mutants} introduite(s).",
        f"{mutation.caught} fault(s) noticed by the tests, of {mutation.mutants} put in.",
    )
    return _tried(mutation.step, "", summary, counts)


FACTS = (run_record,)
