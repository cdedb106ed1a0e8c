"""Where SQL is written in code: .sql files, strings of Python and of other languages, notebook magics. Prose is no SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.names import names
from checks.facts.python_code import Module, dotted_name, notebook_cells
from checks.facts.syntax import children
from checks.workspace import File

LONGEST = 30_000
MOST_PER_FILE = 400
VERBS = "select|with|insert|update|delete|merge|create|alter|explain|copy|load|refresh|replace|truncate|analyze|drop"
MENTION = re.compile(r"\b(select|insert|update|delete|create|alter|copy|merge|explain|load data|refresh)\b", re.I)
LEADING_COMMENT = re.compile(r"\s*(?:--[^\n]*(?:\n|$)|/\*.*?\*/|#[^\n]*(?:\n|$))", re.S)
START = re.compile(rf"\s*\(?\s*({VERBS})\b", re.I)
SHAPES = {
    "select": re.compile(r"\bfrom\b", re.I),
    "with": re.compile(r"\bas\b.{0,40}?\(", re.I | re.S),
    "insert": re.compile(r"\binto\b", re.I),
    "replace": re.compile(r"\binto\b", re.I),
    "update": re.compile(r"\bset\b", re.I),
    "delete": re.compile(r"\bfrom\b", re.I),
    "merge": re.compile(r"\busing\b", re.I),
    "create": re.compile(r"\b(table|view|index|type|schema|database|extension|function|trigger)\b", re.I),
    "alter": re.compile(r"\b(table|index|view)\b", re.I),
    "drop": re.compile(r"\b(table|index|view)\b", re.I),
    "explain": re.compile(r"\b(select|with|analyze|insert|update|delete)\b", re.I),
    "copy": re.compile(r"\b(from|to)\b", re.I),
    "load": re.compile(r"\bdata\b.{0,80}?\binto\b", re.I | re.S),
    "refresh": re.compile(r"\bmaterialized\b", re.I),
    "truncate": re.compile(r"\btable\b", re.I),
    "analyze": re.compile(r"^\s*analyze\s+\w+", re.I),
}
SINKS = names(
    "execute executemany execute_query executescript exec raw text sql read_sql read_sql_query query fetch fetchrow fetchval "
    "fetchall fetch_all fetch_one fetchone mogrify run_query execute_values execute_batch copy_expert selectsql df scalars"
)
TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
TEMPLATE_BLOCK = re.compile(r"\{%[^%]*%\}|\{#[^#]*#\}")
FOREIGN = {".js", ".ts", ".jsx", ".tsx", ".java", ".kt", ".php", ".go", ".cs", ".rb", ".scala", ".mjs", ".r", ".rs"}
FOREIGN_DRIVER = re.compile(
    r"(require\(|from |import |use |using )[^\n]{0,60}(pg|postgres|mysql2?|sqlite3?|better-sqlite3|knex"
    r"|sequelize|typeorm|prisma|mssql|oracledb|java\.sql|jdbc|"
    r"springframework|hibernate|database/sql|pgx|gorm|System\.Data|Npgsql|Dapper|bigquery|snowflake|DBI"
    r"|RPostgres|sqlx|diesel|slick|doobie|spark)\b|new PDO|mysqli|createStatement|prepareStatement",
)
FOREIGN_STRING = re.compile(
    r"(\"\"\"|[\"'`])\s*(?=(?:SELECT|INSERT INTO|WITH \w+ AS|CREATE TABLE|UPDATE \w+ SET|DELETE FROM)\b)", re.I
)


@dataclass(frozen=True, slots=True)
class SqlText:
    """A piece of text that is SQL by its shape: `line` opens it, `where` is `file`, `code`, `notebook` or `foreign`."""

    path: str
    line: int
    text: str
    where: str
    function: str = ""
    test: bool = False


def after_comments(text: str) -> int:
    """Return where a statement's first word stands, comments before it passed over."""
    position = 0
    while position < len(text) and (comment := LEADING_COMMENT.match(text, position)) and comment.end() > position:
        position = comment.end()
    return position + len(text[position:]) - len(text[position:].lstrip())


def starting_verb(text: str) -> str:
    """Return the verb that a statement starts with, in lower case, comments passed over; "" when it is no statement."""
    found = START.match(text, after_comments(text))
    if not found:
        return ""
    verb = found.group(1).lower()
    return verb if SHAPES[verb].search(text, found.end() - 1) or verb == "analyze" else ""


def looks_written_as_sql(text: str) -> bool:
    """Tell SQL from a sentence in a string that no query function takes: its verb stands in capitals, or on lines of its own."""
    found = START.match(text, after_comments(text))
    return bool(
        found and found.group(1).isupper() and re.search(r"\b(FROM|INTO|SET|TABLE|VIEW|INDEX|AS|USING|MATERIALIZED)\b", text)
    )


def split_statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, statement) of a script: semicolons inside quotes, comments and dollar quotes do not separate."""
    start = 0
    for token in re.finditer(r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\$\w*\$|;", text, re.S):
        if token.start() < start:
            continue
        mark = token.group()
        if mark.startswith("$"):
            close = text.find(mark, token.end())
            if close > 0 and token.start() >= start:
                end = text.find(";", close + len(mark))
                end = len(text) if end < 0 else end
                yield start, text[start:end]
                start = end + 1
        elif mark == ";":
            yield start, text[start : token.start()]
            start = token.end()
    if text[start:].strip():
        yield start, text[start:]


def _untemplated(found: re.Match[str]) -> str:
    """Return the table that a template names, nothing for its settings, a name to parse otherwise."""
    inner = found.group()
    quoted = re.findall(r"[\"'](\w+)[\"']", inner)
    if "config(" in inner:
        return " "
    return str(quoted[-1]) if quoted and re.search(r"\b(ref|source)\(", inner) else "hole__"


def in_sql_file(file: File) -> list[SqlText]:
    """Return the statements of a .sql file; templates of dbt or Jinja are replaced by names."""
    text = TEMPLATE_BLOCK.sub(" ", TEMPLATE.sub(_untemplated, file.text))
    found: list[SqlText] = []
    for offset, statement in split_statements(text):
        lead = len(statement) - len(statement.lstrip())
        if len(found) >= MOST_PER_FILE:
            break
        if starting_verb(statement):
            line = text.count("\n", 0, offset + after_comments(statement)) + 1
            found.append(SqlText(file.path, line, statement[lead : lead + LONGEST], "file"))
    return found


def in_module(module: Module) -> Iterator[SqlText]:
    """Yield the SQL that a Python module holds in strings, concatenations and f-strings, once each."""
    if not MENTION.search("\n".join(module.source)):
        return
    kind = "notebook" if module.notebook else "code"
    for node, function, sink in _string_nodes(module.tree):
        text = module.text_of(node) or ""
        if len(text) < 12 or not starting_verb(text):
            continue
        if sink not in SINKS and not looks_written_as_sql(text):
            continue
        for offset, statement in split_statements(text[: LONGEST * 3]):
            if starting_verb(statement):
                shift = text.count("\n", 0, offset + after_comments(statement)) if _spans_lines(node) else 0
                yield SqlText(
                    module.path, _line(module, node, shift), statement.strip()[:LONGEST], kind, function, module.is_test
                )


def _spans_lines(node: ast.expr) -> bool:
    return (getattr(node, "end_lineno", 0) or 0) > node.lineno


def _line(module: Module, node: ast.expr, shift: int) -> int:
    if module.notebook:
        return module.line(node)
    return min(node.lineno + shift, getattr(node, "end_lineno", None) or node.lineno)


def _string_nodes(tree: ast.AST) -> Iterator[tuple[ast.expr, str, str]]:
    """Yield (whole string expression, enclosing function, last name of the call that takes it)."""
    stack: list[tuple[ast.AST, str, str]] = [(tree, "", "")]
    while stack:
        node, function, sink = stack.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _has_text(node):
            yield node, function, sink
            continue
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield node, function, sink
            continue
        inside, taker = function, ""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{function}.{node.name}" if function else node.name
        if isinstance(node, ast.Call):
            name = dotted_name(node.func) or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
            taker = name.rsplit(".", 1)[-1].lower()
        stack += [(child, inside, taker) for child in reversed(children(node))]


def _has_text(node: ast.expr) -> bool:
    for _ in range(60):
        if not isinstance(node, ast.BinOp):
            break
        if isinstance(node.right, ast.JoinedStr) or (isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)):
            return True
        node = node.left
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def in_notebook_magic(file: File) -> list[SqlText]:
    """Return the SQL of `%%sql` cells."""
    found = []
    for cell in notebook_cells(file, "code"):
        first, _, rest = cell.partition("\n")
        if first.strip().startswith("%%sql") and starting_verb(rest):
            probe = next((line for line in rest.splitlines() if line.strip()), "")[:60].replace('"', '\\"')
            row = next((i for i, line in enumerate(file.lines, 1) if probe.strip() and probe in line), 1)
            found.append(SqlText(file.path, row, rest[:LONGEST], "notebook"))
    return found


def in_foreign_code(file: File) -> list[SqlText]:
    """Return the SQL strings of languages other than Python: from an opening quote and a verb to the same quote."""
    text = file.text
    found: list[SqlText] = []
    if not FOREIGN_DRIVER.search(text):
        return found
    for opening in FOREIGN_STRING.finditer(text):
        close = text.find(opening.group(1), opening.end())
        statement = text[opening.end() : close if 0 < close < opening.end() + 6000 else opening.end() + 6000]
        if close > 0 and starting_verb(statement) and looks_written_as_sql(statement):
            line = text.count("\n", 0, opening.end()) + 1
            found.append(SqlText(file.path, line, statement, "foreign", test="test" in file.path.lower()))
        if len(found) >= 100:
            break
    return found
