import { test } from 'node:test';
import {
  betaQuantile,
  chiSquareQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from '../../src/stats/distributions.js';
import { near } from './near.js';

test('distributions are those of SciPy', () => {
  // scipy.stats.t.ppf(0.975, ν)
  const t975 = {
    1: 12.706204736,
    2: 4.30265273,
    2.5: 3.574654842,
    10: 2.228138852,
    200: 1.971896224,
  };
  for (const [degrees, t] of Object.entries(t975)) near(studentTQuantile(0.975, +degrees), t, 1e-7);
  near(studentTCdf(-3.3, 3.7), 0.01680315832560218); // scipy.stats.t.cdf(-3.3, 3.7)
  near(studentTCdf(Number.NEGATIVE_INFINITY, 2), 0);
  near(normalCdf(-1.3), 0.09680048458561036); // scipy.stats.norm.cdf(-1.3)
  near(normalQuantile(0.9), 1.2815515655446004); // scipy.stats.norm.ppf(0.9)
  near(chiSquareQuantile(0.01, 2), 0.020100671707002873); // scipy.stats.chi2.ppf(0.01, 2)
  near(chiSquareQuantile(0.9, 7.5), 12.692400073293852, 1e-7); // scipy.stats.chi2.ppf(0.9, 7.5)
  near(betaQuantile(0.3, 190, 10), 0.9431222305576137, 1e-7); // scipy.stats.beta.ppf(0.3, 190, 10)
});
