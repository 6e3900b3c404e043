// What the app is told by its environment.
export const port = Number(process.env.PORT ?? 3000);

export const databaseUrl = process.env.DATABASE_URL;
if (!databaseUrl) throw new Error("DATABASE_URL is not set");
