// Owns the options of init, as the command line gives them.

export interface InitOptions {
	dryRun?: boolean;
	yes?: boolean;
	advertiseAddr?: string;
	/** False: make none. */
	registry: boolean;
	registryImage: string;
	registryPort: number;
	/** False: make none. */
	ingress: boolean;
	ingressImage: string;
	/** For Let's Encrypt. */
	email?: string;
}
