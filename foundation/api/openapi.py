"""The API described for programs: OpenAPI 3.1, made from what the operations declare."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import click
from flask import Blueprint, Flask, Response, current_app, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from foundation.access import declared_access, public
from foundation.api.addresses import PARTS
from foundation.api.idempotency import HEADER, PATTERN
from foundation.api.operations import Operation, declared_operation
from foundation.api.problems import MEDIA_TYPE, PREFIX
from foundation.api.shapes import Schemas, describe_parameters, describe_shape, write_json

TITLE = "Ijaza"
VERSION = "1"
ABOUT = """\
The record of disaster-response training for the systems of partner agencies: people, nominations, enrolments,
certificates, equipment held and readiness of the agency that a token belongs to, and of no other.

Send `Authorization: Bearer <token>`. Every refusal is application/problem+json. Lists come in pages: follow `next`.
A POST names itself by an `Idempotency-Key`, and repeated under it has no second effect. A PATCH names the state it
changes by `If-Match`."""

bp = Blueprint("openapi_api", __name__, url_prefix=PREFIX)


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Say where the description is."""
    body = {"title": TITLE, "version": VERSION, "description": url_for("openapi_api.show")}
    return Response(write_json(body), mimetype="application/json")


@bp.get("/openapi.json")
@public
def show() -> ResponseReturnValue:
    """Give the description."""
    return Response(write_json(describe(current_app)), mimetype="application/json")


@click.command("openapi")
def openapi_command() -> None:
    """Print the description of the API (OpenAPI 3.1)."""
    click.echo(json.dumps(describe(current_app), ensure_ascii=False, indent=2))


def describe(app: Flask) -> dict[str, Any]:
    """Return the description of an application's API."""
    schemas = Schemas()
    paths: dict[str, Any] = {}
    for rule, method, operation in list_operations(app):
        path, parameters = _address_of(rule)
        described = _describe(app, rule, method, operation, schemas)
        described["parameters"] = [*parameters, *described["parameters"]]
        if not described["parameters"]:
            del described["parameters"]
        paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT},
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM} | dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def list_operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Yield every operation as its rule, its method and what it declared, by address."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation = declared_operation(app, rule.endpoint)
        if operation is not None:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, operation


def _address_of(rule: Rule) -> tuple[str, list[dict[str, Any]]]:
    parts = [part for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule) for part in PARTS[name]]
    path = re.sub(
        r"<(?:\w+:)?(\w+)>",
        lambda found: "/".join(f"{{{part.name}}}" for part in PARTS[found[1]]),
        rule.rule.removeprefix(PREFIX),
    )
    return path, [
        {
            "name": part.name,
            "in": "path",
            "required": True,
            "description": part.description,
            "schema": {"type": "string", "pattern": part.pattern},
        }
        for part in parts
    ]


def _describe(app: Flask, rule: Rule, method: str, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    access = declared_access(app, rule.endpoint)
    lines = [line.strip() for line in (view.__doc__ or "").strip().splitlines()]
    described: dict[str, Any] = {
        "operationId": rule.endpoint.replace("_api.", "."),
        "summary": lines[0],
        "tags": [rule.endpoint.split("_api.")[0]],
        "security": [{"token": [operation.scope.value]}],
        "parameters": describe_parameters(operation.query) + _headers(method),
        "responses": _responses(method, operation, schemas),
    }
    if text := " ".join(line for line in lines[1:] if line):
        described["description"] = text
    if access is not None and access.permission is not None:
        described["x-permission"] = access.permission.value
    if operation.body is not None:
        schema = describe_shape(operation.body, strict=True, into=schemas)
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _headers(method: str) -> list[dict[str, Any]]:
    if method == "POST":
        text = "Names the request, so that it may be repeated without a second effect."
        schema = {"type": "string", "pattern": f"^{PATTERN}$"}
        return [{"name": HEADER, "in": "header", "required": True, "description": text, "schema": schema}]
    if method == "PATCH":
        text = "The ETag of the state that is changed."
        return [
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
        ]
    text = "The ETag of an answer that is kept; 304 says that it still holds."
    return [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": text,
            "schema": {"type": "string"},
        }
    ]


def _responses(method: str, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    responses = {str(operation.status): _success(method, operation, schemas)}
    if method == "GET":
        responses["304"] = {"description": HTTPStatus(304).phrase}
    statuses = [401, 403, 404, 422, 429]
    if method in ("POST", "PATCH"):
        statuses += [400, 409, 413, 415]
    if method == "PATCH":
        statuses += [412, 428]
    for status in sorted(set(statuses)):
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


def _success(method: str, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    headers = {"ETag": {"description": "The tag of this state.", "schema": {"type": "string"}}}
    if operation.status == HTTPStatus.CREATED:
        headers["Location"] = {"description": "The address of what is new.", "schema": {"type": "string"}}
    if operation.listing:
        headers["Link"] = {"description": "The next page, if there is one.", "schema": {"type": "string"}}
    found["headers"] = headers
    if operation.answer is None:
        found["content"] = {operation.media: {"schema": {}}}
        return found
    schema = describe_shape(operation.answer, strict=False, into=schemas)
    if operation.listing:
        name = f"{operation.answer.__name__}List"
        schemas[name] = _list_of(schema)
        schema = {"$ref": f"#/components/schemas/{name}"}
    found["content"] = {operation.media: {"schema": schema}}
    return found


def _list_of(schema: dict[str, Any]) -> dict[str, Any]:
    text = {"type": ["string", "null"]}
    return {
        "type": "object",
        "description": "One page of a list.",
        "properties": {
            "items": {"type": "array", "items": schema},
            "next": text | {"description": "The address of the next page, or null on the last."},
            "cursor": text | {"description": "The cursor in that address."},
        },
        "required": ["items", "next", "cursor"],
    }


_PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "properties": {
        "type": {
            "type": "string",
            "description": "about:blank where the status says it all, else urn:ijaza:problem: with the name of the refusal.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what to do next."},
        "instance": {"type": "string", "description": "The number under which it is noted."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "The place in the body."},
                    "parameter": {"type": "string", "description": "The name of the parameter."},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "instance"],
}
