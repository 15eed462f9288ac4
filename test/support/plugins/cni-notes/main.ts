import { serve } from "@berth/sdk";
import { notesPlugin } from "./notes.ts";

await serve(notesPlugin(import.meta.dirname));
