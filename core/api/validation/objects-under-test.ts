import { applyDefaults } from "../defaults/apply-defaults.ts";
import { formatFieldError } from "../errors/field-error.ts";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { decodeObject } from "../objects/decode-object.ts";
import { validateCreate, validateUpdate } from "./validate.ts";

/** Objects of each kind with one part that a test chooses, decoded and defaulted as the server does. */
export type Loose = Record<string, unknown>;

/** `apps/v1/deployments`, `v1/pods`. */
function kindAt(path: string): Kind {
  const [resource, version, group = ""] = path.split("/").toReversed();
  return kinds.byResource(group, version!, resource!)!;
}

function made(kind: Kind, given: Loose): Loose {
  const place = kind.namespaced ? { namespace: "default" } : {};
  const metadata = { name: "x", ...place, ...(given["metadata"] as Loose) };
  const value = structuredClone({ ...given, metadata });
  const { object } = decodeObject<Loose>(kind, { value }, "Strict");
  applyDefaults(kind, object);
  return object;
}

export const wrong = (path: string, given: Loose): string[] =>
  validateCreate(kindAt(path), made(kindAt(path), given)).map(formatFieldError);
export const wrongUpdate = (path: string, old: Loose, given: Loose): string[] =>
  validateUpdate(kindAt(path), made(kindAt(path), given), made(kindAt(path), old)).map(formatFieldError);

export const container = { name: "a", image: "i" };
export const pod = (spec: Loose): Loose => ({ spec: { containers: [container], ...spec } });
export const inContainer = (more: Loose): Loose => pod({ containers: [{ ...container, ...more }] });
export const template = (more: Loose = {}): Loose => ({
  metadata: { labels: { app: "a" } },
  spec: { containers: [container], ...more },
});
export const selecting = (spec: Loose): Loose => ({
  spec: { selector: { matchLabels: { app: "a" } }, template: template(), ...spec },
});
export const job = (spec: Loose): Loose => ({
  spec: { template: template({ restartPolicy: "Never" }), ...spec },
});
export const cron = (spec: Loose): Loose => ({ spec: { schedule: "@daily", jobTemplate: job({}), ...spec } });
export const service = (spec: Loose): Loose => ({ spec: { ports: [{ port: 80 }], ...spec } });
export const claim = (spec: Loose): Loose => ({
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
export const scaler = (spec: Loose): Loose => ({
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" }, maxReplicas: 3, ...spec },
});
export const path = (more: Loose, host?: string): Loose => ({
  spec: {
    rules: [
      {
        ...(host === undefined ? {} : { host }),
        http: {
          paths: [
            {
              path: "/",
              pathType: "Prefix",
              backend: { service: { name: "s", port: { number: 80 } } },
              ...more,
            },
          ],
        },
      },
    ],
  },
});
export const slice = (address: string, addressType = "IPv4"): Loose => ({
  addressType,
  endpoints: [{ addresses: [address] }],
});
