"""The bare floor of a drift check: fetch every page, parse it, hash every workflow; standard library only."""

import hashlib
import http.client
import json
import sys
from urllib.parse import quote, urlsplit


def main(url: str, key: str) -> None:
    """Read all workflows of an instance and print how many there were, in how many requests."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port)
    cursor: str | None = None
    workflows = requests = 0
    while True:
        more = f"&cursor={quote(cursor, safe='')}" if cursor else ""
        connection.request("GET", f"{address.path}/api/v1/workflows?limit=250{more}", headers={"X-N8N-API-KEY": key})
        page = json.loads(connection.getresponse().read())
        requests += 1
        for workflow in page["data"]:
            hashlib.sha256(json.dumps(workflow, sort_keys=True).encode()).hexdigest()
            workflows += 1
        cursor = page["nextCursor"]
        if cursor is None:
            break
    print(json.dumps({"workflows": workflows, "requests": requests}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
