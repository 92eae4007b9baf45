using System.Collections.Concurrent;
using System.Globalization;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>SIGKILL while clients write: every change answered with 201 or 204 is present afterwards, byte for byte.</summary>
public sealed class DavCrashTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_server_is_killed_under_load()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        var known = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        for (var round = 0; round < 3; round++)
        {
            var enough = new TaskCompletionSource();
            var acknowledged = 0;
            var writers = Enumerable.Range(0, 4).Select(writer => WriteAsync(server, user, $"{round}-{writer}", known, () =>
            {
                if (Interlocked.Increment(ref acknowledged) == 150) enough.SetResult();
            })).ToArray();
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await server.KillAsync();
            await Task.WhenAll(writers);
            await server.StartAsync();
            await AssertThereAsync(server, user, known);
        }
    }

    private static async Task WriteAsync(ServerProcess server, string user, string writer, ConcurrentDictionary<string, string> known, Action acknowledged)
    {
        using var client = new DavClient(server, user);
        try
        {
            for (var i = 0; ; i++)
            {
                var url = string.Create(CultureInfo.InvariantCulture, $"{client.Calendar}{writer}-{i}.ics");
                var text = DavClient.Event($"{writer}-{i}");
                known[url] = "?";
                var status = (int)(await client.PutAsync(url, text)).Status;
                if (status is 201 or 204) known[url] = text;
                acknowledged();
                if (i % 5 != 4) continue;
                known[url] = "?";
                if ((int)(await client.SendAsync("DELETE", url)).Status == 204) known[url] = "";
                acknowledged();
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The server was killed. Pending changes may or may not be present.
        }
    }

    private static async Task AssertThereAsync(ServerProcess server, string user, ConcurrentDictionary<string, string> known)
    {
        using var client = new DavClient(server, user);
        foreach (var (url, text) in known.Where(pair => pair.Value != "?"))
        {
            var reply = await client.GetAsync(url);
            if (text.Length == 0) reply.Is(404);
            else Assert.Equal(text, reply.Is(200).Body);
        }
    }
}
