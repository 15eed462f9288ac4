import { must, mustEqual, mustFail } from "../expectations.ts";
import type { Case, Suite } from "../suite.ts";
import { CniContext } from "./cni-context.ts";

/** Runs in real network namespaces: needs root and iproute2 on the machine of the plugin. */
const cases: readonly Case<CniContext>[] = [
  {
    name: "VERSION answers 1.1.0 among the versions it supports",
    async run({ network }) {
      const { supported_versions } = await network.version({});
      must(supported_versions.includes("1.1.0"), `it supports ${supported_versions.join(", ")}`);
    },
  },
  {
    name: "STATUS answers OK when ADD can be served",
    run: async ({ network, config }) => void (await network.status({ config })),
  },
  {
    name: "ADD makes the interface and answers it with an address",
    async run(context) {
      const sandbox = await context.sandbox();
      const { interfaces, ips } = await context.add(sandbox);
      mustEqual(await context.links(sandbox), ["eth0"], "links in the namespace");
      must(
        interfaces.some(({ name, sandbox: place }) => name === "eth0" && place === sandbox.netns),
        "the result names no eth0 in the namespace",
      );
      must(
        ips.length > 0 && ips.every(({ address }) => /\/\d+$/u.test(address)),
        "the result has no address",
      );
    },
  },
  {
    name: "ADD twice for the same attachment answers the same",
    async run(context) {
      const sandbox = await context.sandbox();
      const first = await context.add(sandbox);
      mustEqual((await context.add(sandbox)).ips, first.ips, "addresses of the second answer");
    },
  },
  {
    name: "ADD gives different addresses to different sandboxes, also at once",
    async run(context) {
      const sandboxes = await Promise.all([1, 2, 3, 4].map(() => context.sandbox()));
      const results = await Promise.all(sandboxes.map((sandbox) => context.add(sandbox)));
      const addresses = results.flatMap(({ ips }) => ips.map(({ address }) => address));
      mustEqual(new Set(addresses).size, addresses.length, "number of different addresses");
    },
  },
  {
    name: "ADD into a namespace that is not there fails and leaves no attachment",
    async run(context) {
      const missing = { id: `${context.target.prefix}-missing`, netns: "/run/netns/no-such-namespace" };
      await mustFail(
        context.add(missing),
        "ADD without a namespace",
        "NOT_FOUND",
        "INVALID_ARGUMENT",
        "FAILED_PRECONDITION",
      );
    },
  },
  {
    name: "ADD refuses a request without container_id, ifname or netns",
    async run(context) {
      const complete = context.attachment({ id: "x", netns: "/run/netns/x" });
      for (const missing of ["container_id", "ifname", "netns"] as const) {
        const attachment = { ...complete, [missing]: "" };
        await mustFail(
          context.network.add({ config: context.config, attachment }),
          `ADD without ${missing}`,
          "INVALID_ARGUMENT",
        );
      }
    },
  },
  {
    name: "DEL removes the interface, succeeds twice, and without ever an ADD",
    async run(context) {
      const sandbox = await context.sandbox();
      await context.del(sandbox);
      await context.add(sandbox);
      await context.del(sandbox);
      await context.del(sandbox);
      mustEqual(await context.links(sandbox), [], "links in the namespace");
    },
  },
  {
    name: "DEL succeeds when the namespace is gone, and the address is free again",
    async run(context) {
      const sandbox = await context.sandbox();
      await context.add(sandbox);
      await context.removeNamespace(sandbox);
      context.forgetNamespace(sandbox);
      await context.del({ ...sandbox, netns: "" });
    },
  },
  {
    name: "CHECK succeeds after ADD and fails once the interface is gone",
    async run(context) {
      const sandbox = await context.sandbox();
      const prev_result = await context.add(sandbox);
      const request = { config: context.config, attachment: context.attachment(sandbox), prev_result };
      await context.network.check(request);
      await context.del(sandbox);
      await mustFail(context.network.check(request), "CHECK after DEL", "FAILED_PRECONDITION", "NOT_FOUND");
    },
  },
  {
    name: "GC releases what is not in the valid set and nothing else",
    async run(context) {
      const [kept, forgotten] = [await context.sandbox(), await context.sandbox()];
      await context.add(kept);
      await context.add(forgotten);
      const { released } = await context.network.gc({
        config: context.config,
        valid_attachments: [{ container_id: kept.id, ifname: "eth0" }],
      });
      mustEqual(
        released.map(({ container_id }) => container_id),
        [forgotten.id],
        "released attachments",
      );
      mustEqual(await context.links(kept), ["eth0"], "links of the one that is valid");
    },
  },
];

/** berth.cni.v1: CNI 1.1, verb for verb. The plugin must have no attachments of others: GC with an empty set ends each case. */
export const cniSuite: Suite<CniContext> = {
  contract: "cni",
  cases,
  open: async (target) => new CniContext(target),
  cleanUp: (context) => context.cleanUp(),
  close: async (context) => context.close(),
};
