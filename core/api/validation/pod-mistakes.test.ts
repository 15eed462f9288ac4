import { describe, expect, test } from "vitest";
import { container, inContainer, pod, wrong, type Loose } from "./objects-under-test.ts";

/** The mistakes that users make, in the words that they know from any cluster. */
type Mistake = [what: string, kind: string, object: Loose, ...sentences: string[]];

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const at = "spec.containers[0]";
const http = { httpGet: { path: "/", port: 80 } };

const mistakes: Record<string, readonly Mistake[]> = {
  pods: [
    ["no containers", "v1/pods", { spec: { containers: [] } }, "spec.containers: Required value"],
    ["no name", "v1/pods", pod({ containers: [{ image: "i" }] }), `${at}.name: Required value`],
    ["no image", "v1/pods", pod({ containers: [{ name: "a" }] }), `${at}.image: Required value`],
    [
      "a name in capitals",
      "v1/pods",
      inContainer({ name: "Web" }),
      `${at}.name: Invalid value: "Web": ${label}`,
    ],
    [
      "an underscore in its name",
      "v1/pods",
      { ...pod({}), metadata: { name: "my_pod" } },
      `metadata.name: Invalid value: "my_pod": ${subdomain}`,
    ],
    [
      "a label with a blank",
      "v1/pods",
      { ...pod({}), metadata: { labels: { a: "b c" } } },
      `metadata.labels: Invalid value: "b c": ${labelValue}`,
    ],
    [
      "two of a name",
      "v1/pods",
      pod({ containers: [container, container] }),
      `spec.containers[1].name: Duplicate value: "a"`,
    ],
    [
      "an unknown pull policy",
      "v1/pods",
      inContainer({ imagePullPolicy: "Sometimes" }),
      `${at}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
    ],
    [
      "an unknown restart policy",
      "v1/pods",
      pod({ restartPolicy: "Maybe" }),
      'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      "a port of zero",
      "v1/pods",
      inContainer({ ports: [{ containerPort: 0 }] }),
      `${at}.ports[0].containerPort: Required value`,
    ],
    [
      "a port too high",
      "v1/pods",
      inContainer({ ports: [{ containerPort: 70000 }] }),
      `${at}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
    ],
    [
      "a protocol of a higher layer",
      "v1/pods",
      inContainer({ ports: [{ containerPort: 80, protocol: "HTTP" }] }),
      `${at}.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"`,
    ],
    [
      "a long port name",
      "v1/pods",
      inContainer({ ports: [{ containerPort: 80, name: "the-port-for-the-web" }] }),
      `${at}.ports[0].name: Invalid value: "the-port-for-the-web": must be no more than 15 characters`,
    ],
    [
      "two ports of a name",
      "v1/pods",
      inContainer({
        ports: [
          { containerPort: 80, name: "web" },
          { containerPort: 81, name: "web" },
        ],
      }),
      `${at}.ports[1].name: Duplicate value: "web"`,
    ],
    [
      "a variable without name",
      "v1/pods",
      inContainer({ env: [{ value: "x" }] }),
      `${at}.env[0].name: Required value`,
    ],
    [
      "a variable with =",
      "v1/pods",
      inContainer({ env: [{ name: "A=B" }] }),
      `${at}.env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
    [
      "a value and where it comes from",
      "v1/pods",
      inContainer({
        env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      }),
      `${at}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
    ],
    [
      "a field that is no source",
      "v1/pods",
      inContainer({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.foo" } } }] }),
      `${at}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo`,
    ],
    [
      "more requested than allowed",
      "v1/pods",
      inContainer({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      `${at}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
    ],
    [
      "a negative limit",
      "v1/pods",
      inContainer({ resources: { limits: { memory: "-1" } } }),
      `${at}.resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0`,
      `${at}.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0`,
    ],
    [
      "a mount of no volume",
      "v1/pods",
      inContainer({ volumeMounts: [{ name: "d", mountPath: "/d" }] }),
      `${at}.volumeMounts[0].name: Not found: "d"`,
    ],
    [
      "a mount to nowhere",
      "v1/pods",
      pod({
        volumes: [{ name: "d", emptyDir: {} }],
        containers: [{ ...container, volumeMounts: [{ name: "d", mountPath: "" }] }],
      }),
      `${at}.volumeMounts[0].mountPath: Required value`,
    ],
    [
      "two mounts in one place",
      "v1/pods",
      pod({
        volumes: [
          { name: "d", emptyDir: {} },
          { name: "e", emptyDir: {} },
        ],
        containers: [
          {
            ...container,
            volumeMounts: [
              { name: "d", mountPath: "/d" },
              { name: "e", mountPath: "/d" },
            ],
          },
        ],
      }),
      `${at}.volumeMounts[1].mountPath: Invalid value: "/d": must be unique`,
    ],
    [
      "a volume of two kinds",
      "v1/pods",
      pod({ volumes: [{ name: "d", emptyDir: {}, hostPath: { path: "/d" } }] }),
      "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
    ],
    [
      "a volume twice",
      "v1/pods",
      pod({ volumes: [{ name: "d" }, { name: "d" }] }),
      'spec.volumes[1].name: Duplicate value: "d"',
    ],
    [
      "a probe of nothing",
      "v1/pods",
      inContainer({ livenessProbe: { periodSeconds: 5 } }),
      `${at}.livenessProbe: Required value: must specify a handler type`,
    ],
    [
      "a probe of two kinds",
      "v1/pods",
      inContainer({ readinessProbe: { ...http, tcpSocket: { port: 80 } } }),
      `${at}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`,
    ],
    [
      "life that needs two successes",
      "v1/pods",
      inContainer({ livenessProbe: { ...http, successThreshold: 2 } }),
      `${at}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
    ],
    [
      "a toleration that needs a value for no key",
      "v1/pods",
      pod({ tolerations: [{ operator: "Equal", value: "x" }] }),
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
};

describe.each(Object.entries(mistakes))("%s with", (_, rows) => {
  test.each(rows)("%s", (...[, kind, object, ...sentences]) => {
    const told = wrong(kind, object);
    for (const sentence of sentences) expect(told.join("\n")).toContain(sentence);
    expect(told).toHaveLength(sentences.length);
  });
});
