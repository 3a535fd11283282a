"""The way in and out: sign-in, invitation, a new password, sign-out."""

import ipaddress
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from accounts.forms.auth import AskResetForm, NewPasswordForm, SignInForm
from accounts.labels import ROLE_LABELS
from accounts.models import User
from accounts.passwords import WeakPassword
from accounts.services import credentials, users
from accounts.sessions import end_own_session, end_session, start_session
from accounts.tokens import LinkPurpose, user_of_token
from foundation.access import public, requires
from foundation.db import db
from foundation.errors import TooMany
from foundation.forms import render_form
from foundation.i18n import _
from foundation.web import app_config, same_site_target

bp = Blueprint("auth", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Let somebody in who knows an account's password."""
    target = same_site_target(request.args.get("next"), url_for("desk.show"))
    if g.viewer is not None and request.method == "GET":
        return redirect(target)
    form = SignInForm()
    headers = {}
    if form.validate_on_submit():
        try:
            with form.showing(credentials.SignInFailed):
                user = credentials.sign_in(
                    form.email.data or "", form.password.data or "", demo_allowed=is_demo_allowed()
                )
                _start(user)
                return redirect(target, 303)
        except TooMany as error:
            form.form_errors.append(error.message)
            headers = {"Retry-After": str(error.retry_after_seconds)}
    page, status = _render("accounts/auth/sign_in.html", form, demo=_list_demo_accounts())
    return page, 429 if headers else status, headers


@bp.post("/sign-out")
@requires(None)
def sign_out() -> ResponseReturnValue:
    """End this browser's session; what pages it kept is forgotten."""
    end_own_session()
    flash(_("You are signed out."), "success")
    response = redirect(url_for("auth.sign_in"), 303)
    # Only the cache: the recorder's unsent marks are in the browser's storage and must survive.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
def accept_invitation(token: str) -> ResponseReturnValue:
    """Let somebody invited choose a password, and sign him in with it."""
    user = user_of_token(token, LinkPurpose.INVITATION)
    form = NewPasswordForm()
    if form.validate_on_submit():
        with form.showing(WeakPassword):
            user = credentials.set_password_by_link(
                token, purpose=LinkPurpose.INVITATION, password=form.password.data or ""
            )
            _start(user)
            flash(_("Welcome. Your account is ready."), "success")
            return redirect(url_for("desk.show"), 303)
        user = user_of_token(token, LinkPurpose.INVITATION)
    return render_form("accounts/auth/accept_invitation.html", form, user=user, roles=_role_names(user))


@bp.route("/reset", methods=["GET", "POST"])
@public
def ask_reset() -> ResponseReturnValue:
    """Send a link for a new password; the answer is the same for every address."""
    form = AskResetForm()
    headers = {}
    if form.validate_on_submit():
        try:
            users.ask_reset(form.email.data or "")
            return render_template("accounts/auth/reset_sent.html")
        except TooMany as error:
            form.form_errors.append(error.message)
            headers = {"Retry-After": str(error.retry_after_seconds)}
    page, status = _render("accounts/auth/ask_reset.html", form)
    return page, 429 if headers else status, headers


@bp.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> ResponseReturnValue:
    """Let the owner of an account choose a new password; every session ends."""
    user = user_of_token(token, LinkPurpose.RESET)
    form = NewPasswordForm()
    if form.validate_on_submit():
        with form.showing(WeakPassword):
            credentials.set_password_by_link(
                token, purpose=LinkPurpose.RESET, password=form.password.data or ""
            )
            flash(_("Your new password is set. Sign in with it."), "success")
            return redirect(url_for("auth.sign_in"), 303)
        user = user_of_token(token, LinkPurpose.RESET)
    return render_form("accounts/auth/reset.html", form, user=user)


def is_demo_allowed() -> bool:
    """Return whether this request may use the demonstration's password: asked for by setting, or on this machine alone."""
    config = app_config()
    if config.production or config.demo is False:
        return False
    return config.demo is True or (_is_loopback(request.remote_addr) and _is_loopback(_asked_host()))


def _asked_host() -> str:
    host = request.host
    return host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def _list_demo_accounts() -> list[dict[str, Any]]:
    """Return the demonstration's ways in, empty where there is no demonstration."""
    if not is_demo_allowed():
        return []
    there = set(
        db.session.execute(
            select(User.email).where(
                User.email.in_([account.email for account in DEMO_ACCOUNTS]), User.disabled_at.is_(None)
            )
        ).scalars()
    )
    return [
        {
            "email": account.email,
            "password": DEMO_PASSWORD,
            "role": ROLE_LABELS[account.role],
            "agency_code": account.agency_code,
        }
        for account in DEMO_ACCOUNTS
        if account.email in there
    ]


def _start(user: User) -> None:
    before = g.get("signed_in")
    if before is not None:
        end_session(before.row)
    start_session(user)


def _role_names(user: User) -> list[str]:
    return [str(ROLE_LABELS[role]) for role in ROLE_LABELS if role in user.roles]


def _render(template: str, form: SignInForm | AskResetForm, **context: Any) -> tuple[str, int]:
    status = 422 if form.is_submitted() and form.errors else 200
    return render_template(template, form=form, **context), status
