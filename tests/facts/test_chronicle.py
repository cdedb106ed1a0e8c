from __future__ import annotations

from checks.facts.chronicle import chronicle
from grader.values import Commit, History


def commit(
    sha: str, subject: str, *files: str, date: str = "2026-03-02T10:00:00+00:00", parents: tuple[str, ...] = ("0" * 40,)
) -> Commit:
    return Commit(sha.ljust(40, "a"), "Ana", date, subject, parents, files)


def test_an_empty_history_gives_an_empty_chronicle() -> None:
    told = chronicle(History())
    assert (told.commits, told.authors, told.span, told.weeks, told.requests) == ((), (), 0, 0, ())


def test_rhythm_and_authors_are_counted() -> None:
    told = chronicle(
        History(
            (commit("2", "ajout de l'API", date="2026-03-16T08:00:00+00:00"), commit("1", "début", parents=())), ("main",), True
        )
    )
    assert told.authors == (("Ana", 2),)
    assert (told.span, told.weeks) == (14, 3 - 1)
    assert told.root_commits == {"1".ljust(40, "a")}


def test_a_merged_request_gives_its_number_and_its_branch() -> None:
    told = chronicle(History((commit("3", "Merge pull request #12 from ana/fix-index-lots", parents=("a" * 40, "b" * 40)),)))
    merge = told.requests[0]
    assert (merge.request, merge.branch, merge.repairs) == ("12", "fix-index-lots", True)
    assert told.repair_branches == ("fix-index-lots",)


def test_a_squashed_request_is_a_merge_too() -> None:
    assert chronicle(History((commit("3", "Ajoute le cache (#7)"),))).requests[0].request == "7"


def test_a_fix_keeps_its_tests_its_issue_and_its_sources() -> None:
    told = chronicle(History((commit("4", "Corrige l'arrondi, closes #9", "api/prix.py", "tests/test_prix.py", "README.md"),)))
    fix = told.fixes[0]
    assert (fix.tests, fix.issue, fix.sources) == (("tests/test_prix.py",), "9", ("api/prix.py", "tests/test_prix.py"))


def test_words_that_only_look_like_fix_are_no_repair() -> None:
    subjects = ("Ajoute un préfixe aux routes", "Affixe le logo", "Résumé du rapport", "prefix settings")
    assert chronicle(History(tuple(commit(str(i), s) for i, s in enumerate(subjects)))).fixes == ()


def test_a_bad_date_does_not_break_the_rhythm() -> None:
    assert chronicle(History((commit("1", "x", date="hier"),))).span == 0


def test_a_commit_is_found_by_seven_characters_or_more() -> None:
    told = chronicle(History((commit("52e463d", "x"),)))
    assert told.commit("52E463d") is told.commits[0]
    assert told.commit("52e4") is None
