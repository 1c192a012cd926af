// better-auth as its documentation sets it up, with its own memory adapter: no disk is waited for.
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { bearer } from "better-auth/plugins";
import { toNodeHandler } from "better-auth/node";
const db = { user: [], session: [], account: [], verification: [] };
const auth = betterAuth({
  database: memoryAdapter(db),
  secret: "a secret of more than thirty-two letters",
  baseURL: "http://127.0.0.1",
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [bearer()],
  advanced: { disableCSRFCheck: true },
});
await auth.api.signUpEmail({ body: { name: "user", email: "user@example.com", password: "correct horse battery" } });
const server = createServer(toNodeHandler(auth));
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
