import { serve } from "@berth/sdk";
import { plugin } from "./plugin.ts";

void serve(plugin);
