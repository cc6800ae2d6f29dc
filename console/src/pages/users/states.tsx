import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";

export type DeviceState = { username: string; registered?: boolean; online?: boolean; address?: string; user_agent?: string; agent?: string };
export type UserStateRow = { extension: string; name: string; online: boolean; inCall: boolean; dnd: boolean; devices: DeviceState[] };

type Raw = { extension: string; name?: string; devices?: DeviceState[]; registered?: unknown; in_call?: boolean; calls?: number; dnd?: boolean; state?: string };

/** Registered phones, calls and do-not-disturb of each live user. */
export function useUserStates() {
  return useQuery({
    queryKey: ["users", "state"],
    queryFn: async () => {
      const found = await get<Raw[] | { items: Raw[] }>("/api/users/state");
      return (Array.isArray(found) ? found : found.items).map(rowOf);
    },
    refetchInterval: 5000,
  });
}

function rowOf(raw: Raw): UserStateRow {
  const devices = (raw.devices ?? []).map((device) => ({ ...device, registered: device.registered ?? device.online ?? false }));
  const registered = Array.isArray(raw.registered) ? raw.registered.length > 0 : Boolean(raw.registered);
  return {
    extension: raw.extension,
    name: raw.name ?? raw.extension,
    devices,
    online: registered || devices.some((device) => device.registered),
    inCall: raw.in_call ?? (raw.calls ?? 0) > 0,
    dnd: raw.dnd ?? false,
  };
}

export function UserState({ user }: { user: UserStateRow | undefined }) {
  const [color, text] = !user ? ["gray", "Not live yet"] : user.dnd ? ["red", "Do not disturb"] : user.inCall ? ["blue", "In a call"] : user.online ? ["green", "Available"] : ["gray", "Offline"];
  return (
    <Group gap={7} wrap="nowrap">
      <span className="dot" style={{ background: `var(--mantine-color-${color}-6)` }} />
      <Text fz="sm">{text}</Text>
    </Group>
  );
}
