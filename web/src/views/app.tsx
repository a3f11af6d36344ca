// Which page an address stands for.
import { useEffect } from "react";
import { ToastList } from "../parts/toast_list.tsx";
import { type Route, useRoute } from "../state/router.ts";
import { resume, useSession } from "../state/session.ts";
import { ActivityPage } from "./activity_page.tsx";
import { ApprovalsPage } from "./approvals_page.tsx";
import { FarmPage } from "./farm_page.tsx";
import { LoginPage } from "./login_page.tsx";
import { OrderFormPage } from "./order_form_page.tsx";
import { OrderPage } from "./order_page.tsx";
import { OrdersPage } from "./orders_page.tsx";
import { EditPrinterPage, NewPrinterPage } from "./printer_form_page.tsx";
import { PrinterPage } from "./printer_page.tsx";
import { RunPage } from "./run_page.tsx";
import { SettingsPage } from "./settings_page.tsx";
import { Shell } from "./shell.tsx";
import { StationArea } from "./station_area.tsx";
import { NewStationPage } from "./station_setup_page.tsx";
import { StationsPage } from "./stations_page.tsx";

function pageOf({ parts: [area = "farm", id, action] }: Route) {
  switch (area) {
    case "farm":
      return <FarmPage />;
    case "printers":
      if (id === "new") return <NewPrinterPage />;
      if (!id) return <FarmPage />;
      return action === "edit" ? (
        <EditPrinterPage key={id} id={id} />
      ) : (
        <PrinterPage key={id} id={id} />
      );
    case "orders":
      if (id === "new") return <OrderFormPage />;
      return id ? <OrderPage key={id} id={id} /> : <OrdersPage />;
    case "runs":
      return id ? <RunPage key={id} id={id} /> : <OrdersPage />;
    case "stations":
      if (id === "new") return <NewStationPage />;
      return id ? <StationArea key={id} id={id} action={action ?? ""} /> : <StationsPage />;
    case "approvals":
      return <ApprovalsPage />;
    case "activity":
      return <ActivityPage />;
    case "settings":
      return <SettingsPage />;
    default:
      return <FarmPage />;
  }
}

export function App() {
  const state = useSession();
  const route = useRoute();
  const address = route.parts.join("/");
  useEffect(() => {
    // A new page begins at its top, for eyes and for screen readers.
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [address]);
  if (state.phase === "asking")
    return (
      <p className="splash" role="status">
        Gantry …
      </p>
    );
  if (state.phase === "unreachable")
    return (
      <main className="splash" id="main">
        <h1>Gantry does not answer</h1>
        <p>{state.sentence}</p>
        <button type="button" className="button primary" onClick={() => void resume()}>
          Try again
        </button>
      </main>
    );
  if (state.phase === "out" || route.parts[0] === "login")
    return <LoginPage route={route} note={state.phase === "out" ? state.sentence : ""} />;
  return (
    <>
      <Shell session={state.session} area={route.parts[0] ?? "farm"}>
        {pageOf(route)}
      </Shell>
      <ToastList />
    </>
  );
}
