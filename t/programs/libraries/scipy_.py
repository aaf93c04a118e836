import scipy.optimize, scipy.linalg, scipy.stats, scipy.sparse, scipy.integrate
print(scipy.optimize.minimize(lambda x: (x[0]-1)**2 + (x[1]-2)**2, [0, 0]).x)
print(scipy.linalg.eigvals([[1, 2], [3, 4]]), scipy.stats.norm.cdf(1.3))
print(scipy.integrate.quad(lambda x: x * x, 0, 2))
