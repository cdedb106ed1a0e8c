"""What the candidate's own tests said when they ran: declared by their process, each failure sorted first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from checks.facts.application_calls import ApplicationCalls
from checks.facts.coverage import Coverage
from checks.facts.ran_values import Ran
from checks.facts.served import Served
from checks.facts.test_outcomes import Outcome, Tally, TestOutcomes, tally
from checks.facts.test_suite import TestSuite
from checks.findings import evidence, inconclusive, met, not_applicable, not_met, partly
from checks.run_reasons import why
from grader.values import Evidence, Finding, Source, Text

MOSTLY = 0.5  # share of the tests that must have had what they need for a suite to be judged
FEW = 0.1  # share of unexplained failures that a full mark bears, with a question
FEWEST_TO_FAIL = 3  # broken tests below which a suite is never called broken
NOT_BEGUN = Text("Les tests n'ont pas pu être lancés.", "The tests could not be started.")
FEWEST_FAULTS = 10  # faults put in below which their share says nothing
CAUGHT = 0.5  # share of mutants from which tests have teeth
_TARGET = re.compile(r"fail[_-]under\W{0,10}(\d{1,3})\b", re.I)
COVERED = 0.6  # share of a file's statements from which its routes count as exercised


def nothing_ran() -> Finding:
    """Return that nothing was run: reading stands as it is."""
    return not_applicable("Rien n'a été exécuté.", "Nothing was run.", "nothing-ran")


def seen(outcome: Outcome) -> Evidence:
    """Return where a test stands, with how it ended."""
    told = f" – {outcome.sorted.detail or outcome.sorted.code}" if outcome.sorted else ""
    return evidence(outcome.path, outcome.line, f"{outcome.name}: {outcome.outcome}{told}", Source.DECLARED)


def _unready(ran: Ran, test_outcomes: TestOutcomes) -> Finding | None:
    """Return the finding of a suite that said nothing; None when there are outcomes to weigh."""
    if not ran.whole:
        return nothing_ran()
    if not test_outcomes.suites:
        return not_applicable("Aucune suite de tests n'a été lancée.", "No test suite was started.", "no-suite")
    if test_outcomes.all:
        return None
    doubted = next((s for s in test_outcomes.suites if s.doubt), None)
    code = (test_outcomes.doubts or ("empty",))[0]
    text, partial = doubted.why if doubted else why(code), tuple(o for s in test_outcomes.suites for o in s.partial)
    ended = _counts(tally(partial)) if partial else None
    fr, en = (f" Avant l'arrêt : {ended.fr}.", f" Before the stop: {ended.en}.") if ended else ("", "")
    places = [evidence(s.run.step.path, s.run.step.line, s.command) for s in test_outcomes.suites if s.run.step.path]
    begun = any(s.run.step.commands for s in test_outcomes.suites)
    began = Text("Les tests ont été lancés.", "The tests were started.") if begun else NOT_BEGUN
    return inconclusive(f"{began.fr} {text.fr}{fr}", f"{began.en} {text.en}{en}", code, places)


def _counts(found: Tally) -> Text:
    fr, en = f"{len(found.passed)} test(s) passe(nt)", f"{len(found.passed)} test(s) pass(es|)"
    for some, french, english in (
        (found.theirs, "échoue(nt)", "fail(s|)"),
        (found.ours, "bute(nt) sur ce qui manque au bac à sable", "meet(s|) what the sandbox lacks"),
        (found.unsure, "échoue(nt) sans explication sûre", "fail(s|) without a sure explanation"),
    ):
        if some:
            fr, en = fr + f", {len(some)} {french}", en + f", {len(some)} {english}"
    if found.skipped:
        fr, en = fr + f", {found.skipped} sauté(s)", en + f", {found.skipped} skipped"
    return Text(fr, en)


def _first(outcomes: Iterable[Outcome]) -> Text:
    one = next((o for o in outcomes if o.sorted), None)
    return Text(f"{one.name} : {one.sorted.text.fr}", f"{one.name}: {one.sorted.text.en}") if one and one.sorted else Text("", "")


def _asked(outcomes: Iterable[Outcome]) -> Text | None:
    one = next(iter(outcomes), None)
    if one is None:
        return None
    return Text(
        f"Pourquoi {one.name} ({one.path}) échoue-t-il quand on le lance ici ?",
        f"Why does {one.name} ({one.path}) fail when it is run here?",
    )


def _measures(found: Tally) -> dict[str, float]:
    return {
        "passed": float(len(found.passed)),
        "theirs": float(len(found.theirs)),
        "ours": float(len(found.ours)),
        "unsure": float(len(found.unsure)),
    }


def _concluded(outcomes: tuple[Outcome, ...]) -> Finding:
    """Weigh outcomes: theirs lower, ours say nothing, too many unexplained ones leave it open."""
    found = tally(outcomes)
    counts, measures = _counts(found), _measures(found)
    if found.theirs:
        first, judged = _first(found.theirs), len(found.passed) + len(found.theirs)
        broken = len(found.theirs) > judged * MOSTLY and len(found.theirs) >= FEWEST_TO_FAIL
        build: Callable[..., Finding] = not_met if broken else partly
        places = map(seen, [*found.theirs[:4], *found.passed[:2]])
        return build(
            f"{counts.fr}. {first.fr}", f"{counts.en}. {first.en}", places, question=_asked(found.theirs), measures=measures
        )
    others = (*found.unsure, *found.ours)
    if not found.passed or len(found.passed) < found.seen * MOSTLY or len(found.unsure) > found.seen * FEW:
        first = _first(others)
        return inconclusive(
            f"{counts.fr}. {first.fr}",
            f"{counts.en}. {first.en}",
            "unsorted" if found.unsure else "sandbox-lacks",
            map(seen, [*others[:3], *found.passed[:3]]),
            question=_asked(found.unsure),
            measures=measures,
        )
    places = map(seen, [*found.passed[:4], *others[:2]])
    return met(f"{counts.fr}.", f"{counts.en}.", places, question=_asked(found.unsure), measures=measures)


def _only_up(finding: Finding) -> Finding:
    """Return the finding where it strengthens; where it would lower, a doubt with its question: labels of reading stand."""
    if finding.outcome.value not in ("partly", "not_met"):
        return finding
    return inconclusive(
        finding.why.fr, finding.why.en, "tests-fail", finding.evidence, question=finding.question, measures=finding.measures
    )


def succeed(ran: Ran, test_outcomes: TestOutcomes) -> Finding:
    """The tests pass when they are run.

    fr: Les tests passent quand on les lance.
    why: Running a suite is the only way to know that it runs; what the sandbox lacks is not held against it.
    pourquoi: Lancer une suite est le seul moyen de savoir qu'elle marche ; ce qui manque au bac à sable ne compte pas contre elle.
    fix: Run the suite from a clean clone, without network, and repair what fails.
    corriger: Lancez la suite depuis un clone neuf, sans réseau, et réparez ce qui échoue.
    """
    unready = _unready(ran, test_outcomes)
    if unready or not test_outcomes.all:
        return unready or nothing_ran()
    if all(o.outcome == "skipped" for o in test_outcomes.all):
        return inconclusive(
            "Tous les tests sont sautés.", "Every test is skipped.", "all-skipped", map(seen, test_outcomes.all[:3])
        )
    return _concluded(test_outcomes.all)


def of_components_pass(ran: Ran, test_outcomes: TestOutcomes, test_suite: TestSuite) -> Finding:
    """The tests of business components pass when they are run.

    fr: Les tests des composants métier passent quand on les lance.
    why: A component whose tests pass does what its author meant.
    pourquoi: Un composant dont les tests passent fait ce que son auteur a voulu.
    fix: Keep tests of the components that pass from a clean clone.
    corriger: Gardez des tests des composants qui passent depuis un clone neuf.
    """
    unready = _unready(ran, test_outcomes)
    if unready:
        return unready
    scripts = {path for path, _, sound in test_suite.scripts if sound}  # in other languages than Python
    python = (o for o in test_outcomes.all if o.test and o.test.teeth and (o.test.code or o.test.routes))
    mine = (*python, *(o for o in test_outcomes.all if o.path in scripts))
    if not mine:
        return not_applicable("Aucun test de composant n'a été lancé.", "No test of a component was run.", "no-such-test")
    return _concluded(mine)


def of_the_integration_pass(ran: Ran, test_outcomes: TestOutcomes, application_calls: ApplicationCalls) -> Finding:
    """The tests of the application's calls pass when they are run.

    fr: Les tests des appels de l'application passent quand on les lance.
    why: A call that a passing test exercises was seen to work.
    pourquoi: Un appel qu'un test exerce avec succès a été vu en marche.
    fix: Test the client against the API, or a faithful double of it, and keep the tests green.
    corriger: Testez le client contre l'API, ou une doublure fidèle, et gardez les tests au vert.
    """
    unready = _unready(ran, test_outcomes)
    if unready:
        return unready
    wanted = set(application_calls.tests)
    mine = tuple(o for o in test_outcomes.all if o.test and o.test in wanted)
    if not mine:
        return not_applicable("Aucun test d'intégration n'a été lancé.", "No integration test was run.", "no-such-test")
    return _only_up(_concluded(mine))


def reach_the_model_routes(ran: Ran, served: Served) -> Finding:
    """Running the tests runs the code of the model's routes.

    fr: Lancer les tests exécute le code des routes du modèle.
    why: Coverage measured while running shows what tests really touch.
    pourquoi: La couverture mesurée à l'exécution montre ce que les tests touchent vraiment.
    fix: Call each route of the model in a test.
    corriger: Appelez chaque route du modèle dans un test.
    """
    if not ran.whole:
        return nothing_ran()
    wanted = served.model.routes if served.model else ()
    measured = {path: pair for run in ran.tests if run.doubt is None for path, pair in run.coverage.items()}
    mine = {r.module: measured[r.module] for r in wanted if r.module in measured and measured[r.module][1]}
    if not mine:
        return not_applicable("Aucune mesure sur les routes du modèle.", "No measure on the model's routes.", "not-measured")
    share = sum(c for c, _ in mine.values()) / sum(n for _, n in mine.values())
    first = {r.module: r.line for r in reversed(wanted)}
    places = [evidence(m, first[m], f"{c}/{n} statements run by the tests", Source.DECLARED) for m, (c, n) in mine.items()]
    fr = f"Les tests exécutent {share * 100:.0f} % du code où sont les routes du modèle."
    en = f"The tests run {share:.0%} of the code that holds the model's routes."
    if share >= COVERED:
        return met(fr, en, places, measures={"coverage": share})
    return inconclusive(fr, en, "little-covered", places, measures={"coverage": share})


def bear_out_the_claim(ran: Ran, test_outcomes: TestOutcomes) -> Finding:
    """The tests pass, and notice faults that are put into the code.

    fr: Les tests passent, et remarquent les fautes introduites dans le code.
    why: A suite that stays green whatever the code does proves nothing. This strengthens or asks; it never lowers.
    pourquoi: Une suite qui reste verte quoi que fasse le code ne prouve rien. Ceci conforte ou interroge, sans jamais baisser.
    fix: Assert on results, and look at the faults that no test noticed.
    corriger: Vérifiez les résultats, et regardez les fautes qu'aucun test n'a remarquées.
    """
    unready = _unready(ran, test_outcomes)
    if unready:
        return unready
    base = _only_up(_concluded(test_outcomes.all))
    made, caught = sum(m.mutants for m in ran.mutations), sum(m.caught for m in ran.mutations)
    if base.outcome.value != "met" or made < FEWEST_FAULTS:
        return base
    share = caught / made
    fr, en = f" Sur {made} fautes introduites, {caught} sont remarquées.", f" Of {made} faults put in, {caught} are noticed."
    missed = [
        evidence(p, n, f"{change}: no test failed", Source.DECLARED) for m in ran.mutations for p, n, change in m.survived if p
    ]
    measures = {**base.measures, "mutants": float(made), "caught": share}
    if share >= CAUGHT:
        return met(base.why.fr + fr, base.why.en + en, [*base.evidence, *missed[:2]], measures=measures)
    return inconclusive(base.why.fr + fr, base.why.en + en, "few-caught", missed, question=_noticed(missed), measures=measures)


def _noticed(missed: list[Evidence]) -> Text | None:
    if not missed:
        return None
    where = missed[0]
    return Text(
        f"Comment un test remarquerait-il une faute en {where.path}, ligne {where.line} ?",
        f"How would a test notice a fault in {where.path}, line {where.line}?",
    )


def reach_their_own_target(ran: Ran, coverage: Coverage) -> Finding:
    """The coverage measured here reaches the target that the project sets itself.

    fr: La couverture mesurée ici atteint l'objectif que le projet se donne.
    why: A target means something when the suite reaches it. This strengthens or asks; it never lowers.
    pourquoi: Un objectif a un sens quand la suite l'atteint. Ceci conforte ou interroge, sans jamais baisser.
    fix: Test what is not covered yet, or say why it is left out.
    corriger: Testez ce qui n'est pas encore couvert, ou dites pourquoi c'est laissé de côté.
    """
    if not ran.whole:
        return nothing_ran()
    aims = [
        (place, int(found[1])) for place in (*coverage.enforced, *coverage.measured) if (found := _TARGET.search(place.excerpt))
    ]
    measured = [pair for run in ran.tests if run.doubt is None for pair in run.coverage.values()]
    statements = sum(n for _, n in measured)
    if not aims or not statements:
        return not_applicable(
            "Pas d'objectif chiffré, ou rien de mesuré.", "No target in figures, or nothing measured.", "not-measured"
        )
    share, (place, target) = sum(c for c, _ in measured) / statements, aims[0]
    fr = f"Couverture mesurée ici : {share * 100:.0f} %, pour un objectif de {target} %."
    en = f"Coverage measured here: {share:.0%}, for a target of {target}%."
    places = [evidence(place.path, place.line, f"{place.excerpt} → {share:.0%}", Source.DECLARED)]
    if share * 100 >= target:
        return met(fr, en, places, measures={"coverage": share})
    question = Text(f"{fr} D'où vient l'écart ?", f"{en} Where does the difference come from?")
    return inconclusive(fr, en, "below-the-target", places, question=question, measures={"coverage": share})


CHECKS = (
    succeed,
    of_components_pass,
    of_the_integration_pass,
    reach_the_model_routes,
    bear_out_the_claim,
    reach_their_own_target,
)
