using System.Diagnostics;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>Waits for conditions in other processes, for a bounded time.</summary>
public static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns the first accepted value; null when none came in time.</summary>
    public static async Task<T?> FindAsync<T>(Func<Task<T>> ask, Func<T, bool> isWanted, TimeSpan? within = null) where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (isWanted(answer)) return answer;
            if (watch.Elapsed > (within ?? Patience)) return null;
            await Task.Delay(100);
        }
    }

    public static Task BecomesTrueAsync(Func<bool> condition, string what, TimeSpan? within = null) =>
        BecomesTrueAsync(() => Task.FromResult(condition()), what, within);

    /// <summary>Waits until the condition is true; fails with <paramref name="what"/> and what <paramref name="explain"/> returns, such as a log.</summary>
    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null, Func<string>? explain = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (within ?? Patience))
            {
                Assert.Fail("did not happen in time: " + what + (explain is null ? "" : "\n" + explain()));
            }

            await Task.Delay(25);
        }
    }
}
