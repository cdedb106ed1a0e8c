"""Pages of the project's own that show metrics: Streamlit and its like, templates, and web front ends."""

from __future__ import annotations

import ast
import re
import unicodedata
from dataclasses import dataclass

from checks.facts.instruments import Exposure, Instruments, touches_model
from checks.facts.instruments_catalogue import MLFLOW_READ, speaks_of_model
from checks.facts.python_code import Module, PythonCode, dotted_name
from checks.facts.savings import Savings, base_name
from checks.workspace import File, Workspace

PAGE_PACKAGES = frozenset(["streamlit", "dash", "gradio", "panel", "nicegui", "taipy", "marimo", "chainlit", "bokeh"])
TITLE = re.compile(
    r"\.(title|header|subheader|set_page_config|tabs|tab|Markdown|H[1-4]|markdown|metric|radio|selectbox|TabItem|Tab)$"
)
DRAW = re.compile(
    r"\.(metric|line_chart|bar_chart|area_chart|scatter_chart|plotly_chart|pyplot|altair_chart|dataframe|data_editor"
    r"|table|Graph|DataTable|Plot|LinePlot|json)$"
)
TABLE = re.compile(r"\.(dataframe|data_editor|table|DataTable|json|write)$")
WATCH_TITLE = re.compile(
    r"monitor|supervision|metriques?\b.{0,40}(modele|ia\b|model|prediction|production|llm|api)|model(e)? (metrics"
    r"|performance)|performances? (du|of the) mod|\bdrift\b|derive (des|de) (donnees|data|modele)|observab",
    re.I,
)
WATCH_ADDRESS = re.compile(
    r"/[\w{}./-]{0,80}((monitor|metric|metrique|drift|supervision)"
    r"|(rmse|mae|mape|accuracy|scores?|f1|performances?|predictions?|errors?|erreurs?)[_-](history|historique|evolution)\b)",
    re.I,
)
COUNTED = re.compile(r"\{\{[^{}]{0,80}(nb|nombre|total|count|number)\w{0,20}(predict|inference)", re.I)
HTTP = re.compile(
    r"(^|\.)(requests|httpx|Session\(\)|client|session|api|AsyncClient\(\))\.(get|post|request)$"
    r"|^urllib\.request\.urlopen$|(^|_|\.)(get_json|fetch|api_get|call_api|get_metrics|fetch_\w+)$"
)
STORE_READ = re.compile(r"read_sql(_query|_table)?$|\.(execute|fetchall|fetchone|scalars|query|aggregate|find|objects\.\w+)$")
FILE_READ = re.compile(r"(^|\.)(read_csv|read_json|read_parquet|read_excel|read_text|load|open)$")
CHANCE = re.compile(r"^(random|numpy\.random)\.|default_rng\(\)")
FRONT_CALL = re.compile(r"\b(fetch|axios|api|http|client|useQuery|request|get)\b", re.I)
FILLED = re.compile(r"\{\{|\{%|@Model|@\w+\.|<%=")
COMMENT = re.compile(r"\s*(//|\*|/\*|\{#|<!--|@\*)")
FIGURE = re.compile(r"count|total|rate|taux|latenc|accuracy|token|confiance|confidence|score|avg|moyen|erreur|error|drift", re.I)
FRONT_SUFFIXES = (".js", ".jsx", ".ts", ".tsx", ".vue", ".svelte", ".html", ".razor", ".cshtml")


@dataclass(frozen=True, slots=True)
class WatchingPage:
    """A page that shows how a model or an application behaves.

    `feed` is where its values come from: `http`, `store`, `tracking`, `template` (a server fills it in), `file`,
    `written-file` (one that the application writes), `chance` (made up) or "".
    """

    path: str
    line: int
    excerpt: str
    about_model: bool
    feed: str
    raw: bool = False  # tables as they are stored, nothing drawn from them
    counts_uses: bool = False  # a template that fills in how often the model was used

    @property
    def reads_itself(self) -> bool:
        """Tell whether the page reads the measures where they are kept, with nothing between."""
        return self.feed in ("store", "tracking", "written-file")

    @property
    def live(self) -> bool:
        """Tell whether the values follow what happens."""
        return not self.raw and self.feed in ("http", "store", "tracking", "written-file", "template")


def fold(text: str) -> str:
    """Take accents off and lower the case."""
    return "".join(c for c in unicodedata.normalize("NFKD", text[:400]) if not unicodedata.combining(c)).lower()


def _feed(module: Module, savings: Savings) -> str:
    feeds = set()
    for call in module.calls:
        if MLFLOW_READ.search(call.name):
            feeds.add("tracking")
        elif HTTP.search(call.name):
            feeds.add("http")
        elif STORE_READ.search(call.name):
            feeds.add("store")
        elif FILE_READ.search(call.name):
            first = call.node.args[0] if call.node.args else None
            feeds.add("written-file" if savings.wrote_file(base_name(module.text_of(first) or "") or "-") else "file")
        elif CHANCE.search(call.name) and "seed" not in call.name:
            feeds.add("chance")
    if "chance" in feeds and not feeds & {"http", "store", "tracking"}:
        return "chance"
    return next((f for f in ("tracking", "store", "http", "written-file", "file", "chance") if f in feeds), "")


def _python_page(module: Module, savings: Savings) -> WatchingPage | None:
    if not module.imported & PAGE_PACKAGES:
        return None
    drawn = {f".{_method(c.node)}" for c in module.calls if not _is_frozen(c.node)}
    tables = any(TABLE.search(name) for name in drawn)
    charts = any(DRAW.search(name) and not TABLE.search(name) for name in drawn)
    feed = _feed(module, savings)
    if not (charts or any(DRAW.search(name) for name in drawn) or (tables and feed in ("store", "tracking"))):
        return None
    place: tuple[int, str] | None = None
    about = False
    if WATCH_TITLE.search(fold(module.path.rsplit("/", 1)[-1])):
        place = (1, module.source[0] if module.source else "")
    for call in module.calls:
        if TITLE.search(call.name) and call.node.args:
            texts = [
                n.value
                for n in ast.walk(call.node)
                if isinstance(n, ast.Constant) and isinstance(n.value, str) and len(n.value) < 160
            ]
            text = fold(" ".join(texts))
            if WATCH_TITLE.search(text):
                place = place if place and place[0] > 1 else (call.line, module.excerpt(call.node))
                about |= speaks_of_model(text.replace(" ", "_").replace("'", "_"))
    addresses = [(t, n) for t, n in module.strings if len(t) < 200 and WATCH_ADDRESS.search(t)]
    if addresses:
        text, node = addresses[0]
        place = place if place and place[0] > 1 else (module.line(node), module.excerpt(node))
    if place is None:
        return None
    about = about or touches_model(module) or any(speaks_of_model(t) for t, _ in module.strings if len(t) < 60 and "_" in t)
    return WatchingPage(module.path, place[0], place[1], about, feed, raw=not charts)


def _is_frozen(call: ast.Call) -> bool:
    """Tell whether a call shows a figure written in the source: `st.metric("Accuracy", "0.82")`."""
    shown = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "value")]
    return _method(call) == "metric" and bool(shown) and all(isinstance(v, ast.Constant) for v in shown)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else dotted_name(call.func)


def _template(file: File) -> WatchingPage | None:
    """Recognise a page rendered by a server: it says that it watches, and fills in figures."""
    if re.search(r"base|layout|nav|menu|header|footer", file.name, re.I):
        return None
    prose = [(n, t.strip()) for n, t in enumerate(file.lines, 1) if len(t) < 300 and not COMMENT.match(t)]
    said = [(n, t) for n, t in prose if WATCH_TITLE.search(fold(re.sub(r"<[^<>]*>", " ", t)))]
    figures = [t for t in file.lines if len(t) < 500 and FILLED.search(t) and FIGURE.search(t)]
    if len(said) < 2 or len(figures) < 2:
        return None
    about = any(speaks_of_model(re.sub(r"\W+", "_", fold(t))) for t in (*(t for _, t in said), *figures))
    counted = any(COUNTED.search(fold(t)) for t in figures)
    return WatchingPage(file.path, said[0][0], said[0][1], about, "template", counts_uses=counted)


def _front_page(file: File) -> WatchingPage | None:
    for number, text in enumerate(file.lines, 1):
        if len(text) < 400 and FRONT_CALL.search(text) and WATCH_ADDRESS.search(text) and "import " not in text:
            return WatchingPage(
                file.path,
                number,
                text.strip(),
                speaks_of_model(file.name.rsplit(".", 1)[0]) or speaks_of_model(_quoted(text)),
                "http",
            )
    return None


def _quoted(text: str) -> str:
    match = re.search(r"[\"'`]([^\"'`]{1,160})[\"'`]", text)
    return match.group(1) if match else ""


def _template_page(exposure: Exposure) -> WatchingPage:
    return WatchingPage(exposure.path, exposure.line, exposure.excerpt, exposure.about_model, "template")


def watching_pages(
    workspace: Workspace, python_code: PythonCode, instruments: Instruments, savings: Savings
) -> tuple[WatchingPage, ...]:
    """Return the project's own pages that show metrics, in path order."""
    pages = [p for m in python_code.application if not m.notebook for p in (_python_page(m, savings),) if p is not None]
    pages += [_template_page(e) for e in instruments.exposures if e.kind == "html"]
    for file in workspace.with_suffix(*FRONT_SUFFIXES):
        if file.size < 300_000 and re.search(r"monitor|metric|drift|supervision", file.text, re.I):
            page = workspace.attempt(file, _front_page)
            if page is None and file.suffix in (".html", ".cshtml", ".razor"):
                page = workspace.attempt(file, _template)
            if page is not None:
                pages.append(page)
    return tuple(sorted(pages, key=lambda p: (p.path, p.line)))


FACTS = (watching_pages,)
