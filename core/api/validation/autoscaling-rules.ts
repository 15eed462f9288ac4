import type {
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
} from "../generated/types.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { pathSegmentRule } from "../names/name-rules.ts";
import { ahead, rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkPositive } from "./checks.ts";

const anHour = 3600;
const longestPeriod = 1800;
const sources = {
  Object: "object",
  Pods: "pods",
  Resource: "resource",
  ContainerResource: "containerResource",
  External: "external",
} as const;
const sourceTypes = Object.keys(sources).toSorted();

const autoscaler: TypeRule = rule<HorizontalPodAutoscalerSpec>(
  ({ minReplicas = 1, metrics = [] }, at, errors) => {
    const fromOutside = metrics.some(({ type }) => type === "Object" || type === "External");
    if (minReplicas === 0 && !fromOutside) {
      const sentence =
        "must specify at least one Object or External metric to support scaling to zero replicas";
      errors.forbidden(at.child("metrics"), sentence);
    }
  },
);

const scaled: TypeRule = rule<HorizontalPodAutoscalerSpec>(({ scaleTargetRef }, at, errors) => {
  for (const member of ["kind", "name"] as const)
    checkName(scaleTargetRef?.[member], pathSegmentRule, at.child("scaleTargetRef", member), errors);
  if (!scaleTargetRef?.apiVersion)
    errors.invalid(at.child("scaleTargetRef", "apiVersion"), "", "apiVersion must specify API group");
});

const metric: TypeRule = rule<MetricSpec>((spec, at, errors) => {
  if (!Object.hasOwn(sources, spec.type)) {
    // Upstream's rules by hand and its declared ones both tell it.
    const times = spec.type ? 2 : 1;
    for (let told = 0; told < times; told++)
      errors.notSupported(at.child("type"), spec.type ?? "", sourceTypes);
    return;
  }
  const wanted = sources[spec.type as keyof typeof sources];
  if (!spec[wanted])
    errors.required(at.child(wanted), "must populate information for the given metric source");
  for (const other of Object.values(sources)) {
    if (other !== wanted && spec[other])
      errors.forbidden(at.child(other), "must populate the given metric source only");
  }
  const target = spec.resource?.target ?? spec.containerResource?.target;
  if (target && (target.averageUtilization === undefined) === (target.averageValue === undefined)) {
    const here = at.child(spec.resource ? "resource" : "containerResource", "target");
    if (target.averageUtilization === undefined)
      errors.required(
        here.child("averageUtilization"),
        "must set either a target raw value or a target utilization",
      );
    else
      errors.forbidden(
        here.child("averageValue"),
        "may not set both a target raw value and a target utilization",
      );
  }
});

const target: TypeRule = rule<MetricTarget>(
  ({ type, value, averageValue, averageUtilization }, at, errors) => {
    const known = ["AverageValue", "Utilization", "Value"];
    if (type && !known.includes(type))
      errors.invalid(at.child("type"), type, "must be either Utilization, Value, or AverageValue");
    for (const [member, amount] of [
      ["value", value],
      ["averageValue", averageValue],
    ] as const) {
      if (amount !== undefined && compareQuantities(amount, "0") <= 0)
        errors.invalid(at.child(member), amount, "must be positive");
    }
    checkPositive(averageUtilization, at.child("averageUtilization"), errors);
  },
);

const scaling: TypeRule = rule<HPAScalingRules>((rules, at, errors) => {
  const { stabilizationWindowSeconds: window = 0 } = rules;
  const here = at.child("stabilizationWindowSeconds");
  if (window < 0) errors.invalid(here, window, "must be greater than or equal to zero");
  if (window > anHour) errors.invalid(here, window, `must be less than or equal to ${anHour}`);
  const known = ["Disabled", "Max", "Min"];
  if (rules.selectPolicy && !known.includes(rules.selectPolicy))
    errors.notSupported(at.child("selectPolicy"), rules.selectPolicy, known);
  if (rules.policies && rules.policies.length === 0)
    errors.required(at.child("policies"), "must specify at least one Policy");
});

const policy: TypeRule = rule<HPAScalingPolicy>(({ type, value, periodSeconds }, at, errors) => {
  if (type && type !== "Pods" && type !== "Percent")
    errors.notSupported(at.child("type"), type, ["Percent", "Pods"]);
  for (const [member, number] of Object.entries({ value, periodSeconds }))
    if ((number ?? 0) <= 0) errors.invalid(at.child(member), number ?? 0, "must be greater than zero");
  if ((periodSeconds ?? 0) > longestPeriod)
    errors.invalid(
      at.child("periodSeconds"),
      periodSeconds,
      `must be less than or equal to ${longestPeriod}`,
    );
});

export const autoscalingRules: TypeRules = {
  "autoscaling.v2.HorizontalPodAutoscalerSpec": autoscaler,
  [ahead("autoscaling.v2.HorizontalPodAutoscalerSpec", "metrics")]: scaled,
  "autoscaling.v2.MetricSpec": metric,
  "autoscaling.v2.MetricTarget": target,
  "autoscaling.v2.HPAScalingRules": scaling,
  "autoscaling.v2.HPAScalingPolicy": policy,
};
