export interface BearerChallenge {
  scheme: "bearer";
  realm: string;
  service?: string;
  scope?: string;
}

/** What a registry's WWW-Authenticate asks for; undefined when it is neither Basic nor Bearer. */
export function parseChallenge(header: string): BearerChallenge | { scheme: "basic" } | undefined {
  const [, scheme = "", rest = ""] = /^\s*(\w+)\s*(.*)$/s.exec(header) ?? [];
  if (scheme.toLowerCase() === "basic") return { scheme: "basic" };
  if (scheme.toLowerCase() !== "bearer") return undefined;
  const fields = Object.fromEntries(
    [...rest.matchAll(/(\w+)\s*=\s*"([^"]*)"/g)].map(([, name, value]) => [name!.toLowerCase(), value!]),
  ) as Record<string, string | undefined>;
  const { realm, service, scope } = fields;
  if (realm === undefined) return undefined;
  return {
    scheme: "bearer",
    realm,
    ...(service !== undefined && { service }),
    ...(scope !== undefined && { scope }),
  };
}
