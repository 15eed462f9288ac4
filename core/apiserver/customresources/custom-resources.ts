import type { KindTable } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { ObjectForms } from "../registry/object-forms.ts";
import { WebhookClient } from "../webhooks/webhook-client.ts";
import { converter } from "./convert.ts";
import { CustomForms } from "./custom-forms.ts";
import { ServedKinds } from "./served-kinds.ts";
import { webhookConversion } from "./webhook-conversion.ts";

/** What custom resources need of a server: the kinds they add, and the forms of their objects. */
export interface CustomResources {
  readonly kinds: () => KindTable;
  readonly forms: ObjectForms;
  readonly dispose: () => void;
}

export function customResources(builtIn: KindTable, cache: WatchCache): CustomResources {
  const served = new ServedKinds(builtIn, cache);
  const client = new WebhookClient(cache);
  const convert = converter(webhookConversion(client));
  return {
    kinds: () => served.table(),
    forms: new CustomForms(served, convert),
    dispose: () => {
      served.dispose();
      client.dispose();
    },
  };
}
