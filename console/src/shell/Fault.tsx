import { Button, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { ErrorState } from "../shared/States";

type Props = { place: string; children: ReactNode };
type State = { place: string; error: Error | null };

/** Around a page: when it breaks, the frame stays and leads to the other pages. */
export class Fault extends Component<Props, State> {
  override state: State = { place: this.props.place, error: null };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps({ place }: Props, state: State): Partial<State> | null {
    return place === state.place ? null : { place, error: null };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="page">
        <ErrorState error={new Error(`This page broke: ${error.message}`)} />
        <Text my="sm" c="dimmed">Nothing that you typed is lost: the draft is kept. Load the page again, or go on with another; if it breaks again, tell us what it says.</Text>
        <Button onClick={() => window.location.reload()}>Load it again</Button>
      </div>
    );
  }
}
