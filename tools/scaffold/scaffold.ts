export const scaffoldContracts = ["cri", "csi", "cni", "device"] as const;
export type ScaffoldContract = (typeof scaffoldContracts)[number];

export const scaffoldLanguages = ["ts", "python"] as const;

export interface NewPlugin {
  readonly id: string;
  readonly contract: ScaffoldContract;
  /** Made here; must not exist. */
  readonly folder: string;
  /** What package.json asks for as @berth/sdk: a version, or file:… of a packed one. */
  readonly sdk: string;
  /** `ts` when absent. `python` uses no SDK of ours. */
  readonly lang?: (typeof scaffoldLanguages)[number];
}

export function contractVersion(contract: ScaffoldContract): string {
  return contract === "device" ? "v1beta1" : "v1";
}

export function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
