import matplotlib; matplotlib.use('Agg')
import matplotlib.pyplot as plt
plt.plot([1, 2, 3], [4, 1, 5], label='x'); plt.title('hello'); plt.legend()
plt.savefig('a.png'); print(len(open('a.png', 'rb').read()) > 1000)
