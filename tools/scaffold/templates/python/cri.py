"""runtime.v1.RuntimeService of __ID__. What is not in SERVICES answers UNIMPLEMENTED. Add the sandbox verbs next."""

from wire import boolean, nested, text


def version(_request, _context):
    return text(1, "0.1.0") + text(2, "__ID__") + text(3, "0.1.0") + text(4, "v1")


def status(_request, _context):
    return nested(1, condition("RuntimeReady") + condition("NetworkReady"))


def condition(kind):
    return nested(1, text(1, kind) + boolean(2, False) + text(3, "NotImplemented") + text(4, WAITING))


def nothing(_request, _context):
    """The answer of a list without entries."""
    return b""


WAITING = "__ID__ has no sandbox verbs yet"
SERVICES = {
    "runtime.v1.RuntimeService": {
        "Version": version,
        "Status": status,
        "ListPodSandbox": nothing,
        "ListContainers": nothing,
    }
}
