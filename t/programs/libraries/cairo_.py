# What pixman draws with is picked by processor.
import hashlib

import cairo

surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 200, 60)
context = cairo.Context(surface)
context.set_source_rgba(0.1, 0.3, 0.7, 0.8)
context.select_font_face('sans', cairo.FONT_SLANT_NORMAL, cairo.FONT_WEIGHT_BOLD)
context.move_to(5, 30)
context.show_text('hello')
context.arc(150, 30, 20, 0, 6.2)
context.stroke()
gradient = cairo.LinearGradient(0, 0, 200, 0)
gradient.add_color_stop_rgba(0, 1, 0, 0, 0.5)
gradient.add_color_stop_rgba(1, 0, 0, 1, 0.5)
context.set_source(gradient)
context.rectangle(0, 40, 200, 20)
context.fill()
surface.flush()
print(hashlib.sha256(bytes(surface.get_data())).hexdigest(), context.text_extents('hello'))
