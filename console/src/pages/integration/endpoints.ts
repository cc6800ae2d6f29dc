import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { EndpointState, Page } from "../../api/types";


export const useEndpoints = () =>
  useQuery({
    queryKey: ["endpoints"],
    queryFn: async () => (await get<Page<EndpointState>>("/api/endpoints")).items,
    refetchInterval: 5000,
  });

/** By name: those of the document are known by it; undefined until the server told. */
export function useEndpointStates(): Map<string, EndpointState> | undefined {
  const found = useEndpoints();
  return found.data && new Map(found.data.map((one) => [one.name, one]));
}
