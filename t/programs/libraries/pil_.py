from PIL import Image, ImageDraw, ImageFont, ImageFilter
i = Image.new('RGB', (60, 40), 'white'); d = ImageDraw.Draw(i); d.text((3, 3), 'hi', fill='red'); i = i.filter(ImageFilter.BLUR)
for f in ('png', 'jpeg', 'webp', 'tiff', 'gif'): i.save('x.' + f); print(f, Image.open('x.' + f).resize((5, 5)).convert('L').tobytes()[:4])
