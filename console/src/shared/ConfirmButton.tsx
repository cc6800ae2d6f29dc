import { Button, type ButtonProps, Group, Popover, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

type Props = ButtonProps & { children: ReactNode; question: string; confirm: string; onConfirm: () => void };

/** For what cannot be taken back: asks beside the button, and does it on the second one. */
export function ConfirmButton({ children, question, confirm, onConfirm, ...props }: Props) {
  const [opened, open] = useState(false);
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target><Button {...props} onClick={() => open(!opened)}>{children}</Button></Popover.Target>
      <Popover.Dropdown maw={320} style={{ whiteSpace: "normal", textAlign: "left" }}>
        <Text fz="sm" mb="xs">{question}</Text>
        <Group gap="xs" justify="flex-end">
          <Button size="xs" variant="default" onClick={() => open(false)}>Keep it</Button>
          <Button
            size="xs" color="red.9" autoContrast={false}
            onClick={() => {
              open(false);
              onConfirm();
            }}
          >
            {confirm}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
