import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupVersion, type Kind, kinds } from "../../core/api/index.ts";
import { readKubeconfig } from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { ProtobufBodies } from "../support/protobuf-body.ts";
import { makeSigningRequest } from "../support/signing-request.ts";

type Loose = Record<string, unknown>;

const container = { name: "a", image: "i:1", ports: [{ containerPort: 80 }] };
const labels = { app: "a" };
const template = { metadata: { labels }, spec: { containers: [container] } };
const endingTemplate = { spec: { containers: [container], restartPolicy: "Never" } };
const workload = { spec: { selector: { matchLabels: labels }, template } };
const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "a" };
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const subjects = [{ kind: "User", name: "u", apiGroup: "rbac.authorization.k8s.io" }];
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const claimSpec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const matchConstraints = {
  resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
};
const webhook = {
  name: "a.example.com",
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  failurePolicy: "Ignore",
  clientConfig: { url: "https://127.0.0.1:1/x" },
  rules: [{ apiGroups: ["example.com"], apiVersions: ["v1"], operations: ["*"], resources: ["none"] }],
};
const devices = { requests: [{ name: "r", exactly: { deviceClassName: "a" } }] };
const pod = { kind: "Pod", namespace: "default", name: "a" };

/** What each kind needs besides a name. */
const parts: Readonly<Record<string, Loose>> = {
  "v1/configmaps": { data: { a: "é" }, binaryData: { b: "AAH/" }, immutable: true },
  "v1/endpoints": { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80, name: "" }] }] },
  "v1/events": { involvedObject: pod, count: 2, firstTimestamp: "2026-01-02T03:04:05Z" },
  "v1/limitranges": { spec: { limits: [{ type: "Container", max: { cpu: "2" }, default: { cpu: "1" } }] } },
  "v1/nodes": { spec: { taints: [{ key: "a", effect: "NoSchedule" }] }, status: { capacity: { cpu: "4" } } },
  "v1/persistentvolumeclaims": { spec: claimSpec },
  "v1/persistentvolumes": {
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      csi: { driver: "d", volumeHandle: "h" },
    },
  },
  "v1/pods": {
    spec: {
      containers: [
        {
          ...container,
          env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "m", key: "k" } } }],
          livenessProbe: { httpGet: { path: "/", port: "web" }, initialDelaySeconds: 5 },
          resources: { limits: { cpu: "500m" } },
        },
      ],
      serviceAccountName: "p-v1",
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: "v", emptyDir: {} }],
    },
  },
  "v1/podtemplates": { template },
  "v1/replicationcontrollers": { spec: { selector: labels, template } },
  "v1/resourcequotas": { spec: { hard: { "count/jobs.batch": "1" } } },
  "v1/secrets": { data: { a: "AAH/" }, stringData: { b: "c" } },
  "v1/services": { spec: { clusterIP: "None", ports: [{ port: 80, targetPort: 8080 }] } },
  "admissionregistration.k8s.io/v1/mutatingadmissionpolicies": {
    spec: {
      matchConstraints,
      reinvocationPolicy: "Never",
      mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } }],
    },
  },
  "admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings": { spec: { policyName: "a" } },
  "admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": { webhooks: [webhook] },
  "admissionregistration.k8s.io/v1/validatingadmissionpolicies": {
    spec: { matchConstraints, validations: [{ expression: "true" }] },
  },
  "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings": {
    spec: { policyName: "a", validationActions: ["Audit"] },
  },
  "admissionregistration.k8s.io/v1/validatingwebhookconfigurations": { webhooks: [webhook] },
  "apiextensions.k8s.io/v1/customresourcedefinitions": {
    metadata: { name: "foos.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Foo", plural: "foos" },
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", additionalProperties: { type: "integer" } } },
            },
          },
        },
      ],
    },
  },
  "apiregistration.k8s.io/v1/apiservices": {
    metadata: { name: "v1.far.example.com" },
    spec: {
      ...{ group: "far.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 },
      service: { namespace: "default", name: "none" },
      insecureSkipTLSVerify: true,
    },
  },
  "apps/v1/controllerrevisions": { revision: 3, data: { spec: { a: [1, null, "x"] } } },
  "apps/v1/daemonsets": workload,
  "apps/v1/deployments": {
    spec: { ...workload.spec, replicas: 0, strategy: { rollingUpdate: { maxSurge: "50%" } } },
  },
  "apps/v1/replicasets": workload,
  "apps/v1/statefulsets": {
    spec: {
      ...workload.spec,
      serviceName: "s",
      volumeClaimTemplates: [{ metadata: { name: "d" }, spec: claimSpec }],
    },
  },
  "autoscaling/v1/horizontalpodautoscalers": { spec: { scaleTargetRef, maxReplicas: 3 } },
  "autoscaling/v2/horizontalpodautoscalers": { spec: { scaleTargetRef, maxReplicas: 3 } },
  "batch/v1/cronjobs": { spec: { schedule: "@daily", jobTemplate: { spec: { template: endingTemplate } } } },
  "batch/v1/jobs": { spec: { template: endingTemplate, backoffLimit: 0 } },
  "certificates.k8s.io/v1/certificatesigningrequests": {
    spec: { signerName: "example.com/a", usages: ["client auth"], request: "" },
  },
  "coordination.k8s.io/v1/leases": {
    spec: { holderIdentity: "", renewTime: "2026-01-02T03:04:05.000000Z", leaseDurationSeconds: 15 },
  },
  "discovery.k8s.io/v1/endpointslices": {
    ...{ addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: false } }] },
    ports: [{ name: "", port: 80 }],
  },
  "events.k8s.io/v1/events": {
    metadata: { name: "same-resource" },
    ...{ eventTime: "2026-01-02T03:04:05.000000Z", reportingController: "a.com/b", reportingInstance: "i" },
    ...{ action: "A", reason: "R", type: "Normal", regarding: pod },
  },
  "flowcontrol.apiserver.k8s.io/v1/flowschemas": { spec: { priorityLevelConfiguration: { name: "a" } } },
  "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations": {
    spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
  },
  "networking.k8s.io/v1/ingressclasses": { spec: { controller: "acme.io/foo" } },
  "networking.k8s.io/v1/ingresses": {
    spec: { defaultBackend: { service: { name: "s", port: { name: "web" } } } },
  },
  "networking.k8s.io/v1/ipaddresses": {
    metadata: { name: "10.1.2.3" },
    spec: { parentRef: { resource: "services", namespace: "default", name: "a" } },
  },
  "networking.k8s.io/v1/networkpolicies": {
    spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }, { port: "web" }] }] },
  },
  "networking.k8s.io/v1/servicecidrs": { spec: { cidrs: ["10.200.0.0/24"] } },
  "node.k8s.io/v1/runtimeclasses": { handler: "h", overhead: { podFixed: { cpu: "10m" } } },
  "policy/v1/poddisruptionbudgets": { spec: { minAvailable: "50%", selector: { matchLabels: labels } } },
  "rbac.authorization.k8s.io/v1/clusterrolebindings": { roleRef, subjects },
  "rbac.authorization.k8s.io/v1/clusterroles": { rules },
  "rbac.authorization.k8s.io/v1/rolebindings": { roleRef, subjects },
  "rbac.authorization.k8s.io/v1/roles": { rules },
  "resource.k8s.io/v1/resourceclaims": { spec: { devices } },
  "resource.k8s.io/v1/resourceclaimtemplates": { spec: { spec: { devices } } },
  "resource.k8s.io/v1/resourceslices": {
    spec: {
      ...{
        driver: "d.example.com",
        nodeName: "a",
        pool: { name: "a", generation: 1, resourceSliceCount: 1 },
      },
      devices: [{ name: "g", attributes: { size: { int: 0 }, model: { string: "m" } } }],
    },
  },
  "scheduling.k8s.io/v1/priorityclasses": { value: 7, description: "d" },
  "storage.k8s.io/v1/csinodes": {
    spec: { drivers: [{ name: "d", nodeID: "n", allocatable: { count: 0 } }] },
  },
  "storage.k8s.io/v1/csistoragecapacities": { storageClassName: "s", capacity: "1Gi" },
  "storage.k8s.io/v1/storageclasses": { provisioner: "csi.example.com", parameters: { a: "" } },
  "storage.k8s.io/v1/volumeattachments": {
    spec: { attacher: "a", nodeName: "a", source: { persistentVolumeName: "a" } },
  },
  "storage.k8s.io/v1/volumeattributesclasses": { driverName: "d", parameters: { a: "b" } },
};

/** Pods have one of the service accounts. */
const first = (kind: Kind): number => (kind.resource === "serviceaccounts" ? 0 : 1);
const stored = kinds
  .all()
  .filter((kind) => kind.storageVersion && kind.servedByDefault && kind.verbs.includes("create"))
  // Berth's own kinds are nobody's Go types.
  .filter(({ group }) => group !== "berth.dev")
  .toSorted((a, b) => first(a) - first(b));
const bodies = new ProtobufBodies();
const protobufType = "application/vnd.kubernetes.protobuf";
const jsonType = "application/json";

let api: TestApiServer;
let credentials: { ca: string; cert: string; key: string };
let signingRequest: string;

beforeAll(async () => {
  api = await startTestApiServer();
  const { authority, certificate } = await readKubeconfig(api.kubeconfig);
  credentials = { ca: authority!, cert: certificate!.certificate, key: certificate!.key };
  signingRequest = Buffer.from((await makeSigningRequest({ commonName: "u" })).request).toString("base64");
});

afterAll(() => api.dispose());

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: Loose;
}

function ask(
  method: string,
  path: string,
  type: string,
  body?: Buffer | object,
  accept?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const headers = {
      "content-type": type,
      "content-length": String(bytes?.length ?? 0),
      accept: accept ?? `${protobufType},${jsonType}`,
    };
    const outgoing = httpsRequest(
      { host: "127.0.0.1", port: api.server.port, method, path, headers, agent: false, ...credentials },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.on("end", () =>
          resolve({
            code: incoming.statusCode ?? 0,
            type: incoming.headers["content-type"] ?? "",
            body: JSON.parse(text) as Loose,
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}

function placeOf({ group, version, namespaced, resource }: Kind): string {
  const root = group === "" ? "/api" : `/apis/${group}`;
  return `${root}/${version}${namespaced ? "/namespaces/default" : ""}/${resource}`;
}

/** Without what differs between two objects made alike. */
function comparable(object: Loose): Loose {
  // A job's labels and selector carry its uid.
  const { uid } = object["metadata"] as { uid: string };
  const { metadata, ...rest } = JSON.parse(JSON.stringify(object).replaceAll(uid, "uid")) as Loose;
  const { uid: _, creationTimestamp: __, resourceVersion: ___, managedFields, ...kept } = metadata as Loose;
  const owners = (managedFields as Loose[]).map(({ time: ____, ...owner }) => owner);
  return { ...rest, metadata: { ...kept, managedFields: owners } };
}

describe("objects in protobuf, as typed clients send them", () => {
  test.each(stored.map((kind) => [`${groupVersion(kind)}/${kind.resource}`, kind] as const))(
    "%s is what the same object in JSON is",
    async (name, kind) => {
      const { metadata, ...part } = parts[name] ?? {};
      const object: Loose = {
        ...{ apiVersion: groupVersion(kind), kind: kind.kind },
        ...{
          metadata: { name: `p-${kind.version}`, labels, ...(metadata as Loose) },
          ...structuredClone(part),
        },
      };
      if (kind.resource === "certificatesigningrequests")
        (object["spec"] as Loose)["request"] = signingRequest;
      const place = placeOf(kind);
      const rehearsed = await ask("POST", `${place}?dryRun=All&fieldValidation=Strict`, jsonType, object);
      expect([rehearsed.code, rehearsed.body["message"]]).toEqual([201, undefined]);
      const made = await ask("POST", place, protobufType, bodies.of(kind, object));
      expect([made.code, made.type, made.body["message"]]).toEqual([201, jsonType, undefined]);
      expect(comparable(made.body)).toEqual(comparable(rehearsed.body));
    },
  );

  test("DeleteOptions: a precondition that does not hold keeps the object, one that holds does not", async () => {
    const named = { group: "", version: "v1", kind: "DeleteOptions", type: "meta.v1.DeleteOptions" };
    const place = "/api/v1/namespaces/default/podtemplates/p-v1";
    const { body } = await ask("GET", place, jsonType);
    const remove = (uid: unknown): Promise<Answer> =>
      ask("DELETE", place, protobufType, bodies.of(named, { gracePeriodSeconds: 0, preconditions: { uid } }));
    const refused = await remove("another");
    expect([refused.code, refused.body["message"]]).toEqual([409, expect.stringContaining("UID")]);
    expect((await remove((body["metadata"] as Loose)["uid"])).code).toBe(200);
  });

  const maps = "/api/v1/namespaces/default/configmaps";
  test.each([
    ["protobuf alone", maps, protobufType, 406],
    ["text alone", maps, "text/html", 406],
    ["protobuf or anything", maps, `${protobufType},*/*`, 200],
    ["a Table in protobuf, or JSON", maps, `${protobufType};as=Table;g=meta.k8s.io;v=v1,${jsonType}`, 200],
  ])("who accepts %s", async (_, path, accept, code) => {
    const answer = await ask("GET", path, jsonType, undefined, accept);
    expect([answer.code, answer.type]).toEqual([code, jsonType]);
  });

  test("a custom resource, whose fields nobody has numbered, is refused with 415", async () => {
    const foos = "/apis/example.com/v1/namespaces/default/foos";
    await expect.poll(async () => (await ask("GET", foos, jsonType)).code, { timeout: 60_000 }).toBe(200);
    const sent = await ask("POST", foos, protobufType, Buffer.from("k8s\0"));
    expect([sent.code, sent.body["reason"]]).toEqual([415, "UnsupportedMediaType"]);
    expect((await ask("POST", maps, "text/plain", Buffer.from("x"))).code).toBe(415);
  });
});
