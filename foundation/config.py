"""Settings, read once from the environment into a frozen, typed value; production that is unsafe does not start."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SECRET_NAMES = ("secret_key", "audit_key", "field_key")


class UnsafeConfiguration(Exception):
    """The settings would put records at risk; the message lists every reason."""


@dataclass(frozen=True)
class Config:
    """All settings of one process. `demo` is None when not set: an empty loopback installation may then load it."""

    env: str
    database_url: str
    storage_url: str
    secret_key: str
    audit_key: str
    field_key: str
    seal: str | None
    seal_password: str | None
    metrics_token: str | None
    public_url: str
    demo: bool | None
    replicas: int
    trusted_proxies: int
    mail_url: str | None
    tsa_url: str | None
    instance_dir: Path
    debug: bool

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def demonstration(self) -> bool:
        """Outside production every certificate is marked as a demonstration."""
        return not self.production

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load_config(environ: Mapping[str, str]) -> Config:
    """Read the settings of `interface.md`; raise UnsafeConfiguration with every reason that production must not start."""
    instance = Path(environ.get("IJAZA_INSTANCE_DIR") or ROOT / "instance").resolve()
    env = environ.get("IJAZA_ENV", "development").strip().lower()
    given = {name: environ.get(f"IJAZA_{name.upper()}", "") for name in SECRET_NAMES}
    problems = list(_find_problems(environ, env, given))
    if problems:
        raise UnsafeConfiguration("\n".join(problems))
    kept = given if env == "production" else _development_secrets(instance, given)
    return Config(
        env=env,
        database_url=_database_url(environ, instance),
        storage_url=environ.get("IJAZA_STORAGE_URL") or str(instance / "storage"),
        secret_key=kept["secret_key"],
        audit_key=kept["audit_key"],
        field_key=kept["field_key"],
        seal=environ.get("IJAZA_SEAL") or None,
        seal_password=environ.get("IJAZA_SEAL_PASSWORD") or None,
        metrics_token=environ.get("IJAZA_METRICS_TOKEN") or None,
        public_url=(environ.get("IJAZA_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/"),
        demo=_flag(environ.get("IJAZA_DEMO")),
        replicas=int(environ.get("IJAZA_REPLICAS") or 1),
        trusted_proxies=int(environ.get("IJAZA_TRUSTED_PROXIES") or 0),
        mail_url=environ.get("IJAZA_MAIL_URL") or None,
        tsa_url=environ.get("IJAZA_TSA_URL") or None,
        instance_dir=instance,
        debug=bool(_flag(environ.get("FLASK_DEBUG"))),
    )


def _find_problems(environ: Mapping[str, str], env: str, given: Mapping[str, str]) -> list[str]:
    problems = []
    if env not in ("development", "production"):
        problems.append(f"IJAZA_ENV is {env!r}; it may be 'development' or 'production'.")
    for name in ("IJAZA_REPLICAS", "IJAZA_TRUSTED_PROXIES"):
        if not (environ.get(name) or "0").isdigit():
            problems.append(f"{name} must be a whole number.")
    database = environ.get("IJAZA_DATABASE_URL") or "sqlite"
    replicas = environ.get("IJAZA_REPLICAS") or "1"
    if replicas.isdigit() and int(replicas) > 1 and database.startswith("sqlite"):
        problems.append(
            "IJAZA_REPLICAS is above 1 but the database is SQLite; set IJAZA_DATABASE_URL to PostgreSQL."
        )
    if env != "production":
        return problems
    for name, value in given.items():
        if len(value) < 32:
            problems.append(f"IJAZA_{name.upper()} must be set to a random value of at least 32 characters.")
    if len(set(given.values())) < len(given) and all(given.values()):
        problems.append(
            "IJAZA_SECRET_KEY, IJAZA_AUDIT_KEY and IJAZA_FIELD_KEY must be three different values."
        )
    if urlsplit(environ.get("IJAZA_PUBLIC_URL") or "").scheme != "https":
        problems.append(
            "IJAZA_PUBLIC_URL must be an https address: it is the issuer's identity on every certificate."
        )
    if _flag(environ.get("FLASK_DEBUG")):
        problems.append("FLASK_DEBUG must be off in production.")
    if _flag(environ.get("IJAZA_DEMO")):
        problems.append("IJAZA_DEMO must not be on in production.")
    if not environ.get("IJAZA_SEAL"):
        problems.append("IJAZA_SEAL must name the key that seals certificates (a PKCS#12 file).")
    return problems


def _database_url(environ: Mapping[str, str], instance: Path) -> str:
    url = environ.get("IJAZA_DATABASE_URL") or f"sqlite:///{instance / 'ijaza.db'}"
    # A plain postgresql:// address would pick a driver that is not installed.
    return (
        url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url
    )


def _flag(value: str | None) -> bool | None:
    if value is None or value.strip() == "":
        return None
    return value.strip().lower() in ("1", "true", "yes", "on")


def _development_secrets(instance: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Return given secrets, and for the others random ones kept under the instance folder, made at first start."""
    kept = {}
    for name, value in given.items():
        kept[name] = value or _kept_secret(instance / "secrets" / name)
    return kept


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    value = path.read_text(encoding="ascii")
    return value or _kept_secret_after_race(path)


def _kept_secret_after_race(path: Path) -> str:
    """Wait, without a clock, for the process that won the race to create the file to finish writing it."""
    for _ in range(100_000):
        if value := path.read_text(encoding="ascii"):
            return value
    raise UnsafeConfiguration(f"{path} is empty; remove it and start again.")
