import { serve } from "@berth/sdk";
import { plugin } from "./plugin.ts";

await serve(plugin);
