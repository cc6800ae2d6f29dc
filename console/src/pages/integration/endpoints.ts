import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";

export type TriggerHealth = { last_success_at?: string | null; last_error?: string | null; last_error_at?: string | null; backlog?: number };
export type EndpointState = {
  id: string;
  name: string;
  url: string;
  state: string;
  reason: string | null;
  backlog: number;
  oldest_at: string | null;
  triggers: Record<string, TriggerHealth>;
};

export const useEndpoints = () =>
  useQuery({
    queryKey: ["endpoints"],
    queryFn: async () => {
      const found = await get<EndpointState[] | { items: EndpointState[] }>("/api/endpoints");
      return Array.isArray(found) ? found : found.items;
    },
    refetchInterval: 5000,
  });

/** By name: those of the document are known by it; undefined until the server told. */
export function useEndpointStates(): Map<string, EndpointState> | undefined {
  const found = useEndpoints();
  return found.data && new Map(found.data.map((one) => [one.name, one]));
}
