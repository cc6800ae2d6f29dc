/** Titles of the document's sections, in the order of the menu. */
export const TITLES: Record<string, string> = {
  trunks: "Trunks",
  routes: "Outbound routes",
  outside: "Blocked destinations",
  blocked_callers: "Blocked callers",
  emergency: "Emergency numbers",
  feature_codes: "Feature codes",
  parking: "Parking",
  transfers: "Transfers",
  music: "Music on hold",
  recordings: "Recordings",
  numbers: "Numbers",
  network: "Network",
  allowed_networks: "Allowed networks",
};
