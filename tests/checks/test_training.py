from tests.data_samples import examine

CHECK = "training.creates-a-model"
SCRIPT = """\
import joblib
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error


def main(x, y, x_test, y_test):
    model = RandomForestRegressor()
    model.fit(x, y)
    print(mean_absolute_error(y_test, model.predict(x_test)))
    joblib.dump(model, "model.joblib")
"""


def test_training_measuring_and_keeping_is_met():
    found = examine({"train.py": SCRIPT}, CHECK)
    assert found.outcome.value == "met" and found.evidence[0].line == 8


def test_what_is_missing_is_named():
    found = examine({"train.py": SCRIPT.replace('    joblib.dump(model, "model.joblib")\n', "")}, CHECK)
    assert found.outcome.value == "partly" and "missing: model kept" in found.why.en


def test_a_model_that_is_only_used_is_partly_and_none_is_not_met():
    used = 'import joblib\n\nmodel = joblib.load("model.joblib")\n\n\ndef answer(x):\n    return model.predict(x)\n'
    assert examine({"app.py": used}, CHECK).outcome.value == "partly"
    assert examine({"app.py": "def answer(x):\n    return x\n"}, CHECK).outcome.value == "not_met"
