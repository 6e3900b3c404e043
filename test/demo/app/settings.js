// What the app is told by its environment.
export const port = Number(process.env.PORT ?? 3000);
