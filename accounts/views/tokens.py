"""Tokens of the API: which agencies' systems call it, giving a token, showing its secret once, revoking it."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.forms.tokens import TokenForm
from accounts.forms.users import ReasonForm
from accounts.labels import API_SCOPE_LABELS
from accounts.models import Agency, ApiToken
from accounts.permissions import Permission
from accounts.services import api_tokens
from accounts.services.agencies import find_agency, list_open_agencies
from accounts.views.badges import make_badge
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _, listed, pgettext
from foundation.paging import page_of_request

bp = Blueprint("tokens", __name__, url_prefix="/tokens")


@bp.get("", endpoint="list")
@requires(Permission.TOKEN_MANAGE)
def list_tokens() -> ResponseReturnValue:
    """List the tokens of all agencies, or of one."""
    agency = find_agency(request.args.get("agency", "")[:20])
    page = page_of_request(
        api_tokens.query_tokens(agency=agency),
        sorts={
            "agency": [Agency.code, ApiToken.label, ApiToken.id],
            "made": [ApiToken.created_at, ApiToken.id],
            "until": [ApiToken.expires_on, ApiToken.id],
        },
        default="agency",
    )
    today = clock.today()
    return render_template(
        "accounts/tokens/list.html",
        page=page,
        agency=agency,
        scopes_of={row.id: _scopes(row.scopes) for row in page.rows},
        last_uses=api_tokens.map_last_uses([row.id for row in page.rows]),
        beginning=api_tokens.BEGINNING,
        badges=_badges(),
        state_of={row.id: _state(row, today) for row in page.rows},
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.TOKEN_MANAGE)
def new() -> ResponseReturnValue:
    """Give an agency's system a token; its secret stands on the answer to this very request, and nowhere again."""
    form = TokenForm()
    form.offer(list_open_agencies())
    if request.method == "GET":
        _suggest(form)
    if form.validate_on_submit():
        wish = form.result()
        with form.showing(DomainError):
            token, secret = api_tokens.give_token(
                db.session.get_one(Agency, wish.agency_id),
                label=wish.label,
                scopes=wish.scopes,
                expires_on=wish.expires_on,
                actor=g.viewer,
            )
            scopes = _scopes(token.scopes)
            return render_template("accounts/tokens/given.html", token=token, secret=secret, scopes=scopes)
    return render_form("accounts/tokens/new.html", form)


@bp.route("/<int:api_token_id>/revoke", methods=["GET", "POST"])
@requires(Permission.TOKEN_MANAGE, on=ApiToken)
def revoke(api_token: ApiToken) -> ResponseReturnValue:
    """End a token at once."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            api_tokens.revoke_token(api_token, reason=form.reason.data or "", actor=g.viewer)
            flash(_("The token %(label)s is revoked.", label=api_token.label), "success")
            return redirect(url_for("tokens.list"), 303)
    return render_form("accounts/tokens/revoke.html", form, api_token=api_token)


def _suggest(form: TokenForm) -> None:
    form.expires_on.data = api_tokens.latest_expiry(clock.today())
    agency = find_agency(request.args.get("agency", "")[:20])
    if agency is not None:
        form.agency.data = str(agency.id)


def _scopes(values: list[str]) -> str:
    return listed(str(label) for scope, label in API_SCOPE_LABELS.items() if scope.value in values)


def _state(row: Any, today: date) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_on < today else "valid"


def _badges() -> dict[str, Any]:
    return {
        "valid": make_badge(pgettext("token", "Valid"), "ok"),
        "expired": make_badge(pgettext("token", "Expired"), "neutral"),
        "revoked": make_badge(pgettext("token", "Revoked"), "bad"),
    }
