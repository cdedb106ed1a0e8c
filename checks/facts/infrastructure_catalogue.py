"""What declared resources are for, by the type that their tool gives them: names only, no rules."""

from __future__ import annotations

import re

SERVER, TRAINING, CONTAINER, CLUSTER, MONITORING, ALERT = "server", "training", "container", "cluster", "monitoring", "alert"
RELATIONAL, DOCUMENT, KEY_VALUE, WAREHOUSE, OBJECT = "relational", "document", "key-value", "warehouse", "object"
SEARCH, VECTOR, GRAPH, SERIES = "search", "vector", "graph", "time series"
STREAM, SCHEDULE, FLOW = "stream", "schedule", "flow"
STORES = (RELATIONAL, DOCUMENT, KEY_VALUE, WAREHOUSE, OBJECT, SEARCH, VECTOR, GRAPH, SERIES)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


# Role → types of resources, as Terraform, CloudFormation, Bicep, Kubernetes, Ansible, Python or a command line write them.
TYPES: dict[str, re.Pattern[str]] = {
    SERVER: _any(
        r"^(aws_instance|aws_launch_template|aws_spot_instance_request|aws_lightsail_instance|google_compute_instance(_template)?)$",
        r"^azurerm_(linux_|windows_)?virtual_machine$|^(digitalocean_droplet|hcloud_server|scaleway_instance_server|outscale_vm)$",
        r"^openstack_compute_instance|^ovh_cloud_project_instance$|^vsphere_virtual_machine$|^proxmox_|^libvirt_domain$",
        r"^(linode|vultr|exoscale_compute|oci_core|ibm_is)_instance$|/ec2-instance/|^AWS::(EC2::(Instance|LaunchTemplate)|Lightsail::Instance)$",
        r"^Microsoft\.Compute/virtualMachines$|^(amazon\.aws\.)?ec2(_instance)?$|azure_rm_virtualmachine$|gcp_compute_instance$",
        r"^(openstack\.cloud\.server|os_server)$|(^|\.)proxmox(_kvm)?$|(^|\.)hcloud_server$|(^|\.)digital_ocean_droplet$|(^|\.)vmware_guest$",
        r"^pulumi_\w+\.(ec2\.Instance|compute\.(Instance|VirtualMachine))$|^aws_cdk\.aws_ec2\.Instance$|\.(run_instances|create_instances)$",
        r"^(aws ec2 run-instances|gcloud compute instances create|az vm create|doctl compute droplet create|hcloud server create)\b",
        r"^(openstack server create|scw instance server create|multipass launch|virt-install)\b|^vagrant$",
        r"(^|\.)(EC2CreateInstanceOperator|ComputeEngineInsertInstanceOperator)$",
    ),
    TRAINING: _any(
        r"^aws_sagemaker_|^google_(vertex_ai|notebooks|workbench|colab)_|^azurerm_machine_learning_|^AWS::SageMaker::",
        r"^Microsoft\.MachineLearningServices/|^sagemaker\.\S*(Estimator|PyTorch|TensorFlow|SKLearn|XGBoost|HuggingFace|Processor)$",
        r"\.create_training_job$|^google\.cloud\.aiplatform\.Custom\w*Job$|^azure\.ai\.ml\.(entities\.AmlCompute|command)$",
        r"^(gcloud ai custom-jobs create|gcloud ai-platform jobs submit|az ml (compute|job) create|aws sagemaker create-)",
        r"(^|\.)(SageMaker(Training|Tuning)Operator|CreateCustom\w*TrainingJobOperator)$",
        r"^(PyTorchJob|TFJob|MPIJob|TrainJob|RayJob)$",
    ),
    CONTAINER: _any(
        r"^(google_cloud_run|aws_ecs_|aws_lambda|aws_apprunner|azurerm_container|azurerm_(linux_)?web_app|scaleway_container|aws_elastic_beanstalk)",
        r"^AWS::(ECS|Lambda|AppRunner|Serverless)::|^(Deployment|StatefulSet|DaemonSet|Job)$|^gcloud run deploy|^az containerapp|^kubectl apply",
    ),
    CLUSTER: _any(
        r"^(aws_eks_|google_container_(cluster|node_pool)|azurerm_kubernetes_cluster|digitalocean_kubernetes|scaleway_k8s|civo_kubernetes)",
        r"^(ovh_cloud_project_kube|linode_lke|aws_emr|google_dataproc|azurerm_hdinsight|databricks_|azurerm_databricks|aws_batch_compute)",
        r"autoscaling_group$|_instance_group_manager$|_scale_set$|^aws_ecs_cluster$|/(eks|gke|kubernetes-engine|aks|emr)/",
        r"^AWS::(EKS|EMR|EMRServerless|AutoScaling|Batch)::|^AWS::ECS::Cluster$|^Microsoft\.ContainerService/managedClusters$",
        r"^pulumi_\w+\.(eks|container|containerservice|emr|dataproc)\.|^pulumi_eks\.|^aws_cdk\.aws_(eks|emr|autoscaling)\.",
        r"^(eksctl create|gcloud container clusters create|gcloud dataproc clusters create|az aks create|aws emr create-cluster)\b",
        r"^(kubeadm (init|join)|docker swarm (init|join)|sbatch|ray (up|start))\b|\.run_job_flow$",
        r"^(HorizontalPodAutoscaler|ScaledObject|SparkApplication|SparkCluster|RayCluster|RayService|DaskCluster|MachineDeployment)$",
    ),
    MONITORING: _any(
        r"^(aws_cloudwatch_|google_monitoring_|google_logging_metric|azurerm_monitor_|azurerm_log_analytics|azurerm_application_insights)",
        r"^(datadog_|newrelic_|grafana_|aws_grafana|aws_prometheus)|^AWS::(CloudWatch|Logs|Grafana|APS)::|^Microsoft\.(Insights|OperationalInsights)/",
        r"^(ServiceMonitor|PodMonitor|PrometheusRule|Prometheus|Alertmanager|Grafana|GrafanaDashboard)$|\.put_metric_(alarm|data)$",
    ),
    ALERT: _any(
        r"^(aws_cloudwatch_metric_alarm|aws_cloudwatch_composite_alarm|google_monitoring_alert_policy|azurerm_monitor_\w*alert|datadog_monitor)",
        r"^AWS::CloudWatch::\w*Alarm$|^newrelic_\w*alert|^grafana_rule_group|^PrometheusRule$|\.put_metric_alarm$",
    ),
    RELATIONAL: _any(
        r"^(aws_db_instance|aws_rds_|google_sql_|google_alloydb|google_spanner|azurerm_(mssql|postgresql|mysql|mariadb|sql)_|scaleway_rdb)",
        r"^AWS::RDS::|^Microsoft\.(Sql|DBforPostgreSQL|DBforMySQL)/|/rds/|/postgresql/|^(PostgreSQL|postgresql|Cluster\.postgresql)$",
    ),
    DOCUMENT: _any(r"^(aws_docdb|mongodbatlas_|azurerm_cosmosdb|google_firestore)|^AWS::DocDB::|^Microsoft\.DocumentDB/"),
    KEY_VALUE: _any(
        r"^(aws_dynamodb_table|aws_elasticache|google_redis|google_bigtable|azurerm_redis|scaleway_redis)|^AWS::(DynamoDB|ElastiCache)::"
    ),
    WAREHOUSE: _any(
        r"^(aws_redshift|aws_athena|aws_glue_catalog|google_bigquery_|snowflake_|azurerm_synapse|azurerm_kusto|clickhouse_)",
        r"^AWS::(Redshift|Athena)::|^Microsoft\.Synapse/|^databricks_sql|^bq mk\b",
    ),
    OBJECT: _any(
        r"^(aws_s3_bucket|google_storage_bucket|azurerm_storage_(account|container|data_lake\w*)|scaleway_object_bucket|minio_s3_bucket)$",
        r"^AWS::S3::Bucket$|^Microsoft\.Storage/storageAccounts|^(aws s3 mb|gsutil mb|gcloud storage buckets create|az storage)\b",
    ),
    SEARCH: _any(r"^(aws_opensearch|aws_elasticsearch|ec_deployment)|^AWS::(OpenSearchService|Elasticsearch)::|^azurerm_search_"),
    STREAM: _any(
        r"^(aws_kinesis|aws_msk|aws_sqs|google_pubsub|google_dataflow|azurerm_eventhub|azurerm_stream_analytics|azurerm_servicebus|confluent_)",
        r"^AWS::(Kinesis|KinesisFirehose|MSK)|^(Kafka|KafkaTopic|KafkaConnect|KafkaConnector|FlinkDeployment)$|^Microsoft\.EventHub/|/msk",
    ),
    SCHEDULE: _any(
        r"^(aws_cloudwatch_event_rule|aws_scheduler_schedule|google_cloud_scheduler_job|azurerm_data_factory_trigger)|^CronJob$|^CronWorkflow$",
        r"^AWS::(Events::Rule|Scheduler::)|^aws_glue_trigger$|^google_bigquery_data_transfer_config$|^gcloud scheduler jobs create\b",
    ),
    FLOW: _any(
        r"^(aws_mwaa|aws_sfn_state_machine|google_composer|azurerm_data_factory|aws_glue_(job|workflow)|aws_dms_|airbyte_|fivetran_)",
        r"^AWS::(StepFunctions|Glue|DMS|MWAA)::|^(Workflow|CronWorkflow|WorkflowTemplate|PipelineRun)$|^Microsoft\.DataFactory/",
    ),
}
# Machines made for training: an accelerator, or a name that says so.
ACCELERATED = re.compile(
    r"\b(p[2-5][a-z]{0,3}|g[3-6][a-z]{0,3}|inf\d|trn\d)\.\w*\d*(xlarge|metal)|\bStandard_N[CDVG]\w+|\b(a2|a3|g2)-(high|mega|ultra|standard)\w*"
    r"|nvidia|\bgpu|guest_accelerator|accelerator_(type|count)|\bt4\b|\ba100\b|\bh100\b|\bl40?s?\b(?=\W)|\btpu|\bGPU-\w+|\bRTX",
    re.I,
)
FOR_TRAINING = re.compile(
    r"train|entrain|apprentiss|\bml\b|[-_]ml\b|\bml[-_]|deep.?learning|fine.?tun|jupyter|notebook|sagemaker|mlops", re.I
)
# Images of containers → store.
IMAGES: dict[str, re.Pattern[str]] = {
    RELATIONAL: _any(
        r"(^|/)(postgres|postgresql|postgis|mysql|mariadb|cockroach|timescaledb|pgvector|percona|mssql)\b|azure-sql-edge|/mssql/"
    ),
    DOCUMENT: _any(r"(^|/)(mongo|mongodb\S*|couchdb|couchbase|ferretdb)\b"),
    KEY_VALUE: _any(r"(^|/)(redis\S*|valkey|memcached|dynamodb-local|etcd|dragonfly|keydb)\b"),
    WAREHOUSE: _any(
        r"(^|/)(clickhouse\S*|cassandra|scylla|trino|presto\S*|druid|starrocks|doris|hive|greenplum|pinot|dremio\S*|hbase)\b"
    ),
    OBJECT: _any(r"(^|/)(minio|localstack|seaweedfs|ceph|garage|azurite|namenode|datanode|hadoop-namenode|hdfs)\b"),
    SEARCH: _any(r"(^|/)(elasticsearch|opensearch|solr|meilisearch|typesense)\b"),
    VECTOR: _any(r"(^|/)(qdrant|weaviate|milvus|chroma|chromadb)\b"),
    GRAPH: _any(r"(^|/)(neo4j|arangodb|janusgraph|memgraph)\b"),
    SERIES: _any(r"(^|/)(influxdb|timescaledb|questdb|victoria-metrics)\b"),
    STREAM: _any(
        r"(^|/)(kafka|cp-kafka|cp-server|redpanda|rabbitmq|eclipse-mosquitto|emqx|nats|pulsar|connect|cp-kafka-connect|debezium|ksqldb-server"
        r"|cp-ksqldb-server|flink)\b|debezium/|bitnami/kafka"
    ),
}
# Packages by which Python speaks to a store.
CLIENTS: dict[str, str] = {
    **dict.fromkeys(
        ("psycopg", "psycopg2", "asyncpg", "pymysql", "MySQLdb", "mariadb", "sqlalchemy", "sqlmodel", "pyodbc", "oracledb"),
        RELATIONAL,
    ),
    **dict.fromkeys(("pymongo", "motor", "mongoengine", "beanie", "couchdb"), DOCUMENT),
    **dict.fromkeys(("redis", "valkey", "aioredis", "pymemcache", "plyvel"), KEY_VALUE),
    **dict.fromkeys(
        (
            "clickhouse_driver",
            "clickhouse_connect",
            "cassandra",
            "snowflake",
            "redshift_connector",
            "duckdb",
            "trino",
            "deltalake",
        ),
        WAREHOUSE,
    ),
    **dict.fromkeys(("minio", "s3fs", "gcsfs", "adlfs", "hdfs"), OBJECT),
    **dict.fromkeys(("elasticsearch", "opensearchpy", "meilisearch", "typesense"), SEARCH),
    **dict.fromkeys(("qdrant_client", "weaviate", "pymilvus", "chromadb", "pinecone", "faiss", "lancedb", "pgvector"), VECTOR),
    **dict.fromkeys(("neo4j", "arango", "gremlin_python", "py2neo"), GRAPH),
    **dict.fromkeys(("influxdb", "influxdb_client", "questdb"), SERIES),
}
COMMANDS = re.compile(
    r"\b(aws ec2 run-instances|aws emr create-cluster|aws sagemaker create-[\w-]+|aws s3 mb|gcloud compute instances create|gcloud run deploy"
    r"|gcloud container clusters create|gcloud dataproc clusters create|gcloud ai custom-jobs create|gcloud ai-platform jobs submit"
    r"|gcloud scheduler jobs create|gcloud storage buckets create|gsutil mb|az vm create|az aks create|az ml (?:compute|job) create"
    r"|az containerapp|az storage|doctl compute droplet create|hcloud server create|openstack server create|scw instance server create"
    r"|multipass launch|virt-install|eksctl create|kubeadm (?:init|join)|docker swarm (?:init|join)|sbatch|ray (?:up|start)|kubectl apply|bq mk)\b"
)
