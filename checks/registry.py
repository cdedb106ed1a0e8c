"""The explicit list of facts and checks. A module of checks ends with its `CHECKS`, a module of facts with its `FACTS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks import (
    access,
    accessibility,
    ai_service,
    ai_service_docs,
    api,
    api_docs,
    architecture,
    benchmark,
    chain_docs,
    ci,
    cleaning,
    client,
    data_docs,
    database,
    delivery,
    environment,
    evidence,
    extraction,
    governance,
    incident,
    infrastructure,
    install_docs,
    logs,
    model_api,
    model_chain,
    monitoring,
    monitoring_docs,
    pipelines,
    privacy,
    project,
    quality,
    query_docs,
    requirements,
    run_database,
    run_environment,
    run_service,
    run_tests,
    security,
    specification,
    sql,
    storage,
    technical_frame,
    test_docs,
    testing,
    training,
    watch,
)
from checks import recipes as recipes_facts
from checks.facts import (
    access_control as access_control_facts,
)
from checks.facts import (
    ai_code as ai_code_facts,
)
from checks.facts import (
    ai_use as ai_use_facts,
)
from checks.facts import (
    announcements as announcements_facts,
)
from checks.facts import (
    answers as answers_facts,
)
from checks.facts import (
    api_manual as api_manual_facts,
)
from checks.facts import (
    application_calls as application_calls_facts,
)
from checks.facts import (
    call_graph as call_graph_facts,
)
from checks.facts import (
    chain_manual as chain_manual_facts,
)
from checks.facts import (
    chronicle as chronicle_facts,
)
from checks.facts import (
    code_alerts as code_alerts_facts,
)
from checks.facts import (
    complexity as complexity_facts,
)
from checks.facts import (
    containers as containers_facts,
)
from checks.facts import (
    coverage as coverage_facts,
)
from checks.facts import (
    data_code as data_code_facts,
)
from checks.facts import (
    dependencies as dependencies_facts,
)
from checks.facts import (
    diagrams as diagrams_facts,
)
from checks.facts import (
    documents as documents_facts,
)
from checks.facts import (
    extraction as extraction_facts,
)
from checks.facts import (
    flows as flows_facts,
)
from checks.facts import (
    http_calls as http_calls_facts,
)
from checks.facts import (
    incidents as incidents_facts,
)
from checks.facts import (
    influences as influences_facts,
)
from checks.facts import (
    infrastructure as infrastructure_facts,
)
from checks.facts import (
    install_manual as install_manual_facts,
)
from checks.facts import (
    instruments as instruments_facts,
)
from checks.facts import (
    linters as linters_facts,
)
from checks.facts import (
    logging_use as logging_use_facts,
)
from checks.facts import (
    model_pipelines as model_pipelines_facts,
)
from checks.facts import (
    models as models_facts,
)
from checks.facts import (
    monitoring as monitoring_facts,
)
from checks.facts import (
    monitoring_manual as monitoring_manual_facts,
)
from checks.facts import (
    monitoring_stack as monitoring_stack_facts,
)
from checks.facts import (
    openapi as openapi_facts,
)
from checks.facts import (
    other_stacks as other_stacks_facts,
)
from checks.facts import (
    programs as programs_facts,
)
from checks.facts import (
    protections as protections_facts,
)
from checks.facts import (
    ran as ran_facts,
)
from checks.facts import (
    reach as reach_facts,
)
from checks.facts import (
    repairs as repairs_facts,
)
from checks.facts import (
    route_mentions as route_mentions_facts,
)
from checks.facts import (
    routes as routes_facts,
)
from checks.facts import (
    run_record as run_record_facts,
)
from checks.facts import (
    savings as savings_facts,
)
from checks.facts import (
    schema as schema_facts,
)
from checks.facts import (
    secrets as secrets_facts,
)
from checks.facts import (
    served as served_facts,
)
from checks.facts import (
    sources as sources_facts,
)
from checks.facts import (
    sql as sql_facts,
)
from checks.facts import (
    start_commands as start_commands_facts,
)
from checks.facts import (
    suppressions as suppressions_facts,
)
from checks.facts import (
    test_outcomes as test_outcomes_facts,
)
from checks.facts import (
    test_suite as test_suite_facts,
)
from checks.facts import (
    testing_manual as testing_manual_facts,
)
from checks.facts import (
    topics as topics_facts,
)
from checks.facts import (
    transformations as transformations_facts,
)
from checks.facts import (
    watching_pages as watching_pages_facts,
)
from checks.facts import (
    workflows as workflows_facts,
)
from checks.facts import (
    zones as zones_facts,
)
from checks.facts.python_code import python_code
from grader.engine import Check, check_from

FACTS: tuple[Callable[..., Any], ...] = (
    python_code,
    *ai_code_facts.FACTS,
    *coverage_facts.FACTS,
    *access_control_facts.FACTS,
    *ai_use_facts.FACTS,
    *announcements_facts.FACTS,
    *answers_facts.FACTS,
    *application_calls_facts.FACTS,
    *api_manual_facts.FACTS,
    *call_graph_facts.FACTS,
    *chain_manual_facts.FACTS,
    *chronicle_facts.FACTS,
    *code_alerts_facts.FACTS,
    *complexity_facts.FACTS,
    *containers_facts.FACTS,
    *data_code_facts.FACTS,
    *dependencies_facts.FACTS,
    *diagrams_facts.FACTS,
    *documents_facts.FACTS,
    *extraction_facts.FACTS,
    *flows_facts.FACTS,
    *http_calls_facts.FACTS,
    *incidents_facts.FACTS,
    *influences_facts.FACTS,
    *infrastructure_facts.FACTS,
    *install_manual_facts.FACTS,
    *instruments_facts.FACTS,
    *linters_facts.FACTS,
    *logging_use_facts.FACTS,
    *model_pipelines_facts.FACTS,
    *models_facts.FACTS,
    *monitoring_facts.FACTS,
    *monitoring_manual_facts.FACTS,
    *monitoring_stack_facts.FACTS,
    *openapi_facts.FACTS,
    *other_stacks_facts.FACTS,
    *programs_facts.FACTS,
    *recipes_facts.FACTS,
    *protections_facts.FACTS,
    *repairs_facts.FACTS,
    *route_mentions_facts.FACTS,
    *ran_facts.FACTS,
    *reach_facts.FACTS,
    *routes_facts.FACTS,
    *run_record_facts.FACTS,
    *savings_facts.FACTS,
    *schema_facts.FACTS,
    *secrets_facts.FACTS,
    *served_facts.FACTS,
    *sources_facts.FACTS,
    *sql_facts.FACTS,
    *start_commands_facts.FACTS,
    *suppressions_facts.FACTS,
    *test_outcomes_facts.FACTS,
    *test_suite_facts.FACTS,
    *testing_manual_facts.FACTS,
    *topics_facts.FACTS,
    *transformations_facts.FACTS,
    *watching_pages_facts.FACTS,
    *workflows_facts.FACTS,
    *zones_facts.FACTS,
)

CHECKS: tuple[Check, ...] = tuple(
    check_from(function)
    for family in (
        access,
        accessibility,
        ai_service,
        ai_service_docs,
        api,
        api_docs,
        architecture,
        benchmark,
        chain_docs,
        ci,
        cleaning,
        client,
        data_docs,
        database,
        delivery,
        environment,
        evidence,
        extraction,
        governance,
        incident,
        infrastructure,
        install_docs,
        logs,
        model_api,
        model_chain,
        monitoring,
        monitoring_docs,
        pipelines,
        privacy,
        project,
        quality,
        query_docs,
        requirements,
        run_database,
        run_environment,
        run_service,
        run_tests,
        security,
        specification,
        sql,
        storage,
        technical_frame,
        test_docs,
        testing,
        training,
        watch,
    )
    for function in family.CHECKS
)
