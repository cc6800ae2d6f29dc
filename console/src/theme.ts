import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef3fb", "#dbe5f4", "#b6cae9", "#8eaddd", "#6c94d3", "#5784cd", "#4b7ccb", "#3a69b4", "#2f5da2", "#1f4f91",
];

/** Mantine's grounds in the dark, a little blue as the rest. */
const dark: MantineColorsTuple = [
  "#dfe4ec", "#b6bfcc", "#8a95a5", "#667080", "#3a4452", "#2f3946", "#1e2530", "#171c24", "#14181f", "#0f1319",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 8, dark: 7 },
  colors: { ink, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1.0625rem" }, h3: { fontSize: "0.9375rem" } },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  autoContrast: true,
  luminanceThreshold: 0.35,
  components: {
    Anchor: { defaultProps: { underline: "always" } },
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 }, closeButtonProps: { "aria-label": "Close" } },
      styles: { title: { fontWeight: 600, fontSize: "1rem" } },
    },
    Badge: { styles: { root: { flex: "none" }, label: { textTransform: "none", fontWeight: 600, overflow: "visible" } } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12, highlightOnHover: true } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});

/** Text on the light shade of a colour, dark enough to be read (4.5:1). */
const READABLE: Record<string, string> = {
  green: "#1b6b2d", red: "#a61e1e", orange: "#96390a", yellow: "#735000", blue: "#155a9c", cyan: "#0b6073", pink: "#9c2557", gray: "#495057",
};
const readable = Object.fromEntries(Object.entries(READABLE).map(([name, value]) => [`--mantine-color-${name}-light-color`, value]));

/** In the dark a ground shows colour without glowing, and its text is a pale one. */
const GLOW: Record<string, string> = {
  green: "47 158 68", red: "240 62 62", orange: "253 126 20", yellow: "250 176 5", blue: "51 154 240", cyan: "34 184 207", gray: "134 142 150",
};
const glowing = Object.fromEntries(
  Object.entries(GLOW).flatMap(([name, rgb]) => [
    [`--mantine-color-${name}-light`, `rgb(${rgb} / 0.16)`],
    [`--mantine-color-${name}-light-hover`, `rgb(${rgb} / 0.24)`],
    [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-3)`],
  ]),
);

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...readable,
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#566070",
    "--mantine-color-placeholder": "#667080",
    "--mantine-color-error": "#c2252b",
    "--hs-ground": "#f5f7fa",
    "--hs-panel": "#ffffff",
    "--hs-line": "#e1e6ed",
    "--hs-dots": "#cfd6e0",
  },
  dark: {
    ...glowing,
    "--mantine-color-body": "#14181f",
    "--mantine-color-text": "#dfe4ec",
    "--mantine-color-dimmed": "#9aa5b5",
    "--mantine-color-placeholder": "#8a95a5",
    "--mantine-color-error": "#ff8787",
    "--hs-ground": "#0f1319",
    "--hs-panel": "#171c24",
    "--hs-line": "#2a323e",
    "--hs-dots": "#2c3543",
  },
});
