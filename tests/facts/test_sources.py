from tests.data_samples import STATIONS, fact, notebook


def kinds(contents):
    return {kind: (read.path, read.line) for kind, read in fact(contents, "data_sources").kinds.items()}


def test_a_service_is_followed_through_a_session_and_a_constant():
    code = "import requests as rq\nfrom reglages import BASE\n\ns = rq.Session()\n\ndef lire():\n    return s.get(f'{BASE}/relevés').json()\n\nlire()\n"
    contents = {"collecte.py": code, "reglages.py": "BASE = 'https://api.meteo-exemple.org/v1'\n"}
    assert kinds(contents) == {"web-service": ("collecte.py", 7)}


def test_its_own_api_and_language_models_are_no_sources():
    assert (
        kinds(
            {
                "appel.py": "import requests\nrequests.get('http://localhost:8000/predict')\nrequests.post('https://api.openai.com/v1/chat')\n"
            }
        )
        == {}
    )
    assert (
        kinds(
            {
                "page.py": "import streamlit as st\nimport requests\nst.write(requests.get('https://mon-api.exemple.fr/predict').json())\n"
            }
        )
        == {}
    )


def test_a_request_built_before_it_is_sent_goes_where_it_was_built_to_go():
    code = (
        "import os\nfrom urllib.request import Request, urlopen\n\nBASE = os.getenv('ADRESSE', 'http://app:8000').rstrip('/')\n\n\n"
        "def demander(chemin):\n    demande = Request(f'{BASE}{chemin}')\n    return urlopen(demande).read()\n\n\nprint(demander('/sante'))\n"
    )
    assert fact({"verifier.py": code}, "data_sources").all == ()
    outside = code.replace("http://app:8000", "https://releves.exemple.fr/v1")
    assert kinds({"collecte.py": outside}) == {"web-service": ("collecte.py", 9)}


def test_a_call_in_a_test_is_no_source():
    assert kinds({"tests/test_api.py": "import requests\nrequests.get('https://data.exemple.org/x')\n"}) == {}


def test_a_client_library_made_with_credentials_is_a_service():
    code = (
        "import os\nfrom foncier import Cadastre\n\nc = Cadastre(os.getenv('CLE'), secret='x')\nprint(c.search_parcels('75'))\n"
    )
    assert kinds({"collecte.py": code}) == {"web-service": ("collecte.py", 5)}


def test_a_page_fetched_and_parsed_is_a_web_page_only():
    code = "import requests\nfrom bs4 import BeautifulSoup\n\npage = requests.get('https://annuaire.exemple.org/liste')\nsoupe = BeautifulSoup(page.text, 'html.parser')\n"
    assert kinds({"aspire.py": code}) == {"web-page": ("aspire.py", 4)}


def test_a_file_that_the_project_wrote_is_no_source():
    contents = {
        "un.py": "import pandas as pd\nimport yfinance\ncours = yfinance.download('X')\ncours.to_csv('data/cours.csv')\n",
        "deux.py": "import pandas as pd\npd.read_csv('data/cours.csv')\n",
    }
    assert kinds(contents) == {"web-service": ("un.py", 3)}


def test_a_look_up_before_an_insertion_is_no_database_source():
    code = """
    import psycopg2
    c = psycopg2.connect("x").cursor()
    def charge(nom):
        c.execute("SELECT id FROM ville WHERE nom = %s", (nom,))
        c.execute("INSERT INTO ville (nom) VALUES (%s)", (nom,))
    charge("Lyon")
    """
    assert kinds({"charge.py": code}) == {}


def test_a_query_of_the_api_is_no_extraction():
    code = 'from fastapi import FastAPI\nimport sqlite3\napp = FastAPI()\n\n@app.get("/v")\ndef v():\n    return sqlite3.connect("x").execute("SELECT nom FROM ville").fetchall()\n'
    assert kinds({"api.py": code}) == {}


def test_spark_is_big_data_and_a_document_store_a_database():
    contents = {
        "masse.py": "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\ndf = spark.read.parquet('hdfs://x')\n",
        "notes.py": "from pymongo import MongoClient\nbase = MongoClient('x')['notes']\nfor n in base['avis'].find({}):\n    print(n)\n",
    }
    assert sorted(kinds(contents)) == ["big-data", "database"]


def test_roles_follow_who_calls():
    contents = {
        "lib/lecture.py": "import pandas as pd\n\ndef lire(chemin):\n    return pd.read_csv(chemin)\n",
        "lancer.py": "from lib.lecture import lire\n\nif __name__ == '__main__':\n    lire('donnees/communes.csv')\n",
        "n.ipynb": notebook("import pandas as pd", "pd.read_excel('prix.xlsx')"),
    }
    roles = {(r.path, r.role) for r in fact(contents, "data_sources").all}
    assert roles == {("lib/lecture.py", "script"), ("n.ipynb", "notebook")}


def test_a_complete_script_has_its_five_parts():
    (script,) = fact({"collecte/stations.py": STATIONS}, "extraction_scripts").judged
    assert sorted(script.parts) == ["errors", "launch", "rules", "saving", "setup"]
    assert (script.parts["saving"].line, script.sound) == (19, True)


def test_parts_are_found_in_the_modules_that_a_script_calls():
    contents = {
        "etl/client.py": "import httpx\n\ndef lire():\n    return [x['id'] for x in httpx.get('https://api.exemple.org/lieux').json()]\n",
        "etl/base.py": "import sqlite3\n\ndef garder(l):\n    c = sqlite3.connect('b.db')\n    c.executemany('INSERT INTO lieu (id) VALUES (?)', l)\n",
        "etl/lancer.py": "from etl.base import garder\nfrom etl.client import lire\n\nif __name__ == '__main__':\n    try:\n        garder(lire())\n    except OSError as e:\n        print(e)\n",
    }
    (script,) = fact(contents, "extraction_scripts").judged
    assert (script.path, script.missing) == ("etl/client.py", ())
    assert script.parts["saving"].path == "etl/base.py"


def test_half_an_emoji_costs_no_notebook():
    page = notebook('import requests\nr = requests.get("https://annuaire.exemple.org/lieux")  # SIGNE')
    assert list(kinds({"c.ipynb": page.replace("SIGNE", "\\udcc4")})) == ["web-service"]


def test_a_file_that_a_notebook_cleans_in_place_is_a_source():
    read, write = "import pandas as pd\nd = pd.read_csv('miel.csv')", "d.dropna().to_csv('miel.csv')"
    assert set(kinds({"etude.ipynb": notebook(read, write)})) == {"file"}
    assert kinds({"etude.ipynb": notebook("import pandas as pd", write, read)}) == {}
    elsewhere = {"etude.ipynb": notebook(read, write), "recolte.py": "import pandas as pd\npd.DataFrame().to_csv('miel.csv')\n"}
    assert kinds(elsewhere) == {}
