from tests.web_samples import DATA_API, JWT_GUARD, MODEL_API, PROTECTED, fact, route


def paths(contents):
    return [(r.method, r.path) for r in fact(contents, "routes").all]


def test_fastapi_prefixes_are_joined_across_files():
    contents = {
        "app/main.py": "from fastapi import FastAPI\nfrom app.routes import ruches\n\napp = FastAPI()\napp.include_router(ruches.router, prefix='/v1')\n",
        "app/routes/ruches.py": "from fastapi import APIRouter\n\nrouter = APIRouter(prefix='/ruches')\n\n\n@router.get('/{numero}')\ndef lire(numero: int):\n    return {}\n",
    }
    found = route(contents, "GET", "/v1/ruches/{numero}")
    assert (found.module, found.line, found.handler, found.application) == ("app/routes/ruches.py", 6, "lire", "app/main.py:app")


def test_a_loop_that_includes_routers_is_followed():
    contents = {
        "main.py": "from fastapi import FastAPI\nimport a, b\n\napp = FastAPI()\nfor r, p in ((a.router, '/a'), (b.router, '/b')):\n    app.include_router(r, prefix=p)\n",
        "a.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x(): return 1\n",
        "b.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/y')\ndef y(): return 1\n",
    }
    assert paths(contents) == [("GET", "/a/x"), ("GET", "/b/y")]


def test_a_router_nobody_includes_serves_nothing():
    contents = {"r.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x(): return 1\n"}
    routes = fact(contents, "routes")
    assert routes.all == ()
    assert [(e.method, e.path, e.line) for e in routes.unmounted] == [("GET", "/x", 3)]


def test_a_dependency_is_followed_to_the_decoded_token():
    found = route(PROTECTED, "GET", "/ruches")
    assert (found.auth, found.kind, found.published_key) == ("utilisateur_courant", "data", None)
    assert found.guard.path == "api/securite.py"
    assert found.guard.line == 9
    assert found.guard.documented


def test_a_bearer_header_that_nobody_compares_is_not_checked():
    code = DATA_API.replace(
        "from api.securite import utilisateur_courant",
        "from fastapi.security import HTTPBearer\nutilisateur_courant = HTTPBearer()",
    )
    found = route({**PROTECTED, "api/main.py": code}, "GET", "/ruches")
    assert found.auth is None
    assert found.pretends


def test_a_presence_test_is_no_verification():
    guard = "from fastapi import Header, HTTPException\n\n\ndef utilisateur_courant(jeton: str = Header(None)):\n    if not jeton:\n        raise HTTPException(status_code=401)\n    return jeton\n"
    found = route({**PROTECTED, "api/securite.py": guard}, "GET", "/ruches")
    assert [(g.refuses, g.checks) for g in found.guards] == [(True, False)]
    assert not found.protected


def test_a_signature_that_is_ignored_is_no_verification():
    guard = JWT_GUARD.replace('algorithms=["HS256"]', 'options={"verify_signature": False}')
    assert not route({**PROTECTED, "api/securite.py": guard}, "GET", "/ruches").protected


def test_a_published_default_key_is_told_through_settings():
    contents = {
        "main.py": "from fastapi import Depends, FastAPI\nfrom garde import cle\n\napp = FastAPI(dependencies=[Depends(cle)])\n\n\n@app.get('/ruches')\ndef lister():\n    return open('r.csv').read()\n",
        "garde.py": "from fastapi import Header, HTTPException\nfrom reglages import reglages\n\n\ndef cle(x_api_key: str = Header()):\n    if x_api_key != reglages.api_key:\n        raise HTTPException(403)\n",
        "reglages.py": "from pydantic_settings import BaseSettings\n\n\nclass Reglages(BaseSettings):\n    api_key: str = 'miel-2024'\n\n\nreglages = Reglages()\n",
    }
    found = route(contents, "GET", "/ruches")
    assert (found.auth, found.published_key) == ("cle", "miel-2024")


def test_a_forgotten_depends_protects_nothing():
    code = DATA_API.replace("qui: str = Depends(utilisateur_courant)", "qui: str = utilisateur_courant")
    found = route({**PROTECTED, "api/main.py": code}, "GET", "/ruches")
    assert found.pretends
    assert not found.protected


def test_a_middleware_protects_every_route():
    code = (
        "from fastapi import FastAPI, Request\nfrom fastapi.responses import JSONResponse\nimport os\n\napp = FastAPI()\n\n\n"
        "@app.middleware('http')\nasync def garde(request: Request, suite):\n"
        "    if request.headers.get('x-api-key') != os.environ['API_KEY']:\n        return JSONResponse({}, status_code=401)\n    return await suite(request)\n\n\n"
        "@app.get('/ruches')\ndef lister():\n    return open('r.csv').read()\n"
    )
    assert route({"main.py": code}, "GET", "/ruches").auth == "garde"


def test_the_model_is_reached_through_a_service_made_by_a_factory():
    contents = {
        "main.py": "from fastapi import FastAPI\nfrom service import obtenir\n\napp = FastAPI()\n\n\n@app.post('/estimer')\ndef estimer(pluie: float):\n    return obtenir().estimer(pluie)\n",
        "service.py": "import joblib\n\n\nclass Service:\n    def __init__(self):\n        self.modele = joblib.load('m.joblib')\n\n    def estimer(self, pluie):\n        return self.modele.predict([[pluie]])\n\n\ndef obtenir() -> Service:\n    return Service()\n",
    }
    found = route(contents, "POST", "/estimer")
    assert found.kind == "model"
    assert found.model_use[:2] == ("service.py", 9)


def test_kinds():
    code = (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/health')\ndef sante():\n    return {}\n\n\n"
        "@app.post('/connexion')\ndef connexion():\n    return {}\n\n\n@app.get('/aide')\ndef aide():\n    return {'a': 1}\n"
    )
    assert {r.path: r.kind for r in fact({"main.py": code}, "routes").all} == {
        "/health": "system",
        "/connexion": "auth",
        "/aide": "other",
    }
    assert route({"main.py": MODEL_API}, "POST", "/predire").kind == "model"


def test_flask_blueprints_and_a_decorator_of_the_project():
    contents = {
        "app.py": "from flask import Flask\nfrom vues import bp\n\n\ndef creer():\n    app = Flask(__name__)\n    app.register_blueprint(bp, url_prefix='/api')\n    return app\n\n\napp = creer()\n",
        "vues.py": "from flask import Blueprint, jsonify\nfrom garde import jeton_requis\n\nbp = Blueprint('ruches', __name__)\n\n\n@bp.route('/ruches', methods=['GET', 'POST'])\n@jeton_requis\ndef ruches():\n    return jsonify(open('r.csv').read())\n",
        "garde.py": "from functools import wraps\nimport os\nfrom flask import abort, request\n\n\ndef jeton_requis(vue):\n    @wraps(vue)\n    def dedans(*a, **k):\n        if request.headers.get('X-API-Key') != os.environ['CLE']:\n            abort(401)\n        return vue(*a, **k)\n    return dedans\n",
    }
    assert paths(contents) == [("GET", "/api/ruches"), ("POST", "/api/ruches")]
    assert route(contents, "GET", "/api/ruches").auth == "jeton_requis"


def test_flask_restful_resource_and_page_behind_the_session():
    code = (
        "from flask import Flask, render_template, redirect, session, url_for\nfrom flask_restful import Api, Resource\n"
        "from flask_jwt_extended import jwt_required\n\napp = Flask(__name__)\napi = Api(app)\n\n\n"
        "class Ruche(Resource):\n    @jwt_required()\n    def get(self, numero):\n        return open('r.csv').read()\n\n\n"
        "api.add_resource(Ruche, '/ruches/<int:numero>')\n\n\n@app.route('/compte')\ndef compte():\n"
        "    if 'utilisateur' not in session:\n        return redirect(url_for('login'))\n    return render_template('compte.html')\n"
    )
    assert route({"app.py": code}, "GET", "/ruches/<int:numero>").auth == "jwt_required"
    page = route({"app.py": code}, "GET", "/compte")
    assert (page.kind, page.auth) == ("page", "compte")


DJANGO = {
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nREST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated']}\n",
    "site_/urls.py": "from django.urls import include, path\n\nurlpatterns = [path('api/', include('ruches.urls'))]\n",
    "ruches/urls.py": (
        "from django.urls import include, path\nfrom rest_framework.routers import DefaultRouter\nfrom . import views\n\n"
        "router = DefaultRouter()\nrouter.register('ruches', views.RucheViewSet)\n\n"
        "urlpatterns = [path('', include(router.urls)), path('carte/', views.carte), path('libre/', views.Libre.as_view())]\n"
    ),
    "ruches/views.py": (
        "from django.contrib.auth.decorators import login_required\nfrom django.shortcuts import render\n"
        "from rest_framework.permissions import AllowAny\nfrom rest_framework.views import APIView\nfrom rest_framework.viewsets import ReadOnlyModelViewSet\n\n\n"
        "class RucheViewSet(ReadOnlyModelViewSet):\n    queryset = Ruche.objects.all()\n\n\n"
        "@login_required\ndef carte(request):\n    return render(request, 'carte.html')\n\n\n"
        "class Libre(APIView):\n    permission_classes = [AllowAny]\n\n    def get(self, request):\n        return Response(Ruche.objects.count())\n"
    ),
}


def test_django_routers_default_permissions_and_views():
    assert paths(DJANGO) == [
        ("GET", "/api/carte/"),
        ("GET", "/api/libre/"),
        ("GET", "/api/ruches/"),
        ("GET", "/api/ruches/{id}/"),
    ]
    assert route(DJANGO, "GET", "/api/ruches/").auth == "IsAuthenticated"
    assert route(DJANGO, "GET", "/api/libre/").auth is None
    page = route(DJANGO, "GET", "/api/carte/")
    assert (page.kind, page.auth, page.line) == ("page", "login_required", 13)


def test_a_url_file_that_includes_itself_ends():
    contents = {"site_/urls.py": "from django.urls import include, path\nurlpatterns = [path('a/', include('site_.urls'))]\n"}
    assert paths(contents) == []


def test_express_routers_and_middlewares():
    contents = {
        "serveur/index.js": 'const express = require("express");\nconst ruches = require("./ruches");\nconst { verifier } = require("./garde");\n'
        'const app = express();\napp.use("/api", verifier, ruches);\n',
        "serveur/ruches.js": 'const express = require("express");\nconst router = express.Router();\n'
        'router.get("/ruches/:id", async (req, res) => res.json(await db.query("SELECT 1")));\nmodule.exports = router;\n',
        "serveur/garde.js": "function verifier(req, res, next) {\n  try { jwt.verify(req.headers.authorization, process.env.SECRET); next(); }\n"
        "  catch { res.status(401).end(); }\n}\nmodule.exports = { verifier };\n",
    }
    found = route(contents, "GET", "/api/ruches/:id")
    assert (found.kind, found.auth, found.module, found.line) == ("data", "verifier", "serveur/ruches.js", 3)


def test_routes_in_comments_strings_and_tests_are_no_routes():
    contents = {
        "main.py": "from fastapi import FastAPI\napp = FastAPI()\n# @app.get('/x')\ntexte = \"@app.get('/y')\"\n",
        "tests/test_main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/z')\ndef z(): return 1\n",
    }
    assert paths(contents) == []


def test_recursive_names_and_dependencies_end():
    code = "from fastapi import Depends, FastAPI\napp = FastAPI()\na = b\nb = a\n\n\ndef f(x=Depends(g)):\n    return x\n\n\ndef g(x=Depends(f)):\n    return x\n\n\n@app.get('/x')\ndef x(y=Depends(f), z=Depends(a)):\n    return y\n"
    assert paths({"main.py": code}) == [("GET", "/x")]


def test_a_token_written_in_a_dictionary_of_the_source_is_published():
    guard = (
        "import secrets\nfrom fastapi import Header, HTTPException\n\nCOMPTES = {'alix': {'token': 'miel-2024', 'nom': 'Alix'}}\n\n\n"
        "def utilisateur_courant(token: str = Header()):\n"
        "    if not secrets.compare_digest(token, COMPTES['alix']['token']):\n        raise HTTPException(401)\n"
    )
    found = route({**PROTECTED, "api/securite.py": guard}, "GET", "/ruches")
    assert (found.auth, found.published_key) == ("utilisateur_courant", "miel-2024")
