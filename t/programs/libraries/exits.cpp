/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * C++'s threads that share memory without locks as they end: exceptions out of call_once, destructors of what is local
 * to a thread or stands on a stack that pthread_exit unwinds.
 */
#include <atomic>
#include <future>
#include <mutex>
#include <pthread.h>
#include <stdexcept>
#include <thread>
#include <vector>

static constexpr int PLAYERS = 6, SEEN = 4096, AFTER = 8;
static std::atomic<int> count;
static char seen[SEEN];

static void see(long letter)
{
	int at = count++;

	if (at < SEEN - 1)
		seen[at] = (char)('a' + letter);
}

static volatile unsigned sink;
static void work(unsigned amount)
{
	for (unsigned i = 0; i < amount; i++)
		sink += i * i;
}

struct ends {
	long player;
	~ends()
	{
		see(player);
		work(200 * (unsigned)player);
		see(player + AFTER);
	}
};
static thread_local ends own;

static void *exits(void *player)
{
	ends here{(long)player};

	own.player = (long)player;
	work(100 * (unsigned)(long)player);
	if ((long)player % 2)
		pthread_exit(player);
	return player;
}

static void threads_exit()
{
	pthread_t threads[PLAYERS];

	for (long i = 0; i < PLAYERS; i++)
		pthread_create(&threads[i], nullptr, exits, (void *)i);
	for (auto thread : threads)
		pthread_join(thread, nullptr);
}

static void once_throws()
{
	std::vector<std::thread> threads;
	std::once_flag once;
	std::atomic<int> tries{0};

	for (int i = 0; i < PLAYERS; i++)
		threads.emplace_back([&, i] {
			for (int j = 0; j < 4; j++)
				try {
					std::call_once(once, [&] {
						see(i);
						work(400);
						if (tries++ < 9)
							throw std::runtime_error("not yet");
						see(i + AFTER);
					});
					see(i);
				} catch (const std::exception &) {
					see(i + 2 * AFTER);
					work(100);
					see(i + 2 * AFTER);
				}
		});
	for (auto &thread : threads)
		thread.join();
}

static void futures()
{
	std::vector<std::future<int>> results;

	for (int i = 0; i < PLAYERS; i++)
		results.push_back(std::async(std::launch::async, [i] {
			ends here{i};

			own.player = i;
			work(300);
			if (i % 2)
				throw std::runtime_error("odd");
			return i;
		}));
	for (auto &result : results)
		try {
			see(result.get());
		} catch (const std::exception &) {
			see(2 * AFTER);
		}
}

/* Plays this game, and returns what was seen in this process's games so far. */
extern "C" const char *play(unsigned game)
{
	static void (*const games[])() = {threads_exit, once_throws, futures};

	games[game % (sizeof(games) / sizeof(*games))]();
	return seen;
}
