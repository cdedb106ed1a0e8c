from tests.data_samples import examine

REGISTER = """# Registre des traitements

## Traitement 1 : comptes

| Élément | Contenu |
|---|---|
| Finalité | ouvrir et gérer les comptes |
| Données personnelles | courriel, nom |
| Base légale | contrat |
| Durée de conservation | trois ans |
"""
PROCEDURE = """# Procédures de tri des données personnelles

## Comptes inactifs

1. Chaque mois, le script liste les comptes sans connexion depuis deux ans
2. Suppression des comptes de la liste après un rappel par courriel
3. Anonymisation des commandes liées aux comptes supprimés
4. La conservation des journaux est limitée à un an, la purge est automatique
5. Effacement sur demande sous trente jours
"""


def outcome(files, check):
    return examine(files, check).outcome.value


def test_a_register_by_treatment_is_met():
    found = examine({"docs/registre.md": REGISTER}, "privacy.keeps-a-register")
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "docs/registre.md", 5)


def test_a_paragraph_or_a_statement_is_partly():
    check = "privacy.keeps-a-register"
    paragraph = (
        "# P\n\n## Respect du RGPD\n\n- Seul le courriel des usagers est gardé\n- Les mots de passe sont hachés avec bcrypt\n"
    )
    assert outcome({"README.md": paragraph}, check) == "partly"
    assert outcome({"README.md": "# P\n\nLe projet ne collecte aucune donnée personnelle des visiteurs.\n"}, check) == "partly"


def test_a_column_of_the_schema_is_asked_about():
    table = {"schema.sql": "CREATE TABLE usager (id INTEGER PRIMARY KEY, courriel TEXT);\n", "docs/registre.md": REGISTER}
    assert "courriel" in examine(table, "privacy.keeps-a-register").question.fr


def test_the_word_alone_is_nothing():
    files = {"README.md": "# P\n\nProjet conforme au RGPD.\n"}
    assert outcome(files, "privacy.keeps-a-register") == "not_met"
    assert outcome(files, "privacy.writes-procedures") == "not_met"


def test_written_procedures_are_met_and_a_mention_is_partly():
    check = "privacy.writes-procedures"
    found = examine({"docs/tri.md": PROCEDURE}, check)
    assert (found.outcome.value, found.evidence[0].path) == ("met", "docs/tri.md")
    assert (
        outcome({"README.md": "# P\n\n## RGPD\n\nLa suppression du compte efface aussi les messages de l'usager.\n"}, check)
        == "partly"
    )


def test_frequencies_are_found_or_asked():
    assert outcome({"docs/tri.md": PROCEDURE}, "privacy.states-frequencies") == "met"
    absent = examine({"README.md": "# P\n"}, "privacy.states-frequencies")
    assert (absent.outcome.value, absent.reason) == ("inconclusive", "not-in-repository") and absent.question


def test_a_procedure_in_steps_with_its_frequency_is_met():
    steps = "# Données personnelles\n\n## Procédure de tri des données\n\n1. Chaque trimestre, liste annuelle des comptes inactifs\n2. Rappel par courriel à chaque personne\n3. Anonymisation des comptes restés sans réponse\n"
    found = examine({"docs/rgpd.md": steps}, "privacy.writes-procedures")
    assert found.outcome.value == "met"
    assert (
        examine({"docs/rgpd.md": steps.replace("annuelle ", "")[: steps.index("2.")]}, "privacy.writes-procedures").outcome.value
        == "partly"
    )


def test_a_step_said_to_be_unneeded_is_no_procedure():
    text = "# Rapport\n\n## Données personnelles\n\nL'anonymisation et le floutage ne sont pas requises dans ce contexte.\n\nAucune personne n'est filmée ici.\n"
    assert examine({"docs/r.md": text}, "privacy.writes-procedures").outcome.value == "not_met"


def test_a_document_on_privacy_with_the_parts_of_a_register_is_partly():
    told = (
        "# RGPD\n\n## Nature des données collectées\n\n- relevés de chaque ruche\n- dates de visite\n\n"
        "## Finalités du traitement\n\n- suivre la récolte de miel\n- prévoir les visites\n\n"
        "## Base légale\n\n- intérêt légitime du rucher\n- données publiques\n\n"
        "## Durée de conservation\n\n- relevés gardés un an\n- journaux gardés six mois\n"
    )
    found = examine({"docs/rgpd.md": told}, "privacy.keeps-a-register")
    assert found.outcome.value == "partly" and "finalité" in found.why.fr
    assert (
        outcome(
            {"docs/rgpd.md": told.replace("## Base légale", "## Suite").replace("intérêt", "autre")}, "privacy.keeps-a-register"
        )
        == "partly"
    )
    assert outcome({"docs/rgpd.md": "# RGPD\n\n## Base légale\n\n- contrat\n"}, "privacy.keeps-a-register") == "not_met"
    none = "# Ruches\n\nCe projet : pas de collecte de données personnelles.\n"
    assert outcome({"README.md": none}, "privacy.keeps-a-register") == "partly"


def test_without_personal_data_there_may_be_nothing_to_sort_out() -> None:
    said = "# P\n\n## Conformité RGPD\n\n- Aucune donnée personnelle collectée ou stockée par ce projet.\n"
    found = examine({"README.md": said}, "privacy.writes-procedures")
    assert (found.outcome.value, found.evidence[0].line) == ("inconclusive", 5) and found.question
    table = {"schema.sql": "CREATE TABLE users (id INTEGER, email TEXT, nom TEXT);\n"}
    assert examine({"README.md": said, **table}, "privacy.writes-procedures").outcome.value == "not_met"
