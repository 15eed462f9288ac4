import description from "../../package.json" with { type: "json" };

/** Berth's own version. */
export const version: string = description.version;
