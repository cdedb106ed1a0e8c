import pytest

from tests.data_samples import examine

STREAMS, MOVED, AUTOMATED, WATCHED, CONTROLLED = (
    f"pipelines.{n}" for n in ("handle-streams", "move-data", "are-automated", "are-monitored", "control-quality")
)
RETRAINED = "model-chain.retrains"
CONSUMER = """\
import json

from kafka import KafkaConsumer
from sqlalchemy import create_engine
import pandas as pd

for message in KafkaConsumer("pesees", group_id="entrepot"):
    lue = pd.DataFrame([json.loads(message.value)])
    lue.to_sql("pesees", create_engine("postgresql://base/halles"), if_exists="append")
"""
PRODUCER = "from kafka import KafkaProducer\n\nKafkaProducer(bootstrap_servers='kafka:9092').send('pesees', b'1')\n"
KAFKA = "services:\n  kafka:\n    image: apache/kafka:3.9.0\n"
ETL = """\
import pandas as pd
from sqlalchemy import create_engine


def main():
    lues = pd.read_sql("SELECT * FROM commandes", create_engine("mysql://source/commandes"))
    propres = lues.drop_duplicates().dropna()
    if propres.empty:
        raise ValueError("aucune commande")
    propres.to_sql("commandes_jour", create_engine("postgresql://base/halles"), if_exists="append")


if __name__ == "__main__":
    main()
"""
DAG = """\
from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.utils.email import send_email

from etl import main


def prevenir(contexte):
    send_email("equipe@halles.test", "échec", str(contexte))


with DAG("commandes", schedule="0 2 * * *", default_args={"retries": 2, "on_failure_callback": prevenir}) as dag:
    PythonOperator(task_id="charger", python_callable=main)
"""
DBT = {
    "dbt/dbt_project.yml": "name: halles\nmodel-paths: [models]\n",
    "dbt/models/a.sql": "select distinct jour from {{ source('brut', 'commandes') }}\n",
    "dbt/models/b.sql": "select jour from {{ ref('a') }}\n",
    "dbt/models/schema.yml": "models:\n  - name: a\n    columns:\n      - name: jour\n        tests: [not_null]\n",
}
TRAIN = "import joblib\nfrom sklearn.svm import SVC\n\n\ndef main(x, y):\n    joblib.dump(SVC().fit(x, y), 'm.joblib')\n\n\nif __name__ == '__main__':\n    main([[0], [1]], [0, 1])\n"


def outcome(files, check):
    return examine(files, check).outcome.value


def test_a_stream_that_is_received_and_kept_is_met():
    found = examine({"flux.py": CONSUMER, "docker-compose.yml": KAFKA}, STREAMS)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "flux.py", 7)
    spark = "from pyspark.sql import SparkSession\n\ns = SparkSession.builder.getOrCreate()\ns.readStream.format('kafka').load().writeStream.start()\n"
    assert outcome({"flux.py": spark, "docker-compose.yml": KAFKA}, STREAMS) == "met"


def test_one_side_of_a_stream_is_partly():
    assert outcome({"docker-compose.yml": KAFKA}, STREAMS) == "partly"
    assert outcome({"envoi.py": PRODUCER}, STREAMS) == "partly"
    deaf = CONSUMER.split("    lue = ")[0] + "    print(message)\n"
    assert outcome({"flux.py": deaf}, STREAMS) == "partly"


def test_a_program_that_takes_transforms_and_loads_is_met():
    assert outcome({"etl.py": ETL}, MOVED) == "met"
    assert outcome(DBT, MOVED) == "met"
    alone = "import pandas as pd\n\n\ndef main():\n    pd.read_csv('a.csv').to_csv('b.csv')\n\n\nif __name__ == '__main__':\n    main()\n"
    assert outcome({"copie.py": alone}, MOVED) in ("partly", "inconclusive")


def test_a_schedule_starts_a_flow_and_its_absence_is_partly():
    found = examine({"dags/commandes.py": DAG, "etl.py": ETL}, AUTOMATED)
    assert found.outcome.value == "met" and found.evidence[0].path == "dags/commandes.py"
    assert (
        outcome({"dags/commandes.py": DAG.replace('schedule="0 2 * * *"', "schedule=None"), "etl.py": ETL}, AUTOMATED) == "partly"
    )
    assert outcome({"crontab": "# chaque nuit\n0 2 * * * python /srv/etl.py\n", "etl.py": ETL}, AUTOMATED) == "met"
    nightly = "on:\n  schedule:\n    - cron: '0 2 * * *'\njobs:\n  n:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {}\n"
    assert outcome({".github/workflows/n.yml": nightly.format("python etl.py"), "etl.py": ETL}, AUTOMATED) == "met"
    assert outcome({".github/workflows/n.yml": nightly.format("pylint etl.py"), "etl.py": ETL}, AUTOMATED) == "inconclusive"


def test_a_failure_that_is_told_watches_a_flow():
    assert outcome({"dags/commandes.py": DAG, "etl.py": ETL}, WATCHED) == "met"
    assert outcome({"etl.py": ETL}, WATCHED) == "inconclusive"
    fresh = {
        **DBT,
        "dbt/models/sources.yml": "sources:\n  - name: brut\n    loaded_at_field: jour\n    tables: [{name: commandes}]\n",
    }
    assert outcome(fresh, WATCHED) == "partly"


def test_quality_is_controlled_and_corrected():
    found = examine({"etl.py": ETL}, CONTROLLED)
    assert found.outcome.value == "met" and found.evidence[0].line == 8
    assert (
        outcome({"etl.py": ETL.replace('    if propres.empty:\n        raise ValueError("aucune commande")\n', "")}, CONTROLLED)
        == "partly"
    )
    assert outcome(DBT, CONTROLLED) == "met"  # `select distinct` corrects
    plain = {**DBT, "dbt/models/a.sql": DBT["dbt/models/a.sql"].replace("distinct ", "")}
    assert outcome(plain, CONTROLLED) == "partly"


def test_a_training_that_something_starts_again():
    dag = DAG.replace("from etl import main", "from train import main")
    assert outcome({"dags/modele.py": dag, "train.py": TRAIN}, RETRAINED) == "met"
    chain = "on:\n  workflow_dispatch:\njobs:\n  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python train.py\n"
    assert outcome({".github/workflows/t.yml": chain, "train.py": TRAIN}, RETRAINED) == "met"
    assert outcome({"train.py": TRAIN}, RETRAINED) == "partly"


@pytest.mark.parametrize("check", [STREAMS, MOVED, AUTOMATED, WATCHED, CONTROLLED, RETRAINED])
@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "# P\n\nKafka reçoit, dbt transforme, Airflow lance chaque nuit, Great Expectations contrôle.\n"},
        {"app.py": "import kafka\nimport pandera\nfrom airflow import DAG\n"},
        {"app.py": "# KafkaConsumer('a')\n# schedule.every().day.do(f)\n"},
        {"tests/test_flux.py": CONSUMER},
        {"dbt/dbt_project.yml": "{" * 5000, "a.sql": "{{ ref(" * 5000, "crontab": "* " * 50000},
    ],
)
def test_a_mention_an_import_a_comment_or_rubbish_is_nothing(check, files):
    found = examine(files, check)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")


MAIL = """\
import smtplib


def send_email(texte):
    smtplib.SMTP("courriel").sendmail("a@halles.test", "b@halles.test", texte)
"""
BRANCH = """\
from airflow import DAG
from airflow.operators.python import BranchPythonOperator, PythonOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator

from courriel import send_email


def _prevenir():
    send_email("une dérive des pesées est là")


with DAG("surveillance", schedule=None):
    BranchPythonOperator(task_id="comparer", python_callable=lambda: "prevenir")
    PythonOperator(task_id="prevenir", python_callable=_prevenir)
    TriggerDagRunOperator(task_id="relancer", trigger_dag_id="entrainement")
"""


def test_a_task_that_tells_of_drift_watches_and_another_starts_the_training():
    files = {"dags/surveillance.py": BRANCH, "courriel.py": MAIL, "train.py": TRAIN}
    assert outcome(files, WATCHED) == "met"
    found = examine(files, RETRAINED)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "dags/surveillance.py", 15)


def test_rows_validated_one_by_one_are_controlled():
    code = ETL.replace('    if propres.empty:\n        raise ValueError("aucune commande")\n', "")
    code = code.replace("import pandas as pd\n", "import pandas as pd\nfrom pydantic import ValidationError\n")
    code = code.replace(
        "    propres.to_sql", "    try:\n        Ligne(**propres)\n    except ValidationError:\n        pass\n    propres.to_sql"
    )
    assert outcome({"etl.py": code}, CONTROLLED) == "met"


def test_a_variable_whose_name_ends_like_a_setting_of_streams_is_none():
    code = "import boto3\n\nSECURITY_GROUP_ID = 'sg-1'\nboto3.client('ec2').describe_instances()\n"
    assert outcome({"dags/machine.py": code}, STREAMS) == "inconclusive"


def test_an_orchestrated_copy_from_an_api_to_a_table_is_a_pipeline():
    code = (
        "import pandas as pd\nimport requests\nfrom airflow import DAG\nfrom airflow.operators.python import PythonOperator\n"
        "from sqlalchemy import create_engine\n\n\ndef charger():\n    lues = requests.get('https://marche.test/commandes').json()\n"
        "    pd.DataFrame(lues).to_sql('commandes', create_engine('postgresql://base/h'))\n\n\n"
        "with DAG('commandes', schedule='@daily'):\n    PythonOperator(task_id='c', python_callable=charger)\n"
    )
    assert outcome({"dags/c.py": code}, MOVED) == "met"


def test_a_scheduled_task_that_only_prints_moves_nothing():
    code = (
        "from datetime import datetime\n\nfrom airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\n\n"
        "def vivre():\n    print('vivant')\n\n\nwith DAG('vie', schedule='@daily', start_date=datetime(2026, 1, 1)):\n"
        "    PythonOperator(task_id='vivre', python_callable=vivre)\n"
    )
    assert outcome({"dags/vie.py": code}, AUTOMATED) == "partly"


def test_a_task_that_makes_a_trainer_and_calls_it_trains():
    trainer = "from sklearn.svm import SVC\n\n\nclass Trainer:\n    def learn(self, x, y):\n        return SVC().fit(x, y)\n"
    code = (
        "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\nfrom trainer import Trainer\n\n\n"
        "def apprendre():\n    one = Trainer()\n    return one.learn([[0], [1]], [0, 1])\n\n\n"
        "with DAG('modele', schedule='@weekly'):\n    PythonOperator(task_id='apprendre', python_callable=apprendre)\n"
    )
    assert outcome({"dags/modele.py": code, "dags/trainer.py": trainer}, RETRAINED) == "met"
