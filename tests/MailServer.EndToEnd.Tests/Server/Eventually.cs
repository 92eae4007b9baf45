using System.Diagnostics;

namespace MailServer.EndToEnd.Tests.Server;

/// <summary>Waits for what another process will do, for a bounded time.</summary>
public static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Task BecomesTrueAsync(Func<bool> condition, string what, TimeSpan? within = null) =>
        BecomesTrueAsync(() => Task.FromResult(condition()), what, within);

    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (within ?? Patience))
            {
                Assert.Fail("did not happen in time: " + what);
            }

            await Task.Delay(25);
        }
    }
}
