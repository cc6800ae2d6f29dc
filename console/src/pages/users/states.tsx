import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { Page, UserState as State } from "../../api/types";

/** Registered phones and calls of each live user. */
export function useUserStates() {
  return useQuery({
    queryKey: ["users", "state"],
    queryFn: async () => (await get<Page<State>>("/api/users/state")).items,
    refetchInterval: 5000,
  });
}

export const isOnline = (user: State) => user.devices.some((device) => device.registered);

function said(user: State | undefined): [string, string] {
  if (!user) return ["gray", "Not live yet"];
  if (user.in_call) return ["blue", "In a call"];
  if (user.ringing) return ["yellow", "Ringing"];
  return isOnline(user) ? ["green", "Available"] : ["gray", "Offline"];
}

/** `told` is whether the server has said anything of anybody. */
export function UserState({ user, told = true }: { user: State | undefined; told?: boolean }) {
  if (!told) return <Text fz="sm" c="dimmed">–</Text>;
  const [color, text] = said(user);
  return (
    <Group gap={7} wrap="nowrap">
      <span className="dot" style={{ background: `var(--mantine-color-${color}-6)` }} />
      <Text fz="sm">{text}</Text>
    </Group>
  );
}
