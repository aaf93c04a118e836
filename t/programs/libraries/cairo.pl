# What pixman draws with is picked by processor.
use strict;
use warnings;

use Cairo;

my $surface = Cairo::ImageSurface->create('argb32', 50, 20);
my $context = Cairo::Context->create($surface);
$context->select_font_face('sans', 'normal', 'bold');
printf "%.2f\n", $context->text_extents('hello')->{width};
$context->set_source_rgba(0.2, 0.4, 0.6, 0.7);
$context->move_to(2, 15);
$context->show_text('hello');
print unpack('%32C*', $surface->get_data), "\n";
