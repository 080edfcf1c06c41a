"""Runs a real OpenID Connect provider on a free port of the loopback, until its standard input ends.

Prints the port. Needs the package oidc-provider-mock: see install-oidc-provider.
"""

import os
import sys

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from oidc_provider_mock import run_server_in_thread  # noqa: E402

with run_server_in_thread(require_nonce=True) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
