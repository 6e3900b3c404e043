// Declares the options of init.

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
