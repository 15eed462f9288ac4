import { execFileSync } from "node:child_process";
import type { Item } from "./snapshot.ts";

type Json = Record<string, unknown>;

/** Output of a program that prints JSON; a program that is not installed cannot have left anything. */
function runJson(program: string, args: readonly string[]): unknown {
  try {
    const output = execFileSync(program, args, {
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
      stdio: "pipe",
    });
    return output.trim() === "" ? [] : JSON.parse(output);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`${program} ${args.join(" ")} failed: ${(error as Error).message}`, { cause: error });
  }
}

export function readNetwork(): Item[] {
  return [
    ...linkItems(runJson("ip", ["-j", "-d", "address"]) as Json[]),
    ...routeItems(runJson("ip", ["-j", "route", "show", "table", "all"]) as Json[]),
    ...routeItems(runJson("ip", ["-j", "-6", "route", "show", "table", "all"]) as Json[]),
    ...firewallItems(runJson("nft", ["-j", "list", "ruleset"]) as { nftables?: Json[] }),
  ];
}

/** Links and their addresses from `ip -j -d address`. */
export function linkItems(links: readonly Json[]): Item[] {
  return links.flatMap((link): Item[] => {
    const name = String(link["ifname"]);
    const alias = typeof link["ifalias"] === "string" ? ` ${link["ifalias"]}` : "";
    const master = typeof link["master"] === "string" ? ` on ${link["master"]}` : "";
    const own: Item = {
      category: "links",
      id: `${String(link["ifindex"])} ${name}`,
      text: `${name}${master}${alias}`,
    };
    const addresses = (link["addr_info"] as Json[] | undefined) ?? [];
    return [
      own,
      ...addresses.map((entry): Item => {
        const text = `${String(entry["local"])}/${String(entry["prefixlen"])} on ${name}`;
        return { category: "addresses", id: text, text };
      }),
    ];
  });
}

/** Only what somebody set: the kernel's own come and go with links and addresses. */
export function routeItems(routes: readonly Json[]): Item[] {
  return routes
    .filter((route) => route["protocol"] !== "kernel")
    .map((route) => {
      const { dst, dev, gateway = "", table = "" } = mapWords(route);
      const text = `${dst} dev ${dev}${gateway ? ` via ${gateway}` : ""}${table ? ` table ${table}` : ""}`;
      return { category: "routes", id: text, text };
    });
}

/** Its members that are text or numbers. */
function mapWords(object: Json): Record<string, string | undefined> {
  const words = Object.entries(object).filter(([, value]) => ["string", "number"].includes(typeof value));
  return Object.fromEntries(words.map(([key, value]) => [key, String(value)]));
}

const notThings = new Set(["metainfo"]);

/** Every table, chain, rule, set and map from `nft -j list ruleset`; of sets and maps each element too. */
export function firewallItems({ nftables = [] }: { nftables?: readonly Json[] }): Item[] {
  return nftables.flatMap((entry) =>
    Object.entries(entry).flatMap(([kind, value]): Item[] => {
      if (notThings.has(kind)) return [];
      const object = value as Json;
      const { elem, handle, ...rest } = object;
      const { family, table, chain, name } = mapWords(object);
      const where = [family, table, chain, name].filter((part) => part !== undefined).join(" ");
      const detail = kind === "rule" ? ` ${JSON.stringify(withoutCounters(rest["expr"]))}` : "";
      const own: Item = {
        category: "firewall",
        id: `${kind} ${where} ${String(handle)}`,
        text: `${kind} ${where}${detail}`,
      };
      const elements = Array.isArray(elem) ? elem : [];
      return [
        own,
        ...elements.map((element): Item => {
          const text = `element of ${where} ${JSON.stringify(element)}`;
          return { category: "firewall", id: text, text };
        }),
      ];
    }),
  );
}

/** Packet counts would make every rule a new one. */
function withoutCounters(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCounters);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "counter")
      .map(([key, inner]) => [key, withoutCounters(inner)]),
  );
}
