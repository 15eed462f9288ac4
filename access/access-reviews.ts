import { allow, allowEverywhere, as, rule } from "../as-user.ts";
import type { Exchange, Scenario } from "../exchange.ts";

const authorization = "authorization.k8s.io";
const authentication = "authentication.k8s.io";
const review = (kind: string, spec?: object, more: object = {}): Exchange => ({
  path:
    kind === "LocalSubjectAccessReview"
      ? `/apis/${authorization}/v1/namespaces/{ns}/localsubjectaccessreviews`
      : `/apis/${authorization}/v1/${kind.toLowerCase()}s`,
  body: { apiVersion: `${authorization}/v1`, kind, ...(spec && { spec }), ...more },
});
const subject = (spec: object): Exchange => review("SubjectAccessReview", spec);
const local = (spec: object): Exchange => review("LocalSubjectAccessReview", spec);
const self = (spec: object): Exchange => review("SelfSubjectAccessReview", spec);
const pods = { verb: "list", resource: "pods", namespace: "{ns}" };

const tokenReview = (spec?: object): Exchange => ({
  path: `/apis/${authentication}/v1/tokenreviews`,
  body: { apiVersion: `${authentication}/v1`, kind: "TokenReview", ...(spec && { spec }) },
});
const tokenAt = "/api/v1/namespaces/{ns}/serviceaccounts/default/token";
const token = (spec: object, more: object = {}): Exchange => ({
  path: tokenAt,
  body: { apiVersion: `${authentication}/v1`, kind: "TokenRequest", spec, ...more },
});
const taken = (exchange: Exchange): Exchange => ({ ...exchange, take: { token: "status.token" } });
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p" },
  spec: { nodeName: "n1", containers: [{ name: "c", image: "i" }] },
};
const ref = (more: object): object => ({
  boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "p", ...more },
});

export const scenarios: readonly Scenario[] = [
  {
    name: "subject access reviews",
    exchanges: [
      ...allow("sam", "sam", rule("list pods"), rule("get secrets  one")),
      ...allowEverywhere("sam", "access-sam", { verbs: ["get"], nonResourceURLs: ["/x/*"] }),
      subject({ user: "sam", resourceAttributes: pods }),
      subject({ user: "sam", resourceAttributes: { ...pods, verb: "get" } }),
      subject({ user: "sam", resourceAttributes: { ...pods, namespace: "" } }),
      subject({
        user: "sam",
        resourceAttributes: { verb: "get", resource: "secrets", name: "one", namespace: "{ns}" },
      }),
      subject({ user: "sam", nonResourceAttributes: { verb: "get", path: "/x/y" } }),
      subject({ user: "sam", nonResourceAttributes: { verb: "get", path: "/y" } }),
      subject({ user: "sam", nonResourceAttributes: {} }),
      subject({ user: "sam", resourceAttributes: {} }),
      subject({ groups: ["system:masters"], resourceAttributes: pods }),
      subject({
        user: "x",
        groups: ["system:masters"],
        uid: "1",
        extra: { A: ["b"], c: [] },
        resourceAttributes: pods,
      }),
      subject({
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: { verb: "get", resource: "nodes", name: "n1" },
      }),
      subject({
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: { verb: "get", resource: "nodes", name: "n2" },
      }),
      subject({
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: { verb: "get", resource: "secrets", name: "n2", namespace: "{ns}" },
      }),
      subject({
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: { verb: "list", resource: "secrets", namespace: "{ns}" },
      }),
      subject({
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: { verb: "delete", resource: "pods", namespace: "{ns}", name: "x" },
      }),
      subject({
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: {
          verb: "create",
          resource: "serviceaccounts",
          subresource: "token",
          namespace: "{ns}",
          name: "default",
        },
      }),
      subject({ user: "sam" }),
      subject({ resourceAttributes: pods }),
      subject({}),
      review("SubjectAccessReview"),
      subject({ user: "sam", resourceAttributes: pods, nonResourceAttributes: { path: "/" } }),
      review("SubjectAccessReview", { user: "sam", resourceAttributes: pods }, { metadata: { name: "x" } }),
      review(
        "SubjectAccessReview",
        { user: "sam", resourceAttributes: pods },
        { metadata: { labels: { a: "b" }, namespace: "x" } },
      ),
      subject({
        user: "sam",
        resourceAttributes: { ...pods, fieldSelector: { rawSelector: "metadata.name=x" } },
      }),
      subject({ user: "sam", resourceAttributes: { ...pods, fieldSelector: { rawSelector: "==" } } }),
      subject({ user: "sam", resourceAttributes: { ...pods, fieldSelector: {} } }),
      subject({
        user: "sam",
        resourceAttributes: {
          ...pods,
          fieldSelector: { rawSelector: "a=b", requirements: [{ key: "a", operator: "In", values: ["b"] }] },
        },
      }),
      subject({
        user: "sam",
        resourceAttributes: {
          ...pods,
          fieldSelector: {
            requirements: [
              { key: "", operator: "Near" },
              { key: "a", operator: "In" },
              { key: "a", operator: "Exists", values: ["x"] },
            ],
          },
        },
      }),
      subject({ user: "sam", resourceAttributes: { ...pods, labelSelector: { rawSelector: "a=b" } } }),
      subject({ user: "sam", resourceAttributes: { ...pods, labelSelector: {} } }),
      subject({
        user: "sam",
        resourceAttributes: {
          ...pods,
          labelSelector: { requirements: [{ key: "a b", operator: "In", values: ["x"] }] },
        },
      }),
      as("ann", subject({ user: "sam", resourceAttributes: pods })),
      { ...subject({}), body: { kind: "SubjectAccessReview" } },
      {
        ...subject({}),
        body: { apiVersion: `${authorization}/v1`, kind: "SelfSubjectAccessReview", spec: {} },
      },
      { path: `/apis/${authorization}/v1/subjectaccessreviews` },
      {
        path: `/apis/${authorization}/v1/subjectaccessreviews?dryRun=All`,
        body: {
          apiVersion: `${authorization}/v1`,
          kind: "SubjectAccessReview",
          spec: { user: "sam", resourceAttributes: pods },
        },
      },
    ],
  },
  {
    name: "local subject access reviews",
    exchanges: [
      ...allow("lou", "lou", rule("list pods")),
      local({ user: "lou", resourceAttributes: pods }),
      local({ user: "lou", resourceAttributes: { ...pods, namespace: "other" } }),
      local({ user: "lou", resourceAttributes: { ...pods, namespace: "" } }),
      local({ user: "lou", nonResourceAttributes: { path: "/x", verb: "get" } }),
      local({ user: "lou", resourceAttributes: pods, nonResourceAttributes: { path: "/x", verb: "get" } }),
      local({ user: "lou" }),
      local({}),
      review(
        "LocalSubjectAccessReview",
        { user: "lou", resourceAttributes: pods },
        { metadata: { namespace: "{ns}" } },
      ),
      review(
        "LocalSubjectAccessReview",
        { user: "lou", resourceAttributes: pods },
        { metadata: { namespace: "other" } },
      ),
      review(
        "LocalSubjectAccessReview",
        { user: "lou", resourceAttributes: pods },
        { metadata: { name: "a", namespace: "{ns}" } },
      ),
    ],
  },
  {
    name: "reviews of oneself",
    exchanges: [
      ...allow(
        "sue",
        "sue",
        rule("list,get pods"),
        rule("get secrets  one"),
        rule("* deployments/scale apps"),
      ),
      self({ resourceAttributes: pods }),
      as("sue", self({ resourceAttributes: pods })),
      as("sue", self({ resourceAttributes: { ...pods, verb: "create" } })),
      as("sue", self({ nonResourceAttributes: { path: "/healthz", verb: "get" } })),
      as("sue", self({ nonResourceAttributes: { path: "/metrics", verb: "get" } })),
      as("sue", self({})),
      as("sue", self({ resourceAttributes: pods, nonResourceAttributes: { path: "/" } })),
      as("system:anonymous", self({ resourceAttributes: pods })),
      as("sue", review("SelfSubjectRulesReview", { namespace: "{ns}" })),
      as("sue", review("SelfSubjectRulesReview", { namespace: "other" })),
      as("sue", review("SelfSubjectRulesReview", {})),
      as("sue", review("SelfSubjectRulesReview")),
      as("system:node:n1", review("SelfSubjectRulesReview", { namespace: "{ns}" })),
      review("SelfSubjectRulesReview", { namespace: "{ns}" }),
      {
        path: `/apis/${authentication}/v1/selfsubjectreviews`,
        body: { apiVersion: `${authentication}/v1`, kind: "SelfSubjectReview", metadata: { name: "x" } },
        headers: { "Impersonate-User": "sue" },
      },
      {
        path: `/apis/${authentication}/v1/selfsubjectreviews`,
        body: {},
        headers: { "Impersonate-User": "sue" },
      },
      {
        path: `/apis/${authentication}/v1/selfsubjectreviews`,
        body: "",
        headers: { "Impersonate-User": "sue" },
      },
    ],
  },
  {
    name: "service account tokens",
    exchanges: [
      token({}),
      { path: tokenAt, body: {} },
      { path: tokenAt, body: "" },
      { path: tokenAt },
      { ...token({}), path: "/api/v1/namespaces/{ns}/serviceaccounts/none/token" },
      token({}, { metadata: { name: "default", namespace: "{ns}" } }),
      token({}, { metadata: { name: "other" } }),
      token({}, { metadata: { namespace: "other" } }),
      token({}, { metadata: { uid: "other" } }),
      { path: "/api/v1/namespaces/{ns}/serviceaccounts/default", take: { uid: "metadata.uid" } },
      token({}, { metadata: { uid: "{uid}" } }),
      token({ audiences: ["a", "b"], expirationSeconds: 700 }),
      token({ audiences: [] }),
      token({ audiences: [""] }),
      token({ expirationSeconds: 599 }),
      token({ expirationSeconds: 0 }),
      token({ expirationSeconds: -1 }),
      token({ expirationSeconds: 4_294_967_297 }),
      token({ expirationSeconds: 1_000_000_000 }),
      token({ expirationSeconds: 4_294_967_296 }),
      token({ expirationSeconds: 5, ...ref({ name: "none" }) }),
      token(ref({})),
      token(ref({ name: "" })),
      { path: "/api/v1/namespaces/{ns}/pods", body: pod, take: { pod: "metadata.uid" } },
      token(ref({})),
      token(ref({ uid: "{pod}" })),
      token(ref({ uid: "other" })),
      token(ref({ kind: "Secret" })),
      token(ref({ kind: "Secret", uid: "x" })),
      token(ref({ kind: "Node", name: "none" })),
      token(ref({ kind: "ConfigMap" })),
      token(ref({ apiVersion: "v2" })),
      token({ boundObjectRef: {} }),
      { ...token({}), path: `${tokenAt}?dryRun=All` },
      as("ann", token({})),
      as("system:node:n1", token({})),
      as("system:node:n1", token(ref({}))),
      as("system:node:n1", token(ref({ uid: "{pod}" }))),
      as("system:node:n1", token(ref({ uid: "wrong" }))),
    ],
  },
  {
    name: "token reviews",
    exchanges: [
      { path: "/api/v1/namespaces/{ns}/pods", body: pod, take: { pod: "metadata.uid" } },
      tokenReview(),
      tokenReview({}),
      tokenReview({ token: "nothing" }),
      tokenReview({ token: "nothing", audiences: ["a"] }),
      taken(token({})),
      tokenReview({ token: "{token}" }),
      tokenReview({ token: "{token}", audiences: ["a"] }),
      tokenReview({ token: "{token}", audiences: ["a", "https://kubernetes.default.svc.cluster.local"] }),
      tokenReview({ token: "{token}x" }),
      { path: "/version?x", headers: { Authorization: "Bearer nothing" } },
      taken(token({ audiences: ["a", "b"] })),
      tokenReview({ token: "{token}" }),
      tokenReview({ token: "{token}", audiences: ["b", "a"] }),
      taken(token(ref({}))),
      tokenReview({ token: "{token}" }),
      { method: "DELETE", path: "/api/v1/namespaces/{ns}/pods/p?gracePeriodSeconds=0" },
      tokenReview({ token: "{token}" }),
    ],
  },
];
