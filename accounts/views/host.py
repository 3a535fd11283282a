"""The host organisation's own settings."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from accounts.forms.account import time_zone_names
from accounts.forms.host import HostForm
from accounts.permissions import Permission
from accounts.services import hosts
from foundation.access import requires
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _

bp = Blueprint("host", __name__, url_prefix="/settings")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.HOST_MANAGE)
def edit() -> ResponseReturnValue:
    """Change the host's names, place, languages and the titles of its signatories."""
    form = HostForm()
    if request.method == "GET":
        form.show(hosts.get_host())
    if form.validate_on_submit():
        with form.showing(DomainError):
            hosts.edit_host(form.result(), actor=g.viewer)
            flash(_("The settings are saved. Certificates issued before keep what they print."), "success")
            return redirect(url_for("host.edit"), 303)
    return render_form("accounts/host/edit.html", form, time_zones=time_zone_names())
