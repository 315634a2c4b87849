import { describe, expect, it } from "vitest";
import { count, day, short, when } from "../src/text";

describe("count", () => {
  it("uses the singular for one alone", () => {
    expect(count(1, "memory", "memories")).toBe("1 memory");
    expect(count(0, "memory", "memories")).toBe("0 memories");
    expect(count(2, "memory", "memories")).toBe("2 memories");
  });
  it("adds an s where no plural is given", () => {
    expect(count(3, "group")).toBe("3 groups");
  });
  it("groups the digits of large numbers", () => {
    expect(count(12345, "node")).toBe(`${(12345).toLocaleString()} nodes`);
  });
});

describe("short", () => {
  it("leaves a text that fits", () => {
    expect(short("twelve signs", 12)).toBe("twelve signs");
  });
  it("cuts at the length, with an ellipsis and no space before it", () => {
    expect(short("one two three", 5)).toBe("one…");
    expect(short("abcdefgh", 5)).toBe("abcd…");
  });
});

describe("times", () => {
  it("says never where there is none", () => {
    expect(when(null)).toBe("never");
    expect(when(undefined)).toBe("never");
  });
  it("takes the epoch for a time", () => {
    expect(when(0)).not.toBe("never");
  });
  it("reads seconds", () => {
    expect(day(1_700_000_000)).toContain("2023");
  });
  it("gives the same day for two times of it", () => {
    const noon = new Date(2024, 5, 1, 12).getTime() / 1000;
    expect(day(noon)).toBe(day(noon + 3600));
    expect(day(noon)).not.toBe(day(noon + 86400));
  });
});
