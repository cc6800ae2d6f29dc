"""Prints the API's description, from which the console's client types are made."""

import json
import sys

from hookswitch.api.app import bare_app
from hookswitch.app.configuration.catalogue import catalogue

json.dump(bare_app(catalogue()).openapi(), sys.stdout, indent=1, sort_keys=True)
