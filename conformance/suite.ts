/** One promise of a contract and the way to see whether it is kept. */
export interface Case<Context> {
  /** The promise as a sentence about the verb: "CreateVolume answers the same for the same name". */
  readonly name: string;
  /** Why the case does not concern this plugin; undefined when it does. */
  readonly skip?: (context: Context) => string | undefined;
  run(context: Context, signal: AbortSignal): Promise<void>;
}

/** All promises of one contract that can be seen from outside, for any plugin on any socket. */
export interface Suite<Context> {
  readonly contract: string;
  readonly cases: readonly Case<Context>[];
  /** Dials and asks for capabilities. */
  open(target: Target): Promise<Context>;
  /** Undoes what the last case made, through the contract's own verbs; answers what is still listed after that. */
  cleanUp(context: Context): Promise<string[]>;
  close(context: Context): Promise<void>;
}

export interface Target {
  /** unix:///… of the plugin. */
  readonly endpoint: string;
  /** Folder in which mounts and sockets of the run may be made; empty before and after. */
  readonly workFolder: string;
  /** Begins every name that the run gives, so that nothing of anybody else is touched. */
  readonly prefix: string;
  /** Settings that only some suites know: for cni the section of the configuration as JSON. */
  readonly options: Readonly<Record<string, string>>;
}

export type Outcome = "passed" | "failed" | "skipped";

export interface CaseResult {
  readonly contract: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** Why it failed or was skipped. */
  readonly reason: string;
  readonly ms: number;
}
