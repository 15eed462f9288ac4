import manifest from "./package.json" with { type: "json" };

/** Version of the SDK, said at the handshake. */
export const sdkVersion: string = manifest.version;
