from checks.facts.http_calls import same_path
from tests.web_samples import STREAMLIT, fact


def calls(contents):
    return [(c.path, c.line, c.method, c.target, c.interface) for c in fact(contents, "http_calls").all]


def test_a_base_address_of_the_environment_is_followed():
    (call,) = fact({"ui.py": STREAMLIT}, "http_calls").all
    assert (call.line, call.method, call.url, call.target) == (9, "POST", "http://localhost:8000/predire", "/predire")
    assert (call.interface, call.credential, call.refusal) == (True, True, True)


def test_a_client_class_that_an_interface_imports():
    contents = {
        "ui.py": "import streamlit as st\nfrom client import Client\nst.write(Client().miel(3))\n",
        "client.py": "import httpx\n\n\nclass Client:\n    def __init__(self):\n        self.http = httpx.Client()\n        self.base = 'http://api:8000'\n\n    def miel(self, x):\n        return self.http.post(self.base + '/v1/predire', json=x)\n",
    }
    assert calls(contents) == [("client.py", 10, "POST", "/v1/predire", True)]


def test_a_helper_is_read_where_it_is_called():
    code = "import requests\nimport streamlit as st\nAPI = st.secrets['api']\n\n\ndef lire(chemin):\n    return requests.get(f'{API}{chemin}')\n\n\nst.write(lire('/ruches/4'))\n"
    assert ("ui.py", 10, "GET", "/ruches/4", True) in calls({"ui.py": code})


def test_scripts_and_templates():
    contents = {
        "static/app.js": "async function envoyer() {\n  const r = await fetch(`${API}/predire`, {\n    method: 'POST',\n    headers: { Authorization: `Bearer ${t}` },\n  });\n}\n",
        "templates/page.html": '<button hx-post="/estimer">Estimer</button>\n<form action="/envoi" method="post">\n',
    }
    assert calls(contents) == [
        ("static/app.js", 2, "POST", "/predire", True),
        ("templates/page.html", 1, "POST", "/estimer", True),
        ("templates/page.html", 2, "POST", "/envoi", True),
    ]


def test_the_answer_of_a_request_is_no_request():
    assert len(calls({"a.py": "import requests\nr = requests.get('http://x/y')\nprint(r.json().get('total'))\n"})) == 1


def test_same_path():
    assert same_path("/predire", "/api/v1/predire")
    assert same_path("/ruches/4", "/ruches/{}")
    assert not same_path("/{}", "/predire")
    assert not same_path("/predire", "/estimer")
    assert not same_path("/", "/")


def test_a_helper_of_a_helper_is_followed():
    code = (
        "import requests\nimport streamlit as st\n\n\ndef envoyer(verbe, url, **options):\n    return requests.request(verbe, url, **options)\n\n\n"
        "def api(verbe, chemin):\n    return envoyer(verbe, 'http://api:8000' + chemin)\n\n\nst.write(api('GET', '/ruches'))\n"
    )
    assert ("ui.py", "/ruches") in {(c.path, c.target) for c in fact({"ui.py": code}, "http_calls").all}


def test_a_path_that_a_function_has_by_default():
    code = "import requests\nimport streamlit as st\n\nAPI = 'http://api:8000'\n\n\ndef estimer(mesure, route='/estimer'):\n    return requests.post(f'{API}{route}', json=mesure)\n"
    assert ("ui.py", 8, "POST", "/estimer", True) in calls({"ui.py": code})


SHARP_CLIENT = """using Microsoft.AspNetCore.Authorization;

public class Estimations(HttpClient client)
{
    public async Task<double> Estimer(int ruche)
    {
        var adresse = new Uri(baseUri, $"ruches/{ruche}/estimer");
        var reponse = await client.PostAsJsonAsync(adresse, new { ruche });
        var etat = await client.GetAsync(racine + "/etat");
        return await client.GetFromJsonAsync<double>(inconnue);
    }
}
"""


def test_an_address_kept_in_a_variable_of_csharp():
    calls = fact({"web/Estimations.cs": SHARP_CLIENT}, "http_calls").all
    assert [(c.line, c.method, c.target, c.credential) for c in calls] == [
        (8, "POST", "/ruches/{}/estimer", False),
        (9, "GET", "/etat", False),
    ]


def test_a_credential_of_csharp_is_set_on_the_client():
    signed = SHARP_CLIENT.replace(
        "        var etat", '        client.DefaultRequestHeaders.Authorization = new("Bearer", jeton);\n        var etat'
    )
    assert all(c.credential for c in fact({"web/Estimations.cs": signed}, "http_calls").all)
