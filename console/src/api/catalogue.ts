import { useQuery } from "@tanstack/react-query";
import { get } from "./client";
import type { EventKind, ObjectKind, Schema } from "./types";

const FOREVER = { staleTime: Infinity } as const;

/** The kinds of objects there are to draw. */
export const useKinds = () =>
  useQuery({ queryKey: ["objects"], queryFn: () => get<ObjectKind[]>("/api/objects"), ...FOREVER });

/** The twelve webhook events. */
export const useEvents = () =>
  useQuery({ queryKey: ["events", "catalogue"], queryFn: () => get<EventKind[]>("/api/events/catalogue"), ...FOREVER });

/** JSON Schema of the whole document. */
export const useDocumentSchema = () =>
  useQuery({ queryKey: ["schema"], queryFn: () => get<Schema>("/api/schema"), ...FOREVER });
