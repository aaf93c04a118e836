import pandas as pd, io
d = pd.read_csv(io.StringIO("a,b,t\n1,x,2024-01-02\n2,y,2024-02-03\n3,x,2024-03-04\n"), parse_dates=['t'])
print(d.groupby('b').a.agg(['sum', 'mean'])); print(d.describe()); print(pd.Timestamp.now().year > 2000)
d.to_csv('o.csv'); print(open('o.csv').read())
