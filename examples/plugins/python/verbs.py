"""v1beta1.DevicePlugin: two lamps, which a container gets as an environment variable."""

import time

import grpc

from wire import fields, nested, stream, text

LAMPS = ["desk", "floor"]


def get_info(_request, _context):
    return text(1, "DevicePlugin") + text(2, "example.com/lamp") + text(4, "v1beta1")


def options(_request, _context):
    return b""


@stream
def list_and_watch(_request, context):
    devices = [nested(1, text(1, lamp) + text(2, "Healthy")) for lamp in LAMPS]
    yield b"".join(devices)
    while context.is_active():
        time.sleep(0.1)


def allocate(request, context):
    answer = b""
    for _, container in fields(request):
        ids = [value.decode() for _, value in fields(container)]
        for missing in set(ids) - set(LAMPS):
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no lamp {missing}")
        answer += nested(1, nested(1, text(1, "LAMPS") + text(2, ",".join(ids))))
    return answer


def pre_start_container(_request, _context):
    return b""


SERVICES = {
    "pluginregistration.Registration": {"GetInfo": get_info},
    "v1beta1.DevicePlugin": {
        "GetDevicePluginOptions": options,
        "ListAndWatch": list_and_watch,
        "Allocate": allocate,
        "PreStartContainer": pre_start_container,
    }
}
