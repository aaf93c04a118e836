# The same. EXIT: the program ends by exit within a sub.
use strict;
use warnings;

use DynaLoader ();

$| = 1;
my $library = DynaLoader::dl_load_file('./own.so') or die DynaLoader::dl_error();
print {}, " ", [], "\n";
if ($ENV{CLOSE}) {
    DynaLoader::dl_unload_file($library);
    print 'closed ', [], "\n";
}

sub leave { exit 3 }
leave() if $ENV{EXIT};
