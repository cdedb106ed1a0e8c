"""Where AI models and AI services are loaded, trained, called, evaluated and saved. Known libraries, names resolved."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from checks.facts.python_code import Call, Module, PythonCode, dotted_name, keyword
from checks.facts.syntax import walk
from checks.workspace import Workspace

# Libraries whose objects are models, by top-level package.
LEARNING = frozenset(
    [
        "sklearn",
        "keras",
        "tensorflow",
        "torch",
        "transformers",
        "xgboost",
        "lightgbm",
        "catboost",
        "statsmodels",
        "prophet",
        "sentence_transformers",
        "ultralytics",
        "spacy",
        "fastai",
        "pytorch_lightning",
        "lightning",
        "tf_keras",
        "surprise",
        "implicit",
        "onnxruntime",
        "autogluon",
        "pmdarima",
        "sktime",
        "pyspark",
        "flaml",
        "stanza",
        "gensim",
        "imblearn",
        "diffusers",
        "whisper",
        "faster_whisper",
        "paddleocr",
        "easyocr",
        "optuna",
        "mlflow",
        "joblib",
        "skops",
        "cloudpickle",
        "dill",
        "vaderSentiment",
        "textblob",
        "torchvision",
        "facenet_pytorch",
        "deepface",
        "insightface",
        "timm",
        "huggingface_hub",
        "peft",
        "tpot",
        "pycaret",
        "neuralprophet",
        "darts",
    ]
)
# Packages that speak to an AI service, or wrap one.
SERVICES = frozenset(
    [
        "openai",
        "mistralai",
        "anthropic",
        "ollama",
        "langchain",
        "langchain_openai",
        "langchain_community",
        "langchain_core",
        "langchain_mistralai",
        "langgraph",
        "langchain_experimental",
        "langchain_chroma",
        "langchain_ollama",
        "langchain_groq",
        "langchain_google_genai",
        "langchain_anthropic",
        "langchain_huggingface",
        "langchain_classic",
        "groq",
        "cohere",
        "google.generativeai",
        "google.genai",
        "vertexai",
        "llama_index",
        "litellm",
        "together",
        "replicate",
        "llama_cpp",
        "crewai",
        "pydantic_ai",
        "haystack",
        "huggingface_hub",
        "instructor",
        "dspy",
        "deepl",
        "assemblyai",
        "elevenlabs",
        "autogen",
        "smolagents",
    ]
)
_SERVICE_URL = re.compile(
    r"api\.openai\.com|api\.mistral\.ai|api\.anthropic\.com|api-inference\.huggingface|router\.huggingface|generativelanguage\.googleapis"
    r"|openrouter\.ai|api\.groq\.com|api\.cohere\.|:11434|/api/generate\b|/v1/chat/completions|/chat/completions|openai\.azure\.com"
    r"|cognitiveservices\.azure|api\.deepseek\.com|api\.together\.xyz|api\.replicate\.com|speech\.microsoft\.com|api\.stability\.ai",
    re.I,
)
_LOAD = re.compile(
    r"^(load_model|from_pretrained|load_checkpoint|load_from_checkpoint|load_state_dict|pyfunc\.load_model|InferenceSession|YOLO|pipeline"
    r"|SentenceTransformer|CrossEncoder|Llama|load_learner|unpickle)$"
)
_CALL = re.compile(
    r"^(predict|predict_proba|predict_on_batch|decision_function|forecast|generate|generate_content|generate_text|kneighbors"
    r"|chat|complete|ainvoke|invoke|astream|stream|run|arun|acall|transcribe|translate|embed|embed_query|embed_documents|encode"
    r"|create|parse|text_generation|chat_completion|text_classification|summarization|process|score|score_samples|readtext|ocr"
    r"|send_message|__call__|apply|get_forecast|recommend|most_similar|query|sample|step|polarity_scores|complete_async|chat_async"
    r"|post|feature_extraction|image_to_text|analyze|verify|represent|batch|abatch)$"
)
_PREDICT = frozenset(["predict", "predict_proba", "predict_on_batch", "decision_function", "kneighbors"])
_TRAIN = frozenset(["fit", "fit_transform", "train", "fit_predict", "partial_fit", "train_model", "fit_generator"])
_METRICS = re.compile(
    r"^(sklearn\.metrics(?!\.pairwise)|torchmetrics|evaluate|rouge_score|ragas|deepeval|jiwer|sacrebleu|bert_score|nltk\.translate)\b"
)
_SCORES = frozenset(
    ["cross_val_score", "cross_validate", "GridSearchCV", "RandomizedSearchCV", "classification_report", "evaluate"]
)
_SAVE = frozenset(["save_model", "save_pretrained", "save_weights", "log_model", "register_model", "save", "dump", "export"])
_FILE = re.compile(r"\.(pkl|pickle|joblib|h5|keras|pt|pth|onnx|safetensors|gguf|tflite|cbm|model|sav|skops|bin|ubj)$", re.I)
_NOT_A_MODEL = re.compile(
    r"vectorizer|scaler|encoder|imputer|splitter|loader|StandardScaler|LabelEncoder|tokenizer|PromptTemplate|Message|train_test_split|"
    r"ColumnTransformer|set_tracking_uri|set_experiment|start_run|log_(?:param|metric|artifact)|Document|preprocess",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a model. `kind`: load, call, train, evaluate, save. `service` names the remote AI service's package, if one."""

    kind: str
    path: str
    line: int
    function: str
    what: str
    service: bool
    excerpt: str


@dataclass(frozen=True)
class Models:
    """All uses of models and AI services, by path then line, tests left out, and the files of saved models."""

    uses: tuple[Use, ...]
    artefacts: tuple[str, ...]

    def of_kind(self, *kinds: str) -> tuple[Use, ...]:
        """Return the uses of these kinds."""
        return tuple(u for u in self.uses if u.kind in kinds)

    @cached_property
    def calls_by_place(self) -> dict[tuple[str, str], Use]:
        """(path, enclosing function) → the first call of a model there."""
        found: dict[tuple[str, str], Use] = {}
        for use in self.of_kind("call"):
            found.setdefault((use.path, use.function), use)
        return found

    def within(self, path: str, function: str) -> Use | None:
        """Return a call of a model in the body of a function, nested functions included."""
        direct = self.calls_by_place.get((path, function))
        if direct is not None:
            return direct
        start = function + "."
        return next((use for name, use in self._calls_by_path.get(path, ()) if name.startswith(start)), None)

    @cached_property
    def _calls_by_path(self) -> dict[str, list[tuple[str, Use]]]:
        found: dict[str, list[tuple[str, Use]]] = defaultdict(list)
        for (path, function), use in sorted(self.calls_by_place.items(), key=lambda item: item[0]):
            found[path].append((function, use))
        return found


def _package(name: str) -> str:
    parts = name.replace("()", "").replace("[]", "").split(".")
    return ".".join(parts[:2]) if parts[0] == "google" else parts[0]


def _is_learning(name: str) -> bool:
    return _package(name) in LEARNING and not _NOT_A_MODEL.search(name.rsplit(".", 1)[0])


def _loads_a_model(module: Module, call: Call) -> bool:
    last = call.name.rsplit(".", 1)[-1]
    if last in ("load", "Unpickler") and _package(call.name) in (
        "joblib",
        "pickle",
        "torch",
        "skops",
        "cloudpickle",
        "dill",
        "spacy",
        "mlflow",
    ):
        text = module.text_of(call.node.args[0]) if call.node.args else ""
        return not _NOT_A_MODEL.search(text or "")
    return bool(_LOAD.match(last)) and (_package(call.name) in LEARNING | SERVICES or "mlflow" in call.name)


def _use_of(module: Module, call: Call, mute: bool) -> tuple[str, bool] | None:
    """Return (kind, whether a remote service) of a call, or None."""
    name, last = call.name, call.name.rsplit(".", 1)[-1]
    owner = name.rsplit(".", 1)[0] if "." in name else ""
    package = _package(name)
    if _METRICS.match(name) or (last in _SCORES and package in LEARNING):
        return "evaluate", False
    if _loads_a_model(module, call):
        return "load", False
    if last in _TRAIN and (_is_learning(name) or (not mute and _unknown(owner) and not _NOT_A_MODEL.search(name))):
        return ("train", False) if not re.search(r"vectorizer|scaler|encoder|tfidf|imputer|pca", owner, re.I) else None
    if last in _SAVE and (_is_learning(name) and package != "huggingface_hub"):
        return "save", False
    if package in SERVICES and not _NOT_A_MODEL.search(name):
        if (
            "." in name
            and _CALL.match(last)
            and ("()" in name or package in ("ollama", "litellm", "openai", "replicate", "dspy"))
        ):
            return "call", package not in ("llama_cpp",)
        return ("load", True) if name.count(".") <= 2 and last[:1].isupper() else None
    if last in _PREDICT or (_is_learning(name) and _CALL.match(last) and "()" in owner):
        return (
            ("call", False)
            if not mute or (last in _PREDICT and re.search(r"model|clf|pipe|classif|regress", owner, re.I))
            else None
        )
    return None


def _unknown(owner: str) -> bool:
    return (
        owner.split(".", maxsplit=1)[0]
        in ("?", "model", "clf", "self", "pipeline", "pipe", "regressor", "classifier", "estimator", "best_model")
        or "model" in owner
    )


def _by_http(module: Module) -> Iterator[Use]:
    """Yield requests to the address of a known AI service, wherever the address is written in the module."""
    places = [(n, module.line(n)) for text, n in module.strings if _SERVICE_URL.search(text)]
    if not places:
        return
    for call in module.calls:
        last = call.name.rsplit(".", 1)[-1]
        if last in ("post", "request", "urlopen") and _package(call.name) in (
            "requests",
            "httpx",
            "aiohttp",
            "urllib",
            "urllib3",
        ):
            first = call.node.args[0] if call.node.args else keyword(call.node, "url")
            text = module.text_of(first) or ""
            if _SERVICE_URL.search(text) or "{}" in text or not text:
                yield Use("call", module.path, call.line, call.function, "http", True, module.excerpt(call.node))


def _by_calling_object(module: Module, call: Call) -> bool:
    """Tell whether an object built by a model library is called like a function: `pipe(text)`, `nlp(text)`, `model(x)`."""
    name = call.name
    return (
        name.endswith("()")
        and _is_learning(name)
        and bool(_LOAD.match(name[:-2].rsplit(".", 1)[-1]) or name.startswith("spacy.load"))
    )


_NETWORK = re.compile(r"^forward|(^|_)(model|modele|net|network|reseau|encoder|backbone|classifier|extractor|detector)$", re.I)


def _without_gradients(module: Module) -> frozenset[ast.Call]:
    """Return the calls of a network under `torch.no_grad()`: what asks for no gradient predicts, whoever built the network."""
    found = set()
    for node in module.nodes if "torch" in module.imported else ():
        if isinstance(node, ast.With) and any(_stops_gradients(item.context_expr) for item in node.items):
            inner = [n for statement in node.body for n in walk(statement) if isinstance(n, ast.Call)]
            found |= {call for call in inner if _NETWORK.search(dotted_name(call.func).rsplit(".", 1)[-1])}
    return frozenset(found)


def _stops_gradients(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted_name(node.func).rsplit(".", 1)[-1] in ("no_grad", "inference_mode")


_AGENT = re.compile(r"agent|chain|llm|graph|assistant|chat_?model|copilot|coach", re.I)


def _runs_an_agent(call: Call) -> bool:
    """Tell whether an object of unknown origin is run as only language chains and agents are: `app.state.agent.astream(…)`."""
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr not in (
        "invoke",
        "ainvoke",
        "stream",
        "astream",
        "astream_events",
        "arun",
        "batch",
    ):
        return False
    owner = dotted_name(function.value).rsplit(".", 1)[-1]
    return bool(_AGENT.search(owner if function.attr in ("stream", "batch") and owner else f"{owner} {call.name}"))


def _annotated(module: Module, call: Call, declared: dict[str, str]) -> Call:
    """Name a call by the type of the parameter or variable that it goes through: `client.chat()` where `client: OpenAI`."""
    written, _, path = dotted_name(call.node.func).partition(".")
    if path and written in declared:
        return replace(call, name=f"{declared[written]}().{path}")
    head, _, rest = call.name.partition(".")
    definition = module.functions.get(call.function) if rest and head not in module.assigned else None
    for argument in definition.args.args + definition.args.kwonlyargs if definition else ():
        if argument.arg == head and (kind := _kind(module, argument.annotation)):
            return replace(call, name=f"{kind}().{rest}")
    return call


def _declared(module: Module) -> dict[str, str]:
    """Return the variables declared of a class of a model's or service's library: `session: InferenceSession = …`."""
    stated = [n for n in module.nodes if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
    return {n.target.id: kind for n in stated if isinstance(n.target, ast.Name) and (kind := _kind(module, n.annotation))}


def _kind(module: Module, annotation: ast.expr | None) -> str:
    """Return the class that an annotation names when it is of a model's or service's library, or ""."""
    kind = module.resolve(annotation) if isinstance(annotation, ast.Name | ast.Attribute) else ""
    return kind if kind and _package(kind) in LEARNING | SERVICES else ""


def uses_in(module: Module, agents: bool = False) -> Iterator[Use]:
    """Yield the uses of models in one module; `agents` says that the repository builds language chains somewhere."""
    packages = {_package(n) for n in module.imports.values()}
    mute = not (packages & (LEARNING | SERVICES) or packages & {"pickle"} or _mentions_model(module))
    predicting = _without_gradients(module)
    declared = _declared(module)
    for call in (_annotated(module, c, declared) for c in module.calls):
        called = call.node in predicting or _by_calling_object(module, call)
        found = ("call", False) if called else _use_of(module, call, mute)
        if found is None and agents and _runs_an_agent(call):
            found = ("call", True)
        if found is not None:
            kind, service = found
            yield Use(kind, module.path, call.line, call.function, call.name, service, module.excerpt(call.node))
    yield from _by_http(module)


def _mentions_model(module: Module) -> bool:
    return any("model" in name.lower() or "predict" in name.lower() for name in [*module.imports, *module.assigned])


def models(workspace: Workspace, python_code: PythonCode) -> Models:
    """Find every use of a model or an AI service in the application's Python, and the model files."""
    agents = any(_package(name) in SERVICES for module in python_code.application for name in module.imports.values())
    uses = [u for module in python_code.application for u in uses_in(module, agents)]
    uses.sort(key=lambda u: (u.path, u.line, u.kind))
    artefacts = tuple(f.path for f in workspace.own if _FILE.search(f.name) and f.is_binary)
    return Models(tuple(dict.fromkeys(uses)), artefacts)


def by_function(uses: tuple[Use, ...]) -> dict[tuple[str, str], list[Use]]:
    """Group uses by (path, function)."""
    found: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in uses:
        found[use.path, use.function].append(use)
    return found


FACTS = (models,)
