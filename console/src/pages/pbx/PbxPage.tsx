import { ReactFlowProvider } from "@xyflow/react";
import { Route, Switch } from "wouter";
import { useKinds } from "../../api/catalogue";
import { useDraft } from "../../draft/store";
import { ErrorState, Loading } from "../../shared/States";
import { HistoryPage } from "./HistoryPage";
import { PbxEditor } from "./PbxEditor";

export function PbxPage() {
  const kinds = useKinds();
  const document = useDraft((state) => state.document);
  const error = useDraft((state) => state.error);
  const failed = kinds.error ?? (document ? null : error);
  return (
    <Switch>
      <Route path="/pbx/history/:revision?" component={HistoryPage} />
      <Route>
        {failed ? (
          <div className="page"><ErrorState error={failed} /></div>
        ) : !kinds.data || !document ? (
          <div className="page"><Loading /></div>
        ) : (
          <ReactFlowProvider>
            <PbxEditor kinds={kinds.data} document={document} />
          </ReactFlowProvider>
        )}
      </Route>
    </Switch>
  );
}
