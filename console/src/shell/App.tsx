import { Center, Loader } from "@mantine/core";
import { useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useAuth } from "../api/auth";
import { useSession } from "../api/session";
import { ErrorState } from "../shared/States";
import { CallsPage, fetchPages, IntegrationPage, LivePage, PbxPage, SettingsPage, UsersPage } from "./pages";
import { Fault } from "./Fault";
import { SetupPage } from "./SetupPage";
import { Shell } from "./Shell";
import { SignInDialog, SignInPage } from "./SignIn";

/** The gate: nothing but setup and sign-in is drawn before the server knows who asks. */
export function App() {
  const asked = useSession();
  const [place] = useLocation();
  const session = useAuth((state) => state.session);
  const isIn = session?.state === "signed_in";
  useEffect(() => (isIn ? fetchPages() : undefined), [isIn]);
  if (!session) {
    return asked.error ? (
      <div className="gate">
        <ErrorState error={asked.error} retry={() => void asked.refetch()} />
      </div>
    ) : (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (session.state === "setup") return <SetupPage />;
  if (session.state === "anonymous") return <SignInPage />;
  return (
    <Shell>
      <SignInDialog />
      <Fault place={place}>
      <Switch>
        <Route path="/pbx/*?" component={PbxPage} />
        <Route path="/calls/:id?" component={CallsPage} />
        <Route path="/users/*?" component={UsersPage} />
        <Route path="/integration/*?" component={IntegrationPage} />
        <Route path="/live" component={LivePage} />
        <Route path="/settings/*?" component={SettingsPage} />
        <Route>
          <Redirect to="/pbx" replace />
        </Route>
      </Switch>
      </Fault>
    </Shell>
  );
}
