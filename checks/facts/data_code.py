"""Which code prepares data: functions that read, clean, validate or reshape tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.facts.python_code import PythonCode

_TABLES = re.compile(
    r"(^|\.)(dropna|fillna|isna|isnull|notna|notnull|drop_duplicates|duplicated|astype|read_csv|read_parquet|read_json|read_excel|merge|concat|"
    r"to_datetime|to_numeric|DataFrame|groupby|get_dummies|dropDuplicates|withColumn|with_columns|drop_nulls|fill_null|expect_column\w*|"
    r"DataFrameSchema|Checkpoint|train_test_split)$"
)
_PREPARES = re.compile(
    r"(^|_)(clean|nettoy|valid|check|transform|normali[sz]|prepar|preprocess|pretrait|impute|dedup|parse|load|charge)", re.I
)
FOLDER = re.compile(
    r"(^|[/_.-])(data|donnees?|etl|datasets?|clean\w*|nettoyage|preprocess\w*|bronze|silver|gold|ingest\w*|features?)([/_.-])",
    re.I,
)


@dataclass(frozen=True)
class DataCode:
    """`functions` are (path, name) of the functions that prepare data."""

    functions: frozenset[tuple[str, str]]


def data_code(python_code: PythonCode) -> DataCode:
    """Find the functions that work on tables, and those of data modules that say by their name that they prepare some."""
    found = {(m.path, c.function) for m in python_code.application for c in m.calls if c.function and _TABLES.search(c.name)}
    for module in python_code.application:
        if FOLDER.search(f"{module.path}."):
            found |= {(module.path, n) for n in module.functions if _PREPARES.search(n.rsplit(".", 1)[-1])}
    return DataCode(frozenset(found))


FACTS = (data_code,)
