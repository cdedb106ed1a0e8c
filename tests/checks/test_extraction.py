from tests.data_samples import STATIONS, examine, notebook

SPIDER = """
    import scrapy

    class LieuxSpider(scrapy.Spider):
        name = "lieux"
        start_urls = ["https://annuaire.exemple.org/lieux"]

        def parse(self, response):
            for carte in response.css("div.carte"):
                yield {"nom": carte.css("h2::text").get()}
"""
PAGE = """
    import csv
    import requests
    from bs4 import BeautifulSoup

    page = requests.get("https://annuaire.exemple.org/lieux")
    blocs = BeautifulSoup(page.text, "html.parser").find_all("div")
    with open("lieux.csv", "w") as sortie:
        csv.writer(sortie).writerow([blocs[4].text])
"""
CHARGE = """
    import csv
    import sqlite3

    with open("donnees/communes.csv") as f:
        for ligne in csv.DictReader(f):
            sqlite3.connect("b.db").execute("INSERT INTO commune (nom) VALUES (?)", (ligne["nom"],))
"""


def outcome(contents, check):
    return examine(contents, check).outcome.value


def test_a_complete_script_works():
    found = examine({"collecte/stations.py": STATIONS}, "extraction.works")
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "collecte/stations.py", 9)
    assert outcome({"collecte/stations.py": STATIONS}, "extraction.is-complete") == "met"


def test_a_path_of_the_author_s_machine_is_asked_about():
    code = STATIONS.replace('os.getenv("BASE")', 'open("/home/alix/base.txt").read()')
    found = examine({"collecte/stations.py": code}, "extraction.works")
    assert found.outcome.value == "partly" and "collecte/stations.py:17" in found.question.fr


def test_a_spider_needs_a_feed():
    spider = {"aspire/aspire/spiders/lieux.py": SPIDER, "aspire/aspire/settings.py": "BOT_NAME = 'aspire'\n"}
    assert outcome(spider, "extraction.works") == "partly"
    assert outcome(spider, "extraction.is-complete") == "partly"
    fed = spider | {"aspire/aspire/settings.py": "BOT_NAME = 'aspire'\nFEEDS = {'lieux.json': {'format': 'json'}}\n"}
    assert outcome(fed, "extraction.works") == "met"


def test_a_pipeline_counts_only_when_it_is_switched_on():
    spider = {
        "aspire/aspire/spiders/lieux.py": SPIDER,
        "aspire/aspire/pipelines.py": "import sqlite3\n\nclass Base:\n    def process_item(self, item, spider):\n        sqlite3.connect('x').execute('INSERT INTO lieu (nom) VALUES (?)', (item['nom'],))\n",
        "aspire/aspire/settings.py": "BOT_NAME = 'aspire'\n# ITEM_PIPELINES = {'aspire.pipelines.Base': 300}\n",
    }
    assert outcome(spider, "extraction.works") == "partly"
    spider["aspire/aspire/settings.py"] = "BOT_NAME = 'aspire'\nITEM_PIPELINES = {'aspire.pipelines.Base': 300}\n"
    assert outcome(spider, "extraction.works") == "met"
    assert outcome(spider, "database.is-filled-by-import") == "met"


def test_a_fixed_position_in_a_page_is_a_defect():
    found = examine({"aspire.py": PAGE}, "extraction.works")
    assert (found.outcome.value, found.evidence[0].line) == ("partly", 8)
    assert outcome({"aspire.py": PAGE.replace("blocs[4]", "blocs[0]")}, "extraction.works") == "met"


def test_a_file_written_here_and_read_there():
    contents = {
        "collecte/un.py": "import requests\nimport pandas as pd\npd.DataFrame(requests.get('https://a.exemple.org/x').json()).to_csv('lieux.csv')\n",
        "collecte/deux.py": "import pandas as pd\nimport pymongo\nd = pd.read_csv('../lieux.csv')\npymongo.MongoClient('x')['b']['lieux'].insert_many(d.to_dict())\n",
    }
    found = examine(contents, "extraction.works")
    assert found.outcome.value == "partly" and "../lieux.csv" in found.question.fr


def test_a_notebook_or_a_given_file_only_count_in_part():
    assert (
        outcome(
            {
                "n.ipynb": notebook(
                    "import requests", "d = requests.get('https://a.exemple.org/x').json()", "open('x.json', 'w').write(str(d))"
                )
            },
            "extraction.works",
        )
        == "partly"
    )
    assert outcome({"charge.py": CHARGE}, "extraction.works") == "partly"


def test_extraction_in_a_page_counts_in_part():
    code = "import streamlit as st\nimport requests\nfrom bs4 import BeautifulSoup\nst.write(BeautifulSoup(requests.get('https://a.exemple.org').text))\n"
    found = examine({"pages/collecte.py": code}, "extraction.works")
    assert found.outcome.value == "partly" and found.evidence[0].path == "pages/collecte.py"


def test_nothing_to_extract():
    contents = {
        "api.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        "README.md": "# Collecte\nLe script d'extraction interroge une API.\n",
    }
    for check in ("works", "is-complete", "is-tracked", "combines-sources"):
        assert outcome(contents, f"extraction.{check}") == "not_met"


def test_a_comment_or_a_string_extracts_nothing():
    code = "# requests.get('https://a.exemple.org')\nCODE = \"requests.get('https://a.exemple.org').json()\"\nprint(CODE)\n"
    assert outcome({"collecte.py": code}, "extraction.works") == "not_met"


def test_an_error_passed_over_is_not_handled():
    code = STATIONS.replace('print("collecte impossible", erreur)\n            return []', "pass").replace(
        "reponse.raise_for_status()", ""
    )
    found = examine({"collecte/stations.py": code}, "extraction.is-complete")
    assert (found.outcome.value, found.measures["parts"]) == ("partly", 4.0)
    assert "gestion des erreurs" in found.why.fr


def test_tracked_scripts_tell_their_versions():
    found = examine({"collecte/stations.py": STATIONS}, "extraction.is-tracked")
    assert (found.outcome.value, found.measures["changes"]) == ("met", 1.0)


def test_kinds_of_source():
    contents = {"collecte/stations.py": STATIONS}
    assert outcome(contents, "extraction.combines-sources") == "not_met"
    contents |= {"aspire.py": PAGE, "communes.py": CHARGE}
    assert outcome(contents, "extraction.combines-sources") == "partly"
    contents |= {
        "masse.py": "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\nspark.read.parquet('s3://x')\n",
        "base.py": "import pandas as pd\nimport sqlite3\npd.read_sql('SELECT nom FROM archive', sqlite3.connect('x')).to_csv('archive.csv')\n",
    }
    found = examine(contents, "extraction.combines-sources")
    assert (found.outcome.value, found.measures["kinds"]) == ("met", 5.0)


def test_extraction_in_a_page_is_tracked_and_its_sources_count():
    page = (
        "import glob\nimport pandas as pd\nimport requests\nimport streamlit as st\nfrom bs4 import BeautifulSoup\nfrom sqlalchemy import create_engine\n"
        "page = BeautifulSoup(requests.get('https://a.exemple.org').text)\n"
        "for chemin in glob.glob('depot/*.csv'):\n    pd.read_csv(chemin).to_sql('releves', create_engine('sqlite:///x.db'))\nst.write(page)\n"
    )
    contents = {"pages/collecte.py": page}
    assert outcome(contents, "extraction.is-tracked") == "met"
    assert outcome(contents, "extraction.works") == "partly"
    assert outcome(contents, "extraction.combines-sources") == "partly"


LIT = """
    import json
    import os
    from pathlib import Path

    import requests

    SORTIE = Path(__file__).resolve().parent.parent / "donnees" / "lieux.json"

    def collecter():
        try:
            reponse = requests.get("https://annuaire.exemple.org/lieux", headers={"cle": os.getenv("CLE")}, timeout=5)
        except requests.RequestException:
            return
        SORTIE.write_text(json.dumps([lieu["nom"] for lieu in reponse.json()]))

    collecter()
"""


def test_a_path_that_leads_beside_the_folder_is_a_defect():
    here = {"collecte/lieux.py": LIT, "donnees/note.txt": "x"}
    assert outcome(here, "extraction.works") == "met"
    beside = {"src/collecte/lieux.py": LIT, "donnees/note.txt": "x"}
    assert "src/donnees" in str(examine(beside, "extraction.works"))


def test_an_application_that_reads_without_keeping_is_told_so():
    code = "import requests\nfrom flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef accueil():\n    return requests.get('https://api.meteo-exemple.org/v1/vent').json()\n"
    found = examine({"app.py": code}, "extraction.combines-sources")
    assert (found.outcome.value, found.evidence[0].line) == ("not_met", 9)
    assert "pendant qu'elle répond" in found.why.fr
