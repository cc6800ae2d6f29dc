import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef3fb", "#dbe5f4", "#b6cae9", "#8eaddd", "#6c94d3", "#5784cd", "#4b7ccb", "#3a69b4", "#2f5da2", "#1f4f91",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 8, dark: 6 },
  colors: { ink },
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
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 } },
      styles: { title: { fontWeight: 600, fontSize: "1rem" } },
    },
    Badge: { styles: { label: { textTransform: "none", fontWeight: 600 } } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12, highlightOnHover: true } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
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
