"""The API's skeleton: operations under `/api/v1/`, declared in one place and described from the same declaration."""
