import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from "../generated/types.ts";

const most = 2;

/** `cpu: 20%/50%, …`: what each metric is, and should be. */
export function autoscalerTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const told = metrics
    .slice(0, most)
    .map((metric, index) => targetText(metric, status?.currentMetrics?.[index]));
  const rest = metrics.length > most ? ` + ${metrics.length - most} more...` : "";
  return `${told.join(", ")}${rest}`;
}

/** The current metric at the same place counts when it is one of the same kind. */
function targetText(spec: MetricSpec, now: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return valueText(spec.external?.target, now?.external?.current);
    case "Object":
      return valueText(spec.object?.target, now?.object?.current);
    case "Pods": {
      const current = now?.pods ? (now.pods.current.averageValue ?? "0") : unknown;
      return `${current}/${spec.pods?.target.averageValue ?? "0"}`;
    }
    case "Resource":
      return resourceText(spec.resource, now?.resource?.current);
    case "ContainerResource":
      return resourceText(spec.containerResource, now?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}

const unknown = "<unknown>";

type Current = NonNullable<MetricStatus["resource"]>["current"];

function valueText(target: MetricTarget | undefined, current: Current | undefined): string {
  if (target?.averageValue !== undefined)
    return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current ? (current.value ?? "0") : unknown}/${target?.value ?? "0"}`;
}

function resourceText(spec: MetricSpec["resource"], current: Current | undefined): string {
  const { averageValue, averageUtilization } = spec?.target ?? {};
  const name = spec?.name ?? "";
  if (averageValue !== undefined)
    return `${name}: ${current ? (current.averageValue ?? "0") : unknown}/${averageValue}`;
  const percent = (value: number | undefined, without: string): string =>
    value === undefined ? without : `${value}%`;
  return `${name}: ${percent(current?.averageUtilization, unknown)}/${percent(averageUtilization, "<auto>")}`;
}
