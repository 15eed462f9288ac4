import type { Authorizer } from "../authz/authorizer.ts";
import type { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import { componentStatus } from "../endpoints/component-status.ts";
import { podProxy, serviceProxy } from "../proxy/cluster-proxy.ts";
import { admitted } from "../proxy/connect-admission.ts";
import { nodeProxy, podLog, podPortForward, podStream } from "../proxy/streaming-subresources.ts";
import { reviewAccess, reviewRules } from "../reviews/access-reviews.ts";
import { reviewSelf, reviewToken } from "../reviews/token-review.ts";
import { finalizeNamespace } from "../subresources/namespace-finalize.ts";
import { bindNamedPod, bindPod } from "../subresources/pod-binding.ts";
import { evictPod } from "../subresources/pod-eviction.ts";
import { scale } from "../subresources/scale.ts";
import { createToken } from "../subresources/service-account-token.ts";
import type { Subresources } from "../subresources/subresource.ts";
import { ServiceResolver } from "../webhooks/service-resolver.ts";
import type { ServerParts } from "./assemble.ts";
import { serverChecks } from "./checks.ts";
import type { VirtualKind, VirtualKinds } from "./router.ts";

/** Who answers which subresource. */
export function builtInSubresources({ tokens, kubelets, objects, logger }: ServerParts): Subresources {
  const services = new ServiceResolver(objects.cache);
  return new Map([
    ["/pods/binding", bindPod],
    ["/bindings/", bindNamedPod],
    ["/pods/eviction", evictPod],
    ["/pods/log", podLog(kubelets)],
    ["/pods/exec", admitted("PodExecOptions", podStream("exec", kubelets))],
    ["/pods/attach", admitted("PodAttachOptions", podStream("attach", kubelets))],
    ["/pods/portforward", admitted("PodPortForwardOptions", podPortForward(kubelets))],
    ["/pods/proxy", admitted("PodProxyOptions", podProxy(logger))],
    ["/services/proxy", admitted("ServiceProxyOptions", serviceProxy(services, logger))],
    ["/nodes/proxy", admitted("NodeProxyOptions", nodeProxy(kubelets))],
    ["/serviceaccounts/token", createToken(tokens)],
    ["/namespaces/finalize", finalizeNamespace],
    ["*/*/scale", scale],
  ]);
}

/** Who answers kinds that are asked and never stored. */
export function builtInVirtualKinds(
  { authenticators, clock, objects, tokens }: ServerParts,
  authorizer: Authorizer,
  rbac: RbacAuthorizer,
): VirtualKinds {
  const access = ["SelfSubjectAccessReview", "SubjectAccessReview", "LocalSubjectAccessReview"];
  const checks = serverChecks(objects);
  return new Map<string, VirtualKind>([
    ["/ComponentStatus", (request, info) => componentStatus(request, info, checks)],
    ...access.map((kind): [string, VirtualKind] => [
      `authorization.k8s.io/${kind}`,
      (request, info) => reviewAccess(kind, request, info, authorizer, clock.now()),
    ]),
    ["authorization.k8s.io/SelfSubjectRulesReview", (request) => reviewRules(request, rbac)],
    [
      "authentication.k8s.io/TokenReview",
      (request) => reviewToken(request, authenticators, tokens.issuer, clock.now()),
    ],
    [
      "authentication.k8s.io/SelfSubjectReview",
      (request) => Promise.resolve(reviewSelf(request, clock.now())),
    ],
  ]);
}
