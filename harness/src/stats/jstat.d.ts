/** The part of jStat that distributions.ts uses; the package brings no types. */
declare module 'jstat' {
  interface Distribution<Parameters extends number[]> {
    cdf(x: number, ...parameters: Parameters): number;
    inv(p: number, ...parameters: Parameters): number;
  }
  const module: {
    readonly jStat: {
      readonly normal: Distribution<[mean: number, deviation: number]>;
      readonly studentt: Distribution<[degreesOfFreedom: number]>;
      readonly chisquare: Distribution<[degreesOfFreedom: number]>;
      readonly beta: Distribution<[alpha: number, beta: number]>;
    };
  };
  export default module;
}
