"""The registering half of a kubelet, written against its contracts only: kubelet.py ROOT. Restarts at a line on stdin."""

import os
import sys
import threading
import time

from wire import call, messages, say, serve, unary

csi, registration, device = messages(
    "csi/v1/csi.proto", "pluginregistration/v1/api.proto", "deviceplugin/v1beta1/api.proto"
)
root = sys.argv[1]
plugins, devices = f"{root}/plugins_registry", f"{root}/device-plugins"
os.makedirs(plugins, exist_ok=True)
os.makedirs(devices, exist_ok=True)


def register(request):
    threading.Thread(target=watch, args=(request,), daemon=True).start()
    return device.Empty()


def watch(request):
    path = f"{devices}/{request.endpoint}"
    options = call(path, "/v1beta1.DevicePlugin/GetDevicePluginOptions", device.Empty(), device.DevicePluginOptions)
    say(device=request.resource_name, version=request.version, prestart=options.pre_start_required)


def start():
    # A kubelet that starts takes the sockets of its former life away.
    for entry in list(os.scandir(devices)):
        if not entry.is_dir():
            os.unlink(entry.path)
    return serve(f"{devices}/kubelet.sock", {"v1beta1.Registration": {"Register": unary(register, device.RegisterRequest)}})


def look(seen):
    for name in os.listdir(plugins):
        path = f"{plugins}/{name}"
        if path in seen:
            continue
        info = call(path, "/pluginregistration.Registration/GetInfo", registration.InfoRequest(), registration.PluginInfo)
        node = call(info.endpoint, "/csi.v1.Node/NodeGetInfo", csi.NodeGetInfoRequest(), csi.NodeGetInfoResponse)
        status = registration.RegistrationStatus(plugin_registered=True)
        call(path, "/pluginregistration.Registration/NotifyRegistrationStatus", status, registration.RegistrationStatusResponse)
        seen.add(path)
        say(plugin=info.name, type=info.type, versions=list(info.supported_versions), node=node.node_id)


server = start()
say(ready=True)


def restarts():
    global server
    for _ in sys.stdin:
        server.stop(0).wait()
        server = start()


threading.Thread(target=restarts, daemon=True).start()
seen = set()
while True:
    try:
        look(seen)
    except Exception as error:  # a socket may be there before its server
        say(waiting=str(error).splitlines()[0])
    time.sleep(0.1)
