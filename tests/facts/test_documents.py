"""Documents of every format, as sections with lines that open; bombs and nonsense cost one file."""

from __future__ import annotations

import io
import json
import zipfile
import zlib

import pytest

from checks.facts.documents import Document, Documents, documents
from checks.workspace import Workspace


def read(files: dict[str, bytes | str]) -> tuple[Documents, dict[str, str]]:
    workspace = Workspace({p: c.encode() if isinstance(c, str) else c for p, c in files.items()})
    found = documents(workspace)
    return found, {s.path: s.reason for s in workspace.skipped}


def one(path: str, content: bytes | str) -> Document:
    found, skipped = read({path: content})
    assert skipped == {}
    (document,) = found.all
    return document


MARKDOWN = """---
title: x
---
# Projet météo

Le service lit les relevés.

## 1. Installation 🚀

```bash
pip install -r requirements.txt
```

- [ ] écrire les tests
- [x] lire [le guide](docs/guide.md)

| Métrique | Seuil |
|---|---|
| latence | 800 ms |

**Remarque importante**

Une ligne.
Une autre ![schéma](a.png)

### Détails
<!-- caché -->
<img src="b.png" alt="">
"""


def test_markdown_keeps_headings_lines_tables_code_links_and_images() -> None:
    document = one("README.md", MARKDOWN)
    assert (document.format, document.title, document.language) == ("md", "Projet météo", "fr")
    assert [(s.heading, s.level, s.line) for s in document.sections] == [
        ("Projet météo", 1, 4),
        ("1. Installation 🚀", 2, 8),
        ("Remarque importante", 3, 21),
        ("Détails", 3, 26),
    ]
    install = document.sections[1]
    assert install.trail == ("Projet météo",)
    assert [(c.line, c.language, c.text) for c in install.code] == [(10, "bash", "pip install -r requirements.txt\n")]
    assert (install.tables[0].header, install.tables[0].rows) == (("Métrique", "Seuil"), (("latence", "800 ms"),))
    assert [(link.line, link.target) for link in install.links] == [(15, "docs/guide.md")]
    assert install.lines == ((15, "[x] lire le guide"), (17, "Métrique | Seuil"), (19, "latence | 800 ms"))
    assert document.sections[2].lines == ((23, "Une ligne."), (24, "Une autre schéma"))
    assert [i.target for s in document.sections for i in s.images] == ["a.png", "b.png"]


def test_an_unticked_task_is_a_plan_not_a_document() -> None:
    assert one("a.md", "# A\n- [ ] sécuriser l'API\n- fait\n").sections[0].lines == ((3, "fait"),)


def test_plain_text_has_headings_by_underline_number_or_capitals() -> None:
    text = "Mon projet\n==========\n\nIl lit des fichiers et les range dans la base.\n\n1. Installation\npip install -r requirements.txt dans un environnement\n\nBASE DE DONNEES\nOn crée les tables avec le script fourni ici.\n"
    assert [(s.heading, s.line) for s in one("readme.txt", text).sections] == [
        ("Mon projet", 1),
        ("1. Installation", 6),
        ("BASE DE DONNEES", 9),
    ]


def test_notebook_text_opens_in_the_notebook_file() -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Analyse\n", "Le jeu est propre."]},
        {"cell_type": "code", "source": ["x = 1"]},
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    section = one("a.ipynb", text).sections[0]
    assert section.heading == "Analyse"
    assert "Analyse" in text.split("\n")[section.line - 1]
    assert "propre" in text.split("\n")[section.lines[0][0] - 1]


def test_html_documents_count_and_templates_do_not() -> None:
    page = "<html lang='fr'><title>Guide</title><h1>Guide</h1><p>Lire la documentation.</p><script>x</script><h2>Accès</h2><p>Clé</p></html>"
    document = one("docs/guide.html", page)
    assert (document.language, [s.heading for s in document.sections]) == ("fr", ["Guide", "Accès"])
    assert document.sections[0].text == "Lire la documentation."
    found, _ = read({"app/templates/a.html": page, "static/b.html": page, "docs/c.html": "<h1>{{ titre }}</h1>"})
    assert found.all == ()


def test_word_documents_have_sections_tables_and_pictures() -> None:
    from docx import Document as Word

    source, out = Word(), io.BytesIO()
    source.add_heading("Registre", 1)
    source.add_paragraph("Finalité : suivi des clients.")
    source.add_table(rows=2, cols=2).rows[0].cells[0].text = "Donnée"
    source.add_paragraph().add_run("Conservation").bold = True
    source.add_paragraph("Trois ans.")
    source.save(out)
    document = one("docs/registre.docx", out.getvalue())
    assert [s.heading for s in document.sections] == ["Registre", "Conservation"]
    assert document.sections[0].tables[0].header[0] == "Donnée"


def test_slides_and_open_documents_are_read() -> None:
    from odfdo import Document as Open
    from odfdo import Header, Paragraph
    from pptx import Presentation

    deck, out = Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Architecture"
    slide.placeholders[1].text = "Trois services"
    deck.save(out)
    document = one("plan.pptx", out.getvalue())
    assert [(s.heading, s.line, s.text) for s in document.sections] == [("Architecture", 1, "Trois services")]
    text, out = Open("text"), io.BytesIO()
    text.body.clear()
    text.body.append(Header(1, "Veille"))
    text.body.append(Paragraph("Une heure par semaine."))
    text.save(out)
    document = one("veille.odt", out.getvalue())
    assert [(s.heading, s.text) for s in document.sections] == [("Veille", "Une heure par semaine.")]


def pdf(*lines: str, tagged: bool = False) -> bytes:
    shown = " ".join(f"({line}) Tj 0 -20 Td" for line in lines)
    stream = f"BT /F1 12 Tf 72 720 Td {shown} ET".encode("latin-1")
    root = (
        "<< /Type /Catalog /Pages 2 0 R"
        + (" /Lang (fr) /MarkInfo << /Marked true >> /StructTreeRoot 6 0 R" if tagged else "")
        + " >>"
    )
    objects = [
        root.encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /StructTreeRoot >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def test_a_pdf_has_pages_sections_and_tags() -> None:
    document = one("rapport.pdf", pdf("1. Introduction", "Le projet suit la mer.", "2.1 Base", "Des tables."))
    assert [(s.heading, s.line) for s in document.sections] == [("1. Introduction", 1), ("2.1 Base", 1)]
    assert {i.rule for i in document.issues} == {"untagged", "language", "title"}
    assert {i.rule for i in one("rapport.pdf", pdf("1. Introduction", "Texte.", tagged=True)).issues} == {"title"}


def test_a_pdf_whose_text_is_in_a_twin_is_read_once() -> None:
    found, _ = read({"rapport.md": "# Rapport\nTexte.", "rapport.pdf": pdf("1. Introduction", "Texte.")})
    assert [d.path for d in found.all] == ["rapport.md", "rapport.pdf"]


def test_what_the_project_works_on_is_no_document() -> None:
    found, _ = read(
        {
            "rag/corpus/notice.pdf": pdf("1. Notice", "Un produit."),
            "data/raw/texte.txt": "Une phrase entière ici.\n" * 5,
            "data/README.md": "# Données\nLicence.",
        }
    )
    assert [d.path for d in found.all] == ["data/README.md"]


def bomb(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * 300_000_000)
    return out.getvalue()


def flate_bomb() -> bytes:
    data = zlib.compress(b"BT (x) Tj ET " * 10_000_000)
    return pdf("x").replace(b"<< /Length", b"<< /Filter /FlateDecode /Length", 1) if not data else pdf("a")[:60] + data


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.docx", bomb("word/document.xml")),
        ("a.pptx", bomb("ppt/presentation.xml")),
        ("a.odt", bomb("content.xml")),
        ("a.docx", b"PK\x03\x04 no archive"),
        ("a.pdf", b"%PDF-1.4 nonsense"),
        ("a.pdf", flate_bomb()),
        ("a.ipynb", b"{}"),
        ("a.ipynb", b"[]"),
        ("a.ipynb", b'{"cells": [1, {"cell_type": "markdown", "source": {"a": 1}}]}'),
        ("a.ipynb", b"{" * 5000),
    ],
)
def test_a_bomb_or_nonsense_costs_that_file(path: str, content: bytes) -> None:
    found, _ = read({path: content, "README.md": "# Bon\nTexte."})
    assert "README.md" in [d.path for d in found.all]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "> " * 20_000,
        "*a " * 60_000,
        "|" * 200_000,
        "`" * 100_000,
        "<" * 200_000,
        "\x00\x1b[2J" * 1000,
        "- " * 30_000,
    ],
)
def test_pathological_markdown_ends(text: str) -> None:
    read({"a.md": text, "b.txt": text, "docs/c.html": f"<h1>x</h1>{text}"})


def test_a_numbered_title_of_a_pdf_may_end_with_a_colon() -> None:
    document = one("rapport.pdf", pdf("1. Introduction", "Le projet suit la mer.", "2.1 Base :", "Des tables."))
    assert [s.heading.rstrip(" :") for s in document.sections] == ["1. Introduction", "2.1 Base"]


def test_a_commented_model_of_an_environment_is_no_document() -> None:
    lines = "".join(f"# Adresse de la ruche numéro {n} du rucher\nADRESSE_{n}=http://ruche-{n}\n" for n in range(4))
    found, _ = read({"env-template.txt": lines, "consignes.txt": lines.replace("ADRESSE_", "Ruche ").replace("=http", " : http")})
    assert [d.path for d in found.all] == ["consignes.txt"]
