"""Serves verbs.py: main.py SOCKET"""

import sys

from verbs import SERVICES
from wire import serve

serve(sys.argv[1], SERVICES)
