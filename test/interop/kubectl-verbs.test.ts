import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestControlPlane, startControlPlane } from "../support/control-plane.ts";
import { eventually } from "../support/cri-node.ts";
import { type Kubectl, type Outcome, podText, startKubectl } from "../support/kubectl.ts";

let plane: TestControlPlane;
let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

beforeAll(async () => {
  plane = await startControlPlane({ transport: "https" });
  tool = await startKubectl({ api: plane.api });
  for (const name of ["n1", "n2"]) await plane.addNode(name);
  await plane.runPods();
});

afterAll(async () => {
  await tool.dispose();
  await plane.dispose();
});

async function good(...args: string[]): Promise<string> {
  const { code, out, err } = await kubectl(...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${err}`);
  return out;
}

const deployment = (image: string, replicas = 2): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "${image}", ports: [{containerPort: 80}]}
`;

describe("real kubectl, on a cluster that schedules and controls", () => {
  test("apply, rollout, history, undo, scale and autoscale of a deployment", async () => {
    const file = await tool.manifest("web", deployment("web:1"));
    expect(await good("apply", "-f", file)).toBe("deployment.apps/web created\n");
    expect(await good("rollout", "status", "deployment/web", "--timeout=60s")).toContain(
      "successfully rolled out",
    );
    await tool.manifest("web", deployment("web:2"));
    await good("apply", "-f", file);
    expect(await good("rollout", "status", "deployment/web", "--timeout=60s")).toContain(
      "successfully rolled out",
    );
    expect(await good("rollout", "history", "deployment/web")).toMatch(/^2\s/m);
    expect(await good("rollout", "undo", "deployment/web")).toBe("deployment.apps/web rolled back\n");
    expect(
      await good("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"),
    ).toBe("web:1");
    expect(await good("rollout", "restart", "deployment/web")).toBe("deployment.apps/web restarted\n");
    expect(await good("scale", "deployment/web", "--replicas=3", "--current-replicas=2")).toBe(
      "deployment.apps/web scaled\n",
    );
    expect(await good("rollout", "status", "deployment/web", "--timeout=60s")).toContain(
      "successfully rolled out",
    );
    expect(await good("autoscale", "deployment/web", "--min=1", "--max=4", "--cpu-percent=50")).toContain(
      "autoscaled",
    );
    expect(await good("get", "hpa", "web")).toMatch(/^web\s+Deployment\/web\s/m);
  });

  test("server-side apply takes over what client-side apply owned", async () => {
    const text = (data: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: moved}\ndata: {${data}}\n`;
    const file = await tool.manifest("moved", text("a: '1', b: '1'"));
    await good("apply", "-f", file);
    await good("apply", "--server-side", "-f", file);
    const { metadata } = JSON.parse(
      await good("get", "configmap", "moved", "--show-managed-fields", "-o", "json"),
    ) as { metadata: { managedFields: { manager: string }[] } };
    const lastApplied = { "f:kubectl.kubernetes.io/last-applied-configuration": {} };
    // Owners are listed by time first, and kubectl writes twice.
    expect(metadata.managedFields.toSorted((a, b) => (a.manager < b.manager ? -1 : 1))).toEqual([
      expect.objectContaining({
        manager: "kubectl",
        operation: "Apply",
        fieldsV1: { "f:data": { "f:a": {}, "f:b": {} } },
      }),
      // kubectl keeps the annotation under a name of its own, for those who go back to client-side apply.
      expect.objectContaining({
        manager: "kubectl-last-applied",
        operation: "Apply",
        fieldsV1: { "f:metadata": { "f:annotations": lastApplied } },
      }),
    ]);
    await tool.manifest("moved", text("a: '1'"));
    await good("apply", "--server-side", "-f", file);
    expect(await good("get", "configmap", "moved", "-o", "jsonpath={.data}")).toBe('{"a":"1"}');
  });

  test("set, label, annotate, patch in three forms, edit by replace, and the conflict of an old revision", async () => {
    await good("create", "deployment", "other", "--image=a:1");
    await good("set", "image", "deployment/other", "a=a:2");
    await good("set", "env", "deployment/other", "X=1");
    await good("set", "resources", "deployment/other", "--limits=cpu=100m");
    expect(await good("label", "deployment/other", "tier=back")).toContain("labeled");
    expect((await kubectl("label", "deployment/other", "tier=front")).err).toContain(
      "already has a value (back)",
    );
    expect(await good("label", "deployment/other", "tier-")).toContain("unlabeled");
    expect(await good("annotate", "deployment/other", "note=x")).toContain("annotated");
    await good(
      "patch",
      "deployment",
      "other",
      "--type=json",
      "-p",
      '[{"op":"replace","path":"/spec/replicas","value":0}]',
    );
    await good("patch", "deployment", "other", "--type=merge", "-p", '{"spec":{"minReadySeconds":3}}');
    await good(
      "patch",
      "deployment",
      "other",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"}]}]}}}}',
    );
    const spec = JSON.parse(await good("get", "deployment", "other", "-o", "jsonpath={.spec}")) as {
      replicas: number;
      minReadySeconds: number;
      template: { spec: { containers: { image: string; env: { name: string }[] }[] } };
    };
    expect(spec).toMatchObject({ replicas: 0, minReadySeconds: 3 });
    expect(spec.template.spec.containers[0]).toMatchObject({ image: "a:2" });
    expect(spec.template.spec.containers[0]!.env.map(({ name }) => name).toSorted()).toEqual(["X", "Y"]);
    const old = await tool.manifest("old", await good("get", "deployment", "other", "-o", "yaml"));
    await good("annotate", "deployment/other", "note=y", "--overwrite");
    expect((await kubectl("replace", "-f", old)).err).toContain("the object has been modified");
  });

  test("server-side apply: owners, conflict and force", async () => {
    const map = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned}\ndata: {a: "${value}"}\n`;
    const file = await tool.manifest("owned", map("1"));
    expect(await good("apply", "--server-side", "--field-manager=one", "-f", file)).toContain(
      "serverside-applied",
    );
    await tool.manifest("owned", map("2"));
    const conflict = await kubectl("apply", "--server-side", "--field-manager=two", "-f", file);
    expect(conflict.err).toContain('conflict with "one": .data.a');
    await good("apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", file);
    const owners = await good(
      "get",
      "cm",
      "owned",
      "--show-managed-fields",
      "-o",
      "jsonpath={.metadata.managedFields[*].manager}",
    );
    expect(owners.split(" ")).toContain("two");
  });

  test("diff, dry runs and strictness change nothing", async () => {
    const file = await tool.manifest(
      "dry",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dry}\ndata: {a: '1'}\n",
    );
    expect(await good("apply", "--dry-run=server", "-f", file)).toContain("created (server dry run)");
    const { code, out } = await kubectl("diff", "-f", file);
    expect([code, out]).toEqual([1, expect.stringContaining('+  a: "1"')]);
    expect((await kubectl("get", "cm", "dry")).code).toBe(1);
    await good("create", "cm", "dry");
    await good("delete", "cm", "dry", "--dry-run=server");
    expect((await kubectl("get", "cm", "dry")).code).toBe(0);
  });

  test("explain, plain and recursive; api-resources and api-versions", async () => {
    const plain = await good("explain", "deployment.spec.strategy.rollingUpdate");
    expect(plain).toMatch(/maxSurge\s+<IntOrString>/);
    expect(plain.length).toBeGreaterThan(400);
    expect(await good("explain", "pod.spec", "--recursive")).toMatch(/runAsNonRoot\s+<boolean>/);
    expect(await good("explain", "hpa", "--api-version=autoscaling/v1")).toContain("VERSION:    v1");
    expect(await good("api-resources", "--namespaced=false", "-o", "name")).toContain("nodes\n");
    expect(await good("api-versions")).toContain("networking.k8s.io/v1\n");
    expect(await good("get", "--raw", "/readyz?verbose")).toMatch(/^\[\+\]ping ok$/m);
  });

  test("auth can-i, whoami and create token", async () => {
    expect(
      (await kubectl("auth", "can-i", "list", "pods", "--as=system:serviceaccount:default:robot")).out,
    ).toContain("no");
    await good("create", "serviceaccount", "robot");
    await good("create", "rolebinding", "robot", "--clusterrole=view", "--serviceaccount=default:robot");
    expect(await good("auth", "can-i", "list", "pods", "--as=system:serviceaccount:default:robot")).toBe(
      "yes\n",
    );
    expect(await good("auth", "whoami")).toMatch(/Username\s+admin/);
    expect((await good("create", "token", "robot", "--duration=20m")).split(".")).toHaveLength(3);
  });

  test("wait, describe, and events by the object they tell of", async () => {
    await good("apply", "-f", await tool.manifest("pod", podText("waited")));
    expect(await good("wait", "pod/waited", "--for=condition=Ready", "--timeout=60s")).toContain(
      "condition met",
    );
    expect(
      await good("wait", "pod/waited", "--for=jsonpath={.status.phase}=Running", "--timeout=60s"),
    ).toContain("condition met");
    const describe = (): Promise<string> => good("describe", "pod", "waited");
    const told = await eventually(describe, (text) => text.includes("Scheduled"));
    expect(told).toMatch(/Node:\s+n[12]/);
    expect(await good("describe", "node", "n1")).toMatch(/^Allocatable:/m);
    expect(await good("events", "--for", "pod/waited")).toContain("Scheduled");
  });

  test("cordon and drain move pods away, uncordon brings the node back", async () => {
    await good("scale", "deployment/web", "--replicas=4");
    await good("rollout", "status", "deployment/web", "--timeout=60s");
    const drained = await good(
      "drain",
      "n1",
      "--ignore-daemonsets",
      "--force",
      "--delete-emptydir-data",
      "--timeout=60s",
    );
    expect(drained).toContain("node/n1 drained");
    expect(await good("get", "node", "n1")).toContain("SchedulingDisabled");
    expect(await good("uncordon", "n1")).toBe("node/n1 uncordoned\n");
    expect(await good("taint", "node", "n1", "a=b:NoSchedule")).toContain("tainted");
    expect(await good("taint", "node", "n1", "a-")).toContain("untainted");
  });

  test("get in chunks with a watch behind it sees everything and goes on", async () => {
    for (let index = 0; index < 7; index++) await good("create", "cm", `chunk-${index}`);
    const args = ["get", "cm", "-w", "--chunk-size=2", "-o", "name"];
    const child = spawn("kubectl", args, { env: tool.environment, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const read = (): string => text;
    try {
      await eventually(read, (seen) => seen.includes("configmap/chunk-6\n"));
      await good("create", "cm", "later");
      await eventually(read, (seen) => seen.includes("configmap/later\n"));
      expect(text.match(/configmap\/chunk-/g)).toHaveLength(7);
    } finally {
      child.kill();
    }
  });

  test("expose, run, cp-like reads by label and field, and delete in all its forms", async () => {
    expect(await good("expose", "deployment/web", "--port=80")).toBe("service/web exposed\n");
    await good("run", "one", "--image=a:1", "--labels=kind=single");
    expect(await good("get", "pods", "-l", "kind=single", "-o", "name")).toBe("pod/one\n");
    expect(await good("get", "pods", "--field-selector=metadata.name=one", "-o", "name")).toBe("pod/one\n");
    expect(await good("get", "all")).toContain("deployment.apps/web");
    expect(await good("delete", "pods", "-l", "kind=single", "--timeout=60s")).toContain('pod "one" deleted');
    expect(await good("delete", "deployment", "web", "--cascade=orphan")).toContain("deleted");
    expect(await good("get", "rs", "-l", "app=web", "-o", "name")).toContain("replicaset.apps/web-");
    await good("delete", "rs", "-l", "app=web", "--cascade=foreground", "--timeout=60s");
    expect(await good("get", "pods", "-l", "app=web", "-o", "name")).toBe("");
  });
});
