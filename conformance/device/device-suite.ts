import { Connection, type PromiseClient, services } from "@berth/verbs";
import type {
  DevicePluginDefinition,
  DevicePluginHandlers,
} from "@berth/proto/generated/deviceplugin/v1beta1/DevicePlugin.ts";
import { must, mustEqual, mustFail } from "../expectations.ts";
import type { Case, Suite } from "../suite.ts";

interface DeviceContext {
  readonly device: PromiseClient<DevicePluginDefinition, DevicePluginHandlers>;
  readonly connection: Connection;
}

async function firstList({ device }: DeviceContext) {
  for await (const { devices } of device.listAndWatch({})) return devices;
  return [];
}

async function healthyIds(context: DeviceContext): Promise<string[]> {
  return (await firstList(context)).filter(({ health }) => health === "Healthy").map(({ ID }) => ID);
}

const cases: readonly Case<DeviceContext>[] = [
  {
    name: "ListAndWatch sends the list at once, each device with an id of its own and a known health",
    async run(context) {
      const devices = await firstList(context);
      mustEqual(new Set(devices.map(({ ID }) => ID)).size, devices.length, "number of different ids");
      for (const { ID, health } of devices) {
        must(health === "Healthy" || health === "Unhealthy", `${ID} is ${JSON.stringify(health)}`);
      }
    },
  },
  {
    name: "ListAndWatch answers the same ids to a second watcher",
    async run(context) {
      const ids = async () => (await firstList(context)).map(({ ID }) => ID).toSorted();
      mustEqual(await ids(), await ids(), "ids");
    },
  },
  {
    name: "Allocate answers one response a container, and the same for the same devices",
    async run(context) {
      const [id] = await healthyIds(context);
      if (id === undefined) return;
      const request = { container_requests: [{ devices_ids: [id] }, { devices_ids: [id] }] };
      const { container_responses } = await context.device.allocate(request);
      mustEqual(container_responses.length, 2, "number of responses");
      mustEqual(container_responses[0], container_responses[1], "the two responses");
      for (const { host_path, container_path, permissions } of container_responses[0]!.devices) {
        must(host_path.startsWith("/") && container_path.startsWith("/"), "a device path is not absolute");
        must(/^[rwm]{1,3}$/u.test(permissions), `permissions are ${JSON.stringify(permissions)}`);
      }
    },
  },
  {
    name: "Allocate refuses a device that is not there",
    run: async ({ device }) =>
      void (await mustFail(
        device.allocate({ container_requests: [{ devices_ids: ["no-such-device"] }] }),
        "Allocate of a missing device",
        "NOT_FOUND",
        "INVALID_ARGUMENT",
      )),
  },
  {
    name: "GetPreferredAllocation answers as many as asked for, with those that must be included",
    async run(context) {
      const { get_preferred_allocation_available } = await context.device.getDevicePluginOptions({});
      const ids = await healthyIds(context);
      if (!get_preferred_allocation_available || ids.length < 2) return;
      const { container_responses } = await context.device.getPreferredAllocation({
        container_requests: [
          { available_deviceIDs: ids, must_include_deviceIDs: [ids.at(-1)!], allocation_size: 2 },
        ],
      });
      const chosen = container_responses[0]?.deviceIDs ?? [];
      must(new Set(chosen).size === 2, `it chose ${chosen.join(", ")}`);
      must(chosen.includes(ids.at(-1)!), "it left out a device that must be included");
      must(
        chosen.every((id) => ids.includes(id)),
        "it chose a device that is not available",
      );
    },
  },
  {
    name: "PreStartContainer succeeds for healthy devices",
    async run(context) {
      const { pre_start_required } = await context.device.getDevicePluginOptions({});
      const [id] = await healthyIds(context);
      if (pre_start_required && id !== undefined)
        await context.device.preStartContainer({ devices_ids: [id] });
    },
  },
];

/** Device plugin v1beta1. Allocating makes nothing, so there is nothing to clean up. */
export const deviceSuite: Suite<DeviceContext> = {
  contract: "device",
  cases,
  async open({ endpoint }) {
    const connection = new Connection(endpoint);
    return { connection, device: connection.client(services.device) };
  },
  cleanUp: async () => [],
  close: async ({ connection }) => connection.dispose(),
};
