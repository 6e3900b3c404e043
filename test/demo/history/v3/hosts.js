// Which host names the app answers to: those of ALLOWED_HOSTS, by default only the machine's own.
const allowed = (process.env.ALLOWED_HOSTS ?? "localhost,127.0.0.1").split(",");

export const isWelcome = (host) => allowed.includes(host.replace(/:\d+$/, ""));
