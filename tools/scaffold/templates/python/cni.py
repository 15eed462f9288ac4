"""berth.cni.v1.NetworkPlugin of __ID__. What is not in SERVICES answers UNIMPLEMENTED. Add Add, Del, Check and Gc next."""

import grpc

from wire import text


def version(_request, _context):
    return text(1, "1.1.0") + text(2, "1.1.0")


def status(_request, context):
    context.abort(grpc.StatusCode.UNAVAILABLE, "__ID__ cannot attach anything yet")


SERVICES = {"berth.cni.v1.NetworkPlugin": {"Version": version, "Status": status}}
