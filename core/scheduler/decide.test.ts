import { describe, expect, it } from "vitest";

import type { PersistentVolumeClaim, Pod } from "../api/index.ts";
import { decide } from "./decide.ts";
import type { Cluster } from "./model.ts";
import { standardPlugins } from "./plugins.ts";
import { podInfo } from "./pod-info.ts";
import { aCluster, aNode, anInstance, aPod, asking } from "./testing.ts";

/** The name of the chosen node, or the sentence why there is none. */
function outcome(pod: Pod, cluster: Cluster): string {
  const decision = decide(podInfo(pod), cluster, standardPlugins);
  return decision.node ? decision.node.node.metadata.name : decision.message;
}

function claim(name: string, change: Partial<PersistentVolumeClaim> = {}): PersistentVolumeClaim {
  return {
    metadata: { name, namespace: "default" },
    spec: {
      storageClassName: "local",
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
    },
    ...change,
  };
}

const usingClaim = (name: string) => ({
  volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }],
});

describe("resources", () => {
  it("refuses what a node has no room for, each missing resource named", () => {
    const cluster = aCluster({
      nodes: [aNode("a", { allocatable: { "nvidia.com/gpu": "4" } })],
      pods: { a: [aPod("big", asking({ cpu: "3", "nvidia.com/gpu": "4" }))] },
    });
    expect(outcome(aPod("p", asking({ cpu: "1" })), cluster)).toBe("a");
    expect(outcome(aPod("p", asking({ "nvidia.com/gpu": "1" })), cluster)).toBe(
      "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
    );
    expect(outcome(aPod("p", asking({ cpu: "1001m", memory: "9Gi" })), cluster)).toBe(
      "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.",
    );
  });

  it("counts pods, and the greatest step of an initialisation", () => {
    const full = aCluster({
      nodes: [aNode("a", { allocatable: { pods: "1" } })],
      pods: { a: [aPod("one")] },
    });
    expect(outcome(aPod("p"), full)).toBe("0/1 nodes are available: 1 Too many pods.");
    const init = aPod("p", {
      initContainers: [
        { name: "side", restartPolicy: "Always", resources: { requests: { cpu: "1" } } },
        { name: "init", resources: { requests: { cpu: "4" } } },
      ],
      containers: [{ name: "main", resources: { requests: { cpu: "2" } } }],
    });
    expect(podInfo(init).requests.get("cpu")).toBe(5000);
    expect(outcome(init, aCluster({ nodes: [aNode("a")] }))).toBe(
      "0/1 nodes are available: 1 Insufficient cpu.",
    );
  });

  it("takes the emptier of two nodes", () => {
    const cluster = aCluster({
      nodes: [aNode("a"), aNode("b")],
      pods: { a: [aPod("one", asking({ cpu: "1", memory: "1Gi" }))] },
    });
    expect(outcome(aPod("p", asking({ cpu: "1", memory: "1Gi" })), cluster)).toBe("b");
  });
});

describe("nodes", () => {
  it("says so when there are none", () => {
    expect(outcome(aPod("p"), aCluster({}))).toBe("no nodes are available to schedule pods.");
  });

  it("counts equal reasons of several nodes, the most frequent first", () => {
    const cordoned = { node: { metadata: { name: "" }, spec: { unschedulable: true } } };
    const cluster = aCluster({
      nodes: [
        { ...aNode("a", cordoned), metadata: { name: "a" } },
        { ...aNode("b", cordoned), metadata: { name: "b" } },
        aNode("c", { allocatable: { cpu: "0" } }),
      ],
    });
    expect(outcome(aPod("p", asking({ cpu: "1" })), cluster)).toBe(
      "0/3 nodes are available: 2 node(s) were unschedulable, 1 Insufficient cpu.",
    );
  });

  it("keeps off tainted and unready nodes unless the pod tolerates that", () => {
    const tainted = aNode("a", {
      node: {
        metadata: { name: "a" },
        spec: { taints: [{ key: "gpu", value: "only", effect: "NoSchedule" }] },
      },
    });
    const cluster = aCluster({ nodes: [tainted] });
    expect(outcome(aPod("p"), cluster)).toBe(
      "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}.",
    );
    const tolerations = [{ key: "gpu", operator: "Equal" as const, value: "only" }];
    expect(outcome(aPod("p", { tolerations }), cluster)).toBe("a");
    const unready = { ...aNode("a"), status: { conditions: [{ type: "Ready", status: "False" }] } };
    expect(outcome(aPod("p"), aCluster({ nodes: [unready] }))).toContain("node.kubernetes.io/not-ready");
  });

  it("follows nodeSelector and node affinity, by label and by name", () => {
    const cluster = aCluster({
      nodes: [aNode("a"), aNode("b", { node: { metadata: { name: "b", labels: { disk: "ssd" } } } })],
    });
    expect(outcome(aPod("p", { nodeSelector: { disk: "ssd" } }), cluster)).toBe("b");
    expect(outcome(aPod("p", { nodeSelector: { disk: "hdd" } }), cluster)).toContain("0/2 nodes are");
    const byName = {
      nodeSelectorTerms: [
        { matchFields: [{ key: "metadata.name", operator: "In" as const, values: ["a"] }] },
      ],
    };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: byName } };
    expect(outcome(aPod("p", { affinity }), cluster)).toBe("a");
    expect(outcome(aPod("p", { affinity, nodeSelector: { disk: "ssd" } }), cluster)).toBe(
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
    );
  });

  it("gives a host port to one pod only", () => {
    const web = (name: string, hostIP?: string): Pod =>
      aPod(name, {
        containers: [
          { name: "main", ports: [{ containerPort: 80, hostPort: 8080, ...(hostIP && { hostIP }) }] },
        ],
      });
    const cluster = aCluster({ nodes: [aNode("a")], pods: { a: [web("one", "127.0.0.1")] } });
    expect(outcome(web("p"), cluster)).toContain("didn't have free ports");
    expect(outcome(web("p", "10.0.0.1"), cluster)).toBe("a");
  });
});

describe("plugins", () => {
  const ready = [
    anInstance("a", "cri-containerd", "cri", { capabilities: ["runtime:runc"] }),
    anInstance("a", "cni-bridge", "cni", { capabilities: ["network"] }),
  ];

  it("lets a pod pass when every plugin it needs is ready", () => {
    expect(outcome(aPod("p"), aCluster({ nodes: [aNode("a")], instances: ready }))).toBe("a");
  });

  it("lets a pod wait for its runtime handler, with the plugin's own reason", () => {
    const runtimeClasses = [{ metadata: { name: "gvisor" }, handler: "gvisor" }];
    const broken = anInstance("a", "cri-gvisor", "cri", { state: "backoff", reason: "exit code 3" });
    const pod = aPod("p", { runtimeClassName: "gvisor" });
    const cluster = aCluster({ nodes: [aNode("a")], instances: [...ready, broken], runtimeClasses });
    expect(outcome(pod, cluster)).toBe(
      '0/1 nodes are available: 1 node(s) wait for runtime handler "gvisor": plugin cri-gvisor is backoff (exit code 3).',
    );
    expect(outcome(pod, aCluster({ nodes: [aNode("a")], instances: ready, runtimeClasses }))).toContain(
      'runtime handler "gvisor": no installed plugin offers it',
    );
    expect(outcome(pod, aCluster({ nodes: [aNode("a")], instances: ready }))).toBe(
      '0/1 nodes are available: runtimeclass.node.k8s.io "gvisor" not found.',
    );
  });

  it("keeps a pod to the nodes that its runtime class is for", () => {
    const runtimeClasses = [
      {
        metadata: { name: "c" },
        handler: "h",
        scheduling: { nodeSelector: { "kubernetes.io/hostname": "b" } },
      },
    ];
    const pod = aPod("p", { runtimeClassName: "c" });
    expect(outcome(pod, aCluster({ nodes: [aNode("a"), aNode("b")], runtimeClasses }))).toBe("b");
    expect(outcome(pod, aCluster({ nodes: [aNode("a")], runtimeClasses }))).toBe(
      "0/1 nodes are available: 1 node(s) didn't match the RuntimeClass's node selector.",
    );
  });

  it("lets a pod wait for the network unless it uses the node's", () => {
    const cluster = aCluster({ nodes: [aNode("a")], instances: ready.slice(0, 1) });
    expect(outcome(aPod("p"), cluster)).toContain("wait for the network: no cni plugin is installed");
    expect(outcome(aPod("p", { hostNetwork: true }), cluster)).toBe("a");
  });

  it("lets a pod wait for the driver of its volume", () => {
    const contents = {
      nodes: [aNode("a")],
      instances: ready,
      storageClasses: [
        {
          metadata: { name: "local" },
          provisioner: "hostpath.csi.berth.dev",
          volumeBindingMode: "WaitForFirstConsumer" as const,
        },
      ],
      claims: [claim("data")],
    };
    const pod = aPod("p", usingClaim("data"));
    expect(outcome(pod, aCluster(contents))).toContain('wait for volume driver "hostpath.csi.berth.dev"');
    const driver = anInstance("a", "csi", "csi", { capabilities: ["csi:hostpath.csi.berth.dev"] });
    expect(outcome(pod, aCluster({ ...contents, instances: [...ready, driver] }))).toBe("a");
  });
});

describe("volumes", () => {
  const immediate = {
    metadata: { name: "local" },
    provisioner: "x",
    volumeBindingMode: "Immediate" as const,
  };

  it("waits for claims that are absent or not yet bound", () => {
    const pod = aPod("p", usingClaim("data"));
    expect(outcome(pod, aCluster({ nodes: [aNode("a")] }))).toBe(
      '0/1 nodes are available: persistentvolumeclaim "data" not found.',
    );
    const unbound = aCluster({ nodes: [aNode("a")], claims: [claim("data")], storageClasses: [immediate] });
    expect(outcome(pod, unbound)).toBe(
      "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
    );
  });

  it("follows a bound volume to the nodes from which it can be reached", () => {
    const bound = claim("data", { status: { phase: "Bound" } });
    bound.spec.volumeName = "pv";
    const expression = { key: "kubernetes.io/hostname", operator: "In" as const, values: ["b"] };
    const volume = {
      metadata: { name: "pv" },
      spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } },
    };
    const contents = { claims: [bound], volumes: [volume] };
    const pod = aPod("p", usingClaim("data"));
    expect(outcome(pod, aCluster({ ...contents, nodes: [aNode("a"), aNode("b")] }))).toBe("b");
    expect(outcome(pod, aCluster({ ...contents, nodes: [aNode("a")] }))).toBe(
      "0/1 nodes are available: 1 node(s) had volume node affinity conflict.",
    );
  });
});

describe("pods among each other", () => {
  const web = { labels: { app: "web" } };
  const term = { labelSelector: { matchLabels: { app: "web" } }, topologyKey: "kubernetes.io/hostname" };

  it("keeps away from pods it does not want beside it, and from those that do not want it", () => {
    const apart = aPod(
      "p",
      { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
      web,
    );
    const cluster = aCluster({ nodes: [aNode("a")], pods: { a: [aPod("one", {}, web)] } });
    expect(outcome(apart, cluster)).toContain("didn't match pod anti-affinity rules");
    const other = aCluster({ nodes: [aNode("a")], pods: { a: [apart] } });
    expect(outcome(aPod("q", {}, web), other)).toContain("didn't satisfy existing pods anti-affinity rules");
  });

  it("goes where the pods are that it wants to be with, the first of a group anywhere", () => {
    const together = {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    };
    const cluster = aCluster({ nodes: [aNode("a"), aNode("b")], pods: { b: [aPod("one", {}, web)] } });
    expect(outcome(aPod("p", together), cluster)).toBe("b");
    const lonely = aCluster({ nodes: [aNode("a")] });
    expect(outcome(aPod("p", together), lonely)).toContain("didn't match pod affinity rules");
    expect(outcome(aPod("p", together, web), lonely)).toBe("a");
  });

  it("holds to the skew of its spread constraints", () => {
    const spread = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "DoNotSchedule" as const,
          labelSelector: { matchLabels: { app: "web" } },
        },
      ],
    };
    const pods = { a: [aPod("one", {}, web), aPod("two", {}, web)], b: [aPod("three", {}, web)] };
    const cluster = aCluster({ nodes: [aNode("a"), aNode("b")], pods });
    expect(outcome(aPod("p", spread, web), cluster)).toBe("b");
    const full = aNode("b", { allocatable: { pods: "1" } });
    expect(outcome(aPod("p", spread, web), aCluster({ nodes: [aNode("a"), full], pods }))).toBe(
      "0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints.",
    );
  });
});
