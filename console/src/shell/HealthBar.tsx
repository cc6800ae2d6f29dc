import { Alert, Anchor } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { get } from "../api/client";
import { useLiveEvents } from "../api/live";
import type { Health } from "../api/types";

const LOOK_MS = 10_000;

/** Told on every page: no calls are taken, and where to read why. */
export function HealthBar() {
  const health = useQuery({ queryKey: ["health"], queryFn: () => get<Health>("/api/health"), refetchInterval: LOOK_MS });
  useLiveEvents(["health"], () => void health.refetch());
  const engine = health.data?.parts.engine;
  return (
    <div role="status" aria-live="polite">
      {engine && engine !== "ok" && (
        <Alert color="red" variant="light" radius={0} py={6} icon={<IconAlertTriangle size={18} />} title="The phone system is not running">
          Its engine is {engine}, so calls are not taken. What you edit is kept; it is applied once the engine runs. <Anchor component={Link} href="/settings/about">See health</Anchor>
        </Alert>
      )}
    </div>
  );
}
