#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A damaged log is named as what it is, in one line that says what to do.
use strict;
use warnings;

use File::Spec;
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $build = $ENV{CROSSCUT_BUILD} // 'build';
my $cc_log = "$build/bin/cc-log";
my $dir = tempdir(CLEANUP => 1);
my $whole = "$dir/whole.plog";
my $broken = "$dir/broken.plog";

use constant {PROLOGUE => 48, HEADER => 56};

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/ = undef;
    return scalar <$file>;
}

sub spew {
    my ($path, $bytes) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print {$file} $bytes;
    close $file or die "$path: $!";
    return;
}

# Status and messages of a command; its output is not looked at.
sub run {
    my (@command) = @_;
    my $messages = "$dir/messages";
    my $pid = fork // die;
    if (!$pid) {
        open STDOUT, '>', '/dev/null' or die;
        open STDERR, '>', $messages or die;
        exec @command or die;
    }
    waitpid $pid, 0;
    die "@command: killed by signal $?" if $? & 127;
    return ($? >> 8, slurp($messages));
}

# Every way to look at broken.plog says the same. Returns the message.
sub judged {
    my ($verify_status) = @_;
    my ($status, $message) = run($cc_log, 'verify', $broken);
    my $good = $status == $verify_status && $message =~ /\Acc-log: \Q$broken\E: .*: .*\n\z/;
    diag "verify: status $status: $message" if !$good;
    for my $command (qw(dump stat)) {
        my ($other_status, $other) = run($cc_log, $command, $broken);
        next if $other_status == 125 && $other eq $message;
        diag "$command: status $other_status: $other";
        $good = 0;
    }
    return $good ? $message : undef;
}

is((run("$build/t/tools/make-plog", $whole, 4))[0], 0, 'a slice to damage');
my $bytes = slurp($whole);
my @frames;
for (my $at = PROLOGUE; $at < length $bytes;) {
    push @frames, $at;
    $at += HEADER + unpack 'V', substr $bytes, $at + 8, 4;
}
cmp_ok(scalar @frames, '>=', 8, 'it has several frames');

subtest 'a log cut at every frame, and in the middle of each' => sub {
    my @ends = (@frames[1 .. $#frames], length $bytes);
    for my $i (0 .. $#frames) {
        my %cuts = (
            'at its beginning' => $frames[$i],
            'in its header' => $frames[$i] + HEADER / 2,
            'after its header' => $frames[$i] + HEADER,
            'in its middle' => int(($frames[$i] + HEADER + $ends[$i]) / 2),
            'before its last byte' => $ends[$i] - 1,
        );
        for my $where (sort { $cuts{$a} <=> $cuts{$b} } keys %cuts) {
            spew($broken, substr $bytes, 0, $cuts{$where});
            like(judged(1) // '', qr/ was cut/, "frame $i, $where");
        }
    }
};

subtest 'what is left of a cut log can still be read' => sub {
    spew($broken, substr $bytes, 0, $frames[-4]);
    my $dump = qx{$cc_log dump $broken 2>/dev/null};
    like($dump, qr/^\[\d+\] readline .* = 8192 /m, 'dump prints it');
    unlike($dump, qr/^\[\d+\] end /m, '... up to the cut');
    my $info = decode_json(qx{$cc_log info --json $broken});
    ok($info->{cut}, 'info says that it was cut');
    is($info->{summary}, undef, '... and there is no summary');
    is($info->{manifest}{stage}, 'make-plog', '... but it knows where the log is from');
    my $verdict = decode_json(qx{$cc_log verify --json $broken});
    ok($verdict->{cut} && !$verdict->{ok}, 'verify --json');
};

subtest 'a flipped bit anywhere' => sub {
    my $step = length($bytes) > 4000 ? int(length($bytes) / 400) : 10;
    my @places = (0 .. PROLOGUE - 1, map { ($_, $_ + 5, $_ + 13, $_ + 50) } @frames);
    for (my $at = PROLOGUE; $at < length $bytes; $at += $step) {
        push @places, $at;
    }
    push @places, length($bytes) - 1;
    my $missed = 0;
    for my $at (@places) {
        my $copy = $bytes;
        substr $copy, $at, 1, chr(ord(substr $copy, $at, 1) ^ 1 << $at % 8);
        spew($broken, $copy);
        my ($status, $message) = run($cc_log, 'verify', $broken);
        next if $status == 1 && $message =~ /\Acc-log: \Q$broken\E: .*: .*\n\z/;
        $missed++;
        diag "byte $at: status $status: $message";
    }
    is($missed, 0, 'each of ' . @places . ' is found');
    my $copy = $bytes;
    substr $copy, $frames[3] + HEADER + 20, 1, "\0";
    substr $copy, $frames[3] + HEADER + 21, 1, "\0";
    spew($broken, $copy);
    like(
        judged(1) // '', qr/: byte $frames[3]: the checksum of the frame's content is wrong: /,
        'the message names the place'
    );
};

# t/damaged has a directory for each kind of damage: `damage` says what is done to a whole log, and
# `message` what is said of it, with LOG for its path. Places are numbers, frameN or end, +- a number.
my %damages = (
    cut => sub { my ($at) = @_; return substr $bytes, 0, $at },
    text => sub { my (undef, $text) = @_; return $text x 100 },
    twice => sub { return $bytes . $bytes },
    xor => sub {
        my ($at, $mask) = @_;
        return $bytes ^ ("\0" x $at . pack 'H*', $mask);
    },
    'text-mode' => sub { return $bytes =~ s/\r\n/\n/gr },
);

sub place {
    my ($text) = @_;
    my ($base, $more) = $text =~ /\A(frame\d+|end)?([+-]?\d+)?\z/ or die "$text: no place\n";
    my $at = !$base ? 0 : $base eq 'end' ? length $bytes : $frames[$base =~ /(\d+)/ ? $1 : 0];
    return $at + ($more // 0);
}

# The same in a message: {frameN} is a number of bytes.
sub resolved {
    my ($text) = @_;
    return $text =~ s/\{([^{}]+)\}/place($1)/ger =~ s/\bLOG\b/$broken/gr;
}

for my $case (sort glob 't/damaged/*') {
    chomp(my $damage = slurp("$case/damage"));
    my ($name, $where, $what) = split ' ', $damage, 3;
    spew($broken, $damages{$name}->(place($where // 0), $what));
    my ($status, $message) = run($cc_log, 'verify', $broken);
    is($message, resolved(slurp("$case/message")), $case =~ s{.*/}{}r);
    is($status, 1, '... and the status is 1');
}

subtest 'records that were made up, under right checksums' => sub {
    my ($status, $message) = run("$build/t/tools/fuzz-plog", $whole, $broken, 3000);
    is($status, 0, 'none of 3000 logs harms the reader') or diag $message;
};

subtest 'not a log' => sub {
    spew($broken, '');
    like(judged(1) // '', qr/the file is empty/, 'an empty file');
    spew($broken, "#!/usr/bin/perl\nprint 1;\n" x 100);
    like(judged(1) // '', qr/is a script, and no log/, 'a program');
    spew($broken, $bytes . $bytes);
    like(judged(1) // '', qr/byte \d+: /, 'two logs in one file');

    my ($status, $message) = run($cc_log, 'verify', $dir);
    is($status, 125, 'a directory: status 125');
    like($message, qr/\Acc-log: \Q$dir\E: .*directory/i, '... and says so');
    ($status, $message) = run($cc_log, 'verify', "$dir/none");
    is($status, 125, 'a missing file: status 125');
    like($message, qr/No such file/, '... and says so');
    ($status, $message) = run($cc_log, 'verify', $whole, "$dir/none", $whole);
    is($status, 125, 'the worst of several files counts');
    ($status, $message) = run($cc_log, 'pack', $whole, '-o', "$dir/packed.plog");
    is($status, 0, 'pack copies a whole slice');
    ($status, $message) = run($cc_log, 'verify', "$dir/packed.plog");
    is($status, 0, '... which is right');
    spew($broken, substr $bytes, 0, length($bytes) - 20);
    ($status, $message) = run($cc_log, 'pack', $broken, '-o', "$dir/out");
    is($status, 125, 'what cannot be done with a slice that was cut: status 125');
    like($message, qr/the log was cut/, '... and says why');
    ok(!-e "$dir/out", '... and writes nothing');

    system "tar -cf $broken -C $dir whole.plog";
    for my $command (qw(dump stat)) {
        ($status, $message) = run($cc_log, $command, $broken);
        is($status, 125, "$command of a tar archive: status 125");
        like($message, qr/is a tar archive, and no log: /, '... and says what it is');
    }
    ($status, $message) = run($cc_log, 'verify', $broken);
    cmp_ok($status, '>', 0, 'a tar that is no .vmlog');
    like($message, qr/\Acc-log: \Q$broken\E: .*\n\z/, '... and says so');
};

subtest 'a file that may not be read' => sub {
    plan skip_all => 'only root can become another user' if $>;
    spew($broken, $bytes);
    chmod 0, $broken;
    chmod 0755, $dir;
    my ($status, $message) = run(
        'setpriv', '--reuid=65534', '--clear-groups', File::Spec->rel2abs($cc_log),
        'info', $broken
    );
    plan skip_all => 'this directory is closed to other users' if $status == 127 || $status == 126;
    is($status, 125, 'status 125');
    like($message, qr/\Acc-log: \Q$broken\E: .*Permission denied/, 'and why');
    unlink $broken;
};

done_testing;
