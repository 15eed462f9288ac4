import { serve } from "@berth/sdk";
import { notesPlugin } from "../cni-notes/notes.ts";

void serve(notesPlugin(import.meta.dirname));
