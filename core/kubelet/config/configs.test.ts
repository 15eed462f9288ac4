import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/index.ts";
import { podCgroup } from "./cgroup-names.ts";
import { cpuQuota, cpuShares, linuxResources } from "./container-resources.ts";
import { parseResolvConf, podDns, podHostname } from "./dns.ts";
import { hostNetworkHosts, podHosts } from "./hosts-file.ts";
import { sandboxConfig } from "./sandbox-config.ts";
import {
  containerSecurityContext,
  type ImageUser,
  seccompProfile,
  verifyNonRoot,
} from "./security-context.ts";

function pod(spec: Partial<NonNullable<Pod["spec"]>> = {}): Pod {
  return {
    metadata: { name: "web", namespace: "shop", uid: "u1", labels: { app: "web" } },
    spec: { containers: [{ name: "app" }], ...spec },
  };
}

const guaranteed = { limits: { cpu: "500m", memory: "64Mi" } };

describe("resources of a container", () => {
  it("become shares, quota and bytes of the kernel", () => {
    const resources = {
      requests: { cpu: "250m", memory: "32Mi" },
      limits: { cpu: "1500m", memory: "64Mi", "hugepages-2Mi": "4Mi" },
    };
    const one = pod({ containers: [{ name: "app", resources }] });
    expect(linuxResources(one, resources, { memoryBytes: 1024 ** 3 })).toEqual({
      cpu_shares: 256,
      cpu_period: 100_000,
      cpu_quota: 150_000,
      memory_limit_in_bytes: 64 * 1024 ** 2,
      oom_score_adj: 1000 - 31,
      hugepage_limits: [{ page_size: "2MB", limit: 4 * 1024 ** 2 }],
    });
  });

  it("stay inside what the kernel takes", () => {
    expect([cpuShares(undefined), cpuShares("1m"), cpuShares("1000")]).toEqual([2, 2, 262_144]);
    expect([cpuQuota("1m"), cpuQuota("0")]).toEqual([1000, 0]);
  });

  it("decide who goes first when memory runs out: the modest last", () => {
    const score = (one: Pod) =>
      linuxResources(one, one.spec?.containers[0]?.resources, { memoryBytes: 1024 ** 3 }).oom_score_adj;
    expect(score(pod())).toBe(1000);
    expect(score(pod({ containers: [{ name: "app", resources: guaranteed }] }))).toBe(-997);
    expect(score(pod({ containers: [{ name: "app", resources: { requests: { cpu: "1m" } } }] }))).toBe(999);
  });
});

describe("the control group of a pod", () => {
  it("lies in the tier of its quality of service, in the words of each driver", () => {
    expect(podCgroup(pod(), "kubepods", "cgroupfs")).toBe("/kubepods/besteffort/podu1");
    expect(podCgroup(pod(), "kubepods", "systemd")).toBe("kubepods-besteffort-podu1.slice");
    expect(
      podCgroup(pod({ containers: [{ name: "app", resources: guaranteed }] }), "a/kubepods", "cgroupfs"),
    ).toBe("/a/kubepods/podu1");
  });
});

describe("names that a pod resolves", () => {
  const node = parseResolvConf(
    "# made by hand\nnameserver 192.0.2.53\nsearch example.com corp\noptions timeout:1\n",
  );
  const cluster = { servers: ["10.96.0.10"], domain: "cluster.local" };

  it("are the cluster's first, then the node's", () => {
    expect(podDns(pod(), node, cluster)).toEqual({
      servers: ["10.96.0.10"],
      searches: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.com", "corp"],
      options: ["ndots:5"],
    });
  });

  it("are the node's on its network, by policy, or while the cluster has no name server", () => {
    expect(podDns(pod({ hostNetwork: true }), node, cluster)).toEqual(node);
    expect(podDns(pod({ dnsPolicy: "Default" }), node, cluster)).toEqual(node);
    expect(podDns(pod(), node, { ...cluster, servers: [] })).toEqual(node);
  });

  it("are what the pod itself says, over the rest", () => {
    const dnsConfig = {
      nameservers: ["192.0.2.1"],
      searches: ["own"],
      options: [{ name: "ndots", value: "2" }, { name: "debug" }],
    };
    expect(podDns(pod({ dnsPolicy: "None", dnsConfig }), node, cluster)).toEqual({
      servers: ["192.0.2.1"],
      searches: ["own"],
      options: ["ndots:2", "debug"],
    });
  });

  it("have a host name that the kernel takes", () => {
    const long = pod();
    long.metadata.name = `${"a".repeat(62)}-b`;
    expect(podHostname(long)).toBe("a".repeat(62));
  });
});

describe("/etc/hosts", () => {
  const aliases = [{ ip: "192.0.2.7", hostnames: ["db", "db.local"] }];

  it("has the pod under all its addresses, and its aliases", () => {
    const text = podHosts({
      ips: ["10.0.0.2", "fd00::2"],
      hostname: "web",
      domainName: "web.sub.shop.svc.cluster.local",
      aliases,
    });
    expect(text).toContain("\n10.0.0.2\tweb.sub.shop.svc.cluster.local\tweb\nfd00::2\tweb.sub");
    expect(text).toContain("# Entries added by HostAliases.\n192.0.2.7\tdb\tdb.local\n");
  });

  it("is the node's own on the node's network", () => {
    expect(hostNetworkHosts("127.0.0.1 localhost\n", [])).toBe(
      "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n",
    );
  });
});

describe("rights of a container", () => {
  const of = (one: Pod, imageUser: ImageUser = { uid: undefined, name: "" }) =>
    containerSecurityContext(one, one.spec.containers[0]!, {
      seccompRoot: "/seccomp",
      groups: [],
      imageUser,
    });

  it("are the container's own before the pod's", () => {
    const found = of(
      pod({
        securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, supplementalGroups: [4] },
        containers: [
          {
            name: "app",
            securityContext: {
              runAsUser: 9,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      }),
    );
    expect(found).toMatchObject({
      run_as_user: { value: 9 },
      run_as_group: { value: 2 },
      supplemental_groups: [4, 3],
      no_new_privs: true,
      capabilities: { drop_capabilities: ["ALL"] },
    });
    expect(found.masked_paths).toContain("/proc/kcore");
  });

  it("name the image's user beside a group for which the pod names none: runtimes refuse it alone", () => {
    const grouped = pod({ securityContext: { runAsGroup: 5 } });
    const run_as_group = { value: 5 };
    expect(of(grouped)).toMatchObject({ run_as_user: { value: 0 }, run_as_group });
    expect(of(grouped, { uid: 7, name: "" })).toMatchObject({ run_as_user: { value: 7 }, run_as_group });
    expect(of(grouped, { uid: undefined, name: "web" })).toMatchObject({
      run_as_username: "web",
      run_as_group,
    });
    expect(of(pod(), { uid: 7, name: "" })).not.toHaveProperty("run_as_user");
  });

  it("show all of /proc to a privileged one only", () => {
    expect(
      of(pod({ containers: [{ name: "app", securityContext: { privileged: true } }] })).masked_paths,
    ).toEqual([]);
  });

  it("put namespaces where the pod wants them", () => {
    expect(of(pod({ hostNetwork: true, shareProcessNamespace: true })).namespace_options).toMatchObject({
      network: "NODE",
      pid: "POD",
    });
    expect(of(pod()).namespace_options).toMatchObject({ network: "POD", pid: "CONTAINER", ipc: "POD" });
  });

  it("never take a seccomp profile from outside its folder", () => {
    expect(
      seccompProfile({ type: "Localhost", localhostProfile: "a/b.json" }, "/seccomp").localhost_ref,
    ).toBe("/seccomp/a/b.json");
    expect(() => seccompProfile({ type: "Localhost", localhostProfile: "../x" }, "/seccomp")).toThrow(
      "must be a path below",
    );
  });

  it("refuse root where the pod forbids it, and a user name that cannot be judged", () => {
    const strict = pod({ securityContext: { runAsNonRoot: true } });
    const verify = (uid: number | undefined, name: string) => () =>
      verifyNonRoot(strict, { name: "app" }, { uid, name });
    expect(verify(undefined, "")).toThrow("image will run as root");
    expect(verify(undefined, "nobody")).toThrow("non-numeric user (nobody)");
    expect(verify(1000, "")).not.toThrow();
  });
});

describe("a sandbox", () => {
  it("is told everything it must know of the pod", () => {
    const spec = {
      containers: [{ name: "app", ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] }],
      securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "9" }] },
    };
    const config = sandboxConfig(pod(spec), 2, {
      nodeDns: { servers: [], searches: [], options: [] },
      clusterDns: { servers: [], domain: "cluster.local" },
      logsRoot: "/logs",
      cgroupRoot: "kubepods",
      cgroupDriver: "cgroupfs",
      seccompRoot: "/seccomp",
      nodeName: "one",
      plugin: "fake@1",
    });
    expect(config).toMatchObject({
      metadata: { name: "web", namespace: "shop", uid: "u1", attempt: 2 },
      log_directory: "/logs/shop_web_u1",
      labels: { app: "web", "io.kubernetes.pod.uid": "u1" },
      annotations: { "berth.dev/node": "one", "berth.dev/runtime-plugin": "fake@1" },
      port_mappings: [{ protocol: "TCP", container_port: 80, host_port: 8080, host_ip: "" }],
      linux: { sysctls: { "net.core.somaxconn": "9" } },
    });
  });
});
