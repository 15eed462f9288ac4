import { afterEach, beforeEach, expect, it } from "vitest";

import type { Pod, Service } from "../../core/api/index.ts";
import { clientOf, resources, waitFor } from "../../core/client/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";

const scope = { namespace: "default" };
let plane: TestControlPlane;

beforeEach(async () => {
  plane = await startControlPlane();
  await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
});
afterEach(() => plane.dispose());

it("a service's endpoint slice follows its pods and goes with the service", async () => {
  const pods = clientOf(plane.admin, resources.pods);
  const services = clientOf(plane.admin, resources.services);
  const slices = clientOf(plane.admin, resources.endpointSlices);
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  };
  await services.create(service, scope);
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "one", namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "busybox" }] },
  };
  await pods.create(pod, scope);
  const status = {
    phase: "Running",
    podIP: "10.0.0.1",
    podIPs: [{ ip: "10.0.0.1" }],
    conditions: [{ type: "Ready", status: "True" }],
  };
  await pods.patch("one", "merge", { status }, { ...scope, subresource: "status" });
  const full = await waitFor(
    slices,
    "web-0-0",
    (one) => one?.endpoints?.[0]?.conditions?.ready === true,
    scope,
  );
  expect(full?.endpoints?.[0]?.addresses).toEqual(["10.0.0.1"]);
  await services.create({ ...service, metadata: { name: "later", namespace: "default" } }, scope);
  await waitFor(slices, "later-0-0", Boolean, scope);
  // What the server made of it is what was wanted: nothing is written again and again.
  expect((await slices.get("web-0-0", scope)).metadata.resourceVersion).toBe(full?.metadata.resourceVersion);
  const unready = { status: { conditions: [{ type: "Ready", status: "False" }] } };
  await pods.patch("one", "merge", unready, { ...scope, subresource: "status" });
  await waitFor(slices, "web-0-0", (one) => one?.endpoints?.[0]?.conditions?.ready === false, scope);
  await pods.patch("one", "merge", { metadata: { labels: { app: "other" } } }, scope);
  await waitFor(slices, "web-0-0", (one) => one === undefined, scope);
  await pods.patch("one", "merge", { metadata: { labels: { app: "web" } } }, scope);
  await waitFor(slices, "web-0-0", (one) => one !== undefined, scope);
  await services.delete("web", scope);
  await waitFor(slices, "web-0-0", (one) => one === undefined, scope);
});
