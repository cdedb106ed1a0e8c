"""Names of packages: the canonical form, those that need Windows, those that imitate a popular one."""

from __future__ import annotations

import re
from functools import lru_cache

from checks.facts.names import names

WINDOWS_ONLY = names(
    "pywin32 pywin32-ctypes pypiwin32 pywinpty win32-setctime winshell pywin32-postinstall wmi comtypes pyreadline pyreadline3 winkerberos"
    " windows-curses pythonnet wincertstore win-inet-pton menuinst win-unicode-console"
)
POPULAR = names(
    "requests numpy pandas scipy scikit-learn matplotlib seaborn plotly django flask fastapi uvicorn gunicorn starlette pydantic"
    " sqlalchemy alembic psycopg2 psycopg2-binary pymysql pymongo redis celery beautifulsoup4 selenium scrapy lxml pytest"
    " pytest-cov python-dotenv python-multipart python-jose passlib bcrypt cryptography pyjwt jinja2 werkzeug streamlit gradio"
    " tensorflow torch torchvision transformers keras xgboost lightgbm mlflow openai langchain tiktoken spacy nltk gensim pillow"
    " opencv-python aiohttp httpx urllib3 certifi setuptools boto3 tqdm joblib openpyxl pyyaml prometheus-client loguru"
    " sqlmodel djangorestframework faker evidently optuna colorama click"
)
# Honest packages that happen to be one letter away from a popular one.
NEIGHBOURS = names(
    "fastai pymssql boto psycopg psycopg-binary jinja fake flasks pydantic-ai pycrypto cryptographie keras2 request sklearn torchvision click8 celery2"
    " redisx http httpx2 lxmlh pytest-xcov plotty pandas3 pyjwt2 urllib4 spacy2 polars tensorflow2 django2 faker2 radio pysql"
)
# What conda installs beside Python packages, or under a name that the package index does not know.
CONDA_ONLY = names(
    "python pip setuptools wheel conda openssl ca-certificates sqlite zlib tk xz readline ncurses bzip2 icu krb5 mkl mkl-service mkl_fft"
    " mkl_random intel-openmp vs2015_runtime vc ucrt vc14_runtime cudatoolkit cudnn cuda nccl blas openblas freetype jpeg libpng"
    " zstd lz4-c yaml qt qt-main qt-webengine pyqt sip tbb gcc gxx nodejs postgresql git make cmake ffmpeg hdf5 glib expat giflib lerc"
    " lcms2 openjpeg snappy re2 boost-cpp arrow-cpp aws-c-common brotli-bin python_abi tzdata"
)
CONDA_NAMES = {
    "pytorch": "torch",
    "pytables": "tables",
    "py-xgboost": "xgboost",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python",
}
NATIVE = re.compile(r"^(_|lib|vs20|cuda-|aws-c|ld_impl|gst|xorg-|font)", re.I)


def canonical(name: str) -> str:
    """Return the name by which the index knows a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@lru_cache(maxsize=4096)
def imitated(name: str) -> str:
    """Return the popular package of which a canonical name is a misspelling by one letter, or ""."""
    if name in POPULAR or name in NEIGHBOURS or name in WINDOWS_ONLY:
        return ""
    return next((p for p in sorted(POPULAR) if len(p) > 4 and one_letter_away(name, p)), "")


def one_letter_away(one: str, other: str) -> bool:
    """Tell whether one letter added, lost, replaced or swapped with its neighbour makes `other` of `one`."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = len(left) > 1 and len(right) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
