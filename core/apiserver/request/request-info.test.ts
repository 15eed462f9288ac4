import { describe, expect, it } from "vitest";
import { requestInfo } from "./request-info.ts";

/** "verb group/version/resource[/sub] namespace name rest" */
function read(method: string, url: string): string {
  const [path = "", query = ""] = url.split("?");
  const info = requestInfo(method, path, new URLSearchParams(query));
  if (!info.isResource) return `${info.verb} ${info.path}`;
  const { verb, group, version, resource, subresource, namespace, name, rest } = info;
  const what = [group, version, resource, subresource].filter((part) => part !== "").join("/");
  return [verb, what, namespace, name, rest].filter((part) => part !== "").join(" ");
}

describe("requestInfo", () => {
  it.each([
    ["GET", "/api/v1/pods", "list v1/pods"],
    ["GET", "/api/v1/namespaces/a/pods", "list v1/pods a"],
    ["GET", "/api/v1/namespaces/a/pods?watch=true", "watch v1/pods a"],
    ["GET", "/api/v1/namespaces/a/pods?watch=0", "list v1/pods a"],
    ["GET", "/api/v1/watch/namespaces/a/pods", "watch v1/pods a"],
    ["POST", "/api/v1/watch/namespaces/a/pods", "watch v1/pods a"],
    ["DELETE", "/api/v1/watch/namespaces/a/pods/web", "watch v1/pods a web"],
    ["GET", "/api/v1/namespaces/a", "get v1/namespaces a a"],
    ["PUT", "/api/v1/namespaces/a/finalize", "update v1/namespaces/finalize a a"],
    ["PATCH", "/apis/apps/v1/namespaces/a/deployments/web/status", "patch apps/v1/deployments/status a web"],
    ["DELETE", "/apis/apps/v1/namespaces/a/deployments", "deletecollection apps/v1/deployments a"],
    ["POST", "/api/v1/namespaces/a/pods/web/binding", "create v1/pods/binding a web"],
    ["GET", "/api/v1/nodes/one/proxy/stats/summary", "get v1/nodes/proxy one /stats/summary"],
    ["GET", "/api/v1/nodes/a%2Fb", "get v1/nodes a/b"],
    ["GET", "/apis/apps/v1", "get /apis/apps/v1"],
    ["GET", "/version", "get /version"],
  ])("%s %s is %s", (method, url, expected) => {
    expect(read(method, url)).toBe(expected);
  });

  it("refuses a path that is not well-formed", () => {
    expect(() => requestInfo("GET", "/api/v1/nodes/%E0%A4%A", new URLSearchParams())).toThrow(URIError);
  });
});
