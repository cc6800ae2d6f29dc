import { ReactFlowProvider } from "@xyflow/react";
import { Route, Switch } from "wouter";
import { useKinds } from "../../api/catalogue";
import { DraftAwaited } from "../../draft/Drafted";
import { useDraft } from "../../draft/store";
import { ErrorState } from "../../shared/States";
import { HistoryPage } from "./HistoryPage";
import { PbxEditor } from "./PbxEditor";

export function PbxPage() {
  const kinds = useKinds();
  const document = useDraft((state) => state.document);
  return (
    <Switch>
      <Route path="/pbx/history/:revision?" component={HistoryPage} />
      <Route>
        {kinds.error ? (
          <div className="page"><ErrorState error={kinds.error} retry={() => void kinds.refetch()} /></div>
        ) : !kinds.data || !document ? (
          <div className="page"><DraftAwaited /></div>
        ) : (
          <ReactFlowProvider>
            <PbxEditor kinds={kinds.data} document={document} />
          </ReactFlowProvider>
        )}
      </Route>
    </Switch>
  );
}
