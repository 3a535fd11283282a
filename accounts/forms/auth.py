"""What people type to get in: address and password, and a new password by a link."""

from wtforms import PasswordField
from wtforms.fields import EmailField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from accounts.passwords import LEAST, MOST
from foundation.forms import Form, tidy
from foundation.i18n import lazy

ADDRESS_LENGTH = 254


class SignInForm(Form):
    """Address and password."""

    email = EmailField(
        lazy("E-mail address"),
        [DataRequired(lazy("Type your e-mail address.")), Length(max=ADDRESS_LENGTH)],
        filters=[tidy],
    )
    # Long texts are refused before they are hashed; a real password is never that long.
    password = PasswordField(lazy("Password"), [InputRequired(lazy("Type your password.")), Length(max=1024)])


class AskResetForm(Form):
    """The address of an account whose password was forgotten."""

    email = EmailField(
        lazy("E-mail address"),
        [DataRequired(lazy("Type your e-mail address.")), Length(max=ADDRESS_LENGTH)],
        filters=[tidy],
    )


class NewPasswordForm(Form):
    """A new password, typed twice. What makes it good enough is judged by the service."""

    password = PasswordField(
        lazy("New password"),
        [InputRequired(lazy("Type a new password.")), Length(max=1024)],
    )
    again = PasswordField(
        lazy("The same password again"),
        [EqualTo("password", lazy("The two passwords differ. Type the same one twice."))],
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password, with the present one as proof of who asks."""

    present = PasswordField(
        lazy("Present password"), [InputRequired(lazy("Type your present password.")), Length(max=1024)]
    )


PASSWORD_LIMITS = {"least": LEAST, "most": MOST}
