import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock, silentLogger } from "@berth/base";
import type { AuditEvent } from "../../core/apiserver/audit/audit-event.ts";
import { AuditLogFile } from "../../core/apiserver/audit/audit-log-file.ts";
import type { AuditPolicy } from "../../core/apiserver/audit/audit-policy.ts";
import { clientOf, httpsTransport, readKubeconfig, resources } from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-audit-"));
  log = join(folder, "audit", "audit.log");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const policy: AuditPolicy = {
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", users: ["quiet"] },
    { level: "Metadata", resources: [{ group: "", resources: ["secrets"] }] },
    { level: "Request", verbs: ["create"], resources: [{ resources: ["configmaps"] }] },
    { level: "RequestResponse", resources: [{ resources: ["serviceaccounts"] }], omitManagedFields: true },
    { level: "Metadata", resources: [{ resources: ["namespaces"] }] },
  ],
};

const start = (maxBytes = 1e8): Promise<TestApiServer> =>
  startTestApiServer({ settings: { audit: { path: log, policy, maxBytes, maxBackups: 2, maxAgeDays: 0 } } });

/** Of what is written when the server has ended. */
async function events(): Promise<AuditEvent[]> {
  const text = await readFile(log, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as AuditEvent);
}

describe("the audit log", () => {
  test("holds of each request what the first matching rule says, and never a secret's data", async () => {
    const api = await start();
    try {
      const admin = await api.client("https");
      const scope = { namespace: "default" };
      const metadata = { name: "one", namespace: "default" };
      const data = { password: Buffer.from("hunter2").toString("base64") };
      await clientOf(admin, resources.secrets).create(
        { apiVersion: "v1", kind: "Secret", metadata, data },
        scope,
      );
      await clientOf(admin, resources.configMaps).create(
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } },
        scope,
      );
      await clientOf(admin, resources.configMaps).get("one", scope);
      await clientOf(admin, resources.serviceAccounts).create(
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        scope,
      );
      const quiet = await api.client("https", "quiet", ["system:masters"]);
      await clientOf(quiet, resources.secrets).get("one", scope);
    } finally {
      await api.dispose();
    }
    const all = await events();
    expect(all.map(({ level, verb, objectRef }) => `${level} ${verb} ${objectRef?.["resource"]}`)).toEqual([
      "Metadata create secrets",
      "Request create configmaps",
      "RequestResponse create serviceaccounts",
    ]);
    expect(await readFile(log, "utf8")).not.toContain("aHVudGVyMg");
    expect(all[0]).toMatchObject({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      stage: "ResponseComplete",
      requestURI: "/api/v1/namespaces/default/secrets",
      user: { username: "admin", groups: ["system:masters", "system:authenticated"] },
      sourceIPs: ["127.0.0.1"],
      objectRef: { namespace: "default", apiVersion: "v1" },
      responseStatus: { code: 201 },
      annotations: { "authorization.k8s.io/decision": "allow" },
    });
    expect(all[1]).toMatchObject({ requestObject: { data: { a: "b" } } });
    expect(all[1]).not.toHaveProperty("responseObject");
    expect(all[2]?.responseObject).toMatchObject({ metadata: { name: "one", uid: expect.any(String) } });
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  test("holds no secret and no token even where a rule asks for everything, and of lists no managed fields", async () => {
    const rules = [{ level: "RequestResponse", omitManagedFields: true }] as const;
    const audit = { path: log, policy: { rules, omitStages: policy.omitStages! }, maxBytes: 1e8 };
    const api = await startTestApiServer({ settings: { audit: { ...audit, maxBackups: 2, maxAgeDays: 0 } } });
    let token = "";
    try {
      const admin = await api.client("https");
      const scope = { namespace: "default" };
      const metadata = { name: "one", namespace: "default" };
      const secrets = clientOf(admin, resources.secrets);
      const password = Buffer.from("hunter2").toString("base64");
      await secrets.create({ apiVersion: "v1", kind: "Secret", metadata, data: { password } }, scope);
      await secrets.patch("one", "merge", { stringData: { password: "hunter3" } }, scope);
      await secrets.get("one", scope);
      await secrets.list(scope);
      const accounts = clientOf(admin, resources.serviceAccounts);
      await accounts.create({ apiVersion: "v1", kind: "ServiceAccount", metadata }, scope);
      await accounts.list(scope);
      const transport = httpsTransport(await readKubeconfig(api.kubeconfig));
      const post = (path: string, body: object): Promise<unknown> =>
        transport.call({ method: "POST", path, body }).then((answer) => answer.body);
      const path = "/api/v1/namespaces/default/serviceaccounts/one/token";
      const made = await post(path, { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" });
      ({ token } = (made as { status: { token: string } }).status);
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
      await post("/apis/authentication.k8s.io/v1/tokenreviews", review);
      transport.dispose();
    } finally {
      await api.dispose();
    }
    const text = await readFile(log, "utf8");
    for (const part of ["aHVudGVyMg", "aHVudGVyMw", "hunter3", token.split(".")[2]!, "managedFields"])
      expect(text, part).not.toContain(part);
    const all = await events();
    const asked = all.map(({ level, verb, objectRef }) => `${level} ${verb} ${objectRef?.["resource"]}`);
    expect(asked).toContain("Metadata patch secrets");
    expect(asked).toContain("Metadata create tokenreviews");
    expect(asked).toContain("RequestResponse list serviceaccounts");
  });

  test("tells refusals, who acted as whom, and the end of a watch", async () => {
    const api = await start();
    try {
      const bob = await api.client("https", "bob", []);
      await expect(clientOf(bob, resources.namespaces).list()).rejects.toMatchObject({ code: 403 });
      const nobody = httpsTransport(await readKubeconfig(await api.bareKubeconfig()));
      await expect(nobody.call({ method: "GET", path: "/api/v1/namespaces" })).rejects.toMatchObject({
        code: 401,
      });
      nobody.dispose();
      const admin = await api.client("https");
      const headers = { "impersonate-user": "carol" };
      await expect(
        admin.request({ method: "GET", path: "/api/v1/namespaces", headers }),
      ).rejects.toMatchObject({
        code: 403,
      });
      const leave = new AbortController();
      for await (const event of clientOf(admin, resources.namespaces).watch({ signal: leave.signal })) {
        expect(event.type).toBe("ADDED");
        leave.abort();
      }
    } finally {
      await api.dispose();
    }
    const all = await events();
    expect(all[0]).toMatchObject({
      user: { username: "bob" },
      responseStatus: { code: 403, status: "Failure", reason: "Forbidden" },
      annotations: { "authorization.k8s.io/decision": "forbid" },
    });
    expect(all[1]).toMatchObject({ user: { username: "system:anonymous" }, responseStatus: { code: 401 } });
    expect(all[2]).toMatchObject({ user: { username: "admin" }, impersonatedUser: { username: "carol" } });
    expect(all.slice(3).map(({ verb, stage }) => `${verb} ${stage}`)).toEqual([
      "watch ResponseStarted",
      "watch ResponseComplete",
    ]);
    expect(all[3]?.auditID).toBe(all[4]?.auditID);
  });

  test("is set aside when it is full, and only so many are kept", async () => {
    const api = await start(1500);
    try {
      const admin = await api.client("in-process");
      for (let number = 0; number < 12; number++) {
        const metadata = { name: `n${number}`, namespace: "default" };
        const account = { apiVersion: "v1", kind: "ServiceAccount", metadata };
        await clientOf(admin, resources.serviceAccounts).create(account, { namespace: "default" });
      }
    } finally {
      await api.dispose();
    }
    const files = await readdir(join(folder, "audit"));
    expect(files).toHaveLength(3);
    const last = (await events()).at(-1);
    expect(last?.objectRef?.["resource"]).toBe("serviceaccounts");
    expect(last?.requestObject).toMatchObject({ metadata: { name: "n11" } });
  });

  test("files that are set aside within a millisecond do not take each other's place", async () => {
    const settings = { path: log, policy, maxBytes: 1, maxBackups: 0, maxAgeDays: 0 };
    const file = new AuditLogFile(settings, { clock: new FakeClock(), logger: silentLogger });
    const names = ["a", "b", "c", "d"];
    for (const auditID of names) file.sink({ auditID } as AuditEvent);
    await file.dispose();
    const files = (await readdir(join(folder, "audit"))).toSorted();
    expect(files).toHaveLength(names.length);
    const texts = await Promise.all(files.map((name) => readFile(join(folder, "audit", name), "utf8")));
    expect(texts.map((text) => (JSON.parse(text) as AuditEvent).auditID)).toEqual(names);
  });
});
