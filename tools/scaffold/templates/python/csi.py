"""csi.v1.Identity and csi.v1.Node of __ID__. What is not in SERVICES answers UNIMPLEMENTED. Add NodePublishVolume next."""

import socket

from wire import boolean, nested, text


def get_plugin_info(_request, _context):
    return text(1, "__ID__.example.com") + text(2, "0.1.0")


def get_plugin_capabilities(_request, _context):
    return b""


def probe(_request, _context):
    return nested(1, boolean(1, True))


def node_get_info(_request, _context):
    return text(1, socket.gethostname())


def node_get_capabilities(_request, _context):
    return b""


SERVICES = {
    "csi.v1.Identity": {
        "GetPluginInfo": get_plugin_info,
        "GetPluginCapabilities": get_plugin_capabilities,
        "Probe": probe,
    },
    "csi.v1.Node": {"NodeGetInfo": node_get_info, "NodeGetCapabilities": node_get_capabilities},
}
