import { describe, expect, test } from "vitest";
import { decodeJson } from "../json/decode-json.ts";
import { kinds } from "../kinds/kinds.ts";
import { decodeAs, decodeObject, type FieldValidation, namedType } from "./decode-object.ts";

const pods = kinds.byResource("", "v1", "pods")!;
const decodePod = (object: object, validation: FieldValidation = "Strict") =>
  decodeObject(pods, { value: structuredClone(object) }, validation);

describe("decoding an object", () => {
  test("brings quantities, times and empty members into their one form", () => {
    const { object } = decodePod({
      metadata: { name: "p", labels: {}, creationTimestamp: null, finalizers: [] },
      spec: {
        hostNetwork: false,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "a", resources: { limits: { cpu: 0.5, memory: "1024Mi" } }, args: [] }],
        volumes: [{ name: "v", emptyDir: {} }],
      },
      status: { startTime: "2026-01-01T01:00:00+01:00" },
    });
    expect(object).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "a", resources: { limits: { cpu: "500m", memory: "1Gi" } } }],
        volumes: [{ name: "v", emptyDir: {} }],
      },
      status: { startTime: "2026-01-01T00:00:00Z" },
    });
  });

  test("takes null in a map for the zero value of its type", () => {
    const { object } = decodePod({ metadata: { labels: { a: null } }, spec: { overhead: { cpu: null } } });
    expect(object).toMatchObject({ metadata: { labels: { a: "" } }, spec: { overhead: { cpu: "0" } } });
  });

  test("refuses unknown and repeated members by path under Strict, tells them under Warn, drops them always", () => {
    const body = () =>
      decodeJson('{"spec":{"containers":[{"name":"a","imagee":"x","name":"b"}]},"__proto__":{}}');
    expect(() => decodeObject(pods, body(), "Strict")).toThrow(
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].imagee", unknown field "__proto__", duplicate field "spec.containers[0].name"',
    );
    const { object, warnings } = decodeObject(pods, body(), "Warn");
    expect(warnings).toHaveLength(3);
    expect(object["spec"]).toEqual({ containers: [{ name: "b" }] });
    expect(decodeObject(pods, body(), "Ignore").warnings).toEqual([]);
  });

  test.each([
    [{ spec: { containers: {} } }, "object into Go struct field PodSpec.spec.containers of type []v1.Container"],
    [{ spec: { containers: [{ name: 1 }] } }, "number into Go struct field Container.spec.containers.name of type string"],
    [{ spec: { containers: [{ tty: "yes" }] } }, "string into Go struct field Container.spec.containers.tty of type bool"],
    [{ spec: { priority: 1.5 } }, "number 1.5 into Go struct field PodSpec.spec.priority of type int32"],
    [{ spec: { priority: 2 ** 31 } }, "number 2147483648 into Go struct field PodSpec.spec.priority of type int32"],
    [{ spec: { overhead: { cpu: "x" } } }, "Pod in version \"v1\" cannot be handled as a Pod: quantities must match"],
    [{ metadata: { labels: { a: 1 } } }, "number into Go struct field ObjectMeta.metadata.labels of type string"],
    [{ metadata: { creationTimestamp: "now" } }, "metadata.creationTimestamp: expected an RFC 3339 time"],
    [{ kind: "Node" }, "the kind in the data (Node) does not match the expected kind (Pod)"],
    [{ apiVersion: "v2" }, "the API version in the data (v2) does not match the expected API version (v1)"],
  ])("refuses %j with the field and what was expected", (object, sentence) => {
    expect(() => decodePod(object)).toThrow(sentence);
  });

  test("refuses bytes that are no base64, and keeps good ones", () => {
    const secrets = kinds.byResource("", "v1", "secrets")!;
    expect(() => decodeObject(secrets, { value: { data: { a: "%" } } })).toThrow(
      "data.a: expected base64 text",
    );
    expect(decodeObject(secrets, { value: { data: { a: "YQ==\n" } } }).object["data"]).toEqual({ a: "YQ==" });
  });

  test("names the nearest member for our own kinds", () => {
    const plugins = kinds.byResource("berth.dev", "v1alpha1", "plugins")!;
    expect(() => decodeObject(plugins, { value: { spec: { contrakt: "cri" } } }, "Strict")).toThrow(
      'unknown field "spec.contrakt" (did you mean "contract"?)',
    );
  });

  test("knows bodies that are no resource: options, Scale, Eviction", () => {
    const options = namedType("apps/v1", "DeleteOptions")!;
    expect(decodeAs(options, { value: { gracePeriodSeconds: 0 } }).object).toMatchObject({
      gracePeriodSeconds: 0,
    });
    expect(namedType("autoscaling/v1", "Scale")?.type).toBe("autoscaling.v1.Scale");
    expect(namedType("example.com/v1", "Foo")).toBeUndefined();
  });

  test("takes a custom resource definition whose schema refers to itself", () => {
    const crds = kinds.byResource("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;
    const openAPIV3Schema = {
      type: "object",
      properties: { a: { type: "array", items: { type: "string", default: null } } },
      additionalProperties: false,
    };
    const { object } = decodeObject(
      crds,
      {
        value: {
          spec: { versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }] },
        },
      },
      "Strict",
    );
    expect(object).toMatchObject({
      spec: { versions: [{ schema: { openAPIV3Schema: { additionalProperties: false } } }] },
    });
  });
});
