"""PyPI django-oauth-toolkit as a Django project of one file, as its OpenID Connect tutorial sets it up: one client whose ID
tokens are RS256, one user, and Django's own sign-in page. Lifetimes and claims are its defaults, unless the last word is `own`."""

import sys
from pathlib import Path

import django
from django.conf import settings

port, key, client, secret, redirect, claims = sys.argv[1:]
OWN = {"OAUTH2_VALIDATOR_CLASS": f"{__name__}.Claims", "ID_TOKEN_EXPIRE_SECONDS": 3600} if claims == "own" else {}
PAGES = {
    "registration/login.html": '<form method="post">{% csrf_token %}{{ form.as_p }}<input type="hidden" name="next" value="{{ next }}"></form>'
}
settings.configure(
    SECRET_KEY="of this run",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:stack?mode=memory&cache=shared"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [("django.template.loaders.locmem.Loader", PAGES), "django.template.loaders.app_directories.Loader"],
                "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"],
            },
        }
    ],
    LOGIN_URL="/login/",
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": Path(key).read_text(),
        "SCOPES": {"openid": "OpenID Connect"},
        **OWN,
    },
)
django.setup()

from django.contrib.auth import get_user_model, views  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Claims(OAuth2Validator):
    # Without it, a claim that the table of OpenID Connect's own claims lacks is left out.
    oidc_claim_scope = None

    def get_additional_claims(self, request):
        groups = request.user.groups.values_list("name", flat=True)
        return {"sub": request.user.username, "groups": list(groups)}



urlpatterns = [
    path("login/", views.LoginView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

call_command("migrate", verbosity=0)
alice = get_user_model().objects.create_user("alice", "alice@corp.example", "secret")
for group in ("scientists", "staff"):
    alice.groups.create(name=group)
get_application_model().objects.create(
    name="portal",
    client_id=client,
    client_secret=secret,
    client_type="confidential",
    authorization_grant_type="authorization-code",
    redirect_uris=redirect,
    algorithm="RS256",
)
call_command("runserver", f"127.0.0.1:{port}", "--noreload", "--nothreading", verbosity=0)
