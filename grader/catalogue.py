"""Every sentence that the program says to a person, in French and English, by code."""

from __future__ import annotations

from grader.values import Text

SENTENCES: dict[str, Text] = {
    # The service
    "source-not-https": Text(
        "« {source} » n'est pas une adresse acceptée : donnez l'adresse https du dépôt, telle que votre navigateur la montre.",
        '"{source}" is not an accepted address: give the https address of the repository, as your browser shows it.',
    ),
    "database-url": Text(
        "JURYGRID_DATABASE_URL doit nommer une base SQLite (sqlite:///fichier) ou PostgreSQL (postgresql://…).",
        "JURYGRID_DATABASE_URL must name an SQLite (sqlite:///file) or a PostgreSQL (postgresql://…) database.",
    ),
    "database-outdated": Text(
        "Les tables de la base ne sont pas celles de cette version : lancez « jurygrid database upgrade ».",
        'The tables of the database are not those of this version: run "jurygrid database upgrade".',
    ),
    "secret-too-short": Text(
        "Le fichier secret doit contenir au moins 32 octets tirés au hasard.",
        "The secret file must hold at least 32 random bytes.",
    ),
    "secret-changed": Text(
        "Un jeton de déploiement a été chiffré avec un autre secret : la personne candidate doit le donner à nouveau.",
        "A deploy token was encrypted with another secret: the candidate has to give it again.",
    ),
    "secret-unreadable": Text(
        "Le fichier secret {path} ne peut pas être lu : {detail}", "The secret file {path} cannot be read: {detail}"
    ),
    "files-unwritable": Text("Le fichier n'a pas pu être conservé : {detail}", "The file could not be kept: {detail}"),
    "file-damaged": Text(
        "Un fichier conservé n'est plus celui qui avait été remis ({name}).",
        "A kept file is no longer the one that was handed in ({name}).",
    ),
    "file-absent": Text("Un fichier conservé a disparu ({name}).", "A kept file has vanished ({name})."),
    "lease-lost": Text(
        "Un autre processus a repris cette évaluation, ou elle a été annulée.",
        "Another worker took this assessment over, or it was cancelled.",
    ),
    "worker-lost": Text(
        "Le processus qui évaluait a disparu plusieurs fois de suite : l'évaluation est arrêtée, sans effet sur le travail rendu.",
        "The worker disappeared several times in a row: the assessment ended, and says nothing about the work handed in.",
    ),
    "decision-level": Text("« {level} » n'est pas un niveau de décision.", '"{level}" is no level of a decision.'),
    "comment-too-long": Text("Le commentaire dépasse {most} caractères.", "The comment is over {most} characters."),
    "grid-closed": Text(
        "La grille de cette personne est close : le procès-verbal est scellé.",
        "This candidate's grid is closed: the minutes are sealed.",
    ),
    "submission-empty": Text(
        "Rien n'a été remis : donnez l'adresse d'un dépôt, ou un document.",
        "Nothing was handed in: give the address of a repository, or a document.",
    ),
    "submission-repositories": Text(
        "Donnez au plus {most} dépôts, chacun une seule fois.", "Give at most {most} repositories, each once."
    ),
    "session-not-open": Text("Les remises ouvrent le {date}.", "Submissions open on {date}."),
    "session-over": Text("Les remises sont closes depuis le {date}.", "Submissions have been closed since {date}."),
    "idempotency-conflict": Text(
        "Cette clé d'idempotence a déjà servi pour une autre demande.",
        "This idempotency key was already used for another request.",
    ),
    "document-unknown": Text(
        "Le document {id} n'existe pas, ou n'est pas à vous.", "The document {id} does not exist, or is not yours."
    ),
    "queue-missing": Text(
        "Aucune file n'est réglée : donnez JURYGRID_QUEUE_URL=redis://…, ou lancez « jurygrid serve », qui évalue lui-même.",
        'No queue is set: give JURYGRID_QUEUE_URL=redis://…, or run "jurygrid serve", which grades by itself.',
    ),
    "serve-in-clear": Text(
        "Écouter sur {host} ferait voyager les mots de passe en clair : placez un mandataire https devant et ajoutez --behind-proxy.",
        "Listening on {host} would send passwords in clear: put an https proxy before it and add --behind-proxy.",
    ),
    "serve-processes": Text(
        "Plusieurs processus ne peuvent servir qu'avec une file : fixez JURYGRID_QUEUE_URL, et une base PostgreSQL.",
        "Several processes can serve only with a queue: set JURYGRID_QUEUE_URL, and a PostgreSQL database.",
    ),
    "port-taken": Text("Le port {port} ne peut pas être ouvert : {detail}", "Port {port} cannot be opened: {detail}"),
    "name-missing": Text("Donnez un nom.", "Give a name."),
    "session-dates": Text(
        "Les dates ne se suivent pas : l'ouverture vient avant la date limite, et la fin après elle.",
        "The dates are out of order: opening comes before the deadline, and the end after it.",
    ),
    "session-keep": Text(
        "La durée de conservation doit être d'au moins un jour.", "The retention time must be at least one day."
    ),
    "evaluator-is-candidate": Text("Personne ne s'évalue soi-même.", "Nobody evaluates their own work."),
    "evaluator-unknown": Text("{email} n'évalue pas dans cette session.", "{email} does not evaluate in this session."),
    "roster-empty": Text("La liste est vide.", "The roster is empty."),
    "roster-column": Text(
        "La liste n'a pas de colonne « {column} ». Colonnes connues : {columns}.",
        'The roster has no column "{column}". Known columns: {columns}.',
    ),
    "roster-too-long": Text("La liste dépasse {most} lignes.", "The roster is over {most} lines."),
    "roster-unreadable": Text("La liste ne peut pas être lue : {detail}", "The roster cannot be read: {detail}"),
    "roster-way-in": Text("« {way} » n'est pas une voie d'accès : {ways}.", '"{way}" is no way in: {ways}.'),
    "block-unknown": Text(
        "« {block} » n'est pas un bloc de cette certification.", '"{block}" is no block of this certification.'
    ),
    "grid-absent": Text(
        "Il n'y a pas encore de grille : l'évaluation n'est pas terminée.", "There is no grid yet: the assessment is not over."
    ),
    "grid-differs": Text(
        "Des décisions diffèrent ; à concilier d'abord : {criteria}.",
        "Decisions differ, and must be reconciled first: {criteria}.",
    ),
    "grid-undecided": Text("{count} critères ne sont pas décidés : {criteria}…", "{count} criteria are undecided: {criteria}…"),
    "criterion-unknown": Text(
        "« {criterion} » n'est pas un critère de cette grille.", '"{criterion}" is no criterion of this grid.'
    ),
    "cancelled": Text("L'évaluation a été annulée.", "The assessment was cancelled."),
    "submission-forgotten": Text("La remise {subject} n'a pas d'évaluation.", "Submission {subject} has no assessment."),
    "ready-without-report": Text(
        "L'évaluation {subject} se dit prête sans rapport ni propositions.",
        "Assessment {subject} says ready without report or proposals.",
    ),
    "unexplained": Text(
        "L'évaluation {subject} s'est arrêtée sans raison connue.", "Assessment {subject} ended without a known reason."
    ),
    "receipt-missing": Text(
        "L'évaluation {subject} a un dépôt conservé et pas de reçu.", "Assessment {subject} has a kept snapshot and no receipt."
    ),
    "unguarded": Text(
        "La table {subject} n'est plus protégée contre les changements.",
        "The table {subject} is no longer protected against changes.",
    ),
    "audit-broken": Text(
        "La chaîne du journal est rompue à l'entrée {subject}.", "The chain of the audit is broken at entry {subject}."
    ),
    "file-binary": Text("{path} n'est pas un fichier texte.", "{path} is no text file."),
    "file-too-large": Text("{path} est trop volumineux pour être montré.", "{path} is too large to be shown."),
    "nothing-handed-in": Text("Rien n'a encore été remis.", "Nothing was handed in yet."),
    "documents-too-many": Text(
        "Au plus {most} documents peuvent attendre d'être remis.", "At most {most} documents may wait to be handed in."
    ),
    "upload-empty": Text("Le document est vide.", "The document is empty."),
    "upload-name": Text("Le document n'a pas de nom.", "The document has no name."),
    "upload-type": Text(
        "« {name} » n'est pas d'un type accepté. Types acceptés : {types}.",
        '"{name}" is not of an accepted type. Accepted types: {types}.',
    ),
    "receipt-absent": Text(
        "Le reçu n'est pas encore établi : le dépôt est en cours de récupération.",
        "There is no receipt yet: the repository is being fetched.",
    ),
    "assessment-under-way": Text("Une évaluation est déjà en cours.", "An assessment is already under way."),
    "assessment-over": Text("Cette évaluation est terminée.", "This assessment is over."),
    "notice-receipt": Text(
        "Votre remise n° {number} est enregistrée : {url}, commit {commit}.",
        "Your submission no. {number} is on record: {url}, commit {commit}.",
    ),
    "disk-full": Text(
        "Notre disque est plein : l'évaluation reprendra dès qu'il y aura de la place.",
        "Our disk is full: the assessment goes on as soon as there is room.",
    ),
    "documents-refused": Text(
        "Aucun des documents remis n'a pu être accepté ; la raison est à côté de chacun.",
        "None of the documents could be accepted; the reason is beside each.",
    ),
    "document-bomb": Text("Ce document se déploie au-delà de toute mesure.", "This document inflates beyond any measure."),
    "document-damaged": Text("Ce document est endommagé ou mal formé.", "This document is damaged or malformed."),
    "document-encrypted": Text("Ce document est protégé par un mot de passe.", "This document is protected by a password."),
    "document-empty": Text("Ce document n'a aucune page.", "This document has no page."),
    "document-type": Text(
        "Ce document n'est pas du type que son nom annonce.", "This document is not of the type that its name says."
    ),
    "document-unread": Text(
        "Ce document n'a pas pu être ouvert dans les limites de temps et de mémoire.",
        "This document could not be opened within the limits of time and memory.",
    ),
    "inspection-failed": Text(
        "Les documents n'ont pas pu être examinés : {how}", "The documents could not be looked into: {how}"
    ),
    "erased": Text("Ce travail a été effacé.", "This work was erased."),
    "legal-hold": Text(
        "Cette session est sous conservation légale : rien ne peut en être effacé.",
        "This session is under a legal hold: nothing of it can be erased.",
    ),
    "backup-unreadable": Text("{path} n'est pas une sauvegarde lisible.", "{path} is no readable backup."),
    "backup-version": Text(
        "Cette sauvegarde vient d'une autre version des tables ({revision}) : restaurez-la avec cette version, puis mettez à jour.",
        "This backup comes from another version of the tables ({revision}): restore it with that version, then upgrade.",
    ),
    "restore-into-something": Text(
        "Cette installation contient déjà des données : restaurez dans une installation vide.",
        "This installation holds data already: restore into an empty one.",
    ),
    "person-unknown": Text("Aucun compte n'a l'adresse {email}.", "No account has the address {email}."),
    "subject-receipt": Text("Reçu de votre remise", "Receipt of your submission"),
    "roster-defects": Text(
        "{count} lignes sont à corriger : rien n'a été évalué.", "{count} lines need mending: nothing was graded."
    ),
    "provider-failed": Text(
        "La connexion par ce fournisseur a échoué : recommencez.", "Signing in with this provider failed: try again."
    ),
    "provider-unknown": Text("Ce fournisseur d'identité n'est pas réglé ici.", "This identity provider is not set up here."),
    "provider-no-account": Text(
        "Aucun compte n'a l'adresse vérifiée que ce fournisseur donne : demandez une invitation.",
        "No account has the verified address that this provider gives: ask for an invitation.",
    ),
    # People
    "email-malformed": Text("« {email} » n'est pas une adresse électronique.", '"{email}" is no e-mail address.'),
    "email-taken": Text("Cette adresse électronique est déjà celle d'un compte.", "This e-mail address already has an account."),
    "password-weak": Text(
        "Choisissez un mot de passe d'au moins {least} caractères, qui ne soit ni courant ni votre adresse.",
        "Choose a password of at least {least} characters that is neither common nor your address.",
    ),
    "password-present": Text("Le mot de passe actuel est incorrect.", "The present password is wrong."),
    "own-account": Text("Cela ne se fait pas à son propre compte.", "This cannot be done to one's own account."),
    "in-person-only": Text(
        "Cela se fait en personne, connecté par un navigateur, pas avec un jeton.",
        "This is done in person, signed in by a browser, not with a token.",
    ),
    "password-differs": Text("Les deux mots de passe diffèrent.", "The two passwords differ."),
    "level-missing": Text("Choisissez un niveau avant d'enregistrer.", "Choose a level before saving."),
    "close-unsure": Text("Cochez la case pour confirmer la clôture.", "Tick the box to confirm the closing."),
    "sign-in-failed": Text("Adresse ou mot de passe incorrect.", "Wrong address or password."),
    "not-signed-in": Text("Connectez-vous d'abord.", "Sign in first."),
    "link-over": Text(
        "Ce lien a déjà servi ou a expiré : demandez-en un nouveau.",
        "This link was already used or has expired: ask for a new one.",
    ),
    "scope-unknown": Text("« {scope} » n'est pas une portée : {scopes}.", '"{scope}" is no scope: {scopes}.'),
    "scope-missing": Text("Ce jeton n'a pas la portée « {scope} ».", 'This token has not the scope "{scope}".'),
    "not-allowed": Text("Votre rôle ne permet pas cette action.", "Your role does not allow this."),
    "unknown": Text(
        "Il n'y a rien à cette adresse, ou ce n'est pas à vous.", "There is nothing at this address, or it is not yours."
    ),
    "request-forged": Text(
        "La demande ne vient pas d'une page de ce service : rechargez la page et recommencez.",
        "The request does not come from a page of this service: reload the page and try again.",
    ),
    "request-malformed": Text("La demande est mal formée : {detail}", "The request is malformed: {detail}"),
    "too-many": Text(
        "Trop de demandes : réessayez dans {seconds} secondes.", "Too many requests: try again in {seconds} seconds."
    ),
    "too-large": Text("C'est trop volumineux : au plus {most} octets.", "This is too large: at most {most} bytes."),
    "unavailable": Text(
        "Le service ne peut pas répondre pour l'instant : réessayez dans un moment.",
        "The service cannot answer now: try again in a moment.",
    ),
    # The source
    "source-empty": Text(
        "L'adresse est vide ou contient des caractères interdits.", "The address is empty or holds forbidden characters."
    ),
    "source-scheme": Text(
        "« {source} » n'est pas une adresse acceptée : donnez une adresse https d'un hôte autorisé, gh:propriétaire/nom, ou un dossier de cette machine.",
        '"{source}" is not an accepted address: give an https address of an allowed host, gh:owner/name, or a folder of this machine.',
    ),
    "source-malformed": Text(
        "« {source} » n'a pas la forme https://hôte/propriétaire/nom.", '"{source}" has not the form https://host/owner/name.'
    ),
    "source-credentials": Text(
        "L'adresse contient un identifiant ou un mot de passe : retirez-le, et changez-le s'il est réel.",
        "The address holds a user name or a password: remove it, and change it if it is real.",
    ),
    "source-port": Text(
        "L'adresse nomme un port : seul le port https habituel est accepté.",
        "The address names a port: only the usual https port is accepted.",
    ),
    "source-host": Text(
        "L'hôte « {host} » n'est pas autorisé. Hôtes autorisés : {hosts}.",
        'The host "{host}" is not allowed. Allowed hosts: {hosts}.',
    ),
    "source-page": Text(
        "Cette adresse est celle d'une page : donnez celle du dépôt, {url}, et la branche avec --ref.",
        "This is the address of a page: give the repository's, {url}, and the branch with --ref.",
    ),
    "source-not-found": Text("Le dossier « {source} » n'existe pas.", 'The folder "{source}" does not exist.'),
    "source-no-repository": Text(
        "« {source} » n'est pas un dépôt Git : lancez « git init », « git add . » et « git commit » dans ce dossier, puis recommencez.",
        '"{source}" is not a Git repository: run "git init", "git add ." and "git commit" in that folder, then try again.',
    ),
    "source-absent-or-private": Text(
        "{url} n'existe pas ou n'est pas public : vérifiez l'adresse, ou rendez le dépôt public le temps de l'évaluation.",
        "{url} does not exist or is not public: check the address, or make the repository public for the assessment.",
    ),
    "source-redirected": Text(
        "{url} renvoie vers une autre adresse : donnez l'adresse actuelle du dépôt.",
        "{url} redirects elsewhere: give the repository's current address.",
    ),
    "host-unknown": Text(
        "L'hôte {host} est introuvable : vérifiez l'adresse et la connexion.",
        "The host {host} cannot be found: check the address and the connection.",
    ),
    "host-private": Text(
        "L'hôte {host} mène à l'adresse interne {address} : refusé.",
        "The host {host} leads to the internal address {address}: refused.",
    ),
    "host-certificate": Text(
        "Le certificat de {host} n'a pas pu être vérifié : {detail}", "The certificate of {host} could not be verified: {detail}"
    ),
    "host-unreachable": Text("L'hôte {host} ne répond pas : {detail}", "The host {host} does not answer: {detail}"),
    "ref-malformed": Text(
        "« {ref} » n'est pas un nom de branche, d'étiquette ou de commit.", '"{ref}" is no name of a branch, a tag or a commit.'
    ),
    "ref-unknown": Text(
        "Le dépôt n'a ni branche, ni étiquette, ni commit « {ref} ».", 'The repository has no branch, tag or commit "{ref}".'
    ),
    # The repository
    "repository-empty": Text(
        "Le dépôt est vide : il ne contient encore aucun fichier enregistré.",
        "The repository is empty: it holds no committed file yet.",
    ),
    "no-default-branch": Text(
        "Le dépôt n'a pas de branche par défaut : donnez la branche avec --ref.",
        "The repository has no default branch: name one with --ref.",
    ),
    "repository-damaged": Text(
        "Le dépôt est endommagé : Git n'a pas pu le lire en entier.", "The repository is damaged: Git could not read it whole."
    ),
    "repository-too-large": Text(
        "Le dépôt dépasse la taille acceptée. Retirez les données et modèles volumineux de Git, ou demandez une limite plus haute.",
        "The repository is over the accepted size. Take large data and models out of Git, or ask for a higher limit.",
    ),
    "fetch-timeout": Text(
        "{url} n'a pas pu être récupéré dans le temps imparti.", "{url} could not be fetched in the time allowed."
    ),
    "fetch-failed": Text("{url} n'a pas pu être récupéré : {detail}", "{url} could not be fetched: {detail}"),
    # The rubric
    "rubric-absent": Text(
        "La grille « {rubric} » n'existe pas. Grilles disponibles : {rubrics}.",
        'There is no rubric "{rubric}". Rubrics at hand: {rubrics}.',
    ),
    "rubric-invalid": Text("Défauts de la grille ({count}) :\n{defects}", "Defects of the rubric ({count}):\n{defects}"),
    "overlay-absent": Text("Le fichier de libellés « {path} » n'existe pas.", 'The wording file "{path}" does not exist.'),
    "exam-unknown": Text(
        "L'épreuve « {exam} » n'existe pas dans cette grille. Épreuves : {exams}.",
        'There is no exam "{exam}" in this rubric. Exams: {exams}.',
    ),
    "check-unknown": Text(
        "Le contrôle « {check} » n'existe pas. « jurygrid checks list » les donne tous.",
        'There is no check "{check}". "jurygrid checks list" gives them all.',
    ),
    "lexicon-invalid": Text("Un lexique est mal formé : {detail}", "A lexicon is malformed: {detail}"),
    "setting-invalid": Text("Un réglage est mal formé : {detail}", "A setting is malformed: {detail}"),
    "work-folder-absent": Text(
        "Le dossier de travail « {path} » n'existe pas ou n'est pas accessible en écriture (JURYGRID_WORK_FOLDER).",
        'The work folder "{path}" does not exist or cannot be written to (JURYGRID_WORK_FOLDER).',
    ),
    "file-unwritable": Text(
        "Le fichier « {path} » n'a pas pu être écrit : {detail}", 'The file "{path}" could not be written: {detail}'
    ),
    # Our failures
    "docker-absent": Text("Aucun moteur Docker ne répond : {detail}", "No Docker engine answers: {detail}"),
    "docker-image-absent": Text(
        "Le moteur Docker n'a pas l'image {image} : lancez « make images ».",
        'The Docker engine has not the image {image}: run "make images".',
    ),
    "no-sandbox": Text(
        "Aucun bac à sable ne peut exécuter le code rendu : installez Docker ou bubblewrap (« jurygrid doctor »).",
        'No sandbox can run the code handed in: install Docker or bubblewrap ("jurygrid doctor").',
    ),
    "no-store": Text("Aucun dossier ne garde les environnements préparés.", "No folder keeps the prepared environments."),
    "plan-failed": Text(
        "Ce qu'il fallait exécuter n'a pas pu être établi : rien n'a été exécuté. C'est un défaut de Jurygrid, pas du projet.",
        "What was to be run could not be worked out: nothing was run. This is a fault of Jurygrid, not of the project.",
    ),
    "plan-malformed": Text("Le plan d'exécution est illisible.", "The plan of what to run is unreadable."),
    "docker-failed": Text("Le moteur Docker a échoué : {detail}", "The Docker engine failed: {detail}"),
    "bubblewrap-absent": Text(
        "bubblewrap est absent : « apt install bubblewrap ».", 'bubblewrap is absent: "apt install bubblewrap".'
    ),
    "bubblewrap-refused": Text("bubblewrap ne peut pas isoler ici : {detail}", "bubblewrap cannot isolate here: {detail}"),
    "examination-timeout": Text(
        "L'examen n'a pas fini dans le temps imparti. Cela ne dit rien du travail rendu.",
        "The examination did not end in the time allowed. This says nothing about the work handed in.",
    ),
    "examination-failed": Text(
        "L'examen s'est arrêté ({how} {status}) : {detail}", "The examination stopped ({how} {status}): {detail}"
    ),
    "report-too-large": Text("Le rapport d'examen est trop grand.", "The examination's report is too large."),
    "report-malformed": Text("Le rapport d'examen est illisible.", "The examination's report is unreadable."),
    "report-forged": Text(
        "Le rapport d'examen ne répond pas à la demande.", "The examination's report does not answer the request."
    ),
    "unexpected": Text(
        "Erreur inattendue : {detail}. Ce n'est pas la faute du dépôt ; signalez-la avec la sortie de --debug.",
        "Unexpected error: {detail}. It is not the repository's fault; report it with the output of --debug.",
    ),
    "doctor-missing": Text(
        "Il manque de quoi travailler : voyez les lignes ✘.", "Something needed is missing: see the lines marked ✘."
    ),
    "interrupted": Text("Interrompu.", "Interrupted."),
    # Preparing what a submission needs
    "preparation-timeout": Text(
        "La préparation de l'environnement a dépassé son délai.", "Preparing the environment took too long."
    ),
    "preparation-failed": Text(
        "La préparation de l'environnement a échoué ({how}, {status}).", "Preparing the environment failed ({how}, {status})."
    ),
    "preparation-malformed": Text(
        "La préparation de l'environnement a répondu autre chose que ce qui était demandé.",
        "Preparing the environment answered something else than what was asked.",
    ),
    "preparation-lost": Text(
        "L'environnement préparé a été retiré avant de servir.", "The prepared environment was removed before it could be used."
    ),
    "resolve-timeout": Text(
        "Le choix des versions des paquets a dépassé son délai.", "Choosing the versions of the packages took too long."
    ),
    "install-timeout": Text("L'installation des paquets a dépassé son délai.", "Installing the packages took too long."),
    "install-failed": Text("L'installation des paquets a échoué.", "Installing the packages failed."),
    "index-unreachable": Text("L'index des paquets n'a pas répondu.", "The package index did not answer."),
    "store-unwritable": Text(
        "Le dossier {folder} ne peut pas être écrit ({detail}).", "The folder {folder} cannot be written ({detail})."
    ),
}


def sentence(code: str, language: str, **values: object) -> str:
    """Return the sentence of `code` in `fr` or `en` with `values` filled in; control characters are made visible."""
    spoken = {key: value.in_(language) if isinstance(value, Text) else str(value) for key, value in values.items()}
    shown = {key: _visible(value) for key, value in spoken.items()}
    return SENTENCES[code].in_(language).format_map(_Blank(shown))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)
