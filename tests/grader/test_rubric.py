"""The rubric that comes with the project, and the errors of a malformed one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from checks.registry import CHECKS
from grader.errors import RubricInvalid
from grader.rubric import available, load_rubric, unknown_checks
from grader.rules import checks_of

SMALL = """\
format: jurygrid-rubric/1
id: petit
title: {fr: Petit, en: Small}
blocks:
  - {id: B1, fr: Bloc, en: Block, competencies: [C1]}
exams:
  - {id: E1, competencies: [C1]}
competencies:
  - id: C1
    fr: Faire
    en: Do
    criteria:
      - id: C1.1
        decide: auto
        fr: "Ceci est fait."
        en: "This is done."
        rule: {all: [a.b]}
"""


def test_the_grid_has_its_blocks_exams_competencies_and_criteria() -> None:
    rubric = load_rubric("rncp37827")
    assert available() == ("rncp37827", "rncp38777")
    assert not rubric.by_block
    assert (len(rubric.blocks), len(rubric.exams), len(rubric.competencies)) == (3, 5, 21)
    assert len(list(rubric.criteria)) == 142
    assert [len(c.criteria) for c in rubric.competencies] == [7, 3, 3, 10, 5, 6, 7, 5, 11, 9, 9, 7, 8, 5, 5, 4, 12, 7, 7, 7, 5]


def test_a_grid_without_criteria_has_a_line_a_competency_grouped_by_block() -> None:
    rubric = load_rubric("rncp38777")
    assert rubric.by_block
    assert [len(c.criteria) for c in rubric.competencies] == [5, 8, 5, 6]
    assert [e.id for e in rubric.exams] == [b.id for b in rubric.blocks] == ["BC01", "BC02", "BC03", "BC04"]
    assert all(c.id.startswith(f"{k.id}.") for k in rubric.competencies for c in k.criteria)


def test_every_rule_names_checks_that_exist_and_every_check_serves() -> None:
    rubrics = [load_rubric(name) for name in available()]
    known = frozenset(c.id for c in CHECKS)
    assert [defect for rubric in rubrics for defect in unknown_checks(rubric, known)] == []
    assert known - frozenset(check for rubric in rubrics for check in rubric.checks) == set()


@pytest.mark.parametrize("name", available())
def test_every_criterion_names_a_check_unless_it_is_for_the_jury(name: str) -> None:
    rubric = load_rubric(name)
    assert [c.id for c in rubric.criteria if not checks_of(c.rule) and c.decide != "jury"] == []
    assert Counter(c.decide for c in rubric.criteria)["auto"] > len(list(rubric.criteria)) // 2


@pytest.mark.parametrize("name", available())
def test_the_texts_are_in_both_languages(name: str) -> None:
    for criterion in load_rubric(name).criteria:
        assert criterion.text.fr != criterion.text.en


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("decide: auto", "decide: maybe", 14, "decide must be one of"),
        ('        en: "This is done."\n', "", 13, "C1.1 needs en"),
        ("rule: {all: [a.b]}", "rule: {every: [a.b]}", 17, "unknown rule"),
        ("rule: {all: [a.b]}", "rule: {ask: [a.b]}", 17, "auto criterion needs a rule"),
        ("rule: {all: [a.b]}", "rulez: {all: [a.b]}", 17, "unknown key rulez"),
        ("competencies: [C1]}\nexams", "competencies: [C9]}\nexams", 5, "B1 names C9"),
        ("  - id: C1\n", "  - id: C1\n    id: C1\n", 10, "id is given twice"),
        ("title: {fr: Petit, en: Small}", "title: {fr: Petit", 4, ""),
        ("    criteria:\n", "    criteria: nothing\n    other:\n", 12, "must be a list"),
        ("jurygrid-rubric/1", "jurygrid-rubric/9", 1, "unknown format"),
        ("format: jurygrid-rubric/1\n", "", 1, "the rubric needs format"),
        ("      - id: C1.1", "      - id: C1", 13, "C1 is given twice"),
        ("  - {id: E1, competencies: [C1]}", "  - {id: E1, competencies: [C1, C7]}", 7, "E1 names C7"),
        ("competencies: [C1]}\nexams", "competencies: []}\nexams", 9, "C1 is in no block"),
        ("rule: {all: [a.b]}", "rule: {measure: {check: a, name: b, partly: x, met: y}}", 17, "two numbers"),
        (SMALL, "- a\n", 1, "must be a mapping"),
        (SMALL, "\x01", 1, "malformed YAML"),
    ],
)
def test_a_defect_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, complaint: str) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(SMALL.replace(old, new), "utf-8")
    with pytest.raises(RubricInvalid) as refusal:
        load_rubric(str(path))
    assert f"{path}:{line}: " in str(refusal.value)
    assert complaint in str(refusal.value)


def test_a_defect_brings_no_others_and_is_said_in_french_too(tmp_path: Path) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(SMALL.replace("{all: [a.b]}", "{every: [a.b]}"), "utf-8")
    with pytest.raises(RubricInvalid) as refusal:
        load_rubric(str(path))
    assert refusal.value.values["count"] == 1
    assert refusal.value.sentence("fr") == f"Défauts de la grille (1) :\n{path}:17: C1.1 : règle inconnue, de clés every"


def test_a_check_that_does_not_exist_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(SMALL, "utf-8")
    (defect,) = unknown_checks(load_rubric(str(path)), frozenset())
    assert defect.en == f"{path}:17: C1.1: no such check: a.b"
    assert defect.fr == f"{path}:17: C1.1 : aucun contrôle ne s'appelle a.b"


def test_every_defect_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(SMALL.replace("auto", "maybe").replace("fr: Bloc, ", ""), "utf-8")
    with pytest.raises(RubricInvalid) as refusal:
        load_rubric(str(path))
    assert refusal.value.values["count"] == 2


def test_an_overlay_lays_an_institutions_words_over_ours(tmp_path: Path) -> None:
    rubric, overlay = tmp_path / "rubric.yaml", tmp_path / "overlay.yaml"
    rubric.write_text(SMALL, "utf-8")
    overlay.write_text('C1.1: {fr: "Texte du certificateur."}\nB1: {en: "Official block"}\n', "utf-8")
    plain, laid = load_rubric(str(rubric)), load_rubric(str(rubric), overlay)
    assert next(laid.criteria).text.fr == "Texte du certificateur."
    assert next(laid.criteria).text.en == "This is done."
    assert laid.blocks[0].text.en == "Official block"
    assert laid.version != plain.version


def test_an_overlay_for_an_unknown_id_is_refused_with_its_line(tmp_path: Path) -> None:
    rubric, overlay = tmp_path / "rubric.yaml", tmp_path / "overlay.yaml"
    rubric.write_text(SMALL, "utf-8")
    overlay.write_text('C1.1: {fr: "a"}\nC9.9: {fr: "b"}\n', "utf-8")
    with pytest.raises(RubricInvalid, match=r"overlay.yaml:2: C9.9"):
        load_rubric(str(rubric), overlay)


def test_a_bomb_of_aliases_is_no_rubric(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    path = tmp_path / "rubric.yaml"
    path.write_text(bomb, "utf-8")
    with pytest.raises(RubricInvalid):
        load_rubric(str(path))
