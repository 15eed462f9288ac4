import type { Scenario } from "../../exchange.ts";
import { container, core, learnt, make, object, sized } from "./objects.ts";

export const limits: readonly Scenario[] = [
  {
    name: "limit ranges",
    exchanges: [
      {
        path: `${core}/limitranges`,
        body: object("v1", "LimitRange", "l", {
          spec: {
            limits: [
              {
                type: "Container",
                max: { cpu: "2", memory: "1Gi" },
                min: { cpu: "100m" },
                default: { cpu: "1" },
                defaultRequest: { cpu: "200m" },
                maxLimitRequestRatio: { cpu: "4" },
              },
              { type: "Pod", max: { cpu: "3" }, maxLimitRequestRatio: { memory: "2" } },
              { type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } },
            ],
          },
        }),
      },
      learnt,
      make("defaults"),
      make("memory", sized({}, { memory: "512Mi" })),
      make("less", sized({ cpu: "50m", memory: "1Gi" }, { memory: "1Gi" })),
      make("more", sized({ cpu: "1", memory: "2Gi" }, { cpu: "4", memory: "2Gi" })),
      make("ratio", sized({ cpu: "100m", memory: "10Mi" }, { cpu: "1", memory: "1Gi" })),
      make("pod", {
        containers: [
          container("c", { resources: { limits: { cpu: "2", memory: "1Gi" } } }),
          container("d", { resources: { limits: { cpu: "2", memory: "1Mi" } } }),
        ],
      }),
      ...["500Mi", "1Gi", "3Gi"].map((storage) => ({
        path: `${core}/persistentvolumeclaims`,
        body: object("v1", "PersistentVolumeClaim", `c-${storage.toLowerCase()}`, {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
        }),
      })),
    ],
  },
  {
    name: "wrong limit ranges",
    exchanges: [
      { type: "Container", max: { cpu: "1" }, min: { cpu: "2" } },
      { type: "Container", default: { cpu: "1" }, defaultRequest: { cpu: "2" } },
      {
        type: "Container",
        max: { cpu: "1" },
        default: { cpu: "2" },
        min: { cpu: "1" },
        defaultRequest: { cpu: "500m" },
      },
      { type: "Pod", default: { cpu: "1" } },
      { type: "Pod", defaultRequest: { cpu: "1" } },
      { type: "PersistentVolumeClaim" },
      { type: "Odd" },
      { type: "example.com/Odd", max: { cpu: "1" } },
      { type: "" },
      { type: "Container", maxLimitRequestRatio: { cpu: "500m" } },
      { type: "Container", max: { cpu: "2" }, min: { cpu: "1" }, maxLimitRequestRatio: { cpu: "4" } },
      { type: "Container", max: { "a b": "1" } },
      { type: "Container", max: { cpu: "-1" } },
      { type: "Container", max: { cpu: "1" } },
    ].map((limit, at) => ({
      path: `${core}/limitranges?dryRun=All`,
      body: object("v1", "LimitRange", `l${at}`, { spec: { limits: [limit] } }),
    })),
  },
];
