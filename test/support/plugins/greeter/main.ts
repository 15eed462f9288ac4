import { createToken, definePlugin, implement, serve, services } from "@berth/sdk";

const greeting = createToken<{ text: string }>("greeter.greeting");

/** The smallest plugin that has a configuration: answers with its greeting and its pid. */
await serve(
  definePlugin<{ greeting: string }>({
    folder: import.meta.dirname,
    services: [
      implement(services.network, ["version", "add"], (parts) => ({
        add: () => ({ result: { cni_version: String(process.pid) } }),
        version: () => ({ cni_version: parts.get(greeting).text, supported_versions: [String(process.pid)] }),
      })),
    ],
    configure(parts, config) {
      parts.bind(greeting, () => ({ text: config.greeting }));
    },
  }),
);
