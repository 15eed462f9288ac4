import { describe, expect, test } from "vitest";
import type { Authorizer } from "../authz/authorizer.ts";
import type { ServerRequest } from "../request/request.ts";
import { impersonationFilter } from "./impersonation.ts";

/** Whoever may impersonate these: `GROUP/RESOURCE[/SUBRESOURCE] [NAMESPACE/]NAME`. */
function mayBe(...rights: string[]): Authorizer {
  return {
    name: "a test",
    authorize(_, asked) {
      if (!asked.isResource || asked.verb !== "impersonate") return undefined;
      const { group, resource, subresource, namespace, name } = asked;
      const what = `${group}/${resource}${subresource === "" ? "" : `/${subresource}`}`;
      const allowed = rights.includes(`${what} ${namespace === "" ? "" : `${namespace}/`}${name}`);
      return allowed ? { allowed, reason: "" } : undefined;
    },
  };
}

/** Who a request with these headers becomes. */
async function become(
  authorizer: Authorizer,
  headers: Record<string, string>,
): Promise<ServerRequest["user"]> {
  const request = {
    headers,
    query: new URLSearchParams(),
    info: { isResource: false, verb: "get", path: "/" },
    user: { name: "ann", groups: ["a"] },
  } as unknown as ServerRequest;
  await impersonationFilter(authorizer)(request, () => Promise.resolve(undefined as never));
  return request.user;
}

describe("acting as somebody else", () => {
  const all = [
    "/users bob",
    "/groups g",
    "authentication.k8s.io/uids 7",
    "authentication.k8s.io/userextras/team red",
  ];
  const headers = {
    "impersonate-user": "bob",
    "impersonate-group": "g",
    "impersonate-uid": "7",
    "impersonate-extra-team": "red",
  };

  test("takes on all that is asked for", async () => {
    expect(await become(mayBe(...all), headers)).toEqual({
      name: "bob",
      groups: ["g", "system:authenticated"],
      uid: "7",
      extra: { team: ["red"] },
    });
    expect((await become(mayBe(), {})).name).toBe("ann");
  });

  test.each(all)("needs the right to each part: without %j it is refused", async (right) => {
    const others = mayBe(...all.filter((one) => one !== right));
    await expect((async () => become(others, headers))()).rejects.toMatchObject({ code: 403 });
  });

  test("as a service account needs a right to that account, and gives the groups of its namespace", async () => {
    const robot = { "impersonate-user": "system:serviceaccount:d:robot" };
    expect((await become(mayBe("/serviceaccounts d/robot"), robot)).groups).toEqual([
      "system:serviceaccounts",
      "system:serviceaccounts:d",
      "system:authenticated",
    ]);
    for (const right of ["/users system:serviceaccount:d:robot", "/serviceaccounts e/robot"])
      await expect((async () => become(mayBe(right), robot))()).rejects.toMatchObject({ code: 403 });
  });

  test("of somebody without saying who is refused", async () => {
    const { "impersonate-user": _, ...rest } = headers;
    await expect((async () => become(mayBe(...all), rest))()).rejects.toMatchObject({
      code: 400,
      message:
        'requested &user.DefaultInfo{Name:"", UID:"7", Groups:[]string{"g"}, Extra:map[string][]string{"team":[]string{"red"}}} without impersonating a user name',
    });
  });
});
