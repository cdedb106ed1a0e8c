import pytest

from checks.facts.yaml_files import as_mapping, load_yaml
from checks.workspace import File


def load(text):
    return load_yaml(File("a.yml", text.encode()))


def test_lines_of_keys_and_items():
    document = load("on: push\nservices:\n  api:\n    ports:\n      - 80\n      - 81\n")[0]
    assert document["on"] == "push"
    assert document.at("services") == 2
    assert document["services"]["api"]["ports"].at(1) == 6


def test_merge_keys_are_followed():
    document = load("base: &base {image: a, restart: always}\napi:\n  <<: *base\n  image: b\n")[0]
    assert dict(document["api"]) == {"image": "b", "restart": "always"}


def test_tags_are_not_obeyed():
    assert load("a: !!python/object/apply:os.system ['true']\n")[0]["a"] == ["true"]


def test_an_alias_bomb_is_refused():
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    with pytest.raises(ValueError, match="too many"):
        load("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + levels)


def test_a_loop_of_aliases_is_refused():
    with pytest.raises(ValueError, match="too deep"):
        load("a: &a [*a]\n")


def test_what_is_no_mapping_reads_as_an_empty_one():
    assert as_mapping(["a"]).at("b") == 1
