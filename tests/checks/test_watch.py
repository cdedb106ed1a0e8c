import pytest

from checks.watch import minutes
from tests.data_samples import examine

WEEKLY = "watch.is-planned-every-week"
TOOLS = "watch.argues-its-tools"


def outcome(text, check):
    return examine({"docs/veille.md": f"# Veille technologique\n\n{text}\n"}, check).outcome.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1h par semaine", 60),
        ("mardi 14h-15h", 60),
        ("30 min/jour", 30),
        ("deux heures", 120),
        ("de 9h30 à 10h00", 30),
        ("24/7", 0),
    ],
)
def test_durations_are_read(text, expected):
    assert minutes(text) == expected


def test_a_weekly_hour_is_met_at_its_line():
    found = examine({"docs/veille.md": "# Veille technologique\n\n## Organisation\n\nChaque mardi de 14h à 15h30.\n"}, WEEKLY)
    assert (found.outcome.value, found.evidence[0].line) == ("met", 5)


def test_another_rhythm_is_partly_and_none_is_not_met():
    assert outcome("Lecture quotidienne de vingt minutes des flux.", WEEKLY) == "partly"
    assert outcome("Une demi-heure hebdomadaire : 30 minutes.", WEEKLY) == "partly"
    assert outcome("Je lis des articles sur les modèles.", WEEKLY) == "not_met"


def test_a_weekly_hour_about_something_else_is_nothing():
    assert examine({"README.md": "# Machine\n\nLe script tourne une heure par semaine.\n"}, WEEKLY).outcome.value == "not_met"


def test_tools_need_sources_and_budget():
    argued = "Feedly suit les sources officielles par RSS ; la version gratuite suffit au budget."
    assert outcome(argued, TOOLS) == "met"
    assert outcome("J'utilise Feedly et des newsletters.", TOOLS) == "partly"
    assert outcome("Je lis des articles.", TOOLS) == "not_met"


def test_a_watch_that_is_out_of_sight_is_asked_about():
    found = examine({"README.md": "# P\n"}, "watch.keeps-summaries")
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")


def test_a_monthly_rhythm_told_elsewhere_is_partly():
    text = "# Rapport\n\n## Introduction\n\nNous tenons des sessions de veille mensuelles d'une demi-journée.\n"
    found = examine({"docs/r.md": text}, WEEKLY)
    assert (found.outcome.value, found.evidence[0].line) == ("partly", 5)
    news = "# Rapport\n\n## Liens\n\n- veille mensuelle https://exemple.fr/lettre numéro de mai\n"
    assert examine({"docs/r.md": news}, WEEKLY).outcome.value == "not_met"
