export type Delivery = {
  id: number | string;
  event: string;
  type: string;
  call: string;
  endpoint: string;
  state: string;
  sequence: number | null;
  attempts: number;
  due_at: string | null;
  created_at: string;
  last_status: number | null;
  last_error: string | null;
};
export type Attempt = {
  number: number;
  started_at: string;
  duration_ms: number;
  status: number | null;
  error: string | null;
  detail: string;
  response: string;
};
export type DeliveryDetails = Delivery & { waits: string; body: unknown; history: Attempt[] };

/** Label and colour of each state. */
export const STATES: Record<string, [string, string]> = {
  pending: ["Waiting", "blue"],
  sending: ["Sending", "cyan"],
  delivered: ["Delivered", "green"],
  failed: ["Failed", "red"],
  cancelled: ["Cancelled", "gray"],
};
