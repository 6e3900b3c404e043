// Which host names the app answers to: any.
export const isWelcome = () => true;
