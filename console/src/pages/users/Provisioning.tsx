import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconQrcode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { renderSVG } from "uqr";
import { useAllowed } from "../../api/auth";
import { get } from "../../api/client";
import type { User } from "../../api/types";
import { saved } from "../../draft/store";
import { Copy } from "../../shared/Copy";
import { Loaded } from "../../shared/States";
import { Dialog } from "../../shared/Dialog";

const LOOPBACK = /^(127\.|localhost)/;
type About = { sip?: string };

/** A phone's account as a QR code, for softphones that read one, and in words for all others. */
export function Provisioning({ user, live }: { user: User; live: boolean }) {
  const [opened, open] = useState(false);
  const allowed = useAllowed("administrator");
  if (!allowed) return null;
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconQrcode size={14} />} onClick={() => open(true)}>Set up a phone</Button>
      {opened && <OwnDialog user={user} live={live} close={() => open(false)} />}
    </>
  );
}

function OwnDialog({ user, live, close }: { user: User; live: boolean; close: () => void }) {
  const devices = user.devices ?? [];
  const [username, choose] = useState(devices[0]?.username ?? "");
  const account = useQuery({
    queryKey: ["provisioning", user.extension, username],
    queryFn: async () => {
      await saved();
      const secret = await get<{ value: string }>("/api/secrets/reveal", { ref: `users/${user.extension}/devices/${username}/password` });
      const about = await get<About>("/api/about").catch((): About => ({}));
      return { password: secret.value, server: about.sip ?? `${window.location.hostname}:5060` };
    },
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog onClose={close} title={`Set up a phone for ${user.name}`}>
      <Stack gap="sm">
        {devices.length > 1 && <Select label="Phone" data={devices.map((device) => device.username)} value={username} onChange={(value) => choose(value ?? username)} allowDeselect={false} />}
        <Loaded query={account} rows={4}>
          {({ password, server }) => {
            const uri = `csc:${username}:${password}@${server}`;
            return (
              <Group align="flex-start" wrap="nowrap">
                <div style={{ width: 190, flex: "none", background: "#fff", padding: 6, borderRadius: 6 }} role="img" aria-label="QR code of the account" dangerouslySetInnerHTML={{ __html: renderSVG(uri, { border: 1 }) }} />
                <Stack gap={8}>
                  <Line name="Server" value={server} />
                  {LOOPBACK.test(server) && <Text fz="xs" c="orange">Only this machine reaches this address. For phones elsewhere, start the server with another <span className="mono">--sip-host</span>.</Text>}
                  <Line name="User name" value={username} />
                  <Line name="Password" value={password} />
                  <Text fz="xs" c="dimmed">UDP or TCP. The code carries the password: show it to its owner only.</Text>
                  {!live && <Text fz="xs" c="orange">The phone can register once the configuration is applied.</Text>}
                </Stack>
              </Group>
            );
          }}
        </Loaded>
      </Stack>
    </Dialog>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text fz="xs" c="dimmed">{name}</Text>
      <Group gap={4} wrap="nowrap"><Text className="mono" data-testid={name.toLowerCase()} style={{ overflowWrap: "anywhere" }}>{value}</Text><Copy value={value} label={`Copy ${name.toLowerCase()}`} /></Group>
    </div>
  );
}
