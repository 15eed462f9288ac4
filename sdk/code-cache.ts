/** Set by the main.js of a built plugin when V8 did not take the code that lies beside the program. */
const variable = "BERTH_CODE_CACHE";

/**
 * Why this process started slower than its package promises, with what to do; undefined when it did not. Takes the word out
 * of the environment, which helpers inherit.
 */
export function takeCodeCacheNote(env: Record<string, string | undefined>): string | undefined {
  const said = env[variable];
  delete env[variable];
  if (said !== "rejected") return undefined;
  return (
    `program.cache is for another Node than ${process.version}, or for other flags of V8: each start compiles the program, ` +
    "which takes longer; build the package again with this Node and these flags"
  );
}
