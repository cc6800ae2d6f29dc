export const TITLES: Record<string, string> = {
  allowed_networks: "Allowed networks",
  outbound_routes: "Outbound routes",
  feature_codes: "Feature codes",
};
