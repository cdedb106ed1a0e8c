"""Applications: which object or script serves, and from which folder it starts."""

from __future__ import annotations

from tests.recipes.samples import FASTAPI, all_apps, apps

STREAMLIT = "import streamlit as st\nst.title('Accueil')\n"


def test_the_folder_is_the_one_from_which_imports_resolve() -> None:
    beside = {"api/main.py": "from database import engine\n" + FASTAPI, "api/database.py": "engine = 1\n"}
    assert apps(beside) == [("fastapi", "api", "main:app")]
    from_root = {"api/main.py": "from api.database import engine\n" + FASTAPI, "api/database.py": "engine = 1\n"}
    assert apps(from_root) == [("fastapi", "", "api.main:app")]
    relative = {
        "api/app/main.py": "from .core import x\n" + FASTAPI,
        "api/app/core.py": "x = 1\n",
        "api/requirements.txt": "fastapi\n",
    }
    assert apps(relative) == [("fastapi", "api", "app.main:app")]


def test_a_search_path_that_the_module_sets_itself_counts() -> None:
    files = {
        "back/api/main.py": "import sys, os\nsys.path.append(os.path.join(os.path.dirname(__file__), '../..'))\n"
        "from routers import data\nfrom ml.model import predict\n" + FASTAPI,
        "back/api/routers/data.py": "",
        "ml/model.py": "def predict(): ...\n",
    }
    assert apps(files) == [("fastapi", "back/api", "main:app")]


def test_a_written_command_wins_when_it_resolves() -> None:
    files = {"api/main.py": FASTAPI, "Dockerfile": 'FROM python:3.11\nCMD ["uvicorn", "api.main:app", "--host", "0.0.0.0"]\n'}
    assert apps(files) == [("fastapi", "", "api.main:app")]
    wrong = {
        "api/main.py": "from db import x\n" + FASTAPI,
        "api/db.py": "x = 1\n",
        "README.md": "`uvicorn api.main:app --reload`\n",
    }
    assert apps(wrong) == [("fastapi", "api", "main:app")]


def test_a_folder_named_after_a_package_is_never_imported_by_that_name() -> None:
    assert apps({"fastapi/main.py": FASTAPI, "fastapi/requirements.txt": "fastapi\n"}) == [("fastapi", "fastapi", "main:app")]


def test_factories_and_their_callers() -> None:
    factory = "from flask import Flask\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n"
    (app,) = all_apps({"shop/__init__.py": "", "shop/web.py": factory})
    assert (app.framework, app.target, app.factory) == ("flask", "shop.web:create_app", True)
    called = {"shop.py": factory, "wsgi.py": "from shop import create_app\napplication = create_app()\n"}
    assert apps(called) == [("flask", "", "wsgi:application")]
    assert apps({"shop.py": factory.replace("config=None", "config")}) == []


def test_mounted_applications_and_those_of_tests_are_left_out() -> None:
    mounted = "from fastapi import FastAPI\nsub = FastAPI()\napp = FastAPI()\napp.mount('/v1', sub)\n"
    assert apps({"main.py": mounted, "tests/test_x.py": FASTAPI, "tests/fake.py": FASTAPI}) == [("fastapi", "", "main:app")]


def test_django_names_its_settings() -> None:
    files = {"site/manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.settings')\n"}
    assert apps(files) == [("django", "site", "conf.settings")]


def test_streamlit_is_one_script_a_folder() -> None:
    files = {
        "ui/app.py": "import streamlit as st\nfrom panel import show\nshow()\nst.title('x')\n",
        "ui/panel.py": STREAMLIT,
        "ui/pages/1_stats.py": STREAMLIT,
        "ui/widgets.py": "import streamlit as st\ndef button(): st.button('x')\n",
    }
    assert apps(files) == [("streamlit", "", "ui/app.py")]
    guarded = {"front.py": "import streamlit as st\ndef main():\n    st.title('x')\nif __name__ == '__main__':\n    main()\n"}
    assert apps(guarded) == [("streamlit", "", "front.py")]
    told = {"a/app.py": STREAMLIT, "a/home_page.py": STREAMLIT, "Dockerfile": "FROM python\nCMD streamlit run a/home_page.py\n"}
    assert apps(told) == [("streamlit", "", "a/home_page.py")]


def test_what_another_module_mounts_is_no_application_of_its_own() -> None:
    page = "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Markdown('x')\nif __name__ == '__main__':\n    demo.launch()\n"
    host = "import gradio as gr\nfrom fastapi import FastAPI\nfrom page import demo\napp = FastAPI()\napp = gr.mount_gradio_app(app, demo, path='/ui')\n"
    assert apps({"page.py": page, "main.py": host}) == [("fastapi", "", "main:app")]
    assert apps({"page.py": page}) == [("gradio", "", "page.py")]
    old = "from flask import Flask\nserver = Flask(__name__)\n"
    wraps = "from fastapi import FastAPI\nfrom a2wsgi import WSGIMiddleware\nfrom old import server\napp = FastAPI()\napp.mount('/old', WSGIMiddleware(server))\n"
    assert apps({"old.py": old, "main.py": wraps}) == [("fastapi", "", "main:app")]


def test_a_page_that_nothing_starts_is_no_application() -> None:
    made = "import gradio as gr\ndef build():\n    return gr.Interface(fn=str, inputs='text', outputs='text')\ndef run():\n    build().launch()\n"
    assert apps({"page.py": made}) == []
    assert apps({"page.py": f"{made}if __name__ == '__main__':\n    run()\n"}) == [("gradio", "", "page.py")]


def test_gradio_and_express() -> None:
    gradio = {"demo.py": "import gradio as gr\ndemo = gr.Interface(fn=str, inputs='text', outputs='text')\ndemo.launch()\n"}
    assert apps(gradio) == [("gradio", "", "demo.py")]
    express = {
        "web/package.json": '{"dependencies": {"express": "^4"}, "scripts": {"start": "node src/index.js"}}',
        "web/src/index.js": "const app = require('express')()\n",
    }
    assert apps(express) == [("express", "web", "src/index.js")]


def test_variants_give_way_to_other_kinds() -> None:
    files = {f"api/main_{n}.py": FASTAPI for n in range(9)} | {
        "ui.py": STREAMLIT,
        "front/app.py": "from flask import Flask\napp = Flask('x')\n",
    }
    found = apps(files)
    assert len(found) == 6
    assert {kind for kind, _, _ in found} == {"fastapi", "flask", "streamlit"}
