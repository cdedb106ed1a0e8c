"""Help texts and labels of the command line, in both languages."""

from __future__ import annotations

from grader.values import Text

HELP: dict[str, Text] = {
    "jurygrid": Text(
        "Lit les livrables d'une certification avant le jury : une grille préremplie, avec des preuves à ouvrir à la ligne.",
        "Reads certification deliverables before the jury does: a prefilled grid, with evidence that opens at the line.",
    ),
    "usage": Text("usage :", "usage:"),
    "help": Text("montrer cette aide", "show this help"),
    "lang": Text("langue de la sortie", "language of the output"),
    "debug": Text("montrer la trace d'une erreur inattendue", "show the trace of an unexpected error"),
    "grade": Text("évaluer un dépôt", "grade one repository"),
    "source": Text(
        "adresse https d'un hôte autorisé, gh:propriétaire/nom, ou dossier d'un dépôt local (c'est son dernier commit qui est lu)",
        "https address of an allowed host, gh:owner/name, or folder of a local repository (its last commit is what is read)",
    ),
    "rubric": Text("référentiel : identifiant ou fichier", "rubric: an id or a file"),
    "overlay": Text("fichier des libellés de votre institution", "your institution's wording file"),
    "ref": Text(
        "branche, étiquette ou commit (par défaut : la branche principale)", "branch, tag or commit (default: the main branch)"
    ),
    "exam": Text("ne garder que les critères de ces épreuves", "keep only the criteria of these exams"),
    "json": Text("écrire la grille en JSON (- : sortie standard)", "write the grid as JSON (-: standard output)"),
    "html": Text(
        "écrire la grille en une page à ouvrir dans un navigateur (- : sortie standard)",
        "write the grid as one page for a browser (-: standard output)",
    ),
    "sandbox": Text("où lire le dépôt", "where to read the repository"),
    "no-run": Text("lire seulement, ne rien exécuter", "read only, run nothing"),
    "quiet": Text("n'afficher ni l'avancement ni la grille", "print neither progress nor grid"),
    "rubric-command": Text("vérifier un référentiel", "verify a rubric"),
    "rubric-check": Text("dire chaque défaut d'un référentiel, avec sa ligne", "tell every defect of a rubric, with its line"),
    "rubric-good": Text(
        "{id} : {criteria} critères, {checks} contrôles, version {version} : aucun défaut.",
        "{id}: {criteria} criteria, {checks} checks, version {version}: no defect.",
    ),
    "checks": Text("lire la documentation des contrôles", "read the documentation of the checks"),
    "checks-list": Text("lister les contrôles", "list the checks"),
    "checks-show": Text("montrer un contrôle", "show one check"),
    "doctor": Text("dire ce qui marche sur cette machine", "tell what works on this machine"),
    "serve": Text("ouvrir le service web", "open the web service"),
    "host": Text("adresse où écouter", "address to listen on"),
    "port": Text("port où écouter", "port to listen on"),
    "serve-processes": Text("processus qui servent ensemble, avec une file", "processes that serve together, with a queue"),
    "behind-proxy": Text(
        "écouter ailleurs que sur cette machine, derrière un mandataire qui chiffre",
        "listen beyond this machine, behind a proxy that encrypts",
    ),
    "serving": Text("Jurygrid est ouvert : {address}", "Jurygrid is open: {address}"),
    "first-administrator": Text(
        "Premier compte d'administration, à ouvrir une fois : {link}", "First administrator's account, to be opened once: {link}"
    ),
    "worker": Text("évaluer ce que la file annonce (Celery)", "grade what the queue announces (Celery)"),
    "queues": Text("files à servir (par défaut : toutes)", "queues to serve (default: all)"),
    "processes": Text("processus (par défaut : un par cœur)", "processes (default: one for each core)"),
    "sweep": Text("réparer ce qu'un arrêt brutal a laissé", "repair what anything that died left"),
    "every": Text("recommencer à cet intervalle", "start again at this interval"),
    "swept": Text(
        "Remises en attente : {again} ; closes en échec : {ended} ; annoncées de nouveau : {told} ; dossiers retirés : {folders} ; connexions expirées : {expired}.",
        "Waiting again: {again}; ended as failed: {ended}; announced again: {told}; folders removed: {folders}; expired sign-ins: {expired}.",
    ),
    "audit": Text("prouver que rien n'est perdu ni changé", "prove that nothing is lost or changed"),
    "reckoned": Text(
        "{submissions} remises, {total} évaluations = {ready} prêtes + {running} en cours + {waiting} en attente + {explained} expliquées ; {entries} entrées au journal.",
        "{submissions} submissions, {total} assessments = {ready} ready + {running} under way + {waiting} waiting + {explained} explained; {entries} entries in the audit.",
    ),
    "adds-up": Text("Le compte y est, et rien n'a été changé.", "It adds up, and nothing was changed."),
    "does-not-add-up": Text("Le compte n'y est pas.", "It does not add up."),
    "grade-all": Text("évaluer toute une promotion", "grade a whole cohort"),
    "roster-good": Text("{count} lignes, aucun défaut.", "{count} lines, no defect."),
    "cohort-progress": Text("{ended} terminées sur {total}", "{ended} of {total} over"),
    "cohort-held": Text(
        "Interrompu : le reste attend. La même commande reprend où elle s'est arrêtée.",
        "Interrupted: the rest waits. The same command goes on where it stopped.",
    ),
    "roster": Text("liste CSV ou XLSX : email, name, url…", "CSV or XLSX roster: email, name, url…"),
    "session": Text("nom de la session", "name of the session"),
    "dry-run": Text("vérifier seulement, ne rien écrire", "check only, write nothing"),
    "out": Text("dossier où écrire les grilles (HTML et JSON)", "folder for the grids (HTML and JSON)"),
    "database": Text("gérer les tables de la base", "manage the tables of the database"),
    "database-upgrade": Text("mettre les tables à jour", "bring the tables up to date"),
    "database-check": Text("dire si les tables sont à jour", "tell whether the tables are up to date"),
    "database-current": Text("Les tables sont celles de cette version.", "The tables are those of this version."),
    "backup": Text("sauvegarder la base et les fichiers", "back up the database and the files"),
    "restore": Text("restaurer une sauvegarde dans une installation vide", "restore a backup into an empty installation"),
    "backed-up": Text("{rows} lignes et {files} fichiers : {path}", "{rows} rows and {files} files: {path}"),
    "keep-the-secret": Text(
        "Le fichier secret n'y est pas : sauvegardez {path} à part, sans lui les jetons chiffrés sont perdus.",
        "The secret file is not in it: keep {path} apart; without it, encrypted tokens are lost.",
    ),
    "prune": Text("effacer ce dont la durée de conservation est passée", "erase what was kept long enough"),
    "pruned": Text("{name} : travaux de {candidates} personnes", "{name}: the work of {candidates} people"),
    "pruned-nothing": Text("Rien à effacer.", "Nothing to erase."),
    "person": Text("donner ou effacer tout ce qui concerne une personne", "give or erase everything about a person"),
    "person-export": Text("écrire tout ce qui concerne une personne", "write everything about a person"),
    "person-erase": Text("effacer une personne", "erase a person"),
    "person-exported": Text("{rows} lignes et {files} fichiers : {path}", "{rows} rows and {files} files: {path}"),
    "person-erased": Text(
        "{email} est effacé ; les procès-verbaux scellés restent vérifiables.", "{email} is erased; sealed minutes stay provable."
    ),
    "admin": Text("gérer les comptes d'administration", "manage administrators' accounts"),
    "admin-invite": Text(
        "créer un compte d'administration et afficher son lien", "make an administrator's account and print its link"
    ),
    "why": Text("Pourquoi :", "Why:"),
    "fix": Text("Pour y arriver :", "How to fix:"),
    "facts": Text("Faits utilisés :", "Facts used:"),
}


def help_text(key: str, language: str) -> str:
    """Return a text of the command line."""
    return HELP[key].in_(language)
