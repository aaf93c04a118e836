import numpy as np
a = np.arange(12.).reshape(3, 4)
print(a @ a.T, np.linalg.inv(np.eye(3) * 2), np.fft.fft([1, 2, 3]), sep='\n')
print(np.random.rand(2), np.random.default_rng().integers(0, 100, 5))
print(np.linalg.svd(np.random.default_rng(1).random((60, 60)))[1][:3])
print(np.sin(np.linspace(0, 1, 7)), np.exp(a).sum())
