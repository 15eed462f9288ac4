"""v1beta1.DevicePlugin of __ID__. Send a device in list_and_watch next, and let allocate answer for it."""

import time

import grpc

from wire import stream, text


def get_info(_request, _context):
    return text(1, "DevicePlugin") + text(2, "example.com/__ID__") + text(4, "v1beta1")


def options(_request, _context):
    return b""


@stream
def list_and_watch(_request, context):
    yield b""
    while context.is_active():
        time.sleep(0.1)


def allocate(_request, context):
    context.abort(grpc.StatusCode.NOT_FOUND, "__ID__ has no devices yet")


SERVICES = {
    "pluginregistration.Registration": {"GetInfo": get_info},
    "v1beta1.DevicePlugin": {
        "GetDevicePluginOptions": options,
        "ListAndWatch": list_and_watch,
        "Allocate": allocate,
    }
}
