/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An exception passes through pthread_once, on its way out of what was to run once: the next thread tries again. */
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static std::string seen;
static std::mutex mutex;

static void see(char letter)
{
	std::lock_guard<std::mutex> guard(mutex);
	seen += letter;
}

extern "C" const char *play(void)
{
	std::vector<std::thread> threads;
	std::once_flag once;
	int tries = 0;

	seen.clear();
	for (int i = 0; i < 4; i++)
		threads.emplace_back([&once, &tries, i] {
			try {
				std::call_once(once, [&tries] {
					if (tries++ < 2)
						throw std::runtime_error("not yet");
				});
				see('a' + i);
			} catch (const std::exception &error) {
				see('A' + i);
			}
		});
	for (auto &thread : threads)
		thread.join();
	return seen.c_str();
}
