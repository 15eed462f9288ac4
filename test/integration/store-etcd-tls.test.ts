import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import { openPki, type Pki } from "../../core/http/index.ts";
import { readEtcdSettings } from "../../core/store/etcd/etcd-settings.ts";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import type { Store } from "../../core/store/store.ts";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";

const folder = mkdtempSync(join(tmpdir(), "berth-etcd-tls-"));
let etcd: EtcdProcess;

const pkiIn = (name: string): Promise<Pki> =>
  openPki({ folder: join(folder, name), clock: systemClock, logger: silentLogger });

function pem(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Files of a client certificate and of the authority it believes in. */
async function filesOf(owner: Pki, name: string): Promise<Files> {
  const { certificate, key } = await owner.leaf(name, { commonName: name, usages: ["client"] });
  return {
    authorityFile: pem(`${name}-ca.pem`, owner.authorityCertificate),
    certificateFile: pem(`${name}.pem`, certificate),
    keyFile: pem(`${name}-key.pem`, key),
  };
}

interface Files {
  readonly authorityFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

const open = (files: Files): Promise<Store> =>
  openEtcdStore(readEtcdSettings({ servers: [etcd.server], root: "/berth", ...files }));

let own: Files;
let other: Files;

beforeAll(async () => {
  const pki = await pkiIn("pki");
  const { certificate, key } = await pki.leaf("etcd", {
    commonName: "etcd",
    hosts: ["127.0.0.1"],
    // Its gateway is a client of its own.
    usages: ["server", "client"],
  });
  own = await filesOf(pki, "own");
  other = await filesOf(await pkiIn("other"), "other");
  const tls = {
    authority: own.authorityFile!,
    certificate: pem("etcd.pem", certificate),
    key: pem("etcd-key.pem", key),
  };
  etcd = await (await EtcdProcess.prepare(folder, { tls })).start();
});
afterAll(async () => {
  await etcd.kill();
  rmSync(folder, { recursive: true });
});

it("keeps objects in an etcd that is spoken to over TLS and asks for a client certificate", async () => {
  const store = await open(own);
  expect(await store.create("/a", Buffer.from("1"))).toMatchObject({ written: true });
  expect((await store.get("/a")).item?.value.toString()).toBe("1");
  await store.close();
});

it("says that it does not believe a member whose certificate another authority has signed", async () => {
  await expect(open({ ...own, authorityFile: other.authorityFile! })).rejects.toMatchObject({
    code: "BERTH_STORE_UNREACHABLE",
    message: expect.stringMatching(/127\.0\.0\.1:\d+ cannot be reached: .*certificate/) as string,
  });
});

it("says that a member wants another client certificate, or one at all", async () => {
  const { certificateFile, keyFile } = other;
  for (const files of [
    { ...own, certificateFile: certificateFile!, keyFile: keyFile! },
    { authorityFile: own.authorityFile! },
  ])
    await expect(open(files)).rejects.toMatchObject({
      code: "BERTH_STORE_UNREACHABLE",
      message: expect.stringMatching(/certificate|unknown ca/i) as string,
    });
});
