import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@xyflow/react/dist/style.css";
import "./styles.css";
import "./canvas/canvas.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/problem";
import { App } from "./shell/App";
import { theme, variables } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => !(error instanceof Problem) && count < 3,
      retryDelay: (count) => Math.min(1000 * 2 ** count, 5000),
      // a page that was opened while the server restarted mends itself
      refetchInterval: (query) => (query.state.error && !(query.state.error instanceof Problem) ? 4000 : false),
    },
  },
});

createRoot(document.getElementById("root")!).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={variables}>
    <Notifications position="bottom-right" />
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </MantineProvider>,
);
