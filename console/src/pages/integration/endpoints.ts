import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { EndpointState, Page } from "../../api/types";

export const useEndpoints = () =>
  useQuery({
    queryKey: ["endpoints"],
    queryFn: async () => (await get<Page<EndpointState>>("/api/endpoints")).items,
    refetchInterval: 5000,
  });

/** By id, which is the name of those of the document; undefined until the server told. */
export function useEndpointStates(): Map<string, EndpointState> | undefined {
  const found = useEndpoints();
  return found.data && new Map(found.data.map((one) => [one.id, one]));
}

/** How an endpoint is called: a Webhook object by its name, also when it is live no more. */
export function useEndpointName(): (id: string) => string {
  const states = useEndpointStates();
  return (id) => states?.get(id)?.name ?? id.replace(/^object:/, "");
}
