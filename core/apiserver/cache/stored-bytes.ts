/**
 * The form in which objects lie in the store: JSON that begins with apiVersion, kind and metadata, without a
 * resourceVersion, which is the store's own revision and is put in on the way out.
 */
const marker = Buffer.from('"metadata":{');

interface Storable {
  apiVersion?: string;
  kind?: string;
  metadata?: { resourceVersion?: string };
}

export function toStoredBytes(object: Storable): Buffer {
  const form = { apiVersion: undefined, kind: undefined, metadata: undefined, ...object };
  form.metadata = withoutRevision(object.metadata ?? {});
  return Buffer.from(JSON.stringify(form));
}

function withoutRevision(metadata: { resourceVersion?: string }): object {
  if (metadata.resourceVersion === undefined) return metadata;
  const { resourceVersion: _, ...kept } = metadata;
  return kept;
}

/** Puts the resourceVersion first into the metadata of stored bytes. */
export function withRevision(stored: Buffer, revision: number): Buffer {
  // apiVersion and kind hold no quotes, so the first match is the object's own metadata.
  const at = stored.indexOf(marker) + marker.length;
  if (at < marker.length)
    throw new Error("a stored value has no metadata: it was not written by this server");
  const comma = stored[at] === 0x7d ? "" : ",";
  const member = `"resourceVersion":"${revision}"${comma}`;
  const out = Buffer.allocUnsafe(stored.length + member.length);
  stored.copy(out, 0, 0, at);
  out.write(member, at, "latin1");
  stored.copy(out, at + member.length, at);
  return out;
}
