"""Recipes: tiny recognisers that read from the files how to install, test, serve and migrate a submission."""

from __future__ import annotations

from checks.facts.call_graph import call_graph
from checks.facts.containers import containers
from checks.facts.models import models
from checks.facts.python_code import python_code
from checks.facts.routes import routes
from checks.facts.sql import sql_statements
from checks.facts.workflows import workflows
from checks.recipes.plan import plan

FACTS = (plan,)
PLANNING = (
    plan,
    python_code,
    containers,
    routes,
    call_graph,
    models,
    sql_statements,
    workflows,
)  # the facts that a plan rests on
