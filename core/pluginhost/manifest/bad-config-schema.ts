import { errorMessage } from "@berth/base";
import { checkConfig, ConfigError, type ConfigSchema } from "@berth/verbs";

/** Why the schema of a manifest's `config` contradicts itself: a default that it refuses, a pattern that is none; undefined when it does not. */
export function badConfigSchema(schema: ConfigSchema, path = "config"): string | undefined {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.properties.${key}`;
    const problem =
      badPattern(property, at) ?? badDefault(key, property, at) ?? badConfigSchema(property, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function badPattern({ pattern }: ConfigSchema, at: string): string | undefined {
  if (pattern === undefined) return undefined;
  try {
    new RegExp(pattern, "u").test("");
    return undefined;
  } catch (error) {
    return `${at}.pattern: ${errorMessage(error)}`;
  }
}

function badDefault(key: string, property: ConfigSchema, at: string): string | undefined {
  if (property.default === undefined) return undefined;
  try {
    checkConfig({ properties: { [key]: property } }, { [key]: property.default });
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `${at}.default does not fit its own schema: ${error.message}`;
  }
}
