"""Makes openapi.json, the part of GitHub's own API description that we use: `python -m tests.github.slim_openapi`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.github.npm_packages import Package, read_member

PACKAGE = Package(
    "@octokit/openapi",
    "23.0.2",
    "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
)
MEMBER = "generated/api.github.com.json"
SLIMMED = Path(__file__).with_name("openapi.json")
REPOSITORY = "/repos/{owner}/{repo}"
OPERATIONS = {
    "/rate_limit": ("get",),
    "/user": ("get",),
    "/orgs/{org}": ("get",),
    "/orgs/{org}/teams/{team_slug}": ("get",),
    "/orgs/{org}/teams/{team_slug}/memberships/{username}": ("get",),
    REPOSITORY: ("get",),
    f"{REPOSITORY}/actions/organization-secrets": ("get",),
    f"{REPOSITORY}/actions/organization-variables": ("get",),
    f"{REPOSITORY}/actions/permissions": ("get",),
    f"{REPOSITORY}/actions/permissions/workflow": ("get",),
    f"{REPOSITORY}/actions/runs/{{run_id}}": ("get",),
    f"{REPOSITORY}/actions/runs/{{run_id}}/approvals": ("get",),
    f"{REPOSITORY}/actions/secrets": ("get",),
    f"{REPOSITORY}/actions/variables": ("get",),
    f"{REPOSITORY}/actions/workflows": ("get",),
    f"{REPOSITORY}/actions/workflows/{{workflow_id}}/runs": ("get",),
    f"{REPOSITORY}/assignees/{{assignee}}": ("get",),
    f"{REPOSITORY}/branches": ("get",),
    f"{REPOSITORY}/branches/{{branch}}": ("get",),
    f"{REPOSITORY}/branches/{{branch}}/protection": ("get",),
    f"{REPOSITORY}/check-runs": ("post",),
    f"{REPOSITORY}/check-runs/{{check_run_id}}": ("get", "patch"),
    f"{REPOSITORY}/collaborators/{{username}}/permission": ("get",),
    f"{REPOSITORY}/commits/{{commit_sha}}/pulls": ("get",),
    f"{REPOSITORY}/commits/{{ref}}/check-runs": ("get",),
    f"{REPOSITORY}/commits/{{ref}}/status": ("get",),
    f"{REPOSITORY}/contents/{{path}}": ("get",),
    f"{REPOSITORY}/environments": ("get",),
    f"{REPOSITORY}/environments/{{environment_name}}": ("get",),
    f"{REPOSITORY}/environments/{{environment_name}}/deployment-branch-policies": ("get",),
    f"{REPOSITORY}/environments/{{environment_name}}/secrets": ("get",),
    f"{REPOSITORY}/issues": ("get", "post"),
    f"{REPOSITORY}/issues/comments": ("get",),
    f"{REPOSITORY}/issues/comments/{{comment_id}}": ("get", "patch", "delete"),
    f"{REPOSITORY}/issues/comments/{{comment_id}}/reactions": ("get", "post"),
    f"{REPOSITORY}/issues/comments/{{comment_id}}/reactions/{{reaction_id}}": ("delete",),
    f"{REPOSITORY}/issues/{{issue_number}}": ("get", "patch"),
    f"{REPOSITORY}/issues/{{issue_number}}/assignees": ("post", "delete"),
    f"{REPOSITORY}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/issues/{{issue_number}}/labels": ("get", "post", "put", "delete"),
    f"{REPOSITORY}/issues/{{issue_number}}/labels/{{name}}": ("delete",),
    f"{REPOSITORY}/issues/{{issue_number}}/lock": ("put", "delete"),
    f"{REPOSITORY}/labels": ("get", "post"),
    f"{REPOSITORY}/labels/{{name}}": ("get", "patch", "delete"),
    f"{REPOSITORY}/pulls": ("get", "post"),
    f"{REPOSITORY}/pulls/{{pull_number}}": ("get", "patch"),
    f"{REPOSITORY}/pulls/{{pull_number}}/commits": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/merge": ("put",),
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews": ("get", "post"),
    f"{REPOSITORY}/rules/branches/{{branch}}": ("get",),
    f"{REPOSITORY}/rulesets": ("get",),
    f"{REPOSITORY}/rulesets/{{ruleset_id}}": ("get",),
    f"{REPOSITORY}/statuses/{{sha}}": ("post",),
}
VALUES = (
    "type", "enum", "required", "pattern", "uniqueItems", "minimum", "maximum", "minLength", "maxLength", "minItems",
    "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf")


def slim(schema: Mapping[str, Any]) -> Any:
    """Keep of an OpenAPI 3.0 schema what decides about values, said as JSON Schema: `nullable` becomes a type."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref'].rpartition('/')[2]}"}
    slimmed: dict[str, Any] = {key: schema[key] for key in VALUES if key in schema}
    slimmed |= {key: [slim(each) for each in schema[key]] for key in LISTS_OF_SCHEMAS if key in schema}
    if "properties" in schema:
        slimmed["properties"] = {name: slim(each) for name, each in schema["properties"].items()}
    for key in ("items", "not"):
        if key in schema:
            slimmed[key] = slim(schema[key])
    extra = schema.get("additionalProperties")
    if extra is not None:
        slimmed["additionalProperties"] = extra if isinstance(extra, bool) else slim(extra)
    return _with_null(slimmed) if schema.get("nullable") else slimmed


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if not schema:
        return schema
    return {"anyOf": [{"type": "null"}, schema]}


class Description:
    """The whole document, and what has been referred to in it so far."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def operations(self) -> Iterator[dict[str, Any]]:
        for path, methods in OPERATIONS.items():
            item = self._document["paths"][path]
            for method in methods:
                yield self._operation(path, method, item[method], shared=item.get("parameters", []))

    def _operation(self, path: str, method: str, entry: Mapping[str, Any], *, shared: list[Any]) -> dict[str, Any]:
        parameters = [self._resolved(each) for each in [*shared, *entry.get("parameters", [])]]
        body = self._resolved(entry.get("requestBody", {}))
        return {
            "id": entry["operationId"],
            "method": method.upper(),
            "path": path,
            "path_parameters": {each["name"]: slim(each["schema"]) for each in parameters if each["in"] == "path"},
            "query": {each["name"]: slim(each["schema"]) for each in parameters if each["in"] == "query"},
            "body": _json_schema(body),
            "is_body_required": bool(body.get("required", False)),
            "answers": {
                status: _json_schema(self._resolved(answer)) for status, answer in sorted(entry["responses"].items())
            },
        }

    def definitions(self, used: Any) -> dict[str, Any]:
        """The schemas that `used` refers to, and those that they refer to, by name."""
        found: dict[str, Any] = {}
        waiting = list(_references(used))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = slim(self._document["components"]["schemas"][name])
                waiting += _references(found[name])
        return dict(sorted(found.items()))

    def _resolved(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in entry:
            return entry
        place: Any = self._document
        for step in entry["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        return self._resolved(place)


def _json_schema(entry: Mapping[str, Any]) -> Any:
    """The schema of a JSON body; None where there is no body, or one of another kind."""
    content = entry.get("content", {})
    return slim(content["application/json"]["schema"]) if "application/json" in content else None


def _references(schema: Any) -> Iterator[str]:
    yield from re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema))


def slimmed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the operations that we use with every schema they need."""
    description = Description(document)
    operations = list(description.operations())
    return {"source": f"{PACKAGE}, {MEMBER}", "operations": operations, "$defs": description.definitions(operations)}


def as_text(content: Mapping[str, Any]) -> str:
    """One line for each operation and schema: short, and readable as a difference."""
    operations = ",\n".join(_short(each) for each in content["operations"])
    schemas = ",\n".join(f"{_short(name)}:{_short(schema)}" for name, schema in content["$defs"].items())
    lines = [
        "{",
        f'"source":{_short(content["source"])},',
        '"operations":[',
        operations,
        "],",
        '"$defs":{',
        schemas,
        "}",
        "}",
    ]
    return "\n".join([*lines, ""])


def _short(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def main(arguments: list[str]) -> None:
    """Read the description from a file that is given, else from the registry, and write the slimmed copy."""
    content = Path(arguments[0]).read_bytes() if arguments else read_member(PACKAGE, MEMBER)
    SLIMMED.write_text(as_text(slimmed(json.loads(content))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
