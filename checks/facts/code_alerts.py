"""Alerts that the code raises itself: a value compared with a threshold, and somebody told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.facts.python_code import Call, Function, Module, PythonCode, dotted_name
from checks.facts.syntax import walk

NOTIFY = re.compile(
    r"smtplib\.SMTP(_SSL)?(\(\))?\.(sendmail|send_message)$|\.(sendmail|send_message)$|^aiosmtplib\.send$|^yagmail\."
    r"|^django\.core\.mail\.(send_mail|mail_admins|EmailMessage)$"
    r"|^slack_sdk\.|chat_postMessage$|^discord_webhook\.|^apprise\.|^sendgrid\.|^resend\.|^twilio\."
    r"|^telegram\.\S*send_message$|^pymsteams\.|^knockknock\."
    r"|Slack(Webhook)?Hook(\(\))?\.(send|send_text|send_dict|call)$"
    r"|^airflow\.utils\.email\.send_email$|^flask_mail\.Mail\(\)\.send$|(^|\.)mail\.send$"
)
HTTP_POST = re.compile(r"(^|\.)(requests|httpx|session|client|Session\(\)|AsyncClient\(\))\.post$")
HOOK = re.compile(r"webhook|hooks\.slack|discord(app)?\.com|api\.telegram|ntfy\.sh|pushover|outlook\.office|teams|slack", re.I)
ALERT_WORDS = re.compile(
    r"alert|alerte|seuil|threshold|incident|anomal|drift|d[eé]rive|panne|critical|critique|degrad|health|monitor|surveill"
    r"|latenc|temps d.inf|erreur|error|fail|echec|échec",
    re.I,
)
TROUBLE = re.compile(
    r"drift|d[eé]rive|[eé]chec|échou|fail|error|erreur|quality|qualit[eé]|stale|missing rows|late\b|retard", re.I
)
LIMIT_NAME = re.compile(r"seuil|threshold|limit|_max|max_|_min|min_|^max|^min|tolerance|alert", re.I)
BUSINESS = re.compile(
    r"password|mot[_ ]de[_ ]passe|reset|newsletter|confirm|welcome|bienvenue|inscription|register|contact|invit|otp"
    r"|verif|activation|facture|rapport|report|digest|veille",
    re.I,
)
SENDS = re.compile(r"mail|send|envoy|notif|alert|warn|pr[eé]ven|avert|slack|discord|webhook", re.I)
LOUD = re.compile(r"\.(warning|warn|error|critical)$")
QUIET_LEVELS = 2
SCHEDULERS = frozenset(("airflow", "prefect", "dagster"))
CALLED_BACK = frozenset(("on_failure_callback", "sla_miss_callback", "on_failure"))


@dataclass(frozen=True, slots=True)
class CodeAlert:
    """An alert in code. `threshold`: a value is compared with one; `told`: somebody is sent a message."""

    path: str
    line: int
    excerpt: str
    threshold: bool
    told: bool


def _is_notice(module: Module, call: Call) -> bool:
    if NOTIFY.search(call.name):
        return True
    if HTTP_POST.search(call.name) and call.node.args:
        target = call.node.args[0]
        return bool(HOOK.search((module.text_of(target) or "") + " " + ast.unparse(target)[:300]))
    return False


def _last(name: str) -> str:
    return name.replace("()", "").rsplit(".", 1)[-1]


class _Reading:
    def __init__(self, code: PythonCode) -> None:
        self.modules = [m for m in code.application if not m.notebook]
        self.notices = self._notices()

    def _notices(self) -> dict[str, bool]:
        """Last name of each function that tells somebody → whether it speaks of alerts; callers are followed twice."""
        found: dict[str, bool] = {}
        for module in self.modules:
            for call in module.calls:
                if call.function and _is_notice(module, call):
                    found[_last(call.function)] = found.get(_last(call.function), False) or self._alarms(module, call.function)
        for _ in range(QUIET_LEVELS):
            for module in self.modules:
                for call in module.calls:
                    if (
                        call.function
                        and _last(call.name) in found
                        and _last(call.function) not in found
                        and SENDS.search(call.function)
                    ):
                        found[_last(call.function)] = found[_last(call.name)] or self._alarms(module, call.function)
        return found

    def _alarms(self, module: Module, function: str) -> bool:
        body = module.functions.get(function)
        if body is None or BUSINESS.search(function):
            return False
        if ALERT_WORDS.search(function):
            return True
        return any(
            ALERT_WORDS.search(n.value)
            for n in walk(body)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and len(n.value) < 200
        )

    def all_of(self, module: Module) -> Iterator[CodeAlert]:
        """Yield every alert of a module."""
        yield from self.alerts(module)
        yield from self.failures(module)
        yield from self.tasks(module)

    def alerts(self, module: Module) -> Iterator[CodeAlert]:
        for node in module.nodes:
            if isinstance(node, ast.If) and _compares(node.test):
                yield from self._branch(module, node)
            elif isinstance(node, ast.ExceptHandler) and self._tells(module, node.body):
                yield CodeAlert(module.path, module.line(node), module.excerpt(node), False, True)

    def failures(self, module: Module) -> Iterator[CodeAlert]:
        """Yield what a scheduler does when a task fails, where that tells somebody: a function of the project, an e-mail."""
        for node in module.nodes if SCHEDULERS & module.imported else ():
            given = _given(node)
            back = [value for name, value in given.items() if name in CALLED_BACK and self._is_told(module, value)]
            mail = given.get("email_on_failure") if given.get("email") is not None else None
            if isinstance(mail, ast.Constant) and mail.value is True:
                back.append(mail)
            yield from (CodeAlert(module.path, module.line(value), module.excerpt(value), False, True) for value in back[:1])

    def tasks(self, module: Module) -> Iterator[CodeAlert]:
        """Yield the tasks of a pipeline that tell somebody of something wrong: a branch of the pipeline decides when."""
        for node in module.nodes if SCHEDULERS & module.imported else ():
            called = _given(node).get("python_callable")
            name = dotted_name(called) if called is not None else ""
            if isinstance(node, Function) and any("task" in ast.unparse(d)[:60] for d in node.decorator_list):
                name = node.name
            if name and _last(name) in self.notices and self._speaks_of_trouble(module, _last(name)):
                yield CodeAlert(module.path, module.line(node), module.excerpt(node), False, True)

    def _speaks_of_trouble(self, module: Module, name: str) -> bool:
        """Tell whether a function of the module writes of drift, failures or quality: an alert of the business is another thing."""
        body = module.functions.get(name)
        said = (
            (n.value for n in walk(body) if isinstance(n, ast.Constant) and isinstance(n.value, str)) if body is not None else ()
        )
        return any(TROUBLE.search(text[:400]) for text in (name, *said))

    def _is_told(self, module: Module, value: ast.expr) -> bool:
        handed = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        functions = [h.func if isinstance(h, ast.Call) else h for h in handed]
        return any(_last(dotted_name(f)) in self.notices or module.resolve(f).startswith("airflow.") for f in functions)

    def _branch(self, module: Module, node: ast.If) -> Iterator[CodeAlert]:
        if self._tells(module, node.body):
            yield CodeAlert(module.path, module.line(node), module.excerpt(node), True, True)
        elif _names_limit(node.test) and any(
            LOUD.search("." + _func(c)) or "alert" in _func(c).lower()
            for s in node.body
            for c in walk(s)
            if isinstance(c, ast.Call)
        ):
            yield CodeAlert(module.path, module.line(node), module.excerpt(node), True, False)

    def _tells(self, module: Module, body: list[ast.stmt]) -> bool:
        about = ALERT_WORDS.search(" ".join(ast.unparse(s)[:600] for s in body[:12]))
        for statement in body:
            for call in module.calls_under(statement):
                notice = self.notices.get(_last(call.name) or _last(_func(call.node)))
                if notice or (notice is not None and about and not BUSINESS.search(call.name)):
                    return True
                if _is_notice(module, call) and not BUSINESS.search(ast.unparse(call.node)[:400]):
                    return True
                handed = [n for a in (*call.node.args, *(k.value for k in call.node.keywords)) if (n := dotted_name(a))]
                if any(
                    self.notices.get(_last(n), False) for n in handed
                ):  # Thread(target=send_alert), background.add_task(send_alert)
                    return True
        return False


def _given(node: ast.AST) -> dict[str, ast.expr]:
    """Return what a dictionary or a call names, by name."""
    if isinstance(node, ast.Call):
        return {k.arg: k.value for k in node.keywords if k.arg}
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    return {k.value: v for k, v in pairs if isinstance(k, ast.Constant) and isinstance(k.value, str)}


def _func(call: ast.Call) -> str:
    return ast.unparse(call.func)[-80:]


def _compares(test: ast.expr) -> bool:
    for node in walk(test):
        if isinstance(node, ast.Compare) and any(isinstance(o, ast.Gt | ast.Lt | ast.GtE | ast.LtE) for o in node.ops):
            sides = (node.left, *node.comparators)
            if not all(isinstance(s, ast.Constant) and s.value in (0, 1, -1) for s in node.comparators) or any(
                LIMIT_NAME.search(dotted_name(s)) for s in sides
            ):
                return True
    return False


def _names_limit(test: ast.expr) -> bool:
    names = [dotted_name(n) for n in walk(test) if isinstance(n, ast.Name | ast.Attribute)]
    names += [
        n.slice.value
        for n in walk(test)
        if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant) and isinstance(n.slice.value, str)
    ]
    return any(re.search(r"seuil|threshold|alert|tolerance", name, re.I) for name in names)


def enclosing(module: Module, line: int) -> Function | None:
    """Return the innermost function around a source line."""
    around = [f for f in module.functions.values() if f.lineno <= line <= (f.end_lineno or f.lineno)]
    return max(around, key=lambda f: f.lineno, default=None)


def code_alerts(python_code: PythonCode) -> tuple[CodeAlert, ...]:
    """Return the alerts raised by code, tests left out, in path order."""
    reading = _Reading(python_code)
    found = [alert for module in reading.modules for alert in reading.all_of(module)]
    return tuple(sorted(set(found), key=lambda a: (a.path, a.line)))


FACTS = (code_alerts,)
