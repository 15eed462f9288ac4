"""A CSI driver with its registrar, written against csi.v1 and pluginregistration.v1 only: csi_driver.py FOLDER REGISTRY NAME

A line on its standard input, "ready" or "unready", is what it says of itself from then on; nothing, before.
"""

import sys
import threading

from wire import messages, say, serve, unary

csi, registration = messages("csi/v1/csi.proto", "pluginregistration/v1/api.proto")
folder, registry, name = sys.argv[1:4]
endpoint = f"{folder}/{name}.sock"


def told(status):
    say(registered=status.plugin_registered, error=status.error)
    return registration.RegistrationStatusResponse()


said = csi.ProbeResponse()


def listen():
    for line in sys.stdin:
        said.ready.value = line.strip() == "ready"


def plugin_capability(kind):
    service = csi.PluginCapability.Service(type=kind)
    return csi.PluginCapability(service=service)


CONTROLLER = csi.PluginCapability.Service.Type.Value("CONTROLLER_SERVICE")
CREATE = csi.ControllerServiceCapability.RPC.Type.Value("CREATE_DELETE_VOLUME")

identity = {
    "GetPluginInfo": unary(
        lambda _: csi.GetPluginInfoResponse(name=name, vendor_version="1"), csi.GetPluginInfoRequest
    ),
    "GetPluginCapabilities": unary(
        lambda _: csi.GetPluginCapabilitiesResponse(capabilities=[plugin_capability(CONTROLLER)]),
        csi.GetPluginCapabilitiesRequest,
    ),
    "Probe": unary(lambda _: said, csi.ProbeRequest),
}
node = {
    "NodeGetInfo": unary(lambda _: csi.NodeGetInfoResponse(node_id=f"{name}-node"), csi.NodeGetInfoRequest),
    "NodeGetCapabilities": unary(
        lambda _: csi.NodeGetCapabilitiesResponse(), csi.NodeGetCapabilitiesRequest
    ),
}
controller = {
    "ControllerGetCapabilities": unary(
        lambda _: csi.ControllerGetCapabilitiesResponse(
            capabilities=[
                csi.ControllerServiceCapability(rpc=csi.ControllerServiceCapability.RPC(type=CREATE))
            ]
        ),
        csi.ControllerGetCapabilitiesRequest,
    ),
}
info = registration.PluginInfo(type="CSIPlugin", name=name, endpoint=endpoint, supported_versions=["1.0.0"])
driver = serve(endpoint, {"csi.v1.Identity": identity, "csi.v1.Node": node, "csi.v1.Controller": controller})
registrar = None
if registry != "-":
    registrar = serve(
        f"{registry}/{name}-{threading.get_native_id()}-reg.sock",
        {
            "pluginregistration.Registration": {
                "GetInfo": unary(lambda _: info, registration.InfoRequest),
                "NotifyRegistrationStatus": unary(told, registration.RegistrationStatus),
            }
        },
    )
threading.Thread(target=listen, daemon=True).start()
say(serving=endpoint)
driver.wait_for_termination()
