"""Takes a picture of the application's page, once it stands still, small enough for a report."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from checks.prober.asked import Clock
from checks.prober.browser import HEIGHT, WIDTH, BrowserSilent, browsing, settled

MOST_BYTES = 400_000
SECONDS = 30.0
PATIENT, QUICK = 3.0, 1.0  # seconds before the first look: pages that draw themselves over a socket, and others
LONGEST_WAIT = 12.0
# Debian's launcher reads a folder of /etc that a sandbox need not show: the program itself comes first.
_BROWSERS = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")


def screenshot(port: int, clock: Clock, *, patient: bool = False) -> tuple[bytes | None, str | None]:
    """Return a PNG of at most 400 kB, or None with the code of why: `no-browser`, `timeout`, `failed`, `too-large`."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        return None, "no-browser"
    within = clock.within(SECONDS)
    with tempfile.TemporaryDirectory(prefix="page-", ignore_cleanup_errors=True) as name:
        try:
            with browsing(program, Path(name), within) as browser:
                browser.open(f"http://localhost:{port}/")
                data = settled(browser, least=PATIENT if patient else QUICK, most=min(LONGEST_WAIT, within.left() / 2))
        except BrowserSilent as why:
            return None, str(why)
        except (OSError, KeyError, ValueError):
            return None, "failed"
    small = smaller(data)
    return small, None if small else "too-large"


def smaller(data: bytes) -> bytes | None:
    """Return the picture itself, or one with fewer colours and then fewer pixels that fits; None when nothing does."""
    if len(data) <= MOST_BYTES:
        return data
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            if picture.width * picture.height > 4 * WIDTH * HEIGHT:
                return None
            plain = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None
    for scale in (1.0, 0.7, 0.5):
        out = io.BytesIO()
        size = (int(plain.width * scale), int(plain.height * scale))
        plain.resize(size).quantize(64).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    return None
