import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { edit } from "../../draft/store";
import { Dialog } from "../../shared/Dialog";

export function FlowNameDialog({ flow, name, close }: { flow: number; name: string; close: () => void }) {
  const [value, setValue] = useState(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    edit((document) => {
      const own = document.flows?.[flow];
      if (own) own.name = value.trim();
    });
    close();
  };
  return (
    <Dialog onClose={close} title="Rename flow">
      <form onSubmit={submit}>
        <TextInput label="Name" value={value} onChange={(e) => setValue(e.target.value)} required maxLength={60} data-autofocus />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>Cancel</Button>
          <Button type="submit">Rename</Button>
        </Group>
      </form>
    </Dialog>
  );
}
