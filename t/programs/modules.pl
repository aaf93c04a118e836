#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Modules: use, require, do FILE, @INC hooks, a module written just now, AutoLoader, %INC,
# UNIVERSAL.
use strict;
use warnings;

use Benchmark ();
use Carp qw(cluck croak longmess);
use constant {ANSWER => 42, NOW => time};
use File::Temp qw(tempdir);
use Getopt::Long qw(GetOptionsFromArray);
use Scalar::Util qw(blessed);
use Text::Wrap qw(wrap);
use Tie::File;

my $dir = tempdir('modules-XXXXXX', DIR => '.', CLEANUP => 1);
unshift @INC, $dir;

sub write_file {
    my ($name, $text) = @_;
    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} $text;
    close $out or die "$name: $!";
    return;
}

write_file('Made.pm', <<"END");
package Made;
our \$VERSION = '$$.001';
sub new { my (\$class, \%with) = \@_; return bless {made => @{[time]}, \%with}, \$class }
sub order { my (\$self) = \@_; return join ' ', keys \%{\$self} }
1;
END
write_file('False.pm', "package False;\n0;\n");
write_file('Broken.pm', "package Broken;\nsub {\n");
write_file('settings', "{pid => $$, list => [1 .. 3]}\n");

require Made;
print 'Made ', Made->VERSION, ' in ', $INC{'Made.pm'}, ': ',
    Made->new(map { $_ => 1 } 'a' .. 'h')->order, "\n";
for my $module (qw(False Broken Missing::Module)) {
    print "$module: ", (eval "require $module; 1" ? 'loaded' : $@ =~ s/\(\@INC.*//sr), "\n";
}
my $settings = do "./$dir/settings";
print 'do: ', join(' ', map {"$_=$settings->{$_}"} keys %{$settings}), "\n";

unshift @INC, sub {
    my ($self, $name) = @_;
    return unless $name =~ /^Virtual/;
    my $source = "package Virtual; sub where { __FILE__ . ' ' . __LINE__ } 1;";
    open my $in, '<', \$source or die "memory: $!";
    return $in;
};
require Virtual;
print 'virtual: ', Virtual->where =~ s/0x[0-9a-f]+/ADDRESS/r, ', full: ', Virtual->where, "\n";

my @options = qw(--count=3 --name x --flag rest);
GetOptionsFromArray(
    \@options,
    'count=i' => \my $count,
    'name=s' => \my $name,
    'flag!' => \my $flag
);
print "options: $count $name $flag @options\n";
$Text::Wrap::columns = 40;
print wrap(
    '> ', '  ',
    "A text that is long enough for three lines, written by $$ at @{[NOW]} and wrapped."
    ),
    "\n";
tie my @lines, 'Tie::File', "$dir/Made.pm" or die "Tie::File: $!";
print 'tied: ', scalar @lines, " lines, the second: $lines[1]\n";
$lines[0] = '# first';
untie @lines;
my $took = Benchmark::timeit(1, sub { my $x = 0; $x += $_ for 1 .. 1000 });
print 'benchmark: ', Benchmark::timestr($took), "\n";
eval { croak "croaked in $$" };
print $@;
print longmess('a long message') =~ s/^/  /mgr;
print 'can: ', (Made->can('order') ? 1 : 0), ', isa: ', (blessed(Made->new) ? 1 : 0), ', ', ANSWER,
    "\n";
print "@{[ map { sprintf '%s', $_ } grep { /Made|Tie/ } keys %INC ]}\n";
