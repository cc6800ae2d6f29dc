import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";

type Props = Omit<ModalProps, "opened"> & {
  /** What it does is under way: closed now, nobody would see what came of it. */
  busy?: boolean;
};

/** A dialog that is there as long as it is open; the focus goes back to what opened it. */
export function Dialog({ busy = false, ...props }: Props) {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    },
    [opener],
  );
  const held = busy && { closeOnClickOutside: false, closeOnEscape: false, withCloseButton: false };
  return <Modal opened returnFocus={false} {...props} {...held} />;
}
