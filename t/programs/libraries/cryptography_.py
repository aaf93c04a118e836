from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa, ec
k = Fernet.generate_key(); f = Fernet(k); print(f.decrypt(f.encrypt(b'secret')), k[:4])
p = rsa.generate_private_key(public_exponent=65537, key_size=1024); print(p.private_numbers().p % 1000)
print(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value % 1000)
