from tests.web_samples import fact


def uses(contents):
    return [(u.kind, u.path, u.line, u.service) for u in fact(contents, "models").uses]


def test_load_train_call_evaluate_save():
    code = (
        "import joblib\nfrom sklearn.ensemble import RandomForestRegressor\nfrom sklearn.metrics import r2_score\n\n"
        "foret = RandomForestRegressor()\nforet.fit(x, y)\nprint(r2_score(y, foret.predict(x)))\njoblib.dump(foret, 'f.joblib')\nautre = joblib.load('f.joblib')\n"
    )
    assert uses({"train.py": code}) == [
        ("train", "train.py", 6, False),
        ("call", "train.py", 7, False),
        ("evaluate", "train.py", 7, False),
        ("save", "train.py", 8, False),
        ("load", "train.py", 9, False),
    ]


def test_services_by_library_and_by_address():
    contents = {
        "a.py": "from openai import OpenAI\nclient = OpenAI()\nprint(client.chat.completions.create(model='m', messages=[]))\n",
        "b.py": "import requests\nrequests.post('http://localhost:11434/api/generate', json={})\n",
    }
    assert ("call", "a.py", 3, True) in uses(contents)
    assert ("call", "b.py", 2, True) in uses(contents)


def test_scalers_strings_and_comments_are_no_models():
    code = "from sklearn.preprocessing import StandardScaler\n# modele.predict(x)\nt = 'model.predict(x)'\nStandardScaler().fit_transform(x)\n"
    assert uses({"a.py": code}) == []


def test_a_dictionary_is_no_model():
    assert uses({"a.py": "d = {}\nd.get('x')\nd.update(y=1)\n"}) == []


def test_a_client_given_as_a_typed_parameter_is_the_service():
    code = "from openai import OpenAI\n\n\ndef resumer(client: OpenAI, texte):\n    return client.chat.completions.create(model='m', messages=[texte])\n"
    assert uses({"resume.py": code}) == [("call", "resume.py", 5, True)]


def test_a_variable_declared_of_a_library_class_is_a_model():
    code = (
        "import onnxruntime as ort\n\n\ndef noter(texte):\n    brut, jetons = charger()\n"
        "    session: ort.InferenceSession = brut\n    return session.run(None, jetons(texte))\n"
    )
    assert uses({"noter.py": code}) == [("call", "noter.py", 7, False)]
    assert uses({"noter.py": code.replace(": ort.InferenceSession", ": Depot").replace("run(None", "tirer(None")}) == []


def test_a_network_called_without_gradients_predicts():
    code = "import torch\n\n\ndef signature(reseau, image):\n    with torch.no_grad():\n        return reseau.forward_one(image).numpy()\n"
    assert uses({"signature.py": code}) == [("call", "signature.py", 6, False)]
    assert uses({"signature.py": code.replace("with torch.no_grad():", "if image:")}) == []


def test_a_similarity_is_no_evaluation():
    code = "from sklearn.metrics.pairwise import cosine_similarity\n\nprint(cosine_similarity(a, b))\n"
    assert uses({"proches.py": code}) == []
