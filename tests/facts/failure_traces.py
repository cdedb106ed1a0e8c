"""Traces as pytest 8 and 9, unittest, Django, vitest and jest print them, shortened in the middle; with whose each failure is."""

from __future__ import annotations

ENV = "/opt/environment/lib/python3.11/site-packages"
DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"
CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"


def told(error: str, end: str, code: str = "", before: str = "") -> str:
    """Return one section as pytest's long style prints it: `end` is the raising place and the class."""
    errors = "\n".join(f"E       {line}" for line in error.splitlines())
    return f"{before}    def test_it(client):\n>       {code or 'result = call()'}\n{errors}\n\n{end}\n"


def plain(error: str, *frames: str) -> str:
    """Return a traceback as Python prints it; a frame is `path:line:function:code`."""
    lines = ["Traceback (most recent call last):"]
    for frame in frames:
        path, line, function, code = frame.split(":", 3)
        lines += [f'  File "{path}", line {line}, in {function}', f"    {code}"]
    return "\n".join([*lines, error, ""])


# name → (message attribute, trace, whose, code)
TRACES: dict[str, tuple[str, str, str, str]] = {
    "requests without network": (
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.meteo.example', port=443)",
        told("socket.gaierror: [Errno -3] Temporary failure in name resolution", "/usr/lib/python3.11/socket.py:962: gaierror")
        + CAUSE
        + told(
            "urllib3.exceptions.NameResolutionError: <urllib3.connection.HTTPSConnection object at 0x7f>: Failed to resolve"
            " 'api.meteo.example' ([Errno -3] Temporary failure in name resolution)",
            f"{ENV}/urllib3/connection.py:205: NameResolutionError",
        )
        + CAUSE
        + told(
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.meteo.example', port=443): Max retries exceeded with url: /v1",
            f"{ENV}/requests/adapters.py:677: ConnectionError",
        ),
        "sandbox",
        "no-network",
    ),
    "httpx without network": (
        "httpx.ConnectError: [Errno -2] Name or service not known",
        told("httpcore.ConnectError: [Errno -2] Name or service not known", f"{ENV}/httpcore/_exceptions.py:14: ConnectError")
        + CAUSE
        + told(
            "httpx.ConnectError: [Errno -2] Name or service not known", f"{ENV}/httpx/_transports/default.py:118: ConnectError"
        ),
        "sandbox",
        "no-network",
    ),
    "aiohttp without network": (
        "",
        told(
            "aiohttp.client_exceptions.ClientConnectorDNSError: Cannot connect to host api.example:443 ssl:default [Temporary failure in name resolution]",
            f"{ENV}/aiohttp/connector.py:1300: ClientConnectorDNSError",
        ),
        "sandbox",
        "no-network",
    ),
    "a live server that nobody started": (
        "requests.exceptions.ConnectionError: ...",
        told(
            "ConnectionRefusedError: [Errno 111] Connection refused",
            f"{ENV}/urllib3/util/connection.py:73: ConnectionRefusedError",
        )
        + DURING
        + told(
            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='localhost', port=8000): Max retries exceeded with url: /predict"
            " (Caused by NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused'))",
            f"{ENV}/requests/adapters.py:700: ConnectionError",
        ),
        "sandbox",
        "no-network",
    ),
    "urllib": (
        "",
        plain(
            "urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
            "/usr/lib/python3.11/urllib/request.py:1351:do_open:raise URLError(err)",
        ),
        "sandbox",
        "no-network",
    ),
    "psycopg2 without server": (
        "",
        told(
            'psycopg2.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
            f"{ENV}/psycopg2/__init__.py:122: OperationalError",
        ),
        "sandbox",
        "no-service",
    ),
    "sqlalchemy over psycopg2": (
        "",
        told(
            'psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known',
            f"{ENV}/psycopg2/__init__.py:122: OperationalError",
        )
        + CAUSE
        + told(
            'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) could not translate host name "db" to address: Name or service not known\n\n(Background on this error at: https://sqlalche.me/e/20/e3q8)',
            f"{ENV}/psycopg2/__init__.py:122: OperationalError",
        ),
        "sandbox",
        "no-network",
    ),
    "psycopg 3": (
        "",
        told(
            'psycopg.OperationalError: connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused',
            f"{ENV}/psycopg/connection.py:118: OperationalError",
        ),
        "sandbox",
        "no-service",
    ),
    "asyncpg": (
        "",
        told(
            "OSError: Multiple exceptions: [Errno 111] Connect call failed ('::1', 5432, 0, 0), [Errno 111] Connect call failed ('127.0.0.1', 5432)",
            "/usr/lib/python3.11/asyncio/base_events.py:1086: OSError",
        ),
        "sandbox",
        "no-service",
    ),
    "another role than ours": (
        "",
        told(
            'psycopg2.OperationalError: connection to server at "localhost", port 5432 failed: FATAL:  password authentication failed for user "lea"',
            f"{ENV}/psycopg2/__init__.py:122: OperationalError",
        ),
        "sandbox",
        "no-service",
    ),
    "redis": (
        "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
        told("ConnectionRefusedError: [Errno 111] Connection refused", f"{ENV}/redis/connection.py:644: ConnectionRefusedError")
        + DURING
        + told(
            "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
            f"{ENV}/redis/connection.py:277: ConnectionError",
        ),
        "sandbox",
        "no-service",
    ),
    "pymongo": (
        "",
        told(
            "pymongo.errors.ServerSelectionTimeoutError: localhost:27017: [Errno 111] Connection refused (configured timeouts: socketTimeoutMS: 20000.0ms), Timeout: 30s",
            f"{ENV}/pymongo/synchronous/topology.py:354: ServerSelectionTimeoutError",
        ),
        "sandbox",
        "no-service",
    ),
    "pymysql": (
        "",
        told(
            "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111] Connection refused)\")",
            f"{ENV}/pymysql/connections.py:716: OperationalError",
        ),
        "sandbox",
        "no-service",
    ),
    "django over postgresql": (
        "",
        plain(
            'psycopg2.OperationalError: connection to server at "db" (10.0.0.2), port 5432 failed: Connection refused',
            f"{ENV}/django/db/backends/base/base.py:279:ensure_connection:self.connect()",
        )
        + CAUSE
        + plain(
            'django.db.utils.OperationalError: connection to server at "db" (10.0.0.2), port 5432 failed: Connection refused',
            f"{ENV}/django/db/utils.py:91:__exit__:raise dj_exc_value",
        ),
        "sandbox",
        "no-service",
    ),
    "pgvector": (
        "",
        told(
            'psycopg2.errors.FeatureNotSupported: extension "vector" is not available',
            f"{ENV}/sqlalchemy/engine/default.py:941: FeatureNotSupported",
        ),
        "sandbox",
        "no-service",
    ),
    "kafka": (
        "",
        told("kafka.errors.NoBrokersAvailable: NoBrokersAvailable", f"{ENV}/kafka/client_async.py:900: NoBrokersAvailable"),
        "sandbox",
        "no-service",
    ),
    "testcontainers": (
        "",
        told(
            "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))",
            f"{ENV}/docker/api/client.py:230: DockerException",
        ),
        "sandbox",
        "no-service",
    ),
    "absent pickle": (
        "FileNotFoundError: [Errno 2] No such file or directory: 'models/prix.pkl'",
        told(
            "FileNotFoundError: [Errno 2] No such file or directory: 'models/prix.pkl'",
            f"{ENV}/joblib/numpy_pickle.py:650: FileNotFoundError",
        ),
        "sandbox",
        "absent-file",
    ),
    "absent model hidden behind their own error": (
        "RuntimeError: Le modèle n'est pas chargé",
        told("FileNotFoundError: [Errno 2] No such file or directory: 'models/prix.pkl'", "api/modele.py:12: FileNotFoundError")
        + CAUSE
        + told("RuntimeError: Le modèle n'est pas chargé", "api/modele.py:14: RuntimeError"),
        "sandbox",
        "absent-file",
    ),
    "absent data": (
        "",
        told(
            "FileNotFoundError: [Errno 2] No such file or directory: '/app/data/releves.csv'",
            f"{ENV}/pandas/io/common.py:873: FileNotFoundError",
        ),
        "sandbox",
        "absent-file",
    ),
    "absent settings file": (
        "",
        told("FileNotFoundError: [Errno 2] No such file or directory: '.env'", "config.py:8: FileNotFoundError"),
        "sandbox",
        "absent-file",
    ),
    "absent keras model": (
        "",
        told(
            "ValueError: File not found: filepath=modele.keras. Please ensure the file is an accessible `.keras` zip file.",
            f"{ENV}/keras/src/saving/saving_api.py:200: ValueError",
        ),
        "sandbox",
        "absent-file",
    ),
    "absent torch weights": (
        "",
        told(
            "FileNotFoundError: [Errno 2] No such file or directory: 'poids/meilleur.pt'",
            f"{ENV}/torch/serialization.py:425: FileNotFoundError",
        ),
        "sandbox",
        "absent-file",
    ),
    "sqlite in an absent folder": (
        "",
        told("sqlite3.OperationalError: unable to open database file", "api/base.py:9: OperationalError"),
        "sandbox",
        "absent-file",
    ),
    "a file of theirs, from another folder": (
        "",
        told(
            "FileNotFoundError: [Errno 2] No such file or directory: 'data/present.csv'", "tests/test_a.py:8: FileNotFoundError"
        ),
        "undetermined",
        "file-elsewhere",
    ),
    "hugging face offline": (
        "",
        told(
            "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder for the specified revision on the local disk and outgoing traffic has been disabled.",
            f"{ENV}/huggingface_hub/_snapshot_download.py:250: LocalEntryNotFoundError",
        )
        + CAUSE
        + told(
            "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.",
            f"{ENV}/transformers/utils/hub.py:560: OSError",
        ),
        "sandbox",
        "absent-model-hub",
    ),
    "nltk": (
        "",
        told(
            "LookupError: \n**********\n  Resource stopwords not found.\n  Please use the NLTK Downloader to obtain the resource:\n\n  >>> import nltk",
            f"{ENV}/nltk/data.py:579: LookupError",
        ),
        "sandbox",
        "absent-model-hub",
    ),
    "spacy": (
        "",
        told(
            "OSError: [E050] Can't find model 'fr_core_news_sm'. It doesn't seem to be a Python package or a valid path to a data directory.",
            f"{ENV}/spacy/util.py:531: OSError",
        ),
        "sandbox",
        "absent-model-hub",
    ),
    "mlflow registry": (
        "",
        told(
            "mlflow.exceptions.MlflowException: API request to http://localhost:5000/api/2.0/mlflow/registered-models/get failed with exception HTTPConnectionPool(host='localhost', port=5000): Max retries exceeded",
            f"{ENV}/mlflow/utils/rest_utils.py:200: MlflowException",
        ),
        "sandbox",
        "no-network",
    ),
    "mlflow without the model": (
        "",
        told(
            "mlflow.exceptions.RestException: RESOURCE_DOES_NOT_EXIST: Registered Model with name=prix not found",
            f"{ENV}/mlflow/store/_unity_catalog.py:10: RestException",
        ),
        "sandbox",
        "absent-model",
    ),
    "torch without a card": (
        "",
        told(
            "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
            f"{ENV}/torch/cuda/__init__.py:319: RuntimeError",
        ),
        "sandbox",
        "no-gpu",
    ),
    "boto3 without credentials": (
        "",
        told(
            "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
            f"{ENV}/botocore/auth.py:421: NoCredentialsError",
        ),
        "sandbox",
        "missing-secret",
    ),
    "openai without a key": (
        "",
        told(
            "openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable",
            f"{ENV}/openai/_client.py:130: OpenAIError",
        ),
        "sandbox",
        "missing-secret",
    ),
    "openai without network": (
        "",
        told(
            "httpx.ConnectError: [Errno -3] Temporary failure in name resolution",
            f"{ENV}/httpx/_transports/default.py:118: ConnectError",
        )
        + CAUSE
        + told("openai.APIConnectionError: Connection error.", f"{ENV}/openai/_base_client.py:1024: APIConnectionError"),
        "sandbox",
        "no-network",
    ),
    "anthropic without a key": (
        "",
        told(
            'TypeError: "Could not resolve authentication method. Expected either api_key or auth_token to be set."',
            f"{ENV}/anthropic/_client.py:220: TypeError",
        ),
        "sandbox",
        "missing-secret",
    ),
    "streamlit secrets": (
        "",
        told(
            "streamlit.errors.StreamlitSecretNotFoundError: No secrets found. Valid paths for a secrets.toml file or secret directories are: /root/.streamlit/secrets.toml",
            f"{ENV}/streamlit/runtime/secrets.py:303: StreamlitSecretNotFoundError",
        ),
        "sandbox",
        "missing-secret",
    ),
    "selenium": (
        "",
        told(
            "selenium.common.exceptions.NoSuchDriverException: Message: Unable to obtain driver for chrome; For documentation on this error, please visit: https://www.selenium.dev",
            f"{ENV}/selenium/webdriver/common/driver_finder.py:67: NoSuchDriverException",
        ),
        "sandbox",
        "no-browser",
    ),
    "playwright": (
        "",
        told(
            "playwright._impl._errors.Error: BrowserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chromium-1155/chrome",
            f"{ENV}/playwright/_impl/_connection.py:528: Error",
        ),
        "sandbox",
        "no-browser",
    ),
    "opencv without libGL": (
        "collection failure",
        "ImportError while importing test module '/work/tree/tests/test_vision.py'.\nHint: make sure your test modules/packages have valid Python names.\nTraceback:\n"
        "/usr/lib/python3.11/importlib/__init__.py:126: in import_module\n    return _bootstrap._gcd_import(name[level:], package, level)\n"
        "tests/test_vision.py:1: in <module>\n    import cv2\n"
        "E   ImportError: libGL.so.1: cannot open shared object file: No such file or directory\n",
        "sandbox",
        "missing-system-library",
    ),
    "a package without a wheel": (
        "collection failure",
        "ImportError while importing test module '/work/tree/tests/test_a.py'.\nTraceback:\ntests/test_a.py:3: in <module>\n    import fasttext\n"
        "E   ModuleNotFoundError: No module named 'fasttext'\n",
        "sandbox",
        "package-not-installed",
    ),
    "a package left out, under another name": (
        "collection failure",
        "tests/test_a.py:3: in <module>\n    from sklearn.svm import SVC\nE   ModuleNotFoundError: No module named 'sklearn'\n",
        "sandbox",
        "package-not-installed",
    ),
    "an undeclared dependency": (
        "collection failure",
        "ImportError while importing test module '/work/tree/tests/test_a.py'.\nTraceback:\ntests/test_a.py:2: in <module>\n    from api.main import app\n"
        "api/main.py:4: in <module>\n    import polars\nE   ModuleNotFoundError: No module named 'polars'\n",
        "candidate",
        "undeclared-dependency",
    ),
    "an undeclared dependency that a library asks for": (
        "collection failure",
        "api/main.py:9: in <module>\n    @app.post('/token')\n/opt/environment/lib/python3.11/site-packages/fastapi/dependencies/utils.py:106: in ensure\n"
        "    raise RuntimeError(multipart_not_installed_error) from None\n"
        'E   RuntimeError: Form data requires "python-multipart" to be installed. \nE   You can install "python-multipart" with: \n',
        "candidate",
        "undeclared-dependency",
    ),
    "a module of theirs, from another folder": (
        "collection failure",
        "tests/test_a.py:2: in <module>\n    from api.main import app\nE   ModuleNotFoundError: No module named 'api'\n",
        "undetermined",
        "own-module-not-found",
    ),
    "a module that a newer Python lost": (
        "collection failure",
        "tests/test_a.py:2: in <module>\n    from distutils.util import strtobool\nE   ModuleNotFoundError: No module named 'distutils'\n",
        "sandbox",
        "python-version",
    ),
    "a name that their module lost": (
        "collection failure",
        "tests/test_a.py:2: in <module>\n    from api.main import create\nE   ImportError: cannot import name 'create' from 'api.main' (/work/tree/api/main.py)\n",
        "candidate",
        "own-name-not-found",
    ),
    "a syntax error at collection": (
        "collection failure",
        "/usr/lib/python3.11/ast.py:50: in parse\n    return compile(source, filename, mode, flags,\n"
        "E     File \"/work/tree/tests/test_a.py\", line 4\nE       def test_a(\nE                 ^\nE   SyntaxError: '(' was never closed\n",
        "candidate",
        "syntax-error",
    ),
    "an environment variable": (
        "KeyError: 'DATABASE_URL'",
        told("KeyError: 'DATABASE_URL'", "<frozen os>:679: KeyError", 'url = os.environ["DATABASE_URL"]'),
        "sandbox",
        "missing-variable",
    ),
    "an environment variable at import": (
        "collection failure",
        "tests/conftest.py:3: in <module>\n    from api.config import SECRET\napi/config.py:5: in <module>\n    SECRET = os.environ['SECRET_KEY']\n/usr/lib/python3.11/os.py:679: in __getitem__\n    raise KeyError(key) from None\nE   KeyError: 'SECRET_KEY'\n",
        "sandbox",
        "missing-variable",
    ),
    "a key of a dictionary of theirs": (
        "KeyError: 'prix'",
        told("KeyError: 'prix'", "api/calcul.py:12: KeyError", 'return ligne["prix"]'),
        "candidate",
        "error-in-code",
    ),
    "pydantic settings": (
        "",
        told(
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\ndatabase_url\n  Field required [type=missing, input_value={}, input_type=dict]",
            f"{ENV}/pydantic_settings/main.py:176: ValidationError",
            "settings = Settings()",
        ),
        "sandbox",
        "missing-variable",
    ),
    "decouple": (
        "",
        told(
            "decouple.UndefinedValueError: SECRET_KEY not found. Declare it as envvar or define a default value.",
            f"{ENV}/decouple.py:92: UndefinedValueError",
        ),
        "sandbox",
        "missing-variable",
    ),
    "their own complaint about a variable": (
        "",
        told("ValueError: La variable d'environnement API_KEY est requise", "api/config.py:9: ValueError"),
        "sandbox",
        "missing-variable",
    ),
    "sqlalchemy without a URL": (
        "",
        told(
            "sqlalchemy.exc.ArgumentError: Expected string or URL object, got None",
            f"{ENV}/sqlalchemy/engine/url.py:900: ArgumentError",
        ),
        "sandbox",
        "missing-variable",
    ),
    "an assertion": (
        "assert 3 == 4",
        "    def test_somme():\n>       assert somme(1, 2) == 4\nE       assert 3 == 4\nE        +  where 3 = somme(1, 2)\n\ntests/test_a.py:5: AssertionError\n",
        "candidate",
        "assertion",
    ),
    "an assertion about a refusal": (
        "assert 200 == 401",
        "    def test_refus(client):\n>       assert client.get('/items').status_code == 401\nE       assert 200 == 401\nE        +  where 200 = <Response [200 OK]>.status_code\n\ntests/test_a.py:9: AssertionError\n",
        "candidate",
        "assertion",
    ),
    "an assertion on 503": (
        "assert 503 == 200",
        "    def test_predit(client):\n>       assert reponse.status_code == 200\nE       assert 503 == 200\nE        +  where 503 = <Response [503 Service Unavailable]>.status_code\n\ntests/test_a.py:9: AssertionError\n",
        "undetermined",
        "server-error",
    ),
    "an assertion on 500 whose cause was printed": (
        "assert 500 == 200",
        "    def test_predit(client):\n>       assert reponse.status_code == 200\nE       assert 500 == 200\n\ntests/test_a.py:9: AssertionError\n"
        "------------------------------ Captured log call -------------------------------\n"
        "ERROR    api:main.py:40 modèle illisible: [Errno 2] No such file or directory: 'models/prix.pkl'\n",
        "undetermined",
        "absent-file",
    ),
    "an assertion on 500 alone": (
        "assert 500 == 200",
        "    def test_predit(client):\n>       assert reponse.status_code == 200\nE       assert 500 == 200\n\ntests/test_a.py:9: AssertionError\n",
        "candidate",
        "assertion",
    ),
    "an assertion that quotes a refused connection": (
        "AssertionError: assert 'error' not in {...}",
        told(
            "AssertionError: assert 'error' not in {'error': \"HTTPConnectionPool(host='api', port=8000): Max retries exceeded with url: /\"}",
            "tests/test_a.py:9: AssertionError",
        ),
        "undetermined",
        "no-network",
    ),
    "a unittest assertion": (
        "404 != 200",
        plain("AssertionError: 404 != 200", "/work/tree/app/tests.py:14:test_home:self.assertEqual(r.status_code, 200)"),
        "candidate",
        "assertion",
    ),
    "a type error of theirs": (
        "TypeError: calcule() missing 1 required positional argument: 'taux'",
        told("TypeError: calcule() missing 1 required positional argument: 'taux'", "tests/test_a.py:9: TypeError"),
        "candidate",
        "error-in-code",
    ),
    "an attribute error of theirs": (
        "",
        told("AttributeError: 'NoneType' object has no attribute 'predict'", "api/modele.py:21: AttributeError"),
        "candidate",
        "error-in-code",
    ),
    "a mistake while handling a lack of ours": (
        "",
        told("ConnectionRefusedError: [Errno 111] Connection refused", "api/cache.py:8: ConnectionRefusedError")
        + DURING
        + told("AttributeError: 'NoneType' object has no attribute 'warning'", "api/cache.py:10: AttributeError"),
        "sandbox",
        "no-network",
    ),
    "a name error": ("", told("NameError: name 'pd' is not defined", "etl/nettoie.py:9: NameError"), "candidate", "name-error"),
    "a missing fixture": (
        "failed on setup with \"fixture 'client' not found\"",
        "file /work/tree/tests/test_a.py, line 3\n  def test_a(client):\nE       fixture 'client' not found\n>       available fixtures: cache, capfd\n\n/work/tree/tests/test_a.py:3\n",
        "candidate",
        "fixture-error",
    ),
    "an old test client": (
        "",
        told(
            "TypeError: Client.__init__() got an unexpected keyword argument 'app'",
            f"{ENV}/starlette/testclient.py:399: TypeError",
        ),
        "undetermined",
        "other-version",
    ),
    "an old numpy": (
        "",
        told("AttributeError: module 'numpy' has no attribute 'float'", "etl/nettoie.py:9: AttributeError"),
        "undetermined",
        "other-version",
    ),
    "an error inside a library": (
        "",
        told(
            "ValueError: X has 5 features, but StandardScaler is expecting 7 features as input.",
            f"{ENV}/sklearn/base.py:654: ValueError",
        ),
        "undetermined",
        "inside-a-library",
    ),
    "a timeout while connecting": (
        "Failed: Timeout (>30.0s) from pytest-timeout.",
        "tests/test_a.py:9: in test_a\n    requests.get(URL)\n/opt/environment/lib/python3.11/site-packages/urllib3/util/connection.py:73: in create_connection\n    sock.connect(sa)\nE   Failed: Timeout (>30.0s) from pytest-timeout.\n",
        "sandbox",
        "timeout-on-a-connection",
    ),
    "a timeout in their loop": (
        "Failed: Timeout (>30.0s) from pytest-timeout.",
        "tests/test_a.py:9: in test_a\n    entraine()\netl/entraine.py:30: in entraine\n    while True:\nE   Failed: Timeout (>30.0s) from pytest-timeout.\n",
        "undetermined",
        "timeout",
    ),
    "memory": ("", told("MemoryError", "etl/nettoie.py:9: MemoryError"), "sandbox", "out-of-memory"),
    "vitest without database": (
        "connect ECONNREFUSED 127.0.0.1:5432",
        "Error: connect ECONNREFUSED 127.0.0.1:5432\n ❯ /work/tree/node_modules/pg-pool/index.js:45:11\n ❯ src/base.js:12:20\n",
        "sandbox",
        "no-service",
    ),
    "vitest assertion": (
        "expected 500 to be 200 // Object.is equality",
        "AssertionError: expected 3 to be 4 // Object.is equality\n ❯ tests/somme.test.js:6:23\n",
        "candidate",
        "assertion",
    ),
    "jest assertion": (
        "",
        "Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: 4\nReceived: 3\n    at Object.<anonymous> (tests/somme.test.js:6:23)\n",
        "candidate",
        "assertion",
    ),
    "jest without network": (
        "",
        "TypeError: fetch failed\n    at node:internal/deps/undici/undici:13510:13\n    at charge (src/api.js:4:15)\nCaused by: Error: getaddrinfo ENOTFOUND api.example\n",
        "sandbox",
        "no-network",
    ),
    "jest absent module": (
        "",
        "Error: ENOENT: no such file or directory, open 'data/absent.json'\n    at Object.openSync (node:fs:601:3)\n    at src/charge.js:3:10\n",
        "sandbox",
        "absent-file",
    ),
    "jest error in their code": (
        "",
        "TypeError: Cannot read properties of undefined (reading 'prix')\n    at total (src/panier.js:4:15)\n    at Object.<anonymous> (tests/panier.test.js:6:23)\n"
        "    at Promise.then.completed (node_modules/jest-circus/build/utils.js:298:28)\n    at run (node_modules/jest-circus/build/run.js:316:40)\n",
        "candidate",
        "error-in-code",
    ),
    "jest error in a library": (
        "",
        "TypeError: Cannot read properties of undefined (reading 'host')\n    at parse (node_modules/pg/lib/uri.js:4:15)\n    at Object.<anonymous> (tests/panier.test.js:6:23)\n"
        "    at run (node_modules/jest-circus/build/run.js:316:40)\n",
        "undetermined",
        "inside-a-library",
    ),
    "jest function that is not exported": (
        "",
        "TypeError: (0 , _panier.total) is not a function\n    at Object.<anonymous> (tests/panier.test.js:6:23)\n    at run (node_modules/jest-circus/build/run.js:316:40)\n",
        "undetermined",
        "exported-name-not-found",
    ),
    "a mock of a name that their module has not": (
        "AttributeError: <module 'api.main' from '/tmp/work/api/main.py'> does not have the attribute 'charge'",
        "/usr/lib/python3.11/unittest/mock.py:1393: in patched\n    with self.decoration_helper(patched,\n/usr/lib/python3.11/unittest/mock.py:1437: in get_original\n"
        "    raise AttributeError(\nE   AttributeError: <module 'api.main' from '/tmp/work/api/main.py'> does not have the attribute 'charge'\n",
        "undetermined",  # a package was left out: a name may be made only where it can be imported
        "replaced-name-not-found",
    ),
    "a mock of a name that a library has not": (
        "AttributeError: <module 'requests' from '/opt/environment/lib/python3.11/site-packages/requests/__init__.py'> does not have the attribute 'prends'",
        "/usr/lib/python3.11/unittest/mock.py:1437: in get_original\n    raise AttributeError(\n"
        "E   AttributeError: <module 'requests' from '/opt/environment/lib/python3.11/site-packages/requests/__init__.py'> does not have the attribute 'prends'\n",
        "undetermined",
        "replaced-name-not-found",
    ),
    "nothing that can be read": ("", "\x00\x00 boum", "undetermined", "unsorted"),
    "an exception of theirs": (
        "",
        told("api.errors.PrixInvalide: négatif", "api/calcul.py:3: PrixInvalide"),
        "candidate",
        "error-in-code",
    ),
    "tables that nobody created": (
        "",
        told(
            'psycopg2.errors.UndefinedTable: relation "abonne" does not exist\nLINE 1: SELECT * FROM abonne',
            f"{ENV}/psycopg2/extras.py:236: UndefinedTable",
        ),
        "sandbox",
        "empty-database",
    ),
    "tables of sqlite that nobody created": (
        "",
        told("sqlite3.OperationalError: no such table: abonne", "api/base.py:9: OperationalError"),
        "undetermined",
        "no-tables",
    ),
    "a credential that the sandbox made up": (
        "assert 401 == 200",
        "    def test_predit(client):\n>       assert reponse.status_code == 200\nE       assert 401 == 200\nE        +  where 401 = <Response [401 Unauthorized]>.status_code\n\ntests/test_a.py:9: AssertionError\n",
        "undetermined",
        "refused-credential",
    ),
    "their own complaint about a setting": (
        "",
        told("Exception: DATABASE_URL pour les tests n'est pas configurée correctement.", "tests/conftest.py:21: Exception"),
        "sandbox",
        "missing-variable",
    ),
    "a collation of MySQL": (
        "",
        told(
            "pymysql.err.OperationalError: (1273, \"Unknown collation: 'utf8mb4_0900_ai_ci'\")",
            f"{ENV}/pymysql/err.py:143: OperationalError",
        ),
        "sandbox",
        "another-mysql",
    ),
    "a query that MariaDB refuses": (
        "",
        told(
            "mysql.connector.errors.ProgrammingError: 1064 (42000): You have an error in your SQL syntax; check the manual that "
            "corresponds to your MariaDB server version for the right syntax to use near 'LATERAL' at line 1",
            f"{ENV}/mysql/connector/connection.py:633: ProgrammingError",
        ),
        "undetermined",
        "another-mysql",
    ),
    "a database of MySQL that nobody made": (
        "",
        told(
            "pymysql.err.OperationalError: (1049, \"Unknown database 'ventes'\")", f"{ENV}/pymysql/err.py:143: OperationalError"
        ),
        "sandbox",
        "no-service",
    ),
}
