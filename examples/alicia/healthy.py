#!/usr/bin/python3
"""The health check of a container: exit code 0 if the service in it says that it is well."""

import os
import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['ROVI_PORT']}/health", timeout=3) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    sys.exit(f"not well: {error}")
