"""A device plugin, written against v1beta1 only: device_plugin.py FOLDER RESOURCE. Registers again when kubelet.sock is new."""

import os
import sys
import time

from wire import call, messages, say, serve, stream, unary

(api,) = messages("deviceplugin/v1beta1/api.proto")
folder, resource = sys.argv[1:3]
name = resource.replace("/", "_") + ".sock"


def list_and_watch(_):
    yield api.ListAndWatchResponse(devices=[api.Device(ID=f"d{n}", health="Healthy") for n in range(2)])
    while True:
        time.sleep(3600)


def allocate(request):
    say(allocated=[list(one.devices_ids) for one in request.container_requests])
    answers = [api.ContainerAllocateResponse(envs={"STAND_IN": "1"}) for _ in request.container_requests]
    return api.AllocateResponse(container_responses=answers)


methods = {
    "GetDevicePluginOptions": unary(lambda _: api.DevicePluginOptions(), api.Empty),
    "ListAndWatch": stream(list_and_watch, api.Empty),
    "Allocate": unary(allocate, api.AllocateRequest),
}
known, server = None, None
while True:
    try:
        found = os.stat(f"{folder}/kubelet.sock")
        if (found.st_ino, found.st_ctime) != known:
            if server:
                server.stop(0)
            server = serve(f"{folder}/{name}", {"v1beta1.DevicePlugin": methods})
            request = api.RegisterRequest(version="v1beta1", endpoint=name, resource_name=resource)
            call(f"{folder}/kubelet.sock", "/v1beta1.Registration/Register", request, api.Empty)
            known = (found.st_ino, found.st_ctime)
            say(registered=resource)
    except Exception as error:  # the node may be away: look again
        say(waiting=str(error).splitlines()[0])
    time.sleep(0.1)
