#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The language at work: local, closures, wantarray, goto, regexes with code, tie, overload, string
# eval, AUTOLOAD, DESTROY, sprintf, iterators, given nondeterministic data.
use strict;
use warnings;
use feature qw(say state signatures isa);

package Counter {
    sub TIESCALAR ($class, $start) { return bless \$start, $class }
    sub FETCH ($self) { return ${$self}++ }
    sub STORE ($self, $value) { ${$self} = $value; return }
}

package Log {
    use Tie::Hash;
    our @ISA = 'Tie::StdHash';
    our @log;

    sub STORE ($self, $key, $value) {
        push @log, "$key=$value";
        return $self->SUPER::STORE($key, $value);
    }
    sub DELETE ($self, $key) { push @log, "-$key"; return $self->SUPER::DELETE($key) }
}

package Reader {
    sub TIEHANDLE ($class, @lines) { return bless [@lines], $class }
    sub READLINE ($self) { return wantarray ? splice @{$self} : shift @{$self} }
    sub PRINT ($self, @what) { push @{$self}, join '', @what; return 1 }
}

package Vector {
    use overload
        '+' => sub ($x, $y, $swap) { Vector->new($x->[0] + $y->[0], $x->[1] + $y->[1]) },
        '*' => sub ($x, $y, $swap) {
        ref $y ? $x->[0] * $y->[0] + $x->[1] * $y->[1] : Vector->new(map { $_ * $y } @{$x});
        },
        '""' => sub ($x, @) { sprintf '(%.4f, %.4f)', @{$x} },
        '<=>' => sub ($x, $y, $swap) { ($x * $x <=> $y * $y) * ($swap ? -1 : 1) },
        'bool' => sub ($x, @) {1},
        '&{}' => sub ($x, @) {
        sub {"called with @_"}
        };
    sub new ($class, @at) { return bless [@at], $class }
}

package Auto {
    our $AUTOLOAD;
    sub new ($class) { return bless {}, $class }
    sub AUTOLOAD ($self, @arguments) { return $AUTOLOAD =~ s/.*:://r . "(@arguments)" }
    sub DESTROY ($self) { say 'destroyed: ', __PACKAGE__; return }
}

package main;

tie my $counter, 'Counter', int rand 100;
say "tied scalar: $counter $counter ", $counter + $counter;
tie my %logged, 'Log';
$logged{$_} = rand for qw(x y z);
delete $logged{y};
say "tied hash: @Log::log, keys ", join ' ', keys %logged;
tie *HANDLE, 'Reader', "first\n", "second\n";
print {*HANDLE} "third $$\n";
print 'tied handle: ', scalar <HANDLE>, <HANDLE>;

my @vectors = map { Vector->new(rand, rand) } 1 .. 5;
say 'overload: ', $vectors[0] + $vectors[1], ' ', $vectors[2] * 2, ' ', $vectors[3] * $vectors[4];
say 'sorted: ', join ' ', sort { $a <=> $b } @vectors;
say 'code: ', $vectors[0]->($$), ' ', $vectors[0] isa Vector ? 'a Vector' : 'none';

our ($dynamic, @list, %map) = ('global', 1 .. 3);
sub show { return "$dynamic @list " . join ',', %map }

sub with {
    local ($dynamic, @list) = ('local', 9);
    local $map{$$} = rand;
    local $_ = 'x';
    return show();
}
say with(), ' | ', show();

my $code =
      'sub { my $x = shift; '
    . join(' ', map { "\$x += $_ * " . int(rand 10) . ';' } 1 .. 5)
    . ' return $x }';
my $compiled = eval $code or die $@;
say "eval: $code gives ", $compiled->($$);
say 'eval error: ', eval("1 +; 2") // $@ =~ s/\n.*//sr;
say 'line: ', eval "#line 77 \"made-up.pl\"\n__FILE__ . ':' . __LINE__";
say 'begin: ', eval 'BEGIN { $main::begun = time } $main::begun';

sub counter { state $calls = 0; return ++$calls }
counter() for 1 .. 5;
my @closures = map {
    my $n = $_;
    sub { $n += rand }
} 1 .. 3;
say 'closures: ', join ' ', counter(), map { $_->() + $_->() } @closures;
sub context { return wantarray ? 'list' : defined wantarray ? 'scalar' : 'void' }
my $scalar = context();
say join ' ', context(), $scalar;
sub jump { goto &target }
sub target { return "jumped with @_ from line " . (caller 0)[2] }
say jump($$);

my $text = join ' ', map { chr(97 + rand 26) x (1 + rand 4) } 1 .. 12;
my @marks;
$text =~ s/(\w)\1+(?{ push @marks, pos })/<$1>/g;
say "regex: $text @marks ", scalar(() = $text =~ /[aeiou]/g);
say 'named: ', join ' ', map { /(?<key>\w+):(?<value>\d+)/ ? "$+{key}=$+{value}" : () } "pid:$$",
    'x:1';
say 'tr: ', ($text =~ tr/a-m//), ' ', $text =~ tr/a-z/A-Z/r, ' ', join '|', split /(<\w>)/,
    substr $text, 0, 10;
my $auto = Auto->new;
say 'autoload: ', $auto->anything($$, 'more');
undef $auto;
my $loop = 0;
OUTER: for my $i (1 .. 10) {
    for my $j (1 .. 10) {
        next OUTER if $j == $i;
        $loop += $i * $j;
        last OUTER if $loop > 200 + $$ % 7;
    }
}
say "loop: $loop, vec ", unpack('b16', pack 'v', $$), ', ', join ' ',
    map { sprintf '%s', $_ } splice @list, 1, 1, rand, rand;
say 'lvalue: ', do { my $s = 'abcdef'; substr($s, 1, 2) = $$; $s }, ' ', ucfirst lc 'MIXED', ' ',
    sprintf '%s' x 3, 1 .. 3;
say 'chained: ', join ' ', map { $_ // 'undef' } (stat $0)[7, 9], -s $0;
