import { expect, test } from "vitest";
import { startTestApiServer } from "../support/api-server.ts";
import { differentParts, hashesOf, readDocumentRecord, readDocuments } from "./answers/documents.ts";
import { knownDocumentDifferences } from "./answers/known-document-differences.ts";
import { connect } from "./answers/sender.ts";

test("discovery and OpenAPI are those of kube-apiserver 1.36.0, but for the differences that are known", async () => {
  const api = await startTestApiServer();
  try {
    using sender = await connect(api.kubeconfig);
    const ours = hashesOf(await readDocuments(sender));
    // What differs is shown by npm run interop:go -- kube-apiserver documents.
    expect(differentParts(readDocumentRecord(), ours)).toEqual([...knownDocumentDifferences].toSorted());
  } finally {
    await api.dispose();
  }
});
