"""How protections look in code: calls, names, settings."""

from __future__ import annotations

import re

# Measure → expression on the dotted name of a call.
BY_CALL = (
    (
        "hashing",
        re.compile(
            r"^(passlib\.|bcrypt\.(hashpw|checkpw)|argon2\.|pwdlib\.|werkzeug\.security\.(generate|check)_password_hash"
            r"|flask_bcrypt\.|hashlib\.(pbkdf2_hmac|scrypt)|django\.contrib\.auth\.hashers\.)|(^|\.)(set_password"
            r"|check_password|create_user)$"
        ),
    ),
    (
        "authentication",
        re.compile(
            r"^(jwt\.(encode|decode)|jose\.jwt\.(encode|decode)|flask_jwt_extended\."
            r"|fastapi\.security\.(OAuth2PasswordBearer|HTTPBearer|APIKeyHeader|HTTPBasic|api_key\.APIKeyHeader)"
            r"|flask_login\.(LoginManager|login_user)|django\.contrib\.auth\.(authenticate|login)|fastapi_users\."
            r"|streamlit_authenticator\.|flask_httpauth\.|authlib\.|msal\.|rest_framework_simplejwt\.)"
            r"|secrets\.compare_digest$|hmac\.compare_digest$"
        ),
    ),
    (
        "rate-limit",
        re.compile(
            r"^(slowapi\.|flask_limiter\.|fastapi_limiter\.|django_ratelimit\.|ratelimit\.|limits\.)"
            r"|Limiter\(\)\.limit$|limiter\.limit$|throttle_classes$"
        ),
    ),
    ("upload", re.compile(r"secure_filename$|^magic\.(from_buffer|Magic)|FileExtensionValidator$|^filetype\.guess")),
    ("escaping", re.compile(r"^(bleach|nh3)\.|^html\.escape$|^markupsafe\.escape$|^django\.utils\.html\.escape$")),
    ("https", re.compile(r"HTTPSRedirectMiddleware$|TrustedHostMiddleware$|^flask_sslify\.")),
    ("headers", re.compile(r"^flask_talisman\.|^secure\.Secure|^django_csp\.|SecurityHeadersMiddleware$")),
    (
        "csrf",
        re.compile(
            r"^flask_wtf\.(csrf\.)?CSRFProtect|^fastapi_csrf_protect\.|^starlette_csrf\.|csrf_token$|validate_csrf$"
            r"|verify_csrf\w*$"
        ),
    ),
    (
        "validation",
        re.compile(
            r"^pydantic\.(constr|conint|confloat|conlist|field_validator|validator|model_validator|StringConstraints)"
            r"|^(marshmallow|wtforms|cerberus|voluptuous)\.|^django\.core\.validators\."
            r"|^rest_framework\.serializers\.\w+Field$|^django\.forms\.\w+Field$|^flask_wtf\.FlaskForm"
        ),
    ),
)
BY_NAME = (
    (
        "roles",
        re.compile(
            r"^(require_role\w*|role_required|roles_required|has_role|check_role|require_admin|admin_required"
            r"|get_current_admin\w*|permission_required|user_passes_test|staff_member_required|IsAdminUser"
            r"|PermissionRequiredMixin|UserPassesTestMixin|require_permission\w*|require_scope\w*|is_admin"
            r"|verify_admin\w*|get_admin_user|RoleChecker|BasePermission)$",
            re.I,
        ),
    ),
    (
        "authentication",
        re.compile(
            r"^(login_required|LoginRequiredMixin|IsAuthenticated|jwt_required|token_required|auth_required"
            r"|TokenAuthentication|JWTAuthentication|verify_token|get_current_user|verify_api_key|get_api_key"
            r"|require_api_key|check_api_key)$",
            re.I,
        ),
    ),
    ("rate-limit", re.compile(r"rate_?limit(er|ing|ed)?|(?<!auto)throttl(e|ing)", re.I)),
    (
        "audit",
        re.compile(
            r"^(audit_?\w*|\w*_audit|log_audit\w*|AuditLog\w*|log_login\w*|LoginAttempt\w*|log_access|journal_audit"
            r"|security_log\w*)$",
            re.I,
        ),
    ),
)
HEADER_NAME = re.compile(
    r"^(X-Frame-Options|X-Content-Type-Options|Content-Security-Policy|Strict-Transport-Security|Referrer-Policy)$", re.I
)
DJANGO_SETTINGS = {
    "SECURE_SSL_REDIRECT": "https",
    "SECURE_HSTS_SECONDS": "headers",
    "SECURE_CONTENT_TYPE_NOSNIFF": "headers",
    "SECURE_BROWSER_XSS_FILTER": "headers",
    "X_FRAME_OPTIONS": "headers",
    "SESSION_COOKIE_SECURE": "cookies",
    "SESSION_COOKIE_HTTPONLY": "cookies",
    "SESSION_COOKIE_SAMESITE": "cookies",
    "CSRF_COOKIE_SECURE": "cookies",
    "CORS_ALLOWED_ORIGINS": "cors",
    "CORS_ORIGIN_WHITELIST": "cors",
    "MAX_CONTENT_LENGTH": "upload",
    "DEFAULT_THROTTLE_RATES": "rate-limit",
    "AXES_FAILURE_LIMIT": "rate-limit",
}
CONSTRAINTS = frozenset(["ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "regex", "max_digits", "multiple_of"])
SCANNERS = re.compile(
    r"\b(bandit|pip-audit|safety (check|scan)|trivy|snyk|gitleaks|semgrep|codeql|trufflehog|detect-secrets|grype"
    r"|dependency-review|zaproxy|hadolint)\b",
    re.I,
)
ENVIRONMENT = re.compile(
    r"^(os\.(getenv|environ\.get|environ\[\])|decouple\.config|environs\.|environ\.Env|dotenv\.get_key|streamlit\.secrets)"
)
EXECUTE = re.compile(
    r"\.(execute|executemany|fetch|fetchrow|fetchval|fetch_all|raw|exec_driver_sql)$|^pandas\.read_sql(_query)?$"
)
SQL_TEXT = re.compile(r"\b(SELECT\b.{1,400}\bFROM|INSERT\s+INTO|UPDATE\b.{1,200}\bSET|DELETE\s+FROM)\b", re.I | re.S)
BOUND = re.compile(r"%s|%\(\w+\)s|\?|(?<!:):[a-zA-Z_]\w*|\$\d")
