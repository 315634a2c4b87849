// Times and numbers as people read them.

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export const when = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined ? "never" : MOMENT.format(new Date(seconds * 1000));

export const day = (seconds: number): string => DAY.format(new Date(seconds * 1000));

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString()} ${number === 1 ? one : many}`;

export const short = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
