# SPDX-License-Identifier: GPL-2.0-or-later
# Perl's own shmread and shmwrite, which attach and detach, and the modules of IPC::SysV.
use strict;
use warnings;

use IPC::Msg;
use IPC::Semaphore;
use IPC::SharedMem;
use IPC::SysV qw(IPC_CREAT IPC_PRIVATE IPC_RMID S_IRUSR S_IWUSR);

my ($mode, $text) = (S_IRUSR | S_IWUSR);
my $id = shmget IPC_PRIVATE, 9000, $mode;
shmwrite $id, 'Hello', 4000, 100;
shmread $id, $text, 4000, 8;
print unpack('H*', $text), "\n";
if (!fork) {
    shmwrite $id, 'child wrote', 0, 11;
    exit;
}
wait;
shmread $id, $text, 0, 11;
shmctl $id, IPC_RMID, 0;
print "$text\n";

my $memory = IPC::SharedMem->new(IPC_PRIVATE, 8, $mode);
$memory->attach;
$memory->write(pack('S', 42), 2, 2);
print unpack('S', $memory->read(2, 2)), ' ', $memory->stat->segsz, "\n";
$memory->detach;
$memory->remove;

my $semaphores = IPC::Semaphore->new(IPC_PRIVATE, 10, $mode | IPC_CREAT);
$semaphores->setall((0) x 5, 1 .. 5);
print join(' ', $semaphores->getall), ' ', $semaphores->stat->nsems, "\n";
$semaphores->op(5, -1, 0);
$semaphores->setval(0, 7);
print join(' ', $semaphores->getall), ' ', $semaphores->getval(0), "\n";
$semaphores->remove;

my $queue = IPC::Msg->new(IPC_PRIVATE, $mode);
$queue->snd(3, 'message text');
print $queue->stat->qnum, ' ', $queue->rcv($text, 256), " $text\n";
$queue->remove;
