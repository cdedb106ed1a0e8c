import pytest

from tests.data_samples import examine

SERVERS, CLUSTERS, MONITORED = (f"infrastructure.{n}" for n in ("provisions-servers", "clusters-computing", "is-monitored"))
MACHINE = """\
variable "taille" {
  default = "g5.xlarge"
}

# resource "aws_instance" "ancienne" {}
resource "aws_instance" "calcul" {
  instance_type = var.taille
  user_data = <<-EOF
    echo "}"
  EOF
  tags = { role = "a }" }
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  metric_name = "CPUUtilization"
}
"""
TRAIN = "from sklearn.svm import SVC\n\n\ndef main(x, y):\n    SVC().fit(x, y)\n"


def test_an_accelerated_machine_in_terraform_is_for_training():
    found = examine({"infra/main.tf": MACHINE}, SERVERS)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", "infra/main.tf", 6)


def test_a_plain_machine_beside_training_code_and_without():
    plain = MACHINE.replace("g5.xlarge", "t3.small").replace('"calcul"', '"web"')
    assert examine({"infra/main.tf": plain, "train.py": TRAIN}, SERVERS).outcome.value == "met"
    assert examine({"infra/main.tf": plain}, SERVERS).outcome.value == "partly"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (
            "stack.yml",
            "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Train:\n    Type: AWS::SageMaker::NotebookInstance\n",
            4,
        ),
        ("main.bicep", "// a\nresource gpu 'Microsoft.Compute/virtualMachines@2023-03-01' = {\n  vmSize: 'Standard_NC6'\n}\n", 2),
        (
            "site.yml",
            "- hosts: localhost\n  tasks:\n    - name: machine d'entrainement\n      amazon.aws.ec2_instance:\n        name: entrainement\n",
            4,
        ),
        ("Vagrantfile", 'Vagrant.configure("2") do |config|\n  config.vm.box = "debian/gpu"\nend\n', 2),
        (
            "create.sh",
            "#!/bin/sh\n# aws ec2 run-instances\ngcloud compute instances create train-1 --accelerator=type=nvidia-t4\n",
            3,
        ),
        ("infra.py", "import pulumi_aws\n\nm = pulumi_aws.ec2.Instance('train', instance_type='p3.2xlarge')\n", 3),
        ("job.py", "from azure.ai.ml.entities import AmlCompute\n\nAmlCompute(name='cpu', size='D4')\n", 3),
    ],
)
def test_other_ways_to_declare_a_training_machine(path, text, line):
    found = examine({path: text}, SERVERS)
    assert (found.outcome.value, found.evidence[0].path, found.evidence[0].line) == ("met", path, line)


def test_containers_and_a_machine_reached_by_the_chain_are_partly():
    run = 'resource "google_cloud_run_service" "api" {\n  name = "api"\n}\n'
    assert examine({"main.tf": run}, SERVERS).outcome.value == "partly"
    chain = "on: push\njobs:\n  d:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: appleboy/ssh-action@v1\n"
    assert examine({".github/workflows/cd.yml": chain}, SERVERS).outcome.value == "partly"


@pytest.mark.parametrize("check", [SERVERS, CLUSTERS, MONITORED])
@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "# P\n\nTerraform crée une `aws_instance`, Prometheus la surveille, Spark calcule sur Kubernetes.\n"},
        {"app.py": "print('kubectl apply')\n"},
        {"infra/main.tf": '# resource "aws_instance" "a" {\n# }\n/*\nresource "aws_eks_cluster" "b" {\n}\n*/\n'},
        {"deploy.sh": 'echo "gcloud compute instances create train"\n'},
        {"main.tf": 'resource "aws_instance" "jamais_finie" {' * 2000},
    ],
)
def test_a_mention_a_comment_or_rubbish_is_no_declaration(check, files):
    found = examine(files, check)
    assert (found.outcome.value, found.reason) == ("inconclusive", "not-in-repository")


def test_a_cluster_and_replicas():
    group = 'resource "aws_eks_node_group" "calcul" {\n  scaling_config {\n    max_size = 4\n  }\n}\n'
    assert examine({"main.tf": group}, CLUSTERS).outcome.value == "met"
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  replicas: 3\n"
    found = examine({"k8s/api.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n---\n" + deployment}, CLUSTERS)
    assert (found.outcome.value, found.evidence[0].line) == ("met", 7)
    assert examine({"k8s/api.yaml": deployment.replace("3", "1")}, CLUSTERS).outcome.value == "partly"
    template = deployment.replace("replicas: 3", "replicas: {{ .Values.n }}")
    assert examine({"chart/templates/api.yaml": template}, CLUSTERS).outcome.value == "partly"


def test_spark_on_one_machine_is_partly():
    local = "from pyspark.sql import SparkSession\n\nspark = SparkSession.builder.master('local[*]').getOrCreate()\n"
    found = examine({"job.py": local}, CLUSTERS)
    assert found.outcome.value == "partly" and "one machine" in found.why.en
    compose = "services:\n  spark-worker-1:\n    image: bitnami/spark:3.5\n    environment: [SPARK_MODE=worker]\n"
    assert examine({"docker-compose.yml": compose}, CLUSTERS).outcome.value == "partly"


SCRAPES = "scrape_configs:\n  - job_name: noeuds\n    static_configs:\n      - targets: ['node-exporter:9100']\n"
COMPOSE = (
    "services:\n  prometheus:\n    image: prom/prometheus\n    volumes: ['./prometheus.yml:/etc/prometheus/prometheus.yml']\n"
)


def test_machines_that_are_measured_and_shown_are_monitored():
    shown = COMPOSE + "  node-exporter:\n    image: prom/node-exporter\n  grafana:\n    image: grafana/grafana\n"
    assert examine({"docker-compose.yml": shown, "prometheus.yml": SCRAPES}, MONITORED).outcome.value == "met"
    alone = SCRAPES.replace("noeuds", "api").replace("node-exporter:9100", "api:8000")
    found = examine({"docker-compose.yml": COMPOSE, "prometheus.yml": alone}, MONITORED)
    assert found.outcome.value == "partly" and found.question


def test_an_alarm_of_a_cloud_measures_and_alerts():
    assert examine({"infra/main.tf": MACHINE}, MONITORED).outcome.value == "met"
