from tests.data_samples import examine

CHECK = "project.has-steering-tools"
BACKLOG = "id,titre,statut,priorité,sprint\n1,Chercher,fait,haute,1\n2,Réserver,à faire,basse,2\n3,Rendre,à faire,basse,2\n"


def test_an_exported_backlog_a_table_or_a_link_is_met():
    found = examine({"docs/backlog.csv": BACKLOG}, CHECK)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "docs/backlog.csv", 1)
    link = "# P\n\nLe suivi est sur [notre tableau](https://trello.com/b/abc123/suivi).\n"
    assert examine({"README.md": link}, CHECK).evidence[0].line == 3


def test_a_description_is_partly_and_nothing_is_not_met():
    told = "# P\n\n## Méthode agile\n\nLe travail est suivi dans un tableau Kanban à trois colonnes.\n"
    assert examine({"README.md": told}, CHECK).outcome.value == "partly"
    assert examine({"README.md": "# P\n\nProjet de bibliothèque.\n"}, CHECK).outcome.value == "not_met"


def test_a_file_with_the_name_only_is_nothing():
    assert examine({"backlog.csv": "a\n1\n"}, CHECK).outcome.value == "not_met"


def test_the_presentation_names_its_missing_parts():
    found = examine(
        {"README.md": "# P\n\n## Contexte\n\nLa bibliothèque prête des livres à tous les habitants.\n"},
        "project.is-presented-in-full",
    )
    assert found.outcome.value == "partly" and "budget" in found.why.fr and found.question


def test_sprints_told_one_by_one_and_a_backlog_by_status_are_met():
    sprints = "# Pilotage\n\n" + "".join(f"- Sprint {n} : recherche et réservation des livres en ligne\n" for n in (1, 2, 3))
    assert examine({"docs/pilotage.md": sprints}, CHECK).outcome.value == "met"
    rows = "".join(f"| Réserver un livre {n} | Fait |\n" for n in range(4))
    planned = "# Projet\n\n" + "".join(
        f"## Sprint {n}-{n + 1} : mise en ligne\n\n- Chercher un livre\n- Réserver\n\n" for n in (1, 3, 5)
    )
    assert examine({"README.md": planned}, CHECK).outcome.value == "met"
    table = f"# Organisation\n\n## Backlog du sprint\n\n| Élément | Statut |\n|---|---|\n{rows}"
    assert examine({"docs/agile.md": table}, CHECK).outcome.value == "met"
