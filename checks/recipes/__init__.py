"""Recipes: tiny recognisers that read from the files how to install, test, serve and migrate a submission."""

from __future__ import annotations

from checks.recipes.plan import plan

FACTS = (plan,)
