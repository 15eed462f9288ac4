import { serve } from "@berth/sdk";
import { notesPlugin } from "../cni-notes/notes.ts";

await serve(notesPlugin(import.meta.dirname));
