import type { AuthConfig } from "@berth/proto/generated/cri/runtime/v1/AuthConfig.ts";
import type { Secret } from "../../api/index.ts";

interface DockerConfig {
  auths?: Record<string, DockerAuth>;
}

interface DockerAuth {
  username?: string;
  password?: string;
  auth?: string;
  identitytoken?: string;
}

/** Credentials for an image out of the pod's pull secrets, the longest matching registry path first. */
export function imageCredentials(image: string, secrets: readonly Secret[]): AuthConfig[] {
  const wanted = withRegistry(image);
  return secrets
    .flatMap((secret) => Object.entries(readAuths(secret)))
    .map(([key, auth]) => ({ key: key.replace(/^https?:\/\//, "").replace(/\/(v\d\/?)?$/, ""), auth }))
    .filter(({ key }) => wanted === key || wanted.startsWith(`${key}/`))
    .toSorted((a, b) => b.key.length - a.key.length)
    .map(({ key, auth }) => ({
      server_address: key,
      ...(auth.username === undefined ? {} : { username: auth.username }),
      ...(auth.password === undefined ? {} : { password: auth.password }),
      ...(auth.auth === undefined ? {} : { auth: auth.auth }),
      ...(auth.identitytoken === undefined ? {} : { identity_token: auth.identitytoken }),
    }));
}

function withRegistry(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const named = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  return named ? image : `index.docker.io/${rest.length > 0 ? image : `library/${image}`}`;
}

/** A secret that cannot be read offers nothing; the pull then fails with the registry's own words. */
function readAuths(secret: Secret): Record<string, DockerAuth> {
  const text = secret.data?.[".dockerconfigjson"] ?? secret.data?.[".dockercfg"];
  if (!text) return {};
  try {
    const parsed = JSON.parse(Buffer.from(text, "base64").toString("utf8")) as DockerConfig;
    return parsed.auths ?? (secret.data?.[".dockercfg"] ? (parsed as Record<string, DockerAuth>) : {});
  } catch {
    return {};
  }
}
