import { createContext, useContext } from "react";
import type { Finding, Loc } from "../api/types";

type Place = { findings: Finding[]; loc: Loc; owner: string };

/** Where in the document a form stands, so that its fields find their findings and secrets. */
export const FormPlace = createContext<Place>({ findings: [], loc: [], owner: "" });
export const useFormPlace = () => useContext(FormPlace);
