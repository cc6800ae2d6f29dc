/** The designed states of everything that loads: waiting, failed, empty. */
import { Alert, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ComponentType, ReactNode } from "react";
import { explain } from "../api/problem";

export function Loading({ rows = 5 }: { rows?: number }) {
  return (
    <Stack gap={10} aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={18} width={`${92 - ((row * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, detail } = explain(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Group justify="space-between" gap="sm">
        <Text>{detail}</Text>
        {retry && <Button variant="default" size="xs" onClick={retry}>Try again</Button>}
      </Group>
    </Alert>
  );
}

type EmptyProps = { icon: ComponentType<{ size?: number; stroke?: number }>; title: string; children?: ReactNode; action?: ReactNode };

export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <Stack align="center" gap={6} py={48} px="md" ta="center">
      <Text c="dimmed" component="span" lh={1}><Icon size={36} stroke={1.3} /></Text>
      <Text fw={600}>{title}</Text>
      {children && <Text c="dimmed" maw={460}>{children}</Text>}
      {action && <Group mt="sm">{action}</Group>}
    </Stack>
  );
}

/** A query's data when there is some; old data stays while new is fetched. */
export function Loaded<T>({ query, children, rows }: { query: UseQueryResult<T>; children: (data: T) => ReactNode; rows?: number }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Loading {...(rows !== undefined && { rows })} />;
}
