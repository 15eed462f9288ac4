import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kubectl, type Outcome, podText, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const manifest = (name: string, text: string): Promise<string> => tool.manifest(name, text);

beforeAll(async () => {
  tool = await startKubectl();
  await kubectl("create", "serviceaccount", "default");
});

afterAll(() => tool.dispose());

describe("real kubectl", () => {
  test("lists namespaces as a table", async () => {
    const { out } = await kubectl("get", "namespaces");
    expect(out.split("\n")[0]).toMatch(/^NAME\s+STATUS\s+AGE$/);
    expect(out).toMatch(/^default\s+Active\s/m);
  });

  test("knows every kind, its short names and its group", async () => {
    const { out } = await kubectl("api-resources", "--no-headers");
    expect(out).toMatch(/^pods\s+po\s+v1\s+true\s+Pod$/m);
    expect(out).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m);
    expect(out).toMatch(/^plugininstances\s.*berth\.dev\/v1alpha1\s+false\s+PluginInstance$/m);
  });

  test("apply creates, sees that nothing changed, and changes what did", async () => {
    const file = await manifest("applied", podText("applied"));
    expect((await kubectl("apply", "-f", file)).out).toBe("pod/applied created\n");
    expect((await kubectl("apply", "-f", file)).out).toBe("pod/applied unchanged\n");
    await manifest("applied", podText("applied").replace("busybox", "busybox:2"));
    expect((await kubectl("apply", "-f", file)).out).toBe("pod/applied configured\n");
    const image = await kubectl("get", "pod", "applied", "-o", "jsonpath={.spec.containers[0].image}");
    expect(image.out).toBe("busybox:2");
  });

  test("apply of an object with one misspelt field is refused naming that field", async () => {
    const file = await manifest("misspelt", podText("misspelt", ", imagePullPolice: Never"));
    const { code, err } = await kubectl("apply", "-f", file);
    expect(code).toBe(1);
    expect(err).toContain('unknown field "spec.containers[0].imagePullPolice"');
    expect((await kubectl("get", "pod", "misspelt")).err).toContain('pods "misspelt" not found');
  });

  test("an invalid field is refused with its path", async () => {
    const file = await manifest("invalid", podText("Invalid_Name"));
    const { err } = await kubectl("apply", "-f", file);
    expect(err).toContain('The Pod "Invalid_Name" is invalid: metadata.name: Invalid value: "Invalid_Name"');
  });

  test("diff shows what would change and exits 1", async () => {
    const file = await manifest(
      "diffed",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: diffed}\ndata: {a: '1'}\n",
    );
    await kubectl("apply", "-f", file);
    await manifest("diffed", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: diffed}\ndata: {a: '2'}\n");
    const { code, out } = await kubectl("diff", "-f", file);
    expect(code).toBe(1);
    expect(out).toContain('+  a: "2"');
  });

  test("creates in protobuf what it creates by verb", async () => {
    expect((await kubectl("create", "deployment", "web", "--image=busybox", "--replicas=2")).code).toBe(0);
    expect((await kubectl("get", "deployment", "web", "--no-headers")).out).toMatch(/^web\s+0\/2\s/);
    expect((await kubectl("scale", "deployment", "web", "--replicas=5")).out).toContain("scaled");
    const { out: scale } = await kubectl("get", "deployment", "web", "--subresource=scale");
    expect(scale).toMatch(/^NAME +DESIRED +AVAILABLE +AGE\nweb +5 +0 +\d+s\n$/);
    const replicas = await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}");
    expect(replicas.out).toBe("5");
    expect((await kubectl("expose", "deployment", "web", "--port=80")).code).toBe(0);
    expect((await kubectl("get", "service", "web", "--no-headers")).out).toMatch(/ClusterIP\s+10\.96\./);
  });

  test("patch adds to a list in front, and replaces what is not there yet", async () => {
    await kubectl("create", "deployment", "patched", "--image=one");
    const patch = (type: string, text: string): Promise<Outcome> =>
      kubectl("patch", "deployment", "patched", `--type=${type}`, "-p", text);
    const more = '{"spec":{"template":{"spec":{"containers":[{"name":"two","image":"two"}]}}}}';
    expect((await patch("strategic", more)).err).toBe("");
    const at = '[{"op":"replace","path":"/metadata/labels/new","value":"1"}]';
    expect((await patch("json", at)).err).toBe("");
    const asked = "-o=jsonpath={.spec.template.spec.containers[*].name} {.metadata.labels.new}";
    expect((await kubectl("get", "deployment", "patched", asked)).out).toBe("two one 1");
  });

  test("explain describes a field with its type", async () => {
    const { out } = await kubectl("explain", "pod.spec.containers.image");
    expect(out).toMatch(/FIELD: image <string>/);
  });

  test("get -w shows changes as they happen", async () => {
    // A list, because kubectl drops the first event of a watch on one named object.
    const only = "--field-selector=metadata.name=watched";
    const child = spawn("kubectl", ["get", "configmaps", only, "-w", "--no-headers"], {
      env: tool.environment,
      stdio: ["ignore", "pipe", "ignore"],
    });
    await kubectl("create", "configmap", "watched");
    const seen: string[] = [];
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        seen.push(line.trim().split(/\s+/).slice(0, 2).join(" "));
        if (seen.length === 1) await kubectl("patch", "configmap", "watched", "-p", '{"data":{"a":"1"}}');
        if (seen.length === 2) break;
      }
    } finally {
      child.kill();
    }
    expect(seen.at(-1)).toBe("watched 1");
  });

  test("wait ends with a condition and with a deletion", async () => {
    await kubectl("apply", "-f", await manifest("waited", podText("waited")));
    const ready = kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/waited", "--timeout=60s");
    const patch = '{"status":{"phase":"Running"}}';
    await kubectl("patch", "pod", "waited", "--subresource=status", "--type=merge", "-p", patch);
    expect((await ready).out).toContain("condition met");
    const gone = kubectl("wait", "--for=delete", "pod/waited", "--timeout=60s");
    await kubectl("delete", "pod", "waited", "--wait=false");
    expect((await gone).code).toBe(0);
  });

  test("describe puts a pod and its events together", async () => {
    await kubectl("apply", "-f", await manifest("told", podText("told")));
    const uid = (await kubectl("get", "pod", "told", "-o", "jsonpath={.metadata.uid}")).out;
    const event = `
apiVersion: v1
kind: Event
metadata: {name: told.1}
involvedObject: {kind: Pod, name: told, namespace: default, uid: ${uid}}
reason: Tested
message: something was said about it
type: Normal
source: {component: test}
`;
    await kubectl("create", "-f", await manifest("event", event));
    const { out } = await kubectl("describe", "pod", "told");
    expect(out).toMatch(/Normal\s+Tested\s.*test\s+something was said about it/);
  });

  test("an event is one object in both its groups, whichever it was written through", async () => {
    const event = `
apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: both.1}
regarding: {kind: Pod, name: both, namespace: default}
reason: Seen
note: from the newer group
type: Normal
action: Looking
reportingController: test
reportingInstance: test-1
eventTime: "2026-01-01T00:00:00.000000Z"
`;
    expect((await kubectl("create", "-f", await manifest("both", event))).err).toBe("");
    const old = await kubectl(
      "get",
      "events.v1.",
      "both.1",
      "-o",
      "jsonpath={.involvedObject.name} {.message}",
    );
    expect(old.out).toBe("both from the newer group");
    const newer = await kubectl(
      "get",
      "events.v1.events.k8s.io",
      "both.1",
      "-o",
      "jsonpath={.regarding.name} {.note}",
    );
    expect(newer.out).toBe("both from the newer group");
    const selected = await kubectl(
      "get",
      "events.v1.events.k8s.io",
      "--field-selector=regarding.name=both",
      "-o",
      "name",
    );
    expect(selected.out).toBe("event.events.k8s.io/both.1\n");
  });

  test("a list in chunks is complete", async () => {
    for (const name of ["c1", "c2", "c3"]) await kubectl("create", "configmap", name);
    const { out } = await kubectl("get", "configmaps", "--chunk-size=1", "-o", "name");
    for (const name of ["c1", "c2", "c3"]) expect(out).toContain(`configmap/${name}\n`);
  });
});
