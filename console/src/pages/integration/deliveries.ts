/** Label and colour of each state. */
export const STATES: Record<string, [string, string]> = {
  pending: ["Waiting", "blue"],
  sending: ["Sending", "cyan"],
  delivered: ["Delivered", "green"],
  failed: ["Failed", "red"],
  cancelled: ["Cancelled", "gray"],
};
