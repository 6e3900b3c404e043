// Splits what git prints into records as it comes, so that a long list is never held as a whole.
import { StringDecoder } from "node:string_decoder";

/** No name that a file system or a host takes is longer; git's own lists hold one or two in a record. */
const longestRecord = 65_536;

/**
 * @param onRecord given each record without its separator; false: no more of them
 * @returns what takes stdout as it comes; false where a record was too long or `onRecord` said so
 */
export function splitRecords(separator: "\n" | "\0", onRecord: (record: string) => boolean): (chunk: Buffer) => boolean {
	const decoder = new StringDecoder("utf8");
	let rest = "";
	return (chunk) => {
		const records = (rest + decoder.write(chunk)).split(separator);
		rest = records.pop() ?? "";
		return records.every(onRecord) && rest.length <= longestRecord;
	};
}
