"""Names of packages: the canonical form, those that need Windows, those that only conda knows."""

from __future__ import annotations

import re

from checks.facts.names import names

WINDOWS_ONLY = names(
    "pywin32 pywin32-ctypes pypiwin32 pywinpty win32-setctime winshell pywin32-postinstall wmi comtypes pyreadline pyreadline3 winkerberos"
    " windows-curses pythonnet wincertstore win-inet-pton menuinst win-unicode-console"
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
