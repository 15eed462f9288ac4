import type { AttachRequest__Output } from "@berth/proto/generated/host/berth/host/v1/AttachRequest.ts";
import type { CheckAttachmentRequest__Output } from "@berth/proto/generated/host/berth/host/v1/CheckAttachmentRequest.ts";
import type { DetachRequest__Output } from "@berth/proto/generated/host/berth/host/v1/DetachRequest.ts";
import type { EmitRequest__Output } from "@berth/proto/generated/host/berth/host/v1/EmitRequest.ts";
import type { ReportRequest__Output } from "@berth/proto/generated/host/berth/host/v1/ReportRequest.ts";
import { fromStruct, type ParentCall, services } from "@berth/verbs";
import type { HostReport } from "../contracts/plugin-host.ts";
import type { HostService } from "./host-socket.ts";
import type { NetworkBroker } from "./network-broker.ts";
import { HostError } from "./serve-unary.ts";

/** berth.host.v1 as one plugin instance sees it. */
export function hostServices(
  plugin: string,
  parts: {
    network: NetworkBroker;
    report: (report: HostReport) => void;
    telemetry: (state: Readonly<Record<string, unknown>>) => void;
  },
): HostService[] {
  const { network, report, telemetry } = parts;
  return [
    {
      name: "network",
      key: services.hostNetwork,
      verbs: {
        attach: (request: AttachRequest__Output, parent: ParentCall) =>
          network.attach(plugin, request, parent),
        detach: (request: DetachRequest__Output, parent: ParentCall) => network.detach(request, parent),
        checkAttachment: (request: CheckAttachmentRequest__Output, parent: ParentCall) =>
          network.check(request, parent),
        networkStatus: () => ({ ready: network.chainReason === "", reason: network.chainReason }),
      },
    },
    {
      name: "events",
      key: services.hostEvents,
      verbs: {
        emit: (request: EmitRequest__Output) => {
          report(toReport(plugin, request));
          return {};
        },
      },
    },
    {
      name: "telemetry",
      key: services.hostTelemetry,
      verbs: {
        report: (request: ReportRequest__Output) => {
          telemetry(fromStruct(request.state));
          return {};
        },
      },
    },
  ];
}

const longestMessage = 1024;

function toReport(plugin: string, request: EmitRequest__Output): HostReport {
  const { object, type, reason, message } = request;
  if (type !== "Normal" && type !== "Warning") {
    throw new HostError("INVALID_ARGUMENT", `type is ${JSON.stringify(type)}, but must be Normal or Warning`);
  }
  if (!/^[A-Z][A-Za-z0-9]{0,127}$/.test(reason)) {
    throw new HostError("INVALID_ARGUMENT", `reason ${JSON.stringify(reason)} is not a CamelCase word`);
  }
  return {
    plugin,
    type,
    reason,
    message: message.slice(0, longestMessage),
    ...(object?.name
      ? {
          object: {
            apiVersion: object.api_version,
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
            uid: object.uid,
          },
        }
      : {}),
  };
}
