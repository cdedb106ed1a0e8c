from tests.monitoring_samples import examine, outcome

REACHED, CONFIGURED = "ai-service.is-reachable", "ai-service.is-configured"
FOLLOWED = "ai-service.monitoring-is-in-use"
CLIENT = """
    import os
    from openai import OpenAI

    client = OpenAI(api_key=os.getenv("OPENAI_API_KEY"))

    def resumer(texte):
        reponse = client.chat.completions.create(model="gpt-4o-mini", temperature=0.2, messages=[texte])
        return reponse.choices[0].message.content
"""


def test_a_service_called_with_its_credential():
    found = examine({"service.py": CLIENT}, REACHED)
    assert (found.outcome.value, {e.line for e in found.evidence} >= {4}) == ("met", True)
    assert outcome({"service.py": CLIENT.replace('os.getenv("OPENAI_API_KEY")', "cle")}, REACHED) == "partly"
    assert outcome({"README.md": "On appelle OpenAI."}, REACHED) == "not_met"


def test_settings_of_the_service():
    assert outcome({"service.py": CLIENT}, CONFIGURED) == "met"
    assert outcome({"service.py": CLIENT.replace('model="gpt-4o-mini", temperature=0.2, ', "")}, CONFIGURED) == "partly"
    assert outcome({"a.py": "x = 1\n"}, CONFIGURED) == "not_met"


def test_follow_up_of_the_service():
    traced = CLIENT.replace("from openai import OpenAI", "from openai import OpenAI\n    from langfuse import observe").replace(
        "    def resumer", "    @observe()\n    def resumer"
    )
    assert outcome({"service.py": traced}, FOLLOWED) == "met"
    counted = CLIENT.replace("return reponse", "print(reponse.usage.total_tokens)\n        return reponse")
    assert outcome({"service.py": counted}, FOLLOWED) == "partly"
    assert outcome({"service.py": CLIENT + "    # usage.total_tokens, langfuse\n"}, FOLLOWED) == "not_met"


def test_trials_of_the_service_that_are_kept_are_partly():
    tried = CLIENT.replace("import os", "import os\n    import mlflow") + (
        "\n    with mlflow.start_run():\n        mlflow.log_metric('latence', len(resumer('ruche')))\n"
    )
    found = examine({"essais.py": tried}, FOLLOWED)
    assert (found.outcome.value, found.evidence[0].path) == ("partly", "essais.py")
    assert outcome({"essais.py": tried.replace("from openai import OpenAI", "from autre import OpenAI")}, FOLLOWED) == "not_met"
