import type { Hints } from "../../forms/hints";

export const SECTION_HINTS: Record<string, Hints> = {
  trunks: { name: { help: "Small letters, digits and _" }, host: { help: "The provider's gateway" }, port: {}, codecs: { help: "In order of preference" } },
  allowed_networks: { network: { placeholder: "192.168.1.0/24" }, ports: { placeholder: "443" } },
  network: { external_address: { help: "The router's public address, if the phone system stands behind one" }, local_networks: { help: "Phones here get the phone system's own address" } },
};

export const ABOUT: Record<string, string> = {
  trunks: "Providers' gateways: calls from there enter the flows, calls out leave by them.",
  allowed_networks: "Webhooks never go to private addresses unless they are allowed here, with their ports.",
  network: "Where the phone system stands, so that audio finds its way through routers.",
  outbound_routes: "Which trunk a dialled number leaves by, tried in order.",
  routes: "Which trunk a dialled number leaves by, tried in order.",
};

export const ENTRY_NAMES: Record<string, string> = { trunks: "trunk", allowed_networks: "network", outbound_routes: "route", routes: "route" };
