// Where the page begins.
import { createRoot } from "react-dom/client";
import { App } from "./views/app.tsx";
import { resume } from "./state/session.ts";
import { applyTheme } from "./state/theme.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/pages.css";
import "./styles/stations.css";

applyTheme();
void resume();
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
