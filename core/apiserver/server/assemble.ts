import type { Clock, Logger } from "@berth/base";
import type { Registry as MetricsRegistry } from "prom-client";
import { hasSubresource, type KindTable } from "../../api/index.ts";
import { AdmissionChain, type AdmissionPlugin } from "../admission/admission.ts";
import { creationByUpdate } from "../admission/creation-by-update.ts";
import { certificateDecisions, certificateSubjectRestriction } from "../admission/certificate-requests.ts";
import { claimResize } from "../admission/claim-resize.ts";
import { defaultIngressClass } from "../admission/default-ingress-class.ts";
import { objectInUseProtection } from "../admission/object-in-use-protection.ts";
import { defaultStorageClass } from "../admission/default-storage-class.ts";
import { defaultTolerationSeconds } from "../admission/default-toleration-seconds.ts";
import { limitRanger } from "../admission/limit-ranger.ts";
import { namespaceLifecycle } from "../admission/namespace-lifecycle.ts";
import { nodeRestriction } from "../admission/node-restriction.ts";
import { pluginSetAdmission } from "../admission/plugin-set.ts";
import { pluginInstall } from "../admission/plugin-install.ts";
import { podSecurity } from "../admission/pod-security/pod-security.ts";
import { priorityAdmission } from "../admission/priority.ts";
import { roleEscalation } from "../admission/role-escalation.ts";
import { runtimeClassAdmission } from "../admission/runtime-class.ts";
import { serviceAccountAdmission } from "../admission/service-account.ts";
import { taintNodesByCondition } from "../admission/taint-nodes-by-condition.ts";
import { QuotaKeeper } from "../quota/quota-keeper.ts";
import { QuotaLedger } from "../quota/quota-ledger.ts";
import { resourceQuota } from "../quota/resource-quota.ts";
import { expressionAdmission } from "../policies/admission-policies.ts";
import { mutatingWebhooks, validatingWebhooks } from "../webhooks/admission-webhooks.ts";
import { WebhookCaller } from "../webhooks/webhook-caller.ts";
import { WebhookClient } from "../webhooks/webhook-client.ts";
import { auditFilter, type AuditSettings } from "../audit/audit-filter.ts";
import type { TokenAuthenticator } from "../authn/authenticator.ts";
import type { ServiceAccountTokens } from "../authn/service-account-tokens.ts";
import { type Authorizer, authorizerChain, mastersAuthorizer } from "../authz/authorizer.ts";
import { NodeAuthorizer } from "../authz/node-authorizer.ts";
import { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import { ServerMetrics } from "../endpoints/metrics.ts";
import { authenticationFilter } from "../filters/authentication.ts";
import { authorizationFilter } from "../filters/authorization.ts";
import { chain } from "../filters/chain.ts";
import { impersonationFilter } from "../filters/impersonation.ts";
import { InFlight, type InFlightLimits } from "../filters/in-flight.ts";
import { ServiceResolver } from "../webhooks/service-resolver.ts";
import type { CertificateSigner, KeyPair } from "../../http/index.ts";
import { aggregator } from "../aggregation/aggregator.ts";
import { ApiServiceController } from "../aggregation/api-service-controller.ts";
import { DefinitionController } from "../customresources/definition-controller.ts";
import type { KubeletProxy } from "../proxy/kubelet-proxy.ts";
import type { ObjectStore } from "../registry/object-store.ts";
import { builtInStrategies } from "../registry/strategies/index.ts";
import { secretStrategy } from "../registry/strategies/secret-strategy.ts";
import type { Registry } from "../registry/registry.ts";
import type { Filter, Handler } from "../request/request.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { ServiceAddresses } from "../service-addresses/service-addresses.ts";
import type { ServicePorts } from "../service-addresses/service-ports.ts";
import { pathHandler } from "./paths.ts";
import { router } from "./router.ts";
import { builtInSubresources, builtInVirtualKinds } from "./tables.ts";

export interface ServerParts {
  readonly settings: {
    readonly version: string;
    readonly limits?: InFlightLimits;
    readonly admission?: readonly AdmissionPlugin[];
    readonly metrics?: MetricsRegistry;
    readonly debug?: ReadonlyMap<string, () => object | Promise<object>>;
  };
  readonly auditLog: AuditSettings | undefined;
  readonly objects: ObjectStore;
  readonly kinds: () => KindTable;
  readonly addresses: ServiceAddresses;
  readonly ports: ServicePorts;
  readonly tokens: ServiceAccountTokens;
  readonly signer: CertificateSigner;
  readonly authenticators: readonly TokenAuthenticator[];
  readonly kubelets: KubeletProxy;
  /** The certificate with which users are passed on to aggregated servers. */
  readonly frontProxy: () => Promise<KeyPair>;
  /** PEM of what signs the server's certificate, as it is now. */
  readonly authority: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const usualLimits: InFlightLimits = { reading: 800, writing: 400 };

/** Puts the filter chain and what stands behind it together. */
export function assemble(parts: ServerParts): {
  handler: Handler;
  controllers: readonly [DefinitionController, ApiServiceController];
  dispose: () => void;
} {
  const { settings, objects, clock } = parts;
  const rbac = new RbacAuthorizer(objects.cache);
  const authorizer = authorizerChain([mastersAuthorizer, new NodeAuthorizer(objects.cache), rbac]);
  const inFlight = new InFlight(settings.limits ?? usualLimits);
  const isServed = ({ group, version, resource, subresource }: ResourceRequest): boolean => {
    const kind = parts.kinds().byResource(group, version, resource);
    return kind !== undefined && (subresource === "" || hasSubresource(kind, subresource));
  };
  const metrics = new ServerMetrics(objects.cache, inFlight, isServed, settings.metrics);
  const webhooks = new WebhookClient(objects.cache);
  const ledger = new QuotaLedger(objects);
  const keeper = new QuotaKeeper(ledger, clock, parts.logger);
  const registry: Registry = {
    objects,
    admission: admissionChain(parts, rbac, authorizer, webhooks, ledger),
    strategies: builtInStrategies(
      parts.addresses,
      parts.ports,
      parts.signer,
      secretStrategy(parts.tokens, objects.cache, parts.authority),
    ),
  };
  const filters: Filter[] = [
    metrics.filter(clock),
    ...(parts.auditLog ? [auditFilter(parts.auditLog, clock, parts.logger)] : []),
    authenticationFilter,
    impersonationFilter(authorizer),
    inFlight.filter,
    authorizationFilter(authorizer),
  ];
  const routes = router({
    registry,
    kinds: parts.kinds,
    subresources: builtInSubresources(parts),
    virtual: builtInVirtualKinds(parts, authorizer, rbac),
    paths: pathHandler(parts, metrics),
    now: () => clock.now(),
  });
  const remote = { services: new ServiceResolver(objects.cache), client: parts.frontProxy };
  const services = new ApiServiceController(registry, remote, parts);
  filters.push(aggregator(services, remote, parts));
  return {
    handler: chain(filters, routes),
    controllers: [new DefinitionController(registry, parts), services],
    dispose: () => {
      keeper.dispose();
      webhooks.dispose();
      rbac.dispose();
    },
  };
}

/** The order matters: what a namespace or an account forbids is found before anything is filled in. */
function admissionChain(
  parts: ServerParts,
  rbac: RbacAuthorizer,
  authorizer: Authorizer,
  webhooks: WebhookClient,
  ledger: QuotaLedger,
): AdmissionChain {
  const { cache } = parts.objects;
  const versions = { kinds: parts.kinds, convert: parts.objects.inVersion };
  const expressions = expressionAdmission(cache, authorizer, versions);
  const caller = new WebhookCaller(webhooks, parts.logger);
  return new AdmissionChain([
    creationByUpdate(authorizer),
    namespaceLifecycle(cache),
    serviceAccountAdmission(cache),
    taintNodesByCondition(),
    defaultTolerationSeconds(),
    limitRanger(cache),
    defaultStorageClass(cache),
    objectInUseProtection(),
    defaultIngressClass(cache),
    priorityAdmission(cache),
    runtimeClassAdmission(cache),
    podSecurity(cache),
    nodeRestriction(cache),
    claimResize(cache),
    certificateDecisions(authorizer),
    certificateSubjectRestriction(parts.signer),
    roleEscalation(rbac, authorizer),
    pluginInstall(authorizer),
    pluginSetAdmission(cache),
    expressions.checks,
    expressions.mutating,
    mutatingWebhooks(cache, caller, expressions.webhookConditions, versions),
    expressions.validating,
    validatingWebhooks(cache, caller, expressions.webhookConditions, versions),
    ...(parts.settings.admission ?? []),
    resourceQuota(ledger),
  ]);
}
