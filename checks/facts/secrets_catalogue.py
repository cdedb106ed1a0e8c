"""How secrets, placeholders and trivial defaults look."""

from __future__ import annotations

import math
import re
from collections import Counter

# Issuers' own formats: (what it is, texts without which it cannot be there, expression).
FORMATS = (
    ("private-key", ("PRIVATE KEY",), re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----")),
    ("aws-key", ("AKIA",), re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
    (
        "github-token",
        ("ghp_", "gho_", "ghs_", "ghu_", "github_pat_"),
        re.compile(r"\b(?:ghp|gho|ghs|ghu)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40,90}\b"),
    ),
    ("gitlab-token", ("glpat-",), re.compile(r"\bglpat-[A-Za-z0-9_-]{20,40}\b")),
    (
        "llm-key",
        ("sk-", "gsk_", "lsv2_"),
        re.compile(
            r"\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,180}\b|\bgsk_[A-Za-z0-9]{40,60}\b|\bsk-lf-[0-9a-f-]{36}\b"
            r"|\blsv2_[a-z]{2}_[0-9a-f]{32}\w*"
        ),
    ),
    ("hugging-face-token", ("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{30,40}\b")),
    ("google-key", ("AIza",), re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    (
        "slack-token",
        ("xox", "hooks.slack.com"),
        re.compile(r"\bxox[baprs]-[0-9A-Za-z-]{20,80}|hooks\.slack\.com/services/T[0-9A-Z]{6,}/B[0-9A-Z]{6,}/\w{16,}"),
    ),
    ("discord-webhook", ("api/webhooks/",), re.compile(r"discord(?:app)?\.com/api/webhooks/\d{15,20}/[\w-]{40,80}")),
    ("sendgrid-key", ("SG.",), re.compile(r"\bSG\.[\w-]{20,24}\.[\w-]{40,50}\b")),
    ("azure-key", ("AccountKey=",), re.compile(r"AccountKey=[A-Za-z0-9+/]{60,90}={0,2}")),
    (
        "connection-string",
        ("://",),
        re.compile(
            r"\b(?:postgres(?:ql)?|mysql|mongodb|amqp|redis|mssql)(?:\+\w{2,20})?://[\w.-]{1,60}:([^@\s/\"'{}$<>]{3,100})@([\w.-]{1,120})"
        ),
    ),
)
SECRET_NAME = re.compile(
    r"(secret|passwd|password|mot_?de_?passe|mdp|api_?key|apikey|access_?key|private_?key|auth_?token|access_?token"
    r"|api_?token|bot_?token|jwt_?key|client_?secret|encryption_?key|_pwd|^pwd|credential|signing_key|_token)s?($|_)",
    re.I,
)
NOT_A_SECRET = re.compile(
    r"url|path|file|name|type|field|header|expire|minutes|days|algorithm|scheme|endpoint|length|hash(ed)?_?$|label"
    r"|placeholder|regex|pattern|min_|max_|prompt|tokens|context|limit|scope|_id$|public|input|hint|help|error|message"
    r"|template|policy|validators|hashers",
    re.I,
)
SIGNING_NAME = re.compile(r"^(SECRET_KEY|JWT_SECRET(_KEY)?|JWT_KEY|SECURITY_PASSWORD_SALT|secret_key|SIGNING_KEY)$")
# Values that say "put yours here". A secret never looks like this.
PLACEHOLDER = re.compile(
    r"^\W*$|^[$%<{\[(]|\$\{|\{\{|your|votre|x{3,}|\.\.\.|change.?me|change.?it|à.?(changer|remplir|compl)|a_(changer"
    r"|remplir|completer)|example|exemple|placeholder|todo|replace|remplace|insert|dummy|fake|\*{3}|<.+>|none|null"
    r"|undefined|optional|to.?be|non.?renseign|enter|secret.?here|key.?here|here$|ici$|redacted|masked|test",
    re.I,
)
# Values everybody tries first: a default in the open, not a leaked secret.
TRIVIAL = re.compile(
    r"^(password|passw?0?rd\d*|pass|pwd|postgres|postgresql|root|admin\d*|user|mysql|mongo|minio(admin)?|airflow"
    r"|grafana|secret|guest|default|changeit|mlflow|redis|rabbitmq|demo|dev|local|toor|mdp|motdepasse|\d{1,8}"
    r"|[a-z]{1,6}|azerty\d*|qwerty\d*|\w{1,20}_?(password|pass|pwd|user|admin|db|secret)\d{0,4})$",
    re.I,
)
ENV_FILE = re.compile(r"^\.?env(\.[\w-]+)*$|^[\w-]+\.env$|^\.envrc$", re.I)
SAMPLE = re.compile(r"example|exemple|sample|template|dist|default|modele|tests?\b|\.ci$", re.I)
ENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]{1,80})\s*=\s*(.*?)\s*$")
KEY_FILE = re.compile(r"^(id_rsa|id_ed25519|id_ecdsa|.*\.(pem|key|p12|pfx|jks|keystore))$", re.I)
TEXT_SUFFIXES = frozenset(
    [
        ".py",
        ".ipynb",
        ".js",
        ".jsx",
        ".ts",
        ".tsx",
        ".vue",
        ".json",
        ".yml",
        ".yaml",
        ".toml",
        ".ini",
        ".cfg",
        ".conf",
        ".sh",
        ".md",
        ".txt",
        ".env",
        ".java",
        ".cs",
        ".php",
        ".sql",
        ".tf",
        ".html",
        ".properties",
        ".xml",
        ".bat",
        ".ps1",
    ]
)
LOCAL_HOST = re.compile(r"^(localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|[a-z][a-z0-9_-]*)$")
PERSONAL = frozenset(
    [
        "email",
        "e_mail",
        "mail",
        "courriel",
        "telephone",
        "phone",
        "tel",
        "mobile",
        "nom_de_famille",
        "last_name",
        "lastname",
        "firstname",
        "first_name",
        "prenom",
        "date_naissance",
        "birth_date",
        "birthdate",
        "date_of_birth",
        "adresse",
        "address",
        "ssn",
        "nir",
        "iban",
        "ip_address",
    ]
)
PERSONAL_ROWS = 20


def is_placeholder(value: str) -> bool:
    """Tell whether a value only says where to put a secret."""
    return len(value) < 3 or bool(PLACEHOLDER.search(value)) or len(set(value)) < 3


def is_trivial(value: str) -> bool:
    """Tell whether a value is a default that everybody tries first."""
    return bool(TRIVIAL.match(value))


def entropy(value: str) -> float:
    """Return the bits a character of a text carries, by its own frequencies."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) if value else 0.0
