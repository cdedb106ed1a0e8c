"""What libraries and words tell about measures: names that code uses, no candidate text."""

from __future__ import annotations

import re

METRIC_CLASS = re.compile(
    r"^(prometheus_client|aioprometheus|prometheus_client\.metrics)\.(Counter|Gauge|Histogram|Summary|Info|Enum)$"
)
METER = re.compile(r"(^|\.)(create_counter|create_histogram|create_gauge|create_up_down_counter|create_observable_\w+)$")
FILL = frozenset(
    ["inc", "dec", "observe", "set", "time", "info", "state", "count_exceptions", "track_inprogress", "add", "record"]
)
EXPOSE = re.compile(
    r"^prometheus_client\S*\.(make_asgi_app|make_wsgi_app|start_http_server|start_wsgi_server|generate_latest"
    r"|push_to_gateway|pushadd_to_gateway)$"
    r"|prometheus_fastapi_instrumentator\.\S*\.expose$|^starlette_exporter\.handle_metrics$|^starlette_prometheus\.metrics$"
    r"|^prometheus_flask_exporter\S*\.(PrometheusMetrics|GunicornPrometheusMetrics|RESTfulPrometheusMetrics)$"
    r"|^flask_monitoringdashboard\.bind$|^aioprometheus\.\S*render$|^streamlit_prometheus"
)
# Package → what it follows when it is really called: `model` (a model or calls to one), `training`, `application`, `errors`.
TOOLS = {
    "langfuse": "model",
    "langsmith": "model",
    "phoenix": "model",
    "openinference": "model",
    "helicone": "model",
    "traceloop": "model",
    "openlit": "model",
    "agentops": "model",
    "evidently": "model",
    "whylogs": "model",
    "nannyml": "model",
    "alibi_detect": "model",
    "deepchecks": "model",
    "river.drift": "model",
    "mlflow": "training",
    "wandb": "training",
    "comet_ml": "training",
    "neptune": "training",
    "clearml": "training",
    "aim": "training",
    "flask_monitoringdashboard": "application",
    "django_prometheus": "application",
    "prometheus_fastapi_instrumentator": "application",
    "starlette_exporter": "application",
    "starlette_prometheus": "application",
    "prometheus_flask_exporter": "application",
    "prometheus_client": "application",
    "opentelemetry": "application",
    "logfire": "application",
    "statsd": "application",
    "datadog": "application",
    "ddtrace": "application",
    "newrelic": "application",
    "elasticapm": "application",
    "opencensus": "application",
    "azure.monitor": "application",
    "silk": "application",
    "sentry_sdk": "errors",
    "rollbar": "errors",
    "bugsnag": "errors",
}
# Packages that hold a model or call one: a metric that is filled beside them is about it.
MODEL_PACKAGES = frozenset(
    [
        "sklearn",
        "torch",
        "tensorflow",
        "keras",
        "transformers",
        "sentence_transformers",
        "xgboost",
        "lightgbm",
        "catboost",
        "onnxruntime",
        "joblib",
        "openai",
        "mistralai",
        "groq",
        "anthropic",
        "ollama",
        "cohere",
        "langchain",
        "langchain_core",
        "langchain_openai",
        "langchain_groq",
        "langchain_mistralai",
        "langchain_ollama",
        "langchain_community",
        "langgraph",
        "llama_index",
        "litellm",
        "google.generativeai",
        "google.genai",
        "vllm",
        "spacy",
        "fasttext",
        "ultralytics",
        "prophet",
        "statsmodels",
        "stable_baselines3",
        "crewai",
        "pydantic_ai",
        "huggingface_hub",
        "surprise",
        "implicit",
        "azure.ai",
        "whisper",
        "diffusers",
    ]
)
MODEL_WORDS = frozenset(
    [
        "ai",
        "ia",
        "ml",
        "llm",
        "gpt",
        "openai",
        "mistral",
        "groq",
        "ollama",
        "claude",
        "anthropic",
        "gemini",
        "huggingface",
        "model",
        "models",
        "modele",
        "modeles",
        "predict",
        "predicts",
        "prediction",
        "predictions",
        "predicted",
        "predictive",
        "inference",
        "inferences",
        "confidence",
        "confiance",
        "drift",
        "derive",
        "accuracy",
        "precision",
        "recall",
        "f1",
        "auc",
        "rmse",
        "mae",
        "mse",
        "r2",
        "rag",
        "retrieval",
        "retriever",
        "embedding",
        "embeddings",
        "prompt",
        "prompts",
        "completion",
        "completions",
        "tokens",
        "hallucination",
        "similarity",
        "classifier",
        "classification",
        "class",
        "classes",
        "label",
        "labels",
        "recommendation",
        "recommendations",
        "recommender",
        "reco",
        "agent",
        "agents",
        "chatbot",
        "chat",
        "generation",
        "generations",
        "transcription",
        "ocr",
        "detection",
        "detections",
        "forecast",
        "forecasts",
        "score",
        "scores",
        "scoring",
        "probability",
        "proba",
        "feature",
        "features",
        "feedback",
    ]
)
METRIC_TAIL = re.compile(
    r"(_total|_count|_ms|_seconds|_latency|_duration|_rate|_score|_confidence|_avg|_errors|_requests|_accuracy|_drift"
    r"|_mean)$"
)
METRIC_HEAD = re.compile(r"^(avg|mean|total|nb|n|num|count|max|min|last|taux|latency|latence|error|drift)_")
IDENTIFIER = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)+$")
WATCH_WORDS = re.compile(
    r"metric|metrique|monitor|supervis|drift|derive|observab|telemetr",
    re.I,
)
ROUTE_VERBS = frozenset(["get", "route", "add_url_rule", "add_api_route", "mount", "add_route", "path", "re_path"])
RENDER = re.compile(r"(^|\.)(render|render_template|TemplateResponse|render_template_string|HTMLResponse)$")
READ_FILE = re.compile(
    r"(^|\.)(open|read_text|read_bytes|read_json|read_csv)$|^(json|joblib|pickle|yaml)\.(load|loads|safe_load)$"
)
READ_STORE = re.compile(r"(^|\.)(execute|fetchall|fetchone|fetch|query|aggregate|find|filter|scalars|scalar|count|all)$")
DRIFT_TEST = re.compile(
    r"^scipy\.stats\.(ks_2samp|chi2_contingency|wasserstein_distance|entropy)$|(^|\.)(jensenshannon|calculate_psi"
    r"|compute_psi|population_stability_index|psi)$"
)
MLFLOW_WRITE = re.compile(
    r"^mlflow(\.tracking)?\.(log_metrics?|log_params?|start_run|log_dict|log_text|trace|\w+\.autolog|log_artifact)$"
    r"|MlflowClient\(\)\.log_\w+$"
)
MLFLOW_READ = re.compile(
    r"(MlflowClient\(\)|^mlflow(\.tracking)?)\.(get_run|search_runs|get_metric_history|search_model_versions"
    r"|get_latest_versions|get_model_version\w*)$"
)
LIVE_TRACE = re.compile(
    r"^mlflow\.(trace|langchain\.autolog|openai\.autolog|anthropic\.autolog|mistral\.autolog|groq\.autolog|start_span"
    r"|tracing\S*)$"
)
ENABLE_TRACE = re.compile(r"^(LANGCHAIN_TRACING(_V2)?|LANGSMITH_TRACING(_V2)?)$")


def bare(name: str) -> str:
    """Return a metric's name without the endings that its exposition adds."""
    return re.sub(r"_(total|bucket|sum|count|created|info)$", "", name)


def words_of(name: str) -> frozenset[str]:
    """Split an identifier into its words, in lower case."""
    return frozenset(
        re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().replace("-", "_").replace("/", "_").replace(".", "_").split("_")
    )


def speaks_of_model(name: str) -> bool:
    """Tell whether an identifier is about a model or calls to one."""
    return bool(words_of(name) & MODEL_WORDS)
