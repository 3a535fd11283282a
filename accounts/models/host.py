"""The host service itself: the one row that says whose system this is."""

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Model


class Host(Model):
    """The host organisation's names, country, languages and signatories, edited in the application.

    `names` {language: name}; `certificate_languages` in the order in which a certificate prints them; `emblem_svg`
    empty means the product's own emblem.
    """

    __tablename__ = "host"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    short_name: Mapped[str] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))
    city: Mapped[str | None] = mapped_column(String(80))
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    contact_email: Mapped[str | None] = mapped_column(String(254))
    certificate_languages: Mapped[list[str]] = mapped_column(JSON)
    director_title: Mapped[dict[str, str]] = mapped_column(JSON)
    official_title: Mapped[dict[str, str]] = mapped_column(JSON)
    show_hijri: Mapped[bool] = mapped_column(default=False)
