# fontconfig's configuration and fonts are other packages'.
use strict;
use warnings;

use Cairo;

my $surface = Cairo::ImageSurface->create('argb32', 50, 20);
my $context = Cairo::Context->create($surface);
$context->select_font_face('sans', 'normal', 'bold');
printf "%.2f\n", $context->text_extents('hello')->{width};
