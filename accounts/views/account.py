"""One's own account: language, time zone, password, and the browsers signed in with it."""

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.demo.accounts import DEMO_ACCOUNTS
from accounts.forms.account import PreferencesForm, time_zone_names
from accounts.forms.auth import ChangePasswordForm
from accounts.labels import ROLE_LABELS
from accounts.models import UserSession
from accounts.passwords import WeakPassword
from accounts.services import credentials, users
from accounts.sessions import REST, end_session
from accounts.user_agents import describe_browser
from accounts.views.auth import is_demo_allowed
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError, TooMany
from foundation.forms import render_form
from foundation.i18n import _

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.route("", methods=["GET", "POST"])
@requires(None)
def show() -> ResponseReturnValue:
    """Show and change one's own language and time zone; list one's sessions."""
    form = PreferencesForm()
    if request.method == "GET":
        form.language.data, form.time_zone.data = g.viewer.language, g.viewer.time_zone
    if form.validate_on_submit():
        users.set_preferences(g.viewer, language=form.language.data, time_zone=form.time_zone.data or "UTC")
        flash(_("Your settings are saved."), "success")
        return redirect(url_for("account.show"), 303)
    return render_form(
        "accounts/account/show.html",
        form,
        roles=[label for role, label in ROLE_LABELS.items() if role in g.viewer.roles],
        sessions=_list_sessions(),
        time_zones=time_zone_names(),
    )


@bp.route("/password", methods=["GET", "POST"])
@requires(None)
def change_password() -> ResponseReturnValue:
    """Change one's own password; all other sessions end."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        locked = is_demo_allowed() and g.viewer.email in {account.email for account in DEMO_ACCOUNTS}
        with form.showing(WeakPassword, credentials.WrongPassword, TooMany, DomainError):
            credentials.change_own_password(
                g.viewer,
                present=form.present.data or "",
                password=form.password.data or "",
                here=g.signed_in.row,
                demo_locked=locked,
            )
            flash(_("Your password is changed. Every other session was ended."), "success")
            return redirect(url_for("account.show"), 303)
    return render_form("accounts/account/change_password.html", form, user=g.viewer)


@bp.post("/sessions/<int:user_session_id>/end")
@requires(None, on=UserSession)
def end(user_session: UserSession) -> ResponseReturnValue:
    """End another session of one's own."""
    if user_session.id == g.signed_in.row.id:
        abort(409)
    end_session(user_session)
    flash(_("That session is ended."), "success")
    return redirect(url_for("account.show"), 303)


def _list_sessions() -> list[dict[str, object]]:
    now = clock.now()
    rows = db.session.execute(
        select(
            UserSession.id,
            UserSession.user_agent,
            UserSession.network,
            UserSession.created_at,
            UserSession.last_seen_at,
        )
        .where(
            UserSession.user_id == g.viewer.id,
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - REST,
            UserSession.credential_version == g.viewer.credential_version,
        )
        .order_by(UserSession.last_seen_at.desc())
        .limit(50)
    ).all()
    return [
        row._asdict() | {"browser": describe_browser(row.user_agent), "here": row.id == g.signed_in.row.id}
        for row in rows
    ]
