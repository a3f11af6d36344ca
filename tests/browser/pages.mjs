// Every page in light and dark, on a desk and on a phone, while one printer prints and one order is
// done: nothing too wide, too small to touch, hard to read or asked of another host.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  callerOf,
  chromium_path,
  emptyFolder,
  end,
  here,
  startMachines,
  startResinMachine,
  startServer,
  until,
} from "./farm.mjs";

const fast = 1200;
const slow = 2;

async function prepare(call, machines, resin) {
  const printers = [];
  for (const [index, printer_class] of ["open", "gated", "open"].entries()) {
    const address = { host: "127.0.0.1", port: machines[index].port };
    const slots = [{ material: "PLA", colour: "black", nozzle_um: 400 }];
    const name = ["Ada", "Bea", "Cleo"][index];
    const setup = { name, printer_class, address, slots, poll_interval_s: 5 };
    printers.push((await call("POST", "/printers", { setup })).id);
  }
  const bedIsClear = (index) =>
    call("POST", `/printers/${printers[index]}/bed-clear`, { how: "seen" });
  const cube = readFileSync(here("../../examples/cube.stl"));
  const model = (await call("POST", "/artifacts?kind=model&name=cube.stl", cube)).id;
  const order = async (reference, quantity) => {
    const line = { name: "cube", model, quantity, material: "PLA" };
    return (await call("POST", "/orders", { reference, lines: [line] })).id;
  };
  const runOf = async (id) => (await call("GET", `/runs?order=${id}`)).items[0];
  const runIs = (id, state) =>
    until(`${state} of ${id}`, async () => (await runOf(id))?.state === state);

  const pump = (name, role, material) => ({ name, role, material, flow_ul_per_s: 5000 });
  const pumps = [pump("a", "fill", "A"), pump("b", "fill", "B"), pump("drain", "drain", "")];
  await call("POST", "/stations", {
    setup: { name: "Resin", host: "127.0.0.1", port: resin.port, pump_bank: "one", pumps },
  });
  await bedIsClear(0);
  const done = await order("DONE-1", 1);
  await runIs(done, "inspecting");
  await call("POST", `/runs/${(await runOf(done)).id}/inspection`, { items: ["good"] });
  await machines[0].takePartsAway();
  await machines[0].fault("speed", { factor: slow });
  await bedIsClear(0);
  const printing = await order("NOW-1", 1);
  await runIs(printing, "printing");
  await bedIsClear(1);
  await order("LATER-1", 2);
  await until("the approval", async () => (await call("GET", "/approvals")).items.length > 0);
  await machines[2].fault("screen_start", {
    file: "vase.gcode",
    gcode: "G28\n" + "G4 P10000\n".repeat(6000),
  });
  await until("the foreign print", async () =>
    (await call("GET", `/printers/${printers[2]}`)).foreign,
  );
}

/** Runs the audit of the pages; answers its exit status. */
function audit(server) {
  const audited = spawn(
    process.execPath,
    [
      here("../../web/dev/audit.mjs"),
      ...["--base", server.base, "--token", server.token, "--shots", emptyFolder("shots")],
    ],
    { stdio: "inherit", env: { ...process.env, CHROMIUM: chromium_path } },
  );
  return new Promise((resolve) => {
    audited.once("exit", resolve);
  });
}

const server = await startServer(emptyFolder("data"));
const machines = await startMachines(3, fast);
try {
  await prepare(callerOf(server), machines, await startResinMachine(1));
  process.exitCode = await audit(server);
} catch (thrown) {
  console.log(`not ok - ${thrown.message}\n${server.complaints()}`);
  process.exitCode = 1;
} finally {
  await end();
}
