import pytest

from tests.monitoring_samples import fact


def found(path, text):
    return [(s.kind, s.line, s.grave) for s in fact({path: text}, "secrets").all]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("app/settings.py", 'import os\nSECRET_KEY = "django-insecure-8h3kq0z1v7"\n', [("signing-key", 2, True)]),
        ("app.py", 'app.config["SECRET_KEY"] = "dev"\n', [("signing-key", 1, True)]),
        ("app.py", 'import os\nSECRET_KEY = os.getenv("SECRET_KEY", "repli-publie")\n', [("fallback", 2, False)]),
        (".env", "DEBUG=1\nAPI_KEY=9f8e7d6c5b4a39281706\n", [("env-file", 2, True)]),
        (".env", "DB_PASSWORD=postgres\n", [("env-file", 1, False)]),
        ("cle.pem", "-----BEGIN RSA PRIVATE KEY-----\n" + "A1b2" * 80 + "\n", [("private-key", 1, True)]),
        ("a.py", 'client = Client(api_key="k9Zp2Lq8Xw4Rt6Ym")\n', [("literal", 1, True)]),
        ("c.yml", "url: postgresql://avis:Zr8kPq2Lm@base.hebergeur.fr/avis\n", [("connection-string", 1, True)]),
    ],
)
def test_secrets_in_clear(path, text, expected):
    assert found(path, text) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "API_KEY=9f8e7d6c5b4a39281706\n"),
        (".env", "API_KEY=votre_cle_ici\nSECRET_KEY=${SECRET}\nPORT=8000\n"),
        ("a.py", 'import os\nAPI_KEY = os.environ["API_KEY"]\ntoken_url = "/jeton"\nmax_tokens = "1500"\n'),
        ("tests/test_a.py", 'def test_a():\n    login(password="Zr8kPq2Lm99")\n'),
        ("README.md", "Mettez `sk-xxxxxxxxxxxxxxxxxxxxxxxx` dans `.env`.\n"),
        ("a.py", "# SECRET_KEY = 'k9Zp2Lq8Xw4Rt6Ym'\n"),
    ],
)
def test_what_is_no_secret(path, text):
    assert found(path, text) == []


def test_the_value_is_never_shown():
    secret = fact({".env": "API_KEY=9f8e7d6c5b4a39281706\n"}, "secrets").all[0]
    assert secret.shown == "API_KEY = ***"


def test_settings_read_from_the_environment_are_fallbacks():
    text = 'from pydantic_settings import BaseSettings\nclass Reglages(BaseSettings):\n    secret_key: str = "k9Zp2Lq8Xw4Rt6Ym"\n'
    assert found("config.py", text) == [("fallback", 3, False)]


def test_an_export_of_personal_data():
    rows = "nom;email;telephone;ville\n" + "a;b@c.fr;06;Lyon\n" * 30
    assert fact({"clients.csv": rows}, "secrets").personal == (("clients.csv", ("email", "telephone")),)
