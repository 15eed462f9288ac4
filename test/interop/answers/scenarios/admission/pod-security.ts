import type { Exchange, Scenario } from "../../exchange.ts";
import { container, learnt, make, merge, object, template } from "./objects.ts";

const level = (labels: Record<string, string>, query = ""): Exchange => ({
  method: "PATCH",
  path: `/api/v1/namespaces/{ns}${query}`,
  type: merge,
  body: {
    metadata: {
      labels: Object.fromEntries(
        Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
      ),
    },
  },
});
const safe = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const deployment = (name: string, spec: object = {}): Exchange => ({
  path: "/apis/apps/v1/namespaces/{ns}/deployments?dryRun=All",
  body: object("apps/v1", "Deployment", name, {
    spec: { selector: { matchLabels: { a: "b" } }, template: template(spec) },
  }),
});

const insecure: Record<string, object> = {
  plain: {},
  host: { hostNetwork: true, hostPID: true, hostIPC: true },
  privileged: { containers: [container("c", { securityContext: { privileged: true } })] },
  capabilities: {
    containers: [
      container("c", { securityContext: { capabilities: { add: ["NET_ADMIN", "SYS_TIME", "CHOWN"] } } }),
    ],
    initContainers: [container("i", { securityContext: { capabilities: { add: ["NET_RAW"] } } })],
  },
  paths: {
    volumes: [
      { name: "a", hostPath: { path: "/" } },
      { name: "b", hostPath: { path: "/x" } },
      { name: "n", nfs: { server: "s", path: "/" } },
    ],
  },
  ports: {
    containers: [
      container("c", {
        ports: [
          { containerPort: 1, hostPort: 1 },
          { containerPort: 2, hostPort: 2 },
        ],
      }),
    ],
  },
  linux: {
    securityContext: {
      seLinuxOptions: { type: "x", user: "u", role: "r" },
      sysctls: [{ name: "kernel.msgmax", value: "1" }],
      seccompProfile: { type: "Unconfined" },
    },
  },
  mount: {
    containers: [
      container("c", { securityContext: { procMount: "Unmasked", seLinuxOptions: { type: "y" } } }),
    ],
    hostUsers: false,
  },
  process: {
    securityContext: { windowsOptions: { hostProcess: true, runAsUserName: "x" } },
    hostNetwork: true,
  },
  root: {
    securityContext: { runAsUser: 0, runAsNonRoot: false },
    containers: [
      container("c", { securityContext: { runAsUser: 0 } }),
      container("d", { securityContext: { ...safe, capabilities: { add: ["CHOWN"], drop: ["ALL"] } } }),
    ],
  },
  armour: { containers: [container("c", { securityContext: { appArmorProfile: { type: "Unconfined" } } })] },
  probe: { containers: [container("c", { livenessProbe: { httpGet: { port: 1, host: "example.com" } } })] },
  safe: { containers: [container("c", { securityContext: safe })] },
  halves: {
    securityContext: { runAsNonRoot: true },
    containers: [
      container("c", { securityContext: { allowPrivilegeEscalation: false } }),
      container("d", { securityContext: safe }),
    ],
  },
};

export const podSecurity: readonly Scenario[] = [
  ...["privileged", "baseline", "restricted"].map((name) => ({
    name: `pod security ${name}`,
    exchanges: [
      level({ enforce: name }),
      learnt,
      ...Object.entries(insecure).map(([called, spec]) => make(called, spec)),
    ],
  })),
  {
    name: "pod security warnings",
    exchanges: [
      level({ warn: "restricted", audit: "baseline" }),
      learnt,
      ...Object.entries(insecure).map(([name, spec]) => make(name, spec)),
      ...Object.entries(insecure).map(([name, spec]) => deployment(name, spec)),
      level({ enforce: "restricted" }, "?dryRun=All"),
      level({ enforce: "baseline" }),
      learnt,
      make("another", { hostNetwork: true }),
      deployment("another", { hostNetwork: true }),
    ],
  },
  {
    name: "pod security labels",
    exchanges: [
      level({ enforce: "strict" }),
      level({ enforce: "baseline", "enforce-version": "v9" }),
      level({ enforce: "baseline", "enforce-version": "1.30" }),
      level({ "warn-version": "latest", warn: "" }),
      level({ enforce: "restricted", "enforce-version": "v1.0" }),
      learnt,
      make("old"),
      level({ enforce: "restricted", "enforce-version": "v1.24" }),
      learnt,
      make("middle", { os: { name: "windows" } }),
      level({ enforce: "restricted", "enforce-version": "v1.99" }),
      learnt,
      make("new"),
    ],
  },
];
